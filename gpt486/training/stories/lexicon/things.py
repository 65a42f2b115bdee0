# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Things that can be held, lost, given, made or traded."""

from gpt486.training.stories.lexicon import phrases, rows, words

# noun | adjectives that fit
KEEPSAKES = rows("""
key | brass, iron, rusty, tiny, silver
ring | silver, golden, copper, plain, narrow
locket | silver, heart-shaped, golden, dented
brooch | enamel, amber, butterfly-shaped, pearl
coin | copper, golden, foreign, lucky, worn
medal | bronze, silver, old, shiny
pocket watch | silver, golden, ticking, old
compass | brass, ship's, small, trusty
thimble | silver, china, tin, dented
whistle | tin, wooden, silver, shrill
marble | green, glass, cloudy, lucky
button | mother-of-pearl, brass, horn, wooden
feather | blue, heron's, white, striped
shell | spiral, pink, pearly, speckled
pebble | striped, round, white, smooth
photograph | faded, small, framed, torn
letter | sealed, folded, crumpled, yellowed
notebook | leather, red, thick, secret
diary | locked, blue, little
fountain pen | black, golden, leaky
pencil case | tin, wooden, painted
penknife | sharp, bone-handled, folding
bracelet | silver, beaded, woven
necklace | coral, amber, glass
bell | silver, tiny, cracked, little
music box | painted, walnut, tiny
mirror | round, oval, silver, hand
comb | ivory, wooden, tortoiseshell
purse | leather, velvet, embroidered, beaded
glove | woollen, leather, knitted, white
scarf | red, striped, silk, knitted
cap | tweed, sailor's, woollen, checked
hat | straw, felt, velvet, feathered
umbrella | black, tattered, red, spotted
walking stick | carved, knotty, silver-topped
tobacco tin | dented, green, old
lantern | paper, brass, small, storm
map | torn, hand-drawn, old, folded
ticket | yellow, return, crumpled
stamp | rare, foreign, blue
postcard | old, coloured, bent
songbook | tattered, blue, small
recipe book | handwritten, secret, stained
acorn | golden, polished, lucky
horseshoe | lucky, rusty, small
magnifying glass | cracked, brass, heavy
spyglass | brass, captain's, folding
""", 2)  # fmt: skip

TOYS = rows("""
kite | paper, red, dragon, long-tailed
ball | rubber, striped, leather, bouncy
top | spinning, painted, humming
doll | rag, wooden, china, patched
teddy bear | one-eyed, brown, shabby, beloved
puppet | wooden, painted, stringless
hoop | wooden, iron, big
toy boat | little, wooden, blue-sailed
toy train | tin, clockwork, wooden
rocking horse | dappled, small, painted
yo-yo | red, shiny, wooden
jigsaw puzzle | big, half-finished, wooden
chess set | carved, travelling, ivory
paper plane | folded, swift, newspaper
drum | toy, tin, loud
skipping rope | long, striped, worn
tin soldier | brave, one-legged, painted
catapult | forked, home-made, small
kaleidoscope | bright, cardboard, brass
toy rabbit | floppy, grey, knitted
model aeroplane | balsa, silver, delicate
jack-in-the-box | squeaky, painted, grinning
set of skittles | wooden, painted, old
paper boat | newspaper, folded, white
""", 2)  # fmt: skip

TOOLS = rows("""
hammer | heavy, small, claw
saw | rusty, sharp, little
spade | long-handled, sturdy, muddy
ladder | long, wobbly, wooden
bucket | tin, leaky, wooden
rope | long, strong, tarred
lamp | oil, paraffin, smoky
basket | wicker, willow, big
wheelbarrow | squeaky, wooden, red
axe | sharp, heavy, short
needle | sharp, bent, darning
kettle | copper, black, dented
pan | iron, frying, copper
rake | wooden, wide, broken
broom | birch, stiff, new
screwdriver | tiny, long, handy
fishing rod | bamboo, long, bendy
net | butterfly, landing, fine
trowel | pointed, steel, gardener's
anvil | small, heavy, old
jar | glass, stone, tall
sack | canvas, patched, flour
torch | electric, bright, pocket
pump | bicycle, foot, rusty
magnet | horseshoe, strong, red
file | flat, rough, steel
plane | jack, smooth, wooden
oil can | long-spouted, dented, little
watering can | green, leaking, zinc
pair of scissors | sharp, blunt, embroidery
ball of string | tangled, big, brown
box of nails | rusty, heavy, rattling
pot of glue | sticky, smelly, warm
""", 2)  # fmt: skip

CLOTHES = rows("""
coat | woollen, patched, winter, blue
jumper | knitted, striped, itchy, warm
shawl | lace, woollen, fringed
pair of mittens | red, knitted, thick
pair of boots | leather, sturdy, waterproof
dress | cotton, velvet, flowered
waistcoat | checked, silk, green
apron | starched, flowered, white
cloak | hooded, long, dark
nightcap | tasselled, striped, flannel
pair of socks | woollen, odd, spotted
raincoat | yellow, shiny, oilskin
pair of slippers | felt, soft, embroidered
quilt | patchwork, feather, faded
blanket | soft, checked, woollen
""", 2)  # fmt: skip

INSTRUMENTS = rows("""
fiddle | old, scratched, borrowed
flute | wooden, silver, bamboo
guitar | battered, Spanish, six-stringed
accordion | wheezing, red, heavy
drum | big, deep, painted
trumpet | brass, dented, shiny
harmonica | small, tin, rusty
concertina | squeezed, old, little
clarinet | black, slender, second-hand
tambourine | jingling, small, ribboned
bugle | brass, army, bent
banjo | twangy, five-stringed, old
mandolin | round-backed, pretty, old
""", 2)  # fmt: skip

# what a present is for; noun | adjectives
TREATS = rows("""
cake | honey, lemon, birthday, three-layered
pie | apple, cherry, blackberry, pumpkin
loaf | rye, braided, warm, crusty
pot of jam | plum, raspberry, sticky
jar of honey | golden, heather, clover
bag of toffees | sticky, crackling, paper
bunch of flowers | wild, fragrant, colourful
basket of apples | red, crisp, shiny
box of biscuits | ginger, oat, buttery
cup of cocoa | hot, steaming, sweet
bowl of soup | thick, hot, peppery
bag of chestnuts | roasted, hot, paper
slab of chocolate | dark, thick, wrapped
bottle of cider | cool, cloudy, sweet
round cheese | small, smelly, yellow
plate of pancakes | golden, thin, buttered
gingerbread man | smiling, crunchy, iced
""", 2)  # fmt: skip

SIZES = words("little, small, big, tiny, large, heavy, narrow, wide, tall, short, slim, huge")
AGES = words(
    "old, new, ancient, worn, second-hand, shabby, battered, dusty, well-used, precious, ordinary, strange, beautiful, simple"
)

# Where a small thing may turn up at home, as a place.
HOME_SPOTS = phrases("""
under the bed; behind the stove; inside the left boot; at the bottom of the laundry basket; between two sofa cushions; under the kitchen table;
in the pocket of the winter coat; behind the clock on the mantelpiece; in the sugar bowl; on top of the wardrobe; under the doormat;
in the bread bin; inside the piano; behind the curtain; in the teapot; under the cat's cushion; in the woodpile; between the pages of the dictionary;
in the sewing basket; behind the flour tin; on the windowsill; in the biscuit barrel; under a loose floorboard; inside the grandfather clock;
in the toe of a slipper; beneath the rug; at the back of the cutlery drawer; in the umbrella stand; under the rocking chair; among the jam jars
""")
CONTAINERS = words(
    "box, drawer, basket, chest, tin, bag, pocket, jar, cupboard, trunk, case, satchel, bundle, crate, wardrobe, suitcase"
)
