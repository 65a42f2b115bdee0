# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Weather, seasons, hours, plants, food."""

from gpt486.training.stories.lexicon import lines, phrases, words

# weather -> sentences that tell of it (any season unless it says so)
WEATHER = {
    "rain": lines("""
        [Rain|Cold rain|A fine rain|Heavy rain] [drummed|pattered|rattled] on the [roofs|windows|tin roof|leaves].
        It had been raining [since dawn|for three days|all night], and the [gutters gurgled|lanes were full of puddles|ditches ran over].
        Water dripped from every [gutter|branch|hat|awning].
        The clouds hung low and grey over {town}.
        Big drops [splashed|danced] in the puddles.
    """),
    "wind": lines("""
        A [strong|wild|sharp|restless] wind [shook the shutters|chased the leaves along the road|tugged at the washing|howled in the chimney].
        The wind [blew hats from heads|rattled the signs above the shops|whistled through the keyholes|bent the poplars].
        All day the wind had [pushed at the doors|roared in the treetops|rolled empty buckets down the street].
        Clouds [raced|tumbled|sailed] across the sky.
    """),
    "sun": lines("""
        The sun [shone|blazed|glittered] on the [roofs|wet grass|windows|road].
        It was a [bright|clear|golden|warm] {hour}, and the [swallows flew high|air smelled of hay|doors stood open|bees were busy].
        There was not a cloud over {town}.
        Sunlight lay in [warm squares|long stripes|bright patches] on the ground.
        The warm stones smelled of [dust|thyme|summer].
    """),
    "fog": lines("""
        A [thick|white|grey|damp] fog [lay over {town}|had crept in during the night|hid the houses|swallowed every sound].
        In the fog the [lamps looked like moons|trees looked like giants|steps of strangers echoed|bells sounded far away].
        Nobody could see [farther than ten steps|the other side of the street|the top of the tower].
        The mist [curled round the posts|drifted between the houses|clung to coats and hair].
    """),
    "snow": lines("""
        [Snow|Thick snow|Fresh snow|Soft snow] [covered the roofs|lay on every fence|muffled every step|fell in large flakes].
        It had snowed [all night|since Sunday|for a week], and [the road was gone|only the chimneys showed|the whole village was white].
        Icicles [hung from the eaves|glittered above the door|dripped in the pale sun].
        The snow [creaked|crunched] under every boot.
        Frost had painted [ferns|feathers|stars] on the window panes.
    """),
    "storm": lines("""
        A storm [was coming|had been growling behind the hills|rolled in from the west], and the sky was [the colour of slate|nearly black|dark as ink].
        Thunder [rumbled|cracked|growled] [over the roofs|in the distance|behind the hills].
        Lightning [lit up the whole street|flashed above the tower|split the sky].
        The air was heavy and smelled of [rain|iron|dust].
    """),
    "frost": lines("""
        It was so cold that [breath hung in the air like smoke|the pump had frozen|the puddles cracked like glass|ink froze in the pot].
        Frost [glittered on the fields|lay white on the cobbles|had stiffened the washing on the line].
        The ground was as hard as [iron|stone|a drum].
    """),
}
SEASON_WEATHER = {
    "spring": ("rain", "wind", "sun", "sun", "fog"),
    "summer": ("sun", "sun", "sun", "rain", "storm", "wind"),
    "autumn": ("fog", "fog", "wind", "rain", "storm", "sun"),
    "winter": ("snow", "snow", "snow", "frost", "wind", "fog"),
}
SEASON_LINES = {
    "spring": lines("""
        The first [primroses|crocuses|daffodils|violets] had come up.
        The blackbirds were [singing|building nests] again.
        It was the week in which the [apple trees|cherry trees|hedges] [began to bloom|turned green].
        The snow had melted, and the [streams|brooks|ditches] were loud.
    """),
    "summer": lines("""
        The [corn|grass|barley] stood high, and the crickets [sang|chirped].
        It was the time of [long evenings|ripe cherries|open windows|bare feet].
        The [hay was in|swifts screamed above the roofs|strawberries were ripe].
    """),
    "autumn": lines("""
        [Red|Yellow|Brown] leaves [lay in heaps|blew along the gutters|floated on the pond].
        The [geese were flying south|apples were in the cellar|evenings smelled of smoke].
        It was the season of [mushrooms|chestnuts|pumpkins|spiders' webs].
    """),
    "winter": lines("""
        The days were [short|dark|cold], and everyone [sat close to the stove|wore two pairs of socks|went to bed early].
        The pond had frozen [from bank to bank|over at last].
        Smoke rose straight from every chimney.
    """),
}
HOURS = words("morning, afternoon, evening, morning, afternoon")
TREES = words(
    "oak, birch, willow, elm, pine, maple, chestnut, apple tree, pear tree, cherry tree, lime tree, walnut tree, poplar, larch, alder, rowan, beech"
)
FLOWERS = words("""
roses, tulips, daisies, violets, lilies, poppies, marigolds, sunflowers, bluebells, foxgloves, asters, carnations, pansies,
snowdrops, lavender, sweet peas, hollyhocks, dahlias, cornflowers, geraniums, buttercups, irises
""")
VEGETABLES = words(
    "beans, carrots, turnips, cabbages, onions, leeks, peas, potatoes, radishes, beetroots, pumpkins, marrows, tomatoes, cucumbers, spinach, parsnips"
)
FRUITS = words(
    "apples, pears, plums, cherries, strawberries, raspberries, gooseberries, blackberries, currants, apricots, peaches, figs, quinces, oranges, lemons, grapes"
)
SPICES = words(
    "salt, pepper, cinnamon, ginger, nutmeg, cloves, saffron, thyme, parsley, sage, rosemary, mint, dill, bay leaf, paprika, vanilla"
)
PESTS = words("slugs, snails, caterpillars, greenfly, rabbits, pigeons, mice, crows, beetles, moles")

# dish | what goes wrong with it stands with the plot
DISHES = phrases("""
onion soup; pea soup; fish stew; mushroom pie; apple pie; plum dumplings; potato pancakes; rice pudding; lentil soup; barley broth; cheese tart;
chicken stew; noodle soup; blackberry crumble; bread pudding; spinach pie; roast turnips; bean stew; leek soup; cinnamon rolls; honey cake; fish pie;
pumpkin soup; egg noodles; beetroot soup; cabbage rolls; gingerbread; pancakes; porridge; vegetable curry
""")
DRINKS = phrases(
    "mint tea; hot cocoa; apple cider; lemonade; warm milk; ginger tea; elderflower cordial; black coffee; blackcurrant juice; barley water"
)
SKY = phrases(
    "the moon; the evening star; a shooting star; the Milky Way; the Great Bear; a thin new moon; a ring around the moon; a long red sunset; a rainbow; a flock of wild geese; a pale comet"
)
