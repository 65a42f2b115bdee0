# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Skills and contests: first tries, advice, practice, success."""

from gpt486.training.stories.lexicon import rows

# skill (base) | who can teach it | first failure (past; subject the pupil) | advice (a sentence) | success (past)
SKILLS = rows("""
bake bread | baker | made a loaf as flat as a plate; forgot the yeast | Dough must not be hurried.; Wait until it has grown to twice its size. | baked a round brown loaf with a crackling crust
swim | lighthouse keeper; sailor; ferryman | swallowed half the lake; sank like a spoon | Lie on the water as if it were a bed.; Breathe out slowly. | swam to the raft and back
ride a bicycle | postman; mechanic | rode straight into the hedge; fell over before the first corner | Look at the road and not at the wheel.; Go faster, and it will stand up by itself. | rode all the way round the square
play the fiddle | fiddler; violin maker | made a noise like a cat in a bucket; broke two strings | Hold the bow as you would hold a bird.; Play it slowly until it bores you. | played a jig from beginning to end
carve a spoon | carpenter; toymaker; woodcutter | cut the bowl right off the handle; carved a splinter | Let the knife follow the grain.; A sharp knife is safer than a blunt one. | carved a smooth spoon out of cherry wood
throw a pot | potter | sprayed clay over the whole wall; watched the pot collapse | Press gently, and do not let go suddenly.; The clay feels it when you are impatient. | lifted a little bowl from the wheel
knit | seamstress; weaver; nurse | knitted a sock with two heels; dropped nine stitches | Count aloud.; Never be ashamed of undoing a row. | finished a striped scarf
tie knots | sailor; fisherman; sailmaker | tied <his> own thumb to the rope; made a tangle that nobody could open | The rope wants to go the easy way.; Make a loop, then think of a rabbit and its hole. | tied a bowline with closed eyes
row a boat | ferryman; boatbuilder; fisherman | went round in circles; lost an oar | Both arms must want the same thing.; Look back at the church and keep it in line. | rowed straight across to the landing
write with a pen | teacher; librarian; mapmaker | made a blot the size of a plum | Do not press so hard.; Every letter is a small drawing. | wrote a whole page without a blot
whistle with two fingers | shepherd; postman; sailor | only blew air and spit | Curl your tongue and be patient.; Try it wet. | whistled so loudly that every dog came running
juggle | juggler; actor | dropped the eggs one after the other | Watch the top and not your hands.; Start with two. | kept four oranges in the air
grow beans | gardener; farmer; herbalist | drowned the seeds in water | A seed needs to breathe.; Water in the morning, and only a little. | picked a whole basket of beans
repair a radio | radio repairman; electrician | burned a hole in the tablecloth; mixed up all the wires | Draw it before you touch it.; Follow one wire at a time. | heard music come out of the box
paint the sea | painter | painted something like a grey blanket | The sea is never only blue.; Look three times as long as you paint. | painted a wave that looked wet
skate | ice cutter; teacher; postman | fell eleven times before dinner | Bend your knees and trust the ice.; Fall sideways, and laugh. | glided from bank to bank
ride a horse | farmer; saddler; vet | slid off on the other side | Sit as if you had grown there.; Tell it where you want to go, with your knees. | trotted once round the meadow
make cheese | cheesemaker; shepherd | made something that bounced | Cleanliness first, then patience.; Stir it as if it were asleep. | cut a small round cheese that tasted of grass
read the stars | astronomer; sailor | took a lamp on the hill for a planet | Find the bear first, the rest will follow.; Give your eyes time. | found the north without a compass
bind a book | bookbinder; librarian | glued the pages to the table | Fold it sharply and sew it loosely.; Less glue. | bound a little diary in red cloth
forge a hook | blacksmith | hit the anvil more often than the iron | Strike while it is yellow.; Let the hammer fall by itself. | made a hook strong enough for a lantern
keep bees | beekeeper | forgot to close the veil and got a fat nose | Move as though you were under water.; Tell them what you are going to do. | lifted out a comb full of honey
type without looking | printer; telegraph operator; programmer | wrote three lines of nonsense | Let every finger live in its own house.; Cover the keys with a cloth. | typed a whole letter in the dark
send messages in Morse code | telegraph operator; sailor | sent a recipe instead of the weather | It is not dots, it is a rhythm.; Listen before you send. | sent the harbour news without one mistake
write a program | programmer; teacher | made the screen fill with the same word for ever | Say it in English first.; Change one thing at a time. | wrote a game that the whole school wanted to play
dance the polka | fiddler; actor; innkeeper | trod on everybody's toes | Count, and do not look down.; Hop as if the floor were hot. | danced until the lamps went out
mend shoes | cobbler; saddler | sewed the shoe to <his> own sleeve | Small stitches, waxed thread.; Hold it between your knees. | put a new sole on an old boot
build a kite | kite maker; teacher | built a kite that only dived | The tail is what keeps it honest.; Balance it on one finger. | let it rise until it was as small as a stamp
make candles | candlemaker; beekeeper | made candles as crooked as carrots | Dip, wait, dip, wait.; Keep the wax just warm. | hung up a dozen straight white candles
cook soup | cook; innkeeper | put in sugar instead of salt | Taste it, and then taste it again.; Onions first, and slowly. | cooked a soup that needed nothing more
climb | chimney sweep; roofer; park ranger | got stuck halfway up the wall | Three points must always hold.; Look for the next foothold, never for the last. | stood on the top and waved
fish | fisherman; ferryman | caught an old boot and a cold | Sit still and think like a trout.; Cast where the water turns. | landed a trout as long as <his> arm
drive a sledge | sledge driver | fell off at the first bend and ran after the dogs | They know the way, you only need to know them.; Lean into the turn. | drove the sledge home through the dusk
cut glass | glassblower; roofer | broke seven panes | One stroke, without stopping.; Oil the wheel. | cut a round window for the door
draw maps | mapmaker; park ranger | put the church in the river | Walk it before you draw it.; Begin with the water. | drew the whole valley on one sheet
take photographs | photographer | cut off everybody's head | Wait for the light.; Hold your breath when you press. | took a picture in which the whole family laughed
shear a sheep | shepherd; farmer | let the sheep run off with half its wool | Hold it like a sack of feathers.; Talk to it all the time. | sheared one in a single fleece
tune a piano | piano tuner; organ builder | made it sound worse than before | Listen to the beats between the notes.; Turn less than you think. | struck a chord as clear as water
spin wool | weaver; shepherd | spun a thread as thick as a thumb | Let the wheel pull.; Feel it, do not look at it. | filled a spool with fine grey yarn
sew a button on | tailor; seamstress | sewed it to the wrong side | Wind the thread round like a neck.; Make a knot you can trust. | put all six buttons on the coat in a straight row
splice a rope | sailor; sailmaker | made something like a bird's nest | Over one, under one.; Pull it tight every time. | joined two ropes so that nobody could see where
milk a cow | farmer; cheesemaker | got the tail in <his> face and no milk | Warm your hands first.; Sing something. | filled the pail to the brim
""", 5)  # fmt: skip

# contest | what one brings or does (base) | preparing (base) | mishap (past; subject the hero) | winning reason (a sentence) | prize
CONTESTS = rows("""
kite contest | fly a kite | paste red paper on a frame | tore the paper on a thorn the night before | the kite flew higher than the church | a new pocket knife
baking contest | bake a cake | collect nine brown eggs | let the cake sink in the middle and filled the hole with berries | the berries tasted better than any icing | a copper pan
boat race | row across the bay | patch the little boat | lost half an oar on the rocks and paddled with a plank | no one else had dared to go round the point | a silver cup
singing contest | sing a song | practise in the empty barn | forgot the second verse and made up a new one | everyone was humming the new verse | a box of sweets
pumpkin contest | bring a pumpkin | carry water every evening | dropped the pumpkin, so that it cracked and showed its golden seeds | it was the sweetest of them all | a sack of seeds
snow sculpture contest | build a bear of snow | carry up clean snow | lost the bear's ear in the thaw | with one ear it looked alive | a pair of skates
spelling contest | spell long words | learn a page of the dictionary every night | mixed up two letters and asked to start again | honesty counted as much as spelling | a thick dictionary
chess tournament | play chess | play against the clock in the kitchen | lost the queen in the third game | two small pawns marched all the way across | a carved chess board
sledge race | steer a sledge | wax the runners | flew off at the bend and climbed on again | the others had stopped to laugh | a fur cap
story contest | tell a story | write a page every evening | dropped the pages in a puddle and told it without them | nobody wanted it to end | a fountain pen
fishing contest | catch the biggest fish | dig for worms at dawn | caught a boot first, then nothing for hours | in the boot sat an eel as long as an oar | a new rod
garden show | show the best roses | spray away the greenfly | found one bush eaten by the goat | the last rose was as red as fire | a brass watering can
dog show | lead a dog through the hoops | teach the dog to bow | watched the dog run after a sausage | the dog came back and bowed to the judges | a leather lead
soap-box race | drive a cart down the hill | build a cart from a crate | lost a wheel before the finish and slid in on three | it crossed the line sideways, but first | a tin of paint
dance contest | dance a reel | practise steps in the kitchen | lost a shoe and danced on without it | the barefoot dance was the merriest | two tickets for the theatre
drawing contest | draw the market | sharpen all the pencils | spilled ink across the sky and turned it into a storm | the storm was the finest part | a box of paints
arithmetic contest | add up long columns | count everything on the way to school | wrote a seven like a one | the mistake was found and put right in time | a slide rule
swimming race | swim to the island | swim every morning in the cold | stopped to help another swimmer with a cramp | the judges had seen it all | a warm towel and a medal
ploughing match | plough a straight furrow | brush the horse until it shone | hit a stone and bent the plough | the furrow was as straight as a string all the same | a new harness
scarecrow contest | make a scarecrow | borrow the oldest hat in the house | found that the crows were sitting on its arms | even the birds loved it | a basket of plums
programming contest | show a program | type until the lamp burned low | found a mistake five minutes before the end | it was short, and everyone understood it | a box of floppy disks
bread race | carry a tray of rolls without dropping one | walk up and down with a tray of stones | stumbled over a cat and caught every roll but one | nobody had ever seen such a catch | a white apron
tug of war | pull on the rope | train with the old donkey | slipped in the mud | the smallest at the end had tied the rope to a tree | a barrel of cider
lantern parade | make a paper lantern | cut stars out of old maps | burned a hole in one side and glued a moon over it | the moon shone brighter than all the stars | a music box
""", 6)  # fmt: skip
