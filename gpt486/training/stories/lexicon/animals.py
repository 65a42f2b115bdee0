# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Animals: pets, farm animals, wild ones, birds; and what they do."""

from gpt486.training.stories.lexicon import rows

# noun | adjectives | sound (base) | movement (base) | mischief (past) | where it hides or sits | food
PETS = rows("""
cat | black, striped, fat, one-eared, ginger | purr; meow; hiss | slink along the wall; leap onto the shelf; stretch | had knocked over the milk jug; had slept in the flour | on the warm oven; behind the stove; in the hat box | herring heads
kitten | grey, tiny, fluffy, white-pawed | mew; squeak; purr | tumble over its own paws; climb the curtain | had unravelled a whole jumper | in a boot; in the wash basket; on top of the dresser | warm milk
dog | brown, shaggy, spotted, old, clever | bark; whine; growl | wag its tail; bound through the grass; trot ahead | had chewed a slipper to pieces; had buried the ladle | under the bench; in front of the fire; in the wheelbarrow | a meaty bone
puppy | white, clumsy, floppy-eared, muddy | yap; whimper; yelp | roll on its back; chase its tail | had eaten the candles; had stolen a sausage | under the stairs; in the log basket; behind the barrel | bread crusts
parrot | green, noisy, grey, rude | squawk; screech; chatter | flap its wings; sidle along the perch | had learned to shout for the police; had bitten the doctor | on the curtain rail; on top of the clock; in the palm tree | sunflower seeds
goat | white, bearded, stubborn, horned | bleat; snort | butt the gate; jump over the wall | had eaten the washing; had swallowed a whole letter | on the roof of the shed; in the cabbage patch; on the haystack | thistles
donkey | grey, patient, long-eared, old | bray; snort | plod along; flick its ears; stop and ~refuse to move | had eaten a straw hat; had sat down on the bridge | in the orchard; behind the mill; under the chestnut tree | carrots
pony | dappled, round, brown, shaggy | whinny; snort; neigh | toss its mane; gallop across the field; trot | had opened the gate by itself; had trampled the tulips | by the stream; in the clover; behind the barn | sugar lumps
hen | speckled, brown, plump, bossy | cluck; cackle | scratch in the dust; strut about; flutter up | had laid an egg in a hat; had marched into the kitchen | in the manger; under the cart; in the rhubarb | barley
rabbit | white, lop-eared, brown, soft | squeak; thump | hop away; wiggle its nose; nibble a stalk | had dug a tunnel under the fence; had eaten the lettuces | in the hedge; under the wheelbarrow; behind the rhubarb | dandelions
hamster | golden, round, sleepy, small | squeak | stuff its cheeks; run in its wheel | had chewed through the cage | inside the piano; in the teapot; in a slipper | nuts
canary | yellow, tame, small | sing; trill; chirp | hop from perch to perch; flutter about | had flown out of the window | on the lamp; in the pear tree; on the church roof | millet
tortoise | slow, ancient, wrinkled | hiss | crawl along; pull in its head | had wandered away in the spring sun | under the lettuce; in the coal shed; among the stones | lettuce
duck | white, plump, noisy, tame | quack | waddle along; paddle; shake its tail | had followed the postman to the next village | in the bath tub; on the millpond; under the bridge | bread
goose | grey, fierce, fat | honk; hiss | stretch its neck; waddle forward; beat its wings | had chased the mayor up a tree | on the village pond; behind the inn; in the wet meadow | oats
monkey | small, cheeky, brown | chatter; shriek | swing from the lamp; scamper up a pole | had stolen a watch; had emptied the fruit bowl | on the ship's mast; on the cupboard; behind the clock | bananas
pig | pink, clever, muddy, enormous | grunt; squeal; snort | roll in the mud; trot about; root in the earth | had eaten the pumpkins; had broken the fence | in the strawberry bed; in the mud by the river; in the vicar's garden | turnips
""", 7)  # fmt: skip

# noun | adjectives | trouble it is found in (after "was") | movement when saved (base) | food
WILD = rows("""
fox cub | young, thin, red | stuck in a wire fence; caught in an old drain | slip into the ferns; dart across the clearing | a chicken leg
hedgehog | small, prickly, cold | trapped in a ditch; tangled in a net | uncurl; trundle under the leaves | a saucer of cat food
owl | brown, sleepy, young | tangled in a string; stuck in a drainpipe | spread its wings; glide into the dark | a scrap of meat
swallow | tired, tiny, injured | lying on its side; caught in a thread | dart into the blue air; circle the roof twice | a few flies
deer | young, trembling, slender | caught in a fence; standing on thin ice | bound into the trees; flick its ears | a handful of hay
seal pup | grey, round, whimpering | stranded on the rocks; wrapped in a fishing net | slide into the waves; splash away | three herrings
otter | sleek, brown, lively | shut in a lobster pot; caught under the weir | dive into the river; roll in the current | a small trout
heron | grey, tall, proud | caught in a fishing line; frozen to the pond | rise on broad wings; stalk away through the reeds | two minnows
squirrel | red, quick, frightened | stuck in a bird feeder; caught between two boards | race up the trunk; leap from branch to branch | a walnut
hare | brown, long-legged, trembling | stuck in the snow; surrounded by the flood | bound over the furrows; zigzag across the field | a carrot
badger | old, striped, grumpy | trapped in a ditch; cut off by the flood | shuffle into its burrow; grunt and ~vanish | a few worms
sparrow | cheeky, small, wet | tangled in a kite string; lying on the path | flutter to the nearest branch; chirp and ~fly off | some crumbs
crow | black, clever, lame | caught in a gutter; tied up in tape | flap to the weather vane; caw three times | a bit of cheese
toad | fat, warty, calm | sitting at the bottom of the dry well; trapped in a bucket | hop under a stone; crawl into the wet grass | a beetle
bat | tiny, furry, lost | caught in a burr bush; lying on the path | flit into the dusk; swoop under the eaves | a moth
gull | white, hungry, oily | covered with tar; caught on a hook | sail over the masts; scream and ~fly off | a fish head
lamb | weak, newborn, shivering | lost in the snow; stuck in a bramble bush | totter to its mother; skip across the grass | warm milk
foal | wobbly, chestnut, frightened | standing up to its knees in mud; tied to a post and forgotten | trot to its mother; kick up its heels | a handful of oats
turtle | old, green, heavy | lying on its back; caught in a net | crawl into the surf; paddle away | some seaweed
swan | white, hissing, weary | tangled in a line; hurt in one wing | beat its great wings; glide to the far bank | soaked grain
beaver | wet, stubborn, brown | swept over the weir; stuck between two logs | slap its tail on the water; swim to its lodge | a willow twig
bear cub | brown, hungry, clumsy | stuck up a tree; caught in an old snare | shuffle after its mother; lumber into the woods | a honeycomb
""", 5)  # fmt: skip

# For fables: animal | home | what it is known for | what it likes to eat | what it does (base)
FABLE = rows("""
fox | den under the oak | clever | eggs | sniff the wind; trot along the hedge; sharpen <his> wits
hare | form in the tall grass | fast | clover | race the wind; leap over ditches; box with shadows
tortoise | hollow by the warm stones | slow and steady | lettuce | plod along; nap in the sun; count the clouds
hedgehog | heap of leaves | prickly | beetles | roll into a ball; shuffle through the leaves; grumble at the moon
mole | tunnel under the meadow | short-sighted | worms | dig new rooms; polish <his> spectacles; push up little hills
otter | house on the bank | playful | trout | slide down the mud; juggle pebbles; dive for shells
crow | nest in the tall pine | vain | cheese | collect shiny things; croak old songs; preen <his> feathers
owl | hollow elm | wise | dumplings | read by moonlight; blink slowly; give long answers
squirrel | hole in the beech | busy | hazelnuts | bury acorns; forget the best hiding places; leap through the branches
badger | deep burrow | grumpy | mushrooms | sweep out <his> hall; slam the door; snore all winter
mouse | hole behind the churn | timid | barley | gather grain; nibble at the sacks; listen for the cat
bear | cave on the hill | strong | honey | scratch <his> back on the pine; sleep till noon; fish in the rapids
frog | pond with the lilies | loud | flies | sing in the rain; jump from leaf to leaf; boast of <his> voice
beaver | lodge in the stream | hard-working | bark | build dams; gnaw at the willows; measure the water
duck | nest in the rushes | cheerful | pondweed | paddle round and round; shake <his> tail; tell jokes
goat | shed on the slope | stubborn | thistles | climb the rocks; chew whatever there was; argue with the wind
wolf | lair in the north wood | lonely | soup | howl at the hills; follow old tracks; dream of company
sparrow | nest under the eaves | cheeky | crumbs | chatter in the gutter; bathe in the dust; steal seeds
cat | basket by the fire | elegant | cream | wash <his> whiskers; watch the birds; walk along the fence
rabbit | warren under the hill | shy | carrots | nibble at the grass; thump with <his> foot; hop home at dusk
donkey | stable by the mill | patient | oats | carry the sacks; flick <his> ears; think things over
snail | stone wall | unhurried | dandelions | carry <his> house; draw silver lines; enjoy the view
heron | shallow pool | dignified | minnows | stand on one leg; stare at the water; take long steps
rooster | coop behind the barn | proud | corn | crow at dawn; count the hens; puff out <his> chest
""", 5)  # fmt: skip
