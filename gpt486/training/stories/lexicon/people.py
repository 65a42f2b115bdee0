# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""People: trades with their work, kin, traits and what shows them, gestures and feelings."""

from gpt486.training.stories.lexicon import phrases, rows, words

# person | workplace with preposition | tools | products | what they do (base form; <his> is the doer's)
TRADES = rows("""
baker | in the bakery | rolling pin, oven peel, flour sieve, dough bowl | loaf of bread, currant bun, plum tart, seed cake, ginger biscuit | knead the dough; shape the rolls; dust the table with flour; light the oven before dawn; brush the buns with milk
blacksmith | at the forge | hammer, anvil, pair of tongs, bellows | horseshoe, iron hook, garden gate, weather vane, fire poker | hammer the glowing iron; pump the bellows; quench the hot metal in the trough; sharpen the ploughs; shoe the horses
carpenter | in the workshop | plane, chisel, saw, spirit level | oak table, cradle, bookcase, three-legged stool, toy chest | plane the boards; measure every plank twice; glue the joints; sand the legs smooth; sweep up the curly shavings
potter | in the pottery | wheel, kiln, sponge, wire cutter | blue bowl, tall jug, teapot, clay lamp, flower pot | throw pots on the wheel; stack the kiln; wedge the wet clay; paint thin stripes on the cups; trim the rims
weaver | at the loom | shuttle, loom, spindle, wool comb | striped blanket, woollen shawl, rug, tapestry, checked scarf | thread the loom; pass the shuttle back and forth; spin the grey wool; dye the yarn with onion skins; knot the fringe
tailor | in the tailor's shop | pair of scissors, thimble, needle, measuring tape | velvet jacket, winter coat, waistcoat, silk dress, pair of trousers | hem the skirts; cut the cloth along the chalk line; sew on the buttons; press the sleeves; mend the torn linings
cobbler | in the cobbler's shop | awl, shoe last, waxed thread, little hammer | pair of boots, pair of dancing shoes, leather belt, pair of slippers | stitch the soles; polish the leather; tap in the tiny nails; patch the worn heels; wax the thread
clockmaker | in the clock shop | magnifying glass, screwdriver, oil can, pair of tweezers | pocket watch, cuckoo clock, wall clock, music box | oil the tiny wheels; wind the clocks on Monday; fit a new spring; polish the brass hands; listen to the ticking
fisherman | on the quay | net, fishing rod, lantern, bait bucket | basket of herring, crate of mackerel, silver salmon, bucket of crabs | mend the nets; haul in the lines; gut the catch; paint the hull of <his> boat; row out before sunrise
lighthouse keeper | in the lighthouse | lamp, brass telescope, logbook, foghorn | letter to the harbour master, chart of the rocks, string of signal flags | trim the great lamp; polish the lens; climb the spiral stairs; write the weather in the logbook; sound the foghorn
gardener | in the garden | rake, spade, watering can, pair of shears | bunch of roses, basket of beans, bowl of strawberries, giant pumpkin | prune the roses; weed the paths; water the seedlings; rake the fallen leaves; tie up the sweet peas
farmer | on the farm | plough, pitchfork, tractor, scythe | sack of barley, cart of turnips, can of milk, basket of eggs | milk the cows; mow the hay; sow the winter wheat; mend the fences; drive the sheep to the high field
beekeeper | by the hives | smoker, straw hat, veil, honey spoon | jar of honey, beeswax candle, honeycomb, bottle of mead | smoke the hives; scrape the honeycomb; listen to the humming boxes; melt the wax; catch a swarm in a basket
miller | at the mill | millstone, flour sack, grain scoop, hoist | sack of flour, bag of oatmeal, measure of bran | grind the corn; fill the sacks; open the sluice; grease the great wheel; brush the flour from <his> sleeves
glassblower | in the glassworks | blowpipe, furnace, pair of pincers | green bottle, glass swan, crystal vase, string of beads | turn the glowing glass; blow a bubble through the long pipe; feed the furnace; cool the vases in sand; twist the coloured rods
bookbinder | in the bindery | bone folder, glue pot, press, needle | leather album, sketchbook, atlas, prayer book, notebook | stitch the pages; glue the spines; press the covers flat; stamp gold letters on the leather; fold the sheets
printer | in the print shop | printing press, ink roller, tray of letters | poster, newspaper, calendar, book of poems, almanac | set the type letter by letter; ink the rollers; hang the wet pages on a line; turn the heavy press; read the proofs
teacher | at the school | piece of chalk, globe, bell, ruler | spelling list, map of the rivers, reading book, star chart | clean the blackboard; ring the bell; read aloud from a thick book; correct the sums; water the beans on the windowsill
librarian | in the library | ladder, stamp, catalogue, reading lamp | book of fairy tales, sea atlas, dictionary, book about birds | sort the cards; stamp the books; push the trolley between the shelves; dust the encyclopaedias; hush the whispering boys
doctor | at the clinic | stethoscope, thermometer, bandage, black bag | bottle of medicine, roll of bandages, tin of ointment | listen to chests; bandage scraped knees; mix the cough syrup; count the pills; ride out to the lonely farms
postman | at the post office | mailbag, bicycle, bundle of string, rubber stamp | parcel, postcard, telegram, registered letter | sort the letters; cycle from door to door; weigh the parcels; tie the bundles; blow <his> whistle at the gate
ferryman | at the ferry | oar, rope, bell, long pole | ferry ticket, bag of coppers, coil of rope | row across the river; coil the ropes; bail out the rain water; ring the bell on the landing; push off from the bank
shepherd | on the hill | crook, whistle, pair of shears, lantern | bale of wool, sheep's cheese, sheepskin | count the sheep; shear the ewes; whistle for the dog; carry the weak lambs; sleep under the stars
cook | in the kitchen | ladle, copper pan, carving knife, pepper mill | pot of soup, roast chicken, apple pie, dish of dumplings | chop the onions; stir the stew; taste the sauce; peel a mountain of potatoes; baste the roast
innkeeper | at the inn | tray, bunch of keys, beer mug, broom | jug of cider, warm bed, supper tray, mug of cocoa | air the beds; carry the trays; polish the glasses; light the lamps in the porch; write names in the guest book
painter | in the studio | paintbrush, easel, palette, jar of turpentine | portrait, landscape, painted sign, row of watercolours | mix the colours; stretch the canvas; sketch the boats; clean the brushes; squint at the morning light
fiddler | at the dance hall | fiddle, bow, lump of rosin, music stand | lively jig, slow waltz, wedding march, lullaby | tune the strings; rub rosin on the bow; tap <his> foot; play for the dancers; learn a new reel by ear
toymaker | in the toy shop | carving knife, pot of paint, fretsaw, glue brush | wooden horse, jumping jack, spinning top, puppet, dolls' house | carve the tiny faces; paint red cheeks on the puppets; wind the springs; string the beads; test every top on the counter
watch repairer | in a shop behind the station | eyeglass, screwdriver, brush, oil pin | repaired watch, alarm clock, silver chain | open the watch cases; clean the cogs; replace the cracked glass; set the hands right; hold <his> breath over the tiny screws
radio repairman | in the repair shop | soldering iron, pair of pliers, box of valves, voltmeter | mended radio, new aerial, headset | solder the loose wires; test the valves; wind the coils; clean the dusty dials; hunt for the faulty part
electrician | at the power station | screwdriver, roll of tape, ladder, fuse | lamp, doorbell, switchboard, cable | check the fuses; twist the copper wires; climb the poles; replace the bulbs; draw the circuit on paper
mechanic | at the garage | spanner, jack, oil can, tyre pump | engine, spare wheel, exhaust pipe, gearbox | change the oil; patch the tyres; tighten the bolts; crawl under the cars; wipe <his> black hands on a rag
engine driver | at the station | shovel, oil lamp, whistle, signal flag | timetable, ticket, load of coal | shovel the coal; pull the whistle; watch the pressure gauge; wave to the children; brake before the bend
signalman | at the signal box | lever, bell, lantern, notebook | signal lamp, train list, flag | pull the long levers; light the signal lamps; note every train; listen for the bell; wave the green flag
bus driver | at the depot | steering wheel, ticket punch, horn, mirror | bus ticket, timetable, map of the routes | punch the tickets; wait for the late passengers; wash the windows; hum behind the wheel; call out the stops
astronomer | at the observatory | telescope, star map, notebook, compass | map of the moon, list of comets, photograph of a galaxy | turn the great dome; count the craters; polish the mirror; note the hour of the eclipse; wait for the clouds to part
mapmaker | in the map room | pen, compass, magnifier, ruler | map of the marshes, sea chart, town plan, globe | ink the coastlines; colour the hills; measure the roads with a wheel; letter the names; fold the maps
sailmaker | in the sail loft | sail needle, leather palm, spool of twine | white sail, canvas tent, hammock, awning | cut the canvas; stitch the long seams; patch the torn sails; wax the twine; spread the cloth on the floor
boatbuilder | at the boatyard | adze, mallet, pot of tar, clamp | rowing boat, pair of oars, dinghy, mast | bend the ribs; caulk the seams; tar the hull; fit the rudder; launch a boat at high tide
sailor | on the ship | sextant, rope, sea chest, pocket knife | parrot feather, ship in a bottle, rope mat | splice the ropes; scrub the deck; hoist the sails; climb the rigging; sing at the capstan
diver | at the pier | diving helmet, air hose, lead boots | rusty anchor, sponge, oyster, ancient jar | sink into the green water; search the wreck; breathe slowly through the hose; scrape mussels from the piles
stonemason | at the quarry | chisel, mallet, plumb line, set square | doorstep, fountain, stone lion, gravestone, arch | square the blocks; carve the letters; chip at the edges; mix the mortar; build the walls
roofer | on the rooftops | ladder, slate hammer, bucket of nails | slate roof, thatched roof, gutter | carry the tiles; nail the slates; clear the gutters; walk along the ridge; thatch the barn
chimney sweep | on the rooftops | brush, rope, soot bag, top hat | bag of soot, clean flue | sweep the flues; carry the brushes from house to house; beat the soot from <his> coat; look over the roofs
woodcutter | in the forest | axe, wedge, sledge, crosscut saw | stack of firewood, pile of logs, bundle of kindling | split the logs; stack the cords; fell the dead trees; drag the trunks on a sledge; sharpen the axe
basket weaver | by the reed beds | knife, bundle of willow, bodkin | picnic basket, cradle, eel trap, straw hat | soak the willow; weave the rods in and out; cut the reeds; trim the ends; stack the baskets in the cart
candlemaker | in the candle shop | wick, mould, wax pot, dipping frame | tall candle, tea light, scented candle, lantern | dip the wicks; melt the wax; pour the moulds; tie the candles in pairs; scent the wax with lavender
soap maker | in the wash house | cauldron, wooden paddle, mould | bar of soap, jar of salve, bottle of rose water | stir the cauldron; cut the bars; press the flowers; wrap the soap in paper; skim the foam
herbalist | in the herb garden | mortar, pestle, basket, drying rack | mint tea, chamomile tea, bundle of sage, elderberry syrup | dry the herbs; crush the seeds; label the jars; gather nettles; brew the teas
apothecary | at the apothecary's | scales, mortar, glass funnel | cough drops, peppermint oil, tin of powder | weigh the powders; pour the tinctures; fill the little bottles; read the labels aloud
cheesemaker | in the dairy | churn, cheese press, muslin cloth, curd knife | round cheese, pat of butter, pot of cream | churn the butter; turn the cheeses; stir the curds; salt the rinds; skim the cream
jeweller | in the jeweller's shop | eyeglass, tiny saw, file, velvet tray | silver ring, gold locket, brooch, pair of earrings | set the stones; file the clasps; melt the silver; thread the pearls; engrave the names
locksmith | in the locksmith's shop | file, key blank, oil can, vice | brass padlock, bunch of keys, strongbox | cut the keys; oil the locks; file the teeth; pick the jammed lock; test every bolt
photographer | in the darkroom | camera, tripod, tray, red lamp | family portrait, photograph, album of views | develop the plates; focus the lens; hang the prints to dry; ask everybody to smile; rinse the negatives
actor | at the theatre | mask, wig, costume, make-up box | play, puppet show, comic song | rehearse the lines; paint the scenery; bow to the empty seats; try on the crowns; practise a terrible laugh
juggler | at the fair | wooden ring, juggling club, painted ball | juggling trick, comic dance, paper flower | juggle the clubs; walk on the rope; balance a plate on <his> nose; toss the rings; bow to the crowd
shopkeeper | in the corner shop | scales, paper bag, ledger, sweet jar | bag of toffees, ball of string, tin of biscuits, box of matches | weigh the sugar; stack the tins; count the change; wrap the parcels; dress the window
greengrocer | at the market | barrow, scales, crate, apron | bag of apples, bunch of carrots, head of lettuce, melon | stack the oranges; shout the prices; polish the apples; weigh the plums; trim the leeks
butcher | at the market | cleaver, hook, block, apron | string of sausages, ham, leg of lamb | sharpen the knives; tie the sausages; trim the chops; scatter fresh sawdust
florist | in the flower shop | scissors, ribbon, vase, wire | bouquet, wreath, pot of tulips, buttonhole | bind the bouquets; trim the stems; spray the ferns; twist the wreaths; carry out the buckets
seamstress | in the sewing room | needle, pincushion, sewing machine, spool of thread | patchwork quilt, christening gown, curtain, apron | thread the needle; pin the pattern; sew a straight seam; embroider the collar; unpick the stitches
vet | at the animal clinic | syringe, bandage, tin of ointment | splint, bottle of drops, paper collar | calm the frightened animals; bandage the paws; listen to small hearts; visit the stables
park ranger | in the park | pair of binoculars, map, walkie-talkie, torch | trail map, nest box, wooden signpost | mark the trails; count the deer; repair the footbridges; watch for smoke; clear the fallen branches
inventor | in the shed | screwdriver, notebook, coil of wire, spring | flying kite, egg-boiling machine, wind-up duck, rain alarm | draw strange machines; test the levers; collect old springs; scribble in a notebook; tighten one last screw
programmer | at the computer club | keyboard, floppy disk, screwdriver, printout | game, calculator program, chess program, painting program | type the listings; hunt for the mistake; save the file twice; explain the loops; draw the flow on squared paper
telegraph operator | at the telegraph office | key, headset, pencil, battery | telegram, weather report, message | tap the key; write down the dots and dashes; listen to the clicking; count the words; send the weather along the wire
weather watcher | at the weather station | barometer, rain gauge, thermometer, wind sock | forecast, weather chart, storm warning | read the barometer; measure the rain; draw the clouds; launch the balloon; hoist the storm flag
miner | at the mine | pickaxe, lamp, helmet, cart | lump of coal, piece of quartz, copper nugget | dig in the dark; push the carts; prop up the roof; tap the walls; blow out <his> lamp at noon
ice cutter | on the frozen lake | ice saw, sledge, pair of tongs | block of ice, ice lantern | saw the ice; drag the blocks ashore; pack them in straw; test the thickness with a pole
sledge driver | at the kennels | whip, sledge, harness, lead rope | harness, bag of dried fish, fur blanket | harness the dogs; wax the runners; rub the paws with fat; read the snow; sing to the team
saddler | in the saddler's shop | awl, mallet, brush, waxed thread | saddle, bridle, satchel, leather purse | stitch the saddles; oil the reins; punch the holes; stuff the pads with wool
bell ringer | in the bell tower | rope, oil can, candle | hand bell, song sheet | pull the ropes; oil the bearings; climb the tower; count the strokes; ring in the new year
organ builder | in the church | tuning knife, bellows, wooden pipe | organ pipe, flute, keyboard | tune the pipes; patch the bellows; glue the keys; listen with closed eyes; dust the highest pipes
piano tuner | in the music room | tuning fork, felt, lever | tuned piano, metronome | strike the fork; tighten the strings; brush the hammers; play one note again and again
zookeeper | at the zoo | bucket, broom, bunch of keys, hose | bale of straw, bucket of fish | feed the seals; scrub the elephants; mix the porridge for the bears; sweep the cages; weigh the penguins
banker | at the bank | ledger, fountain pen, safe, stamp | bag of coins, cheque, savings book | count the coins; add the columns; lock the safe; dip <his> pen; polish <his> spectacles
judge | at the town hall | gavel, robe, thick book | letter, sealed paper, verdict | read the old laws; listen to both sides; tap the table; polish <his> glasses
mayor | at the town hall | gold chain, speech, pair of scissors | medal, certificate, silver cup | shake hands; cut ribbons; practise speeches; sign papers; answer letters
nurse | in the hospital | tray, thermometer, hot-water bottle | warm blanket, cup of broth | plump the pillows; take the temperatures; wheel the beds; tell jokes to the sick children
firefighter | at the fire station | hose, ladder, helmet, axe | ladder, bucket, alarm bell | polish the red engine; roll the hoses; slide down the pole; test the ladders; drill in the yard
caretaker | in the school cellar | broom, bunch of keys, toolbox, mop | snow shovel, oiled hinge, new fuse | sweep the corridors; feed the boiler; oil the hinges; fix the dripping taps; lock the gates at six
umbrella maker | in the umbrella shop | pliers, needle, wooden handle | black umbrella, parasol, walking stick | bend the ribs; stretch the silk; carve the handles; wait for rain
kite maker | in the attic workshop | paper, glue brush, bamboo rod | paper kite, dragon kite, box kite | split the bamboo; paste the paper; paint the dragons; knot the tails; test the wind with a wet finger
violin maker | in the violin workshop | gouge, plane, pot of varnish, clamp | violin, bow, cello | carve the scrolls; varnish the backs; bend the ribs; tap the wood and ~listen; choose the spruce
chocolate maker | in the chocolate shop | marble slab, copper pot, mould | truffle, chocolate egg, box of caramels, peppermint cream | temper the chocolate; fill the moulds; roll the truffles; roast the cocoa beans; lick the spoon
ice-cream seller | in the square | scoop, cart, bell, cooler | lemon ice, strawberry cone, vanilla ice | ring the little bell; scrape the cooler; scoop the ices; push the cart uphill
""", 5)  # fmt: skip

# The kin that a child has, with gender.
KIN = rows("""
Grandmother | f
Grandfather | m
Grandma | f
Grandpa | m
Aunt @ | f
Uncle @ | m
""", 2)  # fmt: skip

# trait | how it shows (base form)
TRAITS = rows("""
patient | could wait for hours without a word
curious | opened every drawer and read every label
shy | hid behind the nearest door when strangers came
stubborn | never turned back once <he> had begun
careful | checked every knot twice
cheerful | whistled even in the rain
dreamy | often put salt into the tea instead of sugar
brave | walked through the dark passage without a candle
clumsy | had broken more cups than anyone could count
thrifty | saved every piece of string
proud | could not bear to be laughed at
gentle | carried spiders out of the house in a glass
restless | could not sit still for three minutes
quiet | spoke only when there was something to say
forgetful | kept losing <his> own hat
generous | gave away half of every apple
honest | would not tell even a small lie
clever | could take a lock apart with a hairpin
lazy | liked nothing better than a long nap
serious | hardly ever laughed
hungry | thought about supper all day
nervous | jumped whenever a door banged
tidy | lined up the spoons by size
messy | never knew where the other sock was
kind | shared <his> lunch with the birds
hot-tempered | slammed doors and was sorry afterwards
hopeful | believed that every day would bring something good
lonely | talked to the clock for company
inventive | built machines from old tins and wire
musical | drummed on every table
grumpy | complained about the weather, whatever it was
thoughtful | always looked at a thing from both sides
quick | ran everywhere instead of walking
strong | could lift a full barrel
playful | turned every task into a game
modest | blushed at the smallest praise
suspicious | counted the spoons after every visit
talkative | told the milkman <his> dreams
polite | raised <his> hat even to the cats
bold | climbed the tallest tree in the orchard
""", 2)  # fmt: skip

# What one does while speaking or thinking (base form).
GESTURES = phrases("""
scratch <his> chin; rub <his> hands; shrug; nod slowly; shake <his> head; smile; frown; sigh; blink; lean on the gate; fold <his> arms;
wipe <his> hands on <his> apron; push back <his> hat; look at the floor; put a finger to <his> lips; clap <his> hands; raise <his> eyebrows;
stir <his> tea; look out of the window; wrinkle <his> nose; tilt <his> head; tap the table; cough politely; laugh; blush; grin;
polish <his> glasses; pull at <his> sleeve; lower <his> voice; stamp <his> feet; hold up the lamp; wave; yawn; hesitate; whistle softly;
count on <his> fingers; bite <his> lip; swallow hard; straighten <his> back; sit down on a crate; kneel down; point at the door
""")

# feeling | how it shows (past)
HAPPY = rows("""
happy | could not stop smiling
proud | held <his> head high
relieved | let out a long breath
delighted | clapped <his> hands
grateful | did not know what to say
cheerful | hummed all the way home
excited | hopped from one foot to the other
content | leaned back and closed <his> eyes
surprised | laughed out loud
calm | slept well that night
""", 2)  # fmt: skip
UNHAPPY = rows("""
sad | stared at the floor
worried | walked up and down the room
ashamed | turned red to the ears
afraid | felt <his> knees shake
upset | clenched <his> fists
disappointed | blinked back the tears
unhappy | hung <his> head
confused | scratched <his> head
miserable | could not eat a bite
nervous | twisted a button on <his> coat
discouraged | let <his> shoulders drop
""", 2)  # fmt: skip

COLOURS = words(
    "red, blue, green, yellow, brown, grey, white, black, purple, orange, pink, scarlet, crimson, golden, silver, turquoise, violet, cream"
)
MANNER_SLOW = words("slowly, quietly, softly, calmly, thoughtfully, gravely, simply, drily, firmly, seriously")
MANNER_FAST = words(
    "quickly, eagerly, suddenly, nervously, anxiously, loudly, boldly, proudly, happily, merrily, excitedly, impatiently, hoarsely"
)
