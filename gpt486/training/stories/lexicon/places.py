# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Places, by the kind of country around the town."""

from gpt486.training.stories.lexicon import rows

# name | preposition | settings (any = all) | i(ndoors) or o(utdoors) | spots | details (sentences; ';' between)
PLACES = rows("""
the harbour | at | sea | o | under an upturned boat; between two coils of rope; behind a stack of crates; in an old lobster pot | Gulls cried above the masts.; The ropes creaked, and the water slapped against the stones.; It smelled of tar and herring.
the beach | on | sea | o | half buried in the sand; among the seaweed; behind a driftwood log; in a rock pool | The waves rolled in, one after the other.; Crabs ran sideways over the wet sand.; Foam blew along the shore like wool.
the lighthouse | at | sea | o | on the third step of the spiral stair; behind the oil barrels; under the keeper's chair | The great lamp turned without a sound.; Far below, the surf boomed on the rocks.
the pier | on | sea | o | between two planks; under the ticket booth; beside the telescope | Waves hissed between the iron legs.; An old man sold shrimps in paper cones.
the fish market | at | sea | o | under a heap of nets; behind the scales; in a box of ice | Silver fish lay in rows on the ice.; The women shouted the price of cod.
the boatyard | in | sea,river | o | under the ribs of a half-built boat; behind the tar barrel; among the shavings | Hammers rang, and a saw sang on and on.; Curls of wood lay everywhere.
the cliffs | on | sea,north | o | in a tuft of sea pinks; in a crack between two rocks; under a gorse bush | Puffins whirred past like clockwork toys.; The grass lay flat in the wind.
the salt marsh | in | sea | o | among the reeds; under the plank bridge; beside a pool | Curlews called, and the mud popped and sighed.; The creeks shone like tin.
the river | by | river,farm,city,forest | o | under the roots of a willow; among the smooth stones; beneath the landing | Dragonflies stood still in the air.; The water ran brown and quick.; A fish jumped, and the rings grew wide.
the old bridge | on | river,mountain,farm,city | o | in a gap between two stones; under the first arch; beside the iron lamp | The water gurgled round the piers.; Someone had scratched two names into the stone.
the mill | at | river,farm | i | behind the flour sacks; under the great wheel; beside the hopper | Everything was white with flour.; The wheel turned with a steady splash.
the ferry landing | at | river | o | under the bench; behind the bell post; in the reeds | The ferry bumped gently against the posts.; A notice said to ring twice.
the lock | at | river | o | beside the winch; under the lock-keeper's geraniums; behind the gate | Water rushed through the paddles.; A barge sank slowly between the wet walls.
the meadow | in | farm,forest,mountain,river | o | under a haystack; in the tall grass; beside a molehill | Grasshoppers sprang up at every step.; The grass was full of clover and daisies.
the orchard | in | farm,river | o | in the fork of an apple tree; under the fallen leaves; beside the beehives | Wasps hummed round the windfalls.; A ladder leaned against the tallest tree.
the barn | in | farm,mountain,forest | i | under the hay; behind the harness; in the manger; on a high beam | Dust danced in a ray of light.; It smelled of hay and leather.; Swallows had built a nest on the beam.
the stable | in | farm,mountain,north | i | under the straw; in the feed bin; behind the saddle rack | The horses stamped and blew through their noses.; A cat slept on a warm back.
the vegetable garden | in | farm,any | o | under a cabbage leaf; between the rows of beans; behind the compost heap; beneath a flower pot | Bean poles stood like tents.; A robin waited on the spade.
the duck pond | by | farm,city | o | among the rushes; under the wooden bench; beside the little sluice | The ducks quarrelled over a crust.; Pond skaters drew rings on the water.
the village green | on | farm,river | o | under the chestnut tree; behind the pump; beneath the bench | Somebody had tied a donkey to the signpost.; Children were chasing a hoop across the grass.
the forest | in | forest,mountain,north | o | under the ferns; in a hollow stump; between the roots of a beech; beneath the moss | A woodpecker hammered somewhere far away.; The path was soft with needles.; Light fell in thin green stripes.
the clearing | in | forest | o | beside the charcoal heap; under a fallen trunk; among the foxgloves | Deer had been here, for the grass was pressed flat.; Mushrooms stood in a ring.
the woodcutter's hut | at | forest,mountain | i | behind the woodpile; under the wooden bunk; beside the chopping block | The fire had burned down to a red glow.; Axes hung on the wall in order of size.
the spring | by | forest,mountain | o | under a flat stone; among the cress; behind a mossy rock | The water was so cold that it hurt the teeth.; It bubbled up through white sand.
the mountain pass | on | mountain | o | under the stone cairn; in a crack in the rock; beside the wooden cross | The wind never stopped here.; Far below, the houses looked like dice.
the alp | on | mountain | o | behind the milking shed; in a patch of heather; under the water trough | Cow bells clanked in the mist.; A marmot whistled and was gone.
the cable car station | at | mountain | i | under the ticket window; behind the great wheel; beneath the bench | The cable hummed, and a cabin swung in out of the cloud.
the cave | in | mountain,sea | o | on a ledge in the dark; behind a pillar of stone; under the loose gravel | Water dripped, and each drop echoed.; The walls glittered in the lamplight.
the quarry | in | mountain,city | o | under the crane; beside a block of marble; behind the tool shed | White dust lay on every leaf.; Hammers clinked on stone.
the market | at | any | o | under a stall; between two baskets of plums; behind the cheese counter; among the empty crates | Everyone was shouting at once.; There were pyramids of oranges and towers of hats.; A man was selling a cure for everything.
the school | at | any | i | behind the map stand; under the last desk; on top of the cupboard; in the coat room | The bell had just rung.; Somebody had drawn a whale on the blackboard.; It smelled of chalk and wet coats.
the library | in | any | i | between two atlases; behind the card index; under the reading lamp; on the lowest shelf | Pages rustled, and someone sneezed.; A ladder on wheels stood by the tallest shelf.
the railway station | at | any | i | under the bench in the waiting room; behind the weighing machine; beside the luggage trolley | The big clock jerked from minute to minute.; A train sighed and stood still.; Porters ran up and down with trunks.
the post office | at | any | i | under the counter; behind the parcel scales; beside the ink pot | The stamp thumped down, again and again.; A queue of three people had formed.
the church | in | any | i | under the third pew; behind the organ; beside the font; in the bell rope's coil | It was cool, and every step echoed.; Coloured light lay on the flagstones.
the town hall | at | any | i | behind the flag; under the long table; on the marble stairs | A portrait with a beard looked down from every wall.; Doors opened and shut, and nobody knew why.
the bakery | in | any | i | behind the flour bin; under the counter; beside the oven | It smelled of warm bread.; Trays of rolls were cooling by the window.
the inn | at | any | i | under a table; behind the barrel; beside the fireplace | Somebody was playing cards by the fire.; Plates clattered in the kitchen.
the square | in | any | o | beside the fountain; under the statue; behind the kiosk; beneath a tavern table | Pigeons walked about like little mayors.; The fountain splashed.; Somebody was playing a barrel organ.
the park | in | city,any | o | under a bench; behind the bandstand; beside the sundial; in the rose bed | Nurses pushed prams along the gravel.; The band was tuning its trumpets.
the workshop | in | any | i | under the bench; behind the vice; in a box of screws; among the paint tins | Tools hung in rows on the wall.; The floor was deep in shavings.; A stove ticked in the corner.
the attic | in | any | i | inside an old trunk; behind the chimney; under a dust sheet; beside the broken cradle | Cobwebs hung between the beams.; The rain sounded very near.; There were boxes full of other people's letters.
the cellar | in | any | i | behind the coal heap; on a shelf of pickles; under the stairs; between two barrels | A candle threw huge shadows on the wall.; It smelled of apples and damp stone.
the museum | in | city | i | behind the stuffed bear; under the dinosaur; beside a suit of armour | Footsteps rang through the long halls.; A keeper slept on his chair.
the tram stop | at | city | o | under the timetable; behind the newspaper stand; in the gutter | Blue sparks jumped from the wire.; A newspaper boy shouted the news.
the theatre | in | city | i | behind the curtain; under the front row; in the costume trunk; beside the prompter's box | The gold paint shone in the lamplight.; Somebody was hammering at a cardboard moon.
the roof | on | city | o | behind the chimney; beside the pigeon loft; under the water tank | One could see all the way to the gasworks.; Washing flapped between the chimneys.
the zoo | at | city | o | beside the seal pool; behind the monkey house; under the ticket window | A lion yawned.; The penguins stood about as if they waited for a bus.
the computer club | at | city,any | i | behind a monitor; among the floppy disks; under the long table | Fans hummed, and green letters ran up the screens.; Somebody was printing a banner a yard long.
the fairground | at | city,any | o | behind the shooting gallery; under the carousel; beside the fortune teller's tent | Lamps of all colours turned in the dusk.; It smelled of burnt sugar.
the frozen lake | on | north,mountain | o | in a crack in the ice; beside a fishing hole; under the snow | The ice boomed like a drum.; Skates had drawn long white curves.
the fjord | by | north | o | on a flat rock; under the jetty; between two boats | The water lay black and still.; The mountains stood on their heads in it.
the weather station | at | north,mountain,sea | i | behind the barometer; under the chart table; beside the rain gauge | The instruments ticked and scribbled.; A balloon tugged at its string.
the sauna | by | north | i | under the birch twigs; behind the wood basket | Steam rolled out of the door.; The stones hissed.
the kennels | at | north | o | in the straw; behind the sledge; under the dried fish | Twenty dogs howled a greeting.; Breath rose from the straw like smoke.
the reindeer pasture | on | north | o | beside the salt lick; in the lichen; under a snow fence | Hooves clicked over the frozen ground.; A bell tinkled far away.
the wharf | on | river,sea,city | o | between the cotton bales; behind the crane; under a tarpaulin | A steamer was unloading sacks of coffee.; Chains rattled, and somebody swore.
the garage | in | city,any | i | under the jacked-up car; behind the oil drums; in the toolbox | A radio played behind a pile of tyres.; Black puddles shone on the floor.
the clock tower | in | any | i | behind the big wheel; on the window ledge; under the weights | The pendulum swung to and fro.; Jackdaws had nested behind the clock face.
the graveyard | in | any | o | beside a mossy stone; under the yew; behind the gate | Ivy grew over the oldest names.; Somebody had left fresh flowers.
the crossroads | at | farm,forest,mountain | o | under the signpost; in the ditch; behind the milestone | Four roads met here, and nobody was on any of them.
the hill | on | farm,forest,river,sea | o | under the lone pine; in the heather; beside the old wall | From the top one could see three church towers.; Larks hung in the air and sang.
the lane | in | any | o | under the hedge; in a wheel rut; beside the gatepost | Blackberries grew along both sides.; A cart creaked by.
the allotments | at | city | o | in the rain barrel; under the rhubarb; behind the shed | Each shed was painted in another colour.; Radios played among the beans.
the kitchen | in | any | i | behind the bread bin; under the table; on the top shelf; in the soup pot | Copper pans shone on the wall.; The kettle was beginning to sing.; A clock ticked above the stove.
""", 6)  # fmt: skip

SETTINGS = ("sea", "river", "mountain", "farm", "forest", "city", "north")
# How one says where the town lies.
SETTING_LINES = {
    "sea": (
        "by the sea",
        "on the coast",
        "behind the dunes",
        "at the end of a long bay",
        "where the river meets the sea",
    ),
    "river": ("on the river", "at a bend of the river", "by the old lock", "between two rivers"),
    "mountain": ("high in the mountains", "at the foot of a steep mountain", "just below the pass", "on a stony slope"),
    "farm": ("among wide fields", "in a green valley", "where the wheat grew tall", "between orchards and meadows"),
    "forest": (
        "at the edge of the forest",
        "deep in the woods",
        "where the pines began",
        "in a clearing between old oaks",
    ),
    "city": (
        "in the middle of the city",
        "behind the tram depot",
        "near the gasworks",
        "in a narrow street full of shops",
    ),
    "north": (
        "far in the north",
        "beside a frozen fjord",
        "where the sun hardly rose in winter",
        "under the northern lights",
    ),
}
SETTING_NOUN = {"sea": "harbour town", "river": "town", "mountain": "village", "farm": "village", "forest": "village", "city": "city", "north": "settlement"}  # fmt: skip
VEHICLES = {
    "sea": ("a fishing boat", "a steamer", "the coast bus", "a rowing boat"),
    "river": ("a barge", "the ferry", "a canoe", "a cart"),
    "mountain": ("a mule", "the mountain railway", "the cable car", "a sledge"),
    "farm": ("a hay cart", "a bicycle", "the milk lorry", "a tractor"),
    "forest": ("a cart", "a timber lorry", "an old bicycle", "a pony"),
    "city": ("the tram", "the number nine bus", "the underground", "a taxi"),
    "north": ("a dog sledge", "skis", "the mail boat", "a snow plough"),
}
JOURNEY = {
    "sea": ("followed the coast path", "climbed over slippery rocks", "walked along the tide line", "crossed the dunes", "went past the drying nets"),
    "river": ("followed the towpath", "crossed the weir", "walked under the poplars", "took the ferry", "waded through the wet meadow"),
    "mountain": ("climbed the steep path", "crossed a rope bridge", "went past a waterfall", "walked along the edge of the snow", "scrambled over the scree"),
    "farm": ("walked between the fields", "climbed over three stiles", "followed the cart track", "cut across the stubble", "went past the haystacks"),
    "forest": ("followed the deer path", "jumped over a brook", "walked under dark firs", "went from mark to mark on the trunks", "pushed through the bracken"),
    "city": ("crossed the bridge with the lamps", "hurried through the crowd", "took the short cut behind the brewery", "walked past bright shop windows", "turned into a narrow alley"),
    "north": ("followed the sledge tracks", "crossed the ice", "walked along the fjord", "waded through deep snow", "went from cairn to cairn"),
}  # fmt: skip
