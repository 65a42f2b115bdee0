# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Plots about help: rescues, strays, illness, floods, newcomers."""

from gpt486.training.stories import scenes
from gpt486.training.stories.lexicon import animals, nature, phrases, words
from gpt486.training.stories.stage import Stage

# Animals that live only in some settings, and the places where one may meet them.
_HABITATS = {
    "seal pup": (("sea",), ("the beach", "the harbour", "the cliffs", "the pier")),
    "turtle": (("sea",), ("the beach", "the pier")),
    "gull": (("sea",), ("the harbour", "the pier", "the fish market", "the boatyard")),
    "otter": (("river", "farm", "forest"), ("the river", "the old bridge")),
    "heron": (("river", "farm", "city"), ("the river", "the duck pond")),
    "swan": (("river", "farm", "city"), ("the river", "the duck pond")),
    "beaver": (("river", "forest"), ("the river",)),
    "bear cub": (("forest", "mountain", "north"), ("the forest",)),
    "deer": (("forest", "mountain", "farm"), ("the forest", "the meadow")),
    "badger": (("forest", "farm", "river"), ("the forest", "the lane", "the orchard")),
    "foal": (("farm", "river", "mountain"), ("the meadow", "the lane")),
    "lamb": (("farm", "mountain", "north", "river"), ("the hill", "the lane", "the meadow")),
    "hare": (("farm", "forest", "mountain"), ("the meadow", "the hill")),
    "fox cub": (("forest", "farm", "mountain"), ("the forest", "the lane", "the orchard")),
}


def rescue(t: Stage) -> None:
    """A wild animal in need is freed, nursed if necessary, and let go."""
    h = t.hero()
    scenes.opening(t)
    home = _HABITATS.get
    here = t.world.setting
    noun, adjectives, troubles, movements, food = t.dice.pick(
        [row for row in animals.WILD if not home(row[0]) or here in home(row[0], ("", ()))[0]]
    )
    o = t.other(t.dice.pick(("", "worker")))
    place = t.named_place(t.dice.pick(_HABITATS[noun][1])) if noun in _HABITATS else t.place(indoors=False)
    t.let(n=noun, adj=t.dice.pick(words(adjectives)), trouble=t.dice.pick(phrases(troubles)), food=food, place=place)
    t.tell("""
        {place.at}, {h} heard [a faint cry|a strange noise|something scrape and rustle].
        One {hour}, {h} was {place.at} when something moved.
        On the way home, {h} passed {place} and stopped. Something was [whimpering|thrashing about|breathing hard].
        {h} nearly stepped on something {place.at}.
    """)
    t.tell("""
        It was a {adj} {n}, {trouble}.
        There was a {n}, {trouble}. It was {adj}, and its heart [hammered|beat like a drum].
        A {n} was there, {trouble}. It [looked up at {h:no}|did not move|shivered].
    """)
    t.tell("""
        {h} [knelt down|came nearer] and spoke [softly|in a low voice]: "Don't be afraid."
        At first it [snapped|struggled|hid its head] when {h} came close.
        {h} took off {h:his} [jacket|scarf|cap] and laid it gently over the {n}.
        {h} did not dare to touch it, so {h} ran for {o:him}.
    """)
    t.paragraph()
    t.let(o=o)
    t.tell("""
        {o} came with [a pair of scissors|thick gloves|a ladder|a blanket and a box], and together they got it free.
        {o} happened to pass by. "Hold it still," {o} said, and [cut|pulled|lifted], very gently, until it was free.
        {h} and {o} needed [a quarter of an hour|all their patience|many tries] to free it.
    """)
    nurse = t.dice.chance(60)
    if nurse:
        t.tell("""
            One side was hurt, so {h} carried it home in a [box|hat|basket].
            It was too weak to go on, so they made a bed of [hay|old jumpers|newspaper] {warm}.
        """, warm=t.dice.pick(("by the stove", "in the shed", "in the kitchen", "under the stairs")))  # fmt: skip
        t.tell("""
            Every [three hours|morning], {h} gave it {food} and fresh water.
            The first night it took nothing. On the second day it ate {food}.
            {o} [looked in|came] every evening and brought {food}.
        """)
        t.maybe(
            40,
            """
            "You must not give it a name," said {o:n}, "or you will not be able to let it go."
            It slept, ate and slept again, and its eyes grew bright.
            {h} read to it in the evenings, and it [listened|seemed to like that].
        """,
        )
        t.tell("""
            After [a week|ten days|two weeks] it was strong again, and they took it back {place.to}.
            When [the swelling had gone down|it began to bite|it had eaten everything], it was time to let it go.
        """)
    t.let(movement=t.does(h, movements).past)
    t.tell(
        """
        The {n} stood still for a moment. Then it {movement}.
        It [looked back once|shook itself], and then it {movement}.
        "Go on," {h} whispered. The {n} {movement}.
    """
    )
    t.any_of(
        lambda s: s.speak(
            o,
            """
            It will not say thank you, but it will remember.
            That is the best way to say goodbye.
            One more heart beating out there. [Come, it is getting late.|That is a good day's work.]
        """,
        ),
        lambda s: s.tell("""
            [Weeks|A month] later, {h} saw a {n} {place.at}. It [looked at {h:him} for a long time|was not alone].
            {h} [looked after it|waved] until it was out of sight, and [swallowed|smiled] a little.
            The [box|basket] stayed by the door, in case another guest should come.
        """),
    )
    scenes.maybe_closing(t, 35)


def stray(t: Stage) -> None:
    """A pet turns up or gets into mischief, and finds its place."""
    h = t.hero()
    scenes.opening(t)
    noun, adj, sound, movement, mischief, spot, food = t.pet()
    o = t.other()
    name = t.animal_name()
    t.let(
        n=noun,
        adj=adj,
        sound=h.does(sound),
        movement=h.does(movement),
        mischief=mischief,
        spot=spot,
        food=food,
        pet=name,
    )
    t.tell("""
        One {hour}, a {adj} {n} [stood at the door|sat on the step|walked in as if it lived there].
        It began with a {adj} {n} that followed {h:no} home.
        {h} won a {adj} {n} [at the fair|in a bet|in a raffle].
        A {adj} {n} had been left behind [at the station|on the market place|by the travelling circus], and {h} took it in.
    """)
    t.tell("""
        {h} called it {pet}, [because of its colour|because it looked like one|after nobody in particular].
        "{pet}," said {h}, and it [{sound.past}|came at once]. So that was its name.
        It would [{sound.base}|{movement.base}] whenever {h} said "{pet}", so that was its name.
    """)
    t.tell("""
        "It cannot stay," said {o}. "[We have no room.|Who will feed it?|Look at those feet!]"
        {o} did not like the idea at all.
        {o} only said, "One week."
    """)
    t.paragraph()
    t.tell("""
        {pet} did its best to {movement}, but by evening it {mischief}.
        On the first day, {pet} {mischief}. On the second day it did it again.
        Then came the trouble. {pet} {mischief}, and {o} [shouted|threw up {o:his} hands|sat down and counted to ten].
        By Friday, {pet} {mischief}. "Enough!" said {o:n}.
    """)
    t.tell(
        """
        That night, {pet} was gone. {h} looked everywhere and called its name, with {food} in one hand.
        The next morning, {pet} did not come for its {food}.
        {pet} seemed to understand. It [went out|slipped away] and did not come back.
    """
    )
    t.feel(h, False, 40)
    t.tell("""
        And who found it? {o:n}. It was {spot}, and {o} [had been sitting beside it for an hour|was scratching its neck].
        At last they heard it {sound} {spot}. {o} was the first to [get there|laugh].
        In the end it was {o} who found {pet} {spot}, [cold and hungry|fast asleep], and carried it in.
        During the night there was a noise. {pet} had [driven off a thief|smelled the smoke and woken the house], and now it sat {spot} as if nothing had happened.
    """)
    t.speak(
        o,
        """
        One more week.
        It can stay. [But not in my bed.|Somebody has to keep an eye on it.]
        I was only looking for my hat. [And there it was.|It just happened to be there.]
        Well, the house was too quiet [anyway|without it].
    """,
    )
    t.tell("""
        Since then {pet} gets {food} every [Sunday|evening], and {o} thinks that nobody knows who brings it.
        {pet} still lives {spot}, and [{o:n} says good night to it|nobody would dare to move it].
        {pet} [looked from one to the other|turned round three times|closed its eyes], and was at home.
    """)
    scenes.maybe_closing(t, 25)


def illness(t: Stage) -> None:
    """Somebody falls ill, and somebody does the ill one's work or brings comfort."""
    h = t.hero()
    scenes.opening(t)
    o = t.worker()
    while o.noun == h.noun:
        o = t.worker()
    t.let(o=o, owork=o.work, oact=t.act_of(o), oact1=t.act_of(o), oproduct=t.dice.pick(o.work.products if o.work else ("",)), otool=t.dice.pick(o.work.tools if o.work else ("",)), drink=t.dice.pick(nature.DRINKS), flower=t.dice.pick(nature.FLOWERS))  # fmt: skip
    t.tell("""
        One {hour}, {o} did not come. {owork.at}, the door was locked.
        {o} had not missed a day in twenty years. But that {hour} {o} lay in bed with a [fever|bad cough|broken leg|stiff back].
        It was very quiet {owork.at}, for {o} was ill.
    """)
    t.tell("""
        {h} brought {o:him} [a jug of|a cup of|some] {drink} and a bunch of {flower}.
        {h} [knocked softly|went to see how {o} was] and found {o:him} [as white as the pillow|staring at the ceiling].
    """)
    t.speak(
        o,
        """
        Who will {oact} now? [People are waiting.|It cannot wait.]
        I promised a {oproduct} for tomorrow. [And now I cannot even stand.|What shall I do?]
        I don't mind the fever. I mind the work that is not done.
    """,
    )
    t.tell("""
        "Let me do it," said {h:n}. "You can tell me how."
        {h} had an idea. "Lie still," {h} said. "I will be your hands."
        {h} said nothing, took the key from the hook, and went.
    """)
    t.paragraph()
    t.tell("""
        So {h} learned to {oact}. It was harder than it looked.
        [All day|Until late at night], {h} tried to {oact}, and [every hour ran back to ask|made every mistake there was].
        {h} looked at the {otool} [from all sides|for a long time|and swallowed hard], and began to {oact}.
    """)
    t.maybe(
        60,
        """
        The first try was [crooked|a disaster|good for a laugh], but the [third|fourth] was fine.
        People who came in [stared|shook their heads|offered advice]. Some stayed and helped.
        {h} [burned a finger|sneezed|dropped everything once] and went on.
    """,
    )
    t.tell("""
        When {o} was well again, everything was [done|in its place], and a {oproduct} stood on the table.
        After [a week|nine days], {o} was back {owork.at}, leaning on a stick, and looked round without a word.
    """)
    t.speak(
        o,
        """
        I could not have done it better. [Well, perhaps a little.|And I have tried for twenty years.]
        You have [my trade|it] in your fingers. [Come again, when I am not ill.|Did you know that?]
        Now I can be ill as often as I like.
        Thank you. I had forgotten how much people can do.
    """,
    )
    scenes.maybe_closing(t, 50)


def flood(t: Stage) -> None:
    """Bad weather strikes the town and its people help each other."""
    h = t.hero()
    scenes.opening(t)
    o = t.other()
    place = t.place(indoors=True)
    kinds = {
        "winter": ("snow", "power"),
        "spring": ("water", "water"),
        "summer": ("fire", "storm"),
        "autumn": ("storm", "water"),
    }
    kind = t.dice.pick(kinds[t.world.season])
    t.let(place=place, drink=t.dice.pick(nature.DRINKS), dish=t.dice.pick(nature.DISHES))
    strike, need, act = {
        "snow": ("In one night the snow rose to the windows, and no door in {town} would open", "{o} had no wood left and lived at the far end of the lane", "dug a tunnel from door to door, with a {tool} and a soup plate"),
        "power": ("The lights went out all over {town}, and it grew bitterly cold", "{o} was alone in the dark", "carried a lantern from house to house and brought everyone to {place}, where there was a stove"),
        "water": ("The water rose all day, and by evening it stood in the streets of {town}", "{o} was sitting on the roof and waving a tablecloth", "tied four barrels together, and paddled off with a {tool}"),
        "fire": ("There was a fire behind {place}, and the wind was blowing towards the houses", "{o} was asleep and heard nothing", "beat on a pan, woke the street, and began a chain of buckets"),
        "storm": ("The storm took the roof from {place}, and trees lay across every road", "{o} was shut in behind a fallen elm", "fetched a saw and a rope, and called the neighbours together"),
    }[kind]  # fmt: skip
    t.let(
        strike=strike,
        need=need,
        deed=h.does(act).text,
        tool=t.dice.pick(("shovel", "broom", "plank", "baking tray", "spade")),
    )
    t.tell("""
        [Then it came|Nobody had expected it]. {strike}.
        {strike}. Nobody could remember anything like it.
        {strike}.
    """)
    t.tell(
        """
        And {need}.
        "Where is {o.name}?" somebody asked. {need}.
        Everybody was busy with his own troubles. But {need}.
    """
    )
    t.paragraph(30)
    t.tell("""
        {h} did not wait. {h} {deed}.
        "Somebody has to do something," said {h}, and {deed}.
        Without asking anyone, {h} {deed}.
    """)
    t.maybe(
        55,
        """
        It was [hard|slow|dangerous] work, and {h:his} hands [bled|went numb|shook].
        Others saw it, put on their boots and followed.
        [The baker|The teacher|The mayor] came too, in a nightshirt and a tall hat.
    """,
    )
    t.tell("""
        By [midnight|morning], {o} was safe, [wrapped in three blankets|holding a cup of {drink}].
        {o} [would not let go of {h:ns} sleeve|laughed and cried at once] when it was over.
        When the danger had passed, they all sat {place.at} and ate {dish} from one big pot.
    """)
    t.speak(
        o,
        """
        How did you know that I was still there?
        I heard you before I saw you. [I have never heard anything better.|You were singing!]
        My [house|chimney] can be mended. [Old bones cannot.|I am glad you came.]
        I only kept thinking that somebody would come.
    """,
    )
    t.tell("""
        The next day, they began to [clear up|repair], all together, and {town} had never been so [loud|friendly].
        People who had not spoken for years now lent each other [nails|buckets|blankets].
        There was much to mend, but nobody had to mend it alone.
        They put up a small [mark on the wall|brass plate] to show how far it had come.
    """)
    scenes.maybe_closing(t, 35)


def newcomer(t: Stage) -> None:
    """Somebody new is alone at first; a small thing opens the door."""
    t.star(t.child(telling=t.dice.chance(30)))
    scenes.opening(t)
    o = t.child()
    x = t.thing("toy", "instrument", "keepsake")
    place = t.place()
    t.let(o=o, x=x, place=place, far=t.dice.pick(("a country with palm trees", "an island in the north", "the big city", "the other side of the mountains", "a travelling circus", "a lighthouse", "a town that was now under water")))  # fmt: skip
    o.intro = f"a {o.noun} named {o.name}"
    o.names = (o.name, o.name, f"the new {o.noun}")
    t.world.have(o, x)
    t.tell("""
        That {season}, {o} came to the school. {o:n} was from {far} and spoke to nobody.
        In the house next door there now lived {o}, who came from {far}.
        {o} had moved to {town} from {far}, and nobody knew what to say.
    """)
    t.tell("""
        At break {o} stood alone by the wall and held {x.a}.
        Every {hour}, {o} sat alone {place.at} with {x.a}.
        The others [played ball|whispered|ran past], and {o} looked at {x.a} that never left {o:his} hands.
    """)
    t.tell("""
        {h} wanted to say something, but did not know how to begin.
        "[Strange|Funny] clothes," somebody said. {h} [said nothing, and was ashamed of it|did not laugh].
        {h} remembered how it was to be new.
    """)
    t.paragraph()
    t.tell("""
        Then, one day, the {x} [fell|slipped] into the [gutter|mud|pond], and it was {h} who fished it out.
        Then the big boys [took the {x} away|threw the {x} over the wall], and {h} [climbed after it|went and got it back].
        One {hour}, {h} simply sat down on the same bench. They looked at the {x} together.
        In the end {h} [took a deep breath|counted to three] and asked, "Will you show me how it works?"
    """)
    t.speak(
        o,
        """
        It was my [brother's|grandfather's|best friend's]. He is still there.
        In my old home, everybody has one. [Would you like to hold it?|I can show you.]
        You are the first one who asked.
        Thank you. My name is {o.name}. [I know yours already.|I do not speak well yet.]
    """,
    )
    t.tell("""
        From then on they met {place.at} every day after school.
        {h} taught {o:no} [marbles|the rude words|how to skip stones], and {o} taught {h:him} to [count|sing|swear] in another language.
        A week later, half the class [stood in a ring round them|wanted to have a turn].
    """)
    t.tell("""
        "[It isn't so bad here|I like it here now]," said {o:n}, "now that somebody is here."
        When the next new child came, it was {o} who went and said hello.
        {h} had thought that {o:n} was shy. In truth {o} never stopped talking.
    """)
    scenes.maybe_closing(t, 30)


PLOTS = (rescue, rescue, stray, illness, flood, newcomer)
