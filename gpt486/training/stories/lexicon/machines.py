# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Machines: their parts, what goes wrong with them, how that is put right, and what they do when they work again."""

from gpt486.training.stories.lexicon import rows

# machine | adjectives | symptom (past, subject "it") | part | cure (base form) | works again (past, subject "it")
MACHINES = rows("""
radio | old, valve, big, wooden | only hissed; hummed and fell silent; crackled like bacon | valve; loose wire; dial cord; aerial | solder the loose wire; replace the burnt valve; stretch a new aerial across the roof | played a waltz from far away; gave the weather for ships; spoke in a warm deep voice
crystal radio | home-made, little | made no sound at all; gave only a faint whisper | crystal; coil; headphone cable | move the whisker over the crystal; wind the coil again | sang softly in the headphones; brought in three stations
computer | old, beige, second-hand, heavy | showed only a blinking cursor; beeped three times and stopped; would not start | disk drive; loose memory chip; dusty fan; power cable | push the memory chip back into its socket; blow the dust out of the fan; clean the contacts with a rubber; copy the disk | printed READY in green letters; counted the memory and beeped once; loaded the game in half a minute
printer | noisy, dot-matrix, grey | chewed up the paper; printed every line twice | ribbon; paper guide; worn gear | straighten the paper guide; change the ribbon | rattled out a whole page without a fault; printed a banner as long as the room
typewriter | black, heavy, portable | skipped every third letter; stuck at the letter e | bent key; ribbon; spring | bend the key straight; clean the type with a pin | clacked along as quick as hail; wrote a perfect line
clock | grandfather, kitchen, cuckoo, station | ran backwards; stopped at twenty past four; struck thirteen | spring; cog; pendulum; chain | oil the wheels; hang the pendulum straight; take out a dead moth | ticked as evenly as a heart; struck the hour
music box | walnut, painted, little | played only three notes; was stuck | comb; cylinder; tiny spring | clean the little comb; free the cylinder with a needle | played its whole tune; tinkled like rain on glass
bicycle | rusty, red, tall, borrowed | squealed like a pig; lost its chain at every corner | chain; brake block; front tyre; bell | patch the tyre; tighten the chain; oil the hub | rolled without a sound; flew down the hill
sewing machine | treadle, black, old | tangled the thread; jumped the stitches | needle; belt; bobbin | fit a new belt; turn the needle round | purred along the seam; sewed a straight line
pump | village, iron, hand | coughed and gave no water; dripped | leather washer; handle; valve | cut a new washer from an old boot; grease the handle | gushed cold clear water; filled the first bucket in no time
kettle | copper, singing | leaked on the stove; had lost its whistle | spout; lid; handle | solder the spout; hammer out the dent | whistled louder than the train; boiled in four minutes
lamp | paraffin, desk, street | flickered; smoked and went out | wick; switch; bulb; glass chimney | trim the wick; change the fuse; clean the glass | gave a steady yellow light; lit up the whole corner
windmill | white, creaking, old | stood still in the best wind; shook and groaned | sail; brake; gear wheel; shaft | patch the sail; grease the shaft; replace a wooden tooth | turned slowly, then faster and faster; hummed in the wind
water wheel | mossy, wooden | had stopped turning; turned by jerks | paddle; axle; sluice gate | clear the weeds from the sluice; nail on a new paddle | splashed round and round; drove the stones again
tractor | red, rusty, small | would not start; puffed black smoke | plug; fuel pipe; fan belt | blow through the fuel pipe; dry the plugs | roared, coughed and ran; chugged out to the field
boat engine | outboard, old, oily | spluttered and died; would not turn over | propeller; plug; fuel line | cut the weed from the propeller; clean the plug | puttered steadily; drove the boat against the tide
telescope | brass, long, home-made | showed nothing but a blur; wobbled | lens; tube; tripod | wipe the lens with a soft cloth; screw the legs tight | showed the rings of Saturn; brought the moon close enough to touch
camera | box, folding, old | jammed; let in the light | shutter; bellows; spool | patch the bellows; free the shutter | clicked cleanly; took a picture of them all
gramophone | wind-up, horned, dusty | groaned slower and slower; scratched | spring; needle; crank | wind in a new spring; change the needle | played a merry dance tune; sang without a wobble
telephone | black, village, party-line | only buzzed; rang for nobody | cord; bell; handset | twist the two wires together; screw down the terminal | rang; carried a clear voice
music organ | fairground, painted | wheezed; had lost its voice | bellows; pipe; paper roll | glue the bellows; punch a new roll | boomed across the square; played a march
merry-go-round | painted, creaking | stuck after half a turn; groaned | bearing; belt; wooden horse | grease the bearing; fix the belt | turned in a blaze of lamps; went round and round
toy train | tin, clockwork, electric | ran off the rails at the bend; would not move | spring; wheel; rail | straighten the rail; wind the spring | rattled round the table legs; pulled six trucks
elevator | iron, hotel | stopped between two floors | cable; button; gate | close the gate properly; oil the pulley | rose smoothly to the top
bell | school, church, ship's | gave only a dull clunk | clapper; rope; bracket | hang the clapper on a new strap; tighten the bracket | rang out clear; could be heard three streets away
barometer | brass, captain's | always pointed to storm | needle; tube; spring | tap the glass and ~free the needle | pointed to fair
calculator | mechanical, pocket | said that two and two were five | key; gear; battery | turn back the gear; change the battery | added a whole column without a mistake
robot | tin, walking, home-made | walked in circles; waved and fell over | battery; left foot; cable | swap two wires; bend the foot straight | walked to the door and bowed; fetched the newspaper
oven | brick, bakery, iron | smoked; would not get hot | flue; door; grate | sweep the flue; seal the door with clay | glowed evenly; baked the bread to a golden brown
fountain | stone, market | had run dry; only dribbled | pipe; basin; nozzle | pull a bird's nest out of the pipe | threw its water higher than a house
pinball machine | blinking, second-hand | tilted at every touch; blinked and froze | flipper; coil; bumper | clean the contacts; swap a fuse | rang and flashed; counted up to a million
loom | tall, wooden | snapped its threads | shuttle; beam; treadle | sand the rough shuttle; tie up the treadle | clattered through the whole day
""", 6)  # fmt: skip

# programs one can write on an old computer: program | what it did wrong (past) | the mistake found
PROGRAMS = rows("""
a game with a jumping frog | made the frog fall through the floor | a minus in place of a plus
a game about a maze | let the player walk through the walls | a missing line
a program that drew stars | drew only one dot | a loop that ended too soon
a program that guessed numbers | always guessed seven | a number that was never changed
a quiz about capitals | called every answer wrong | a space at the end of a word
a little adventure in a castle | kept opening the same door | a wrong line number
a program that played a tune | played everything on one note | a list that was read twice
a clock with big digits | went backwards | a sign turned round
a program for sorting names | lost every second name | a counter that started at one
a drawing of a rocket | drew the rocket upside down | two numbers that had changed places
a weather diary | forgot everything at night | a file that was never saved
a calendar | gave February thirty days | a table with one wrong entry
""", 3)  # fmt: skip
