# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Plots about presents, sharing and trade."""

from gpt486.training.stories import scenes
from gpt486.training.stories.lexicon import rows, things
from gpt486.training.stories.stage import Stage
from gpt486.training.stories.world import Thing


def secret_gift(t: Stage) -> None:
    """A present is made in secret, is nearly discovered, and gives joy."""
    h = t.hero()
    scenes.opening(t)
    o = t.other()
    x = t.thing("clothes", "toy", "treat", "keepsake")
    t.let(x=x, hideout=t.dice.pick(things.HOME_SPOTS), day=t.dice.pick(("birthday", "name day", "farewell", "wedding day", "last day of work")) if o.kind != "child" else "birthday")  # fmt: skip
    t.tell("""
        [In three weeks|On Sunday|Soon] it would be {o:ns} {day}.
        {o} had a {day} coming, and {h} had no money [at all|left].
        {h} wanted to give {o:him} something special for {o:his} {day}.
        Everyone else had forgotten {o:ns} {day}, but not {h:n}.
    """)
    verb = {"treat": "bake" if x.head in ("cake", "pie", "loaf", "gingerbread man") else "get", "clothes": "sew", "toy": "build", "keepsake": "buy"}[x.sort]  # fmt: skip
    if x.sort == "clothes" and any(word in x.name for word in ("knit", "wool", "jumper", "sock", "mitten", "scarf")):
        verb = "knit"
    if x.sort == "clothes" and any(word in x.head for word in ("boots", "slippers", "raincoat")):
        verb = "buy"
    t.let(work_it=h.does(verb), money=t.dice.pick(("washing bottles", "carrying coal", "sweeping the square", "holding horses", "picking plums", "running errands", "shovelling snow" if t.world.season == "winter" else "weeding gardens")))  # fmt: skip
    if verb in ("buy", "get"):
        t.tell("""
            In the shop window there was {x.a}, [but it was dear|and {o:n} had looked at it so often].
            It had to be {x.a}. For that, {h} earned money by {money}.
            Week after week {h} saved, {money} [in the evenings|after dinner], until there was enough for {x.a}.
        """)
    else:
        t.tell("""
            {h} decided to {work_it} {x.a}.
            It had to be {x.a}, and {h} would {work_it} it {h:himself}.
            {h} had never tried to {work_it} anything before, but now it should be {x.a}.
        """)
        t.tell("""
            Every night, when the house was quiet, {h} worked [by candlelight|under the blanket|with a needle of light from the street lamp].
            The first one [went wrong|looked like a potato|fell apart]. The second was better.
            It took [nine evenings|longer than expected], and twice {h} began again.
        """)
    x.known = True
    t.world.have(h, x)
    t.paragraph()
    if verb in ("bake", "get"):
        t.let(
            hideout=t.dice.pick(
                (
                    "in the cellar",
                    "on top of the wardrobe",
                    "behind the curtain",
                    "in the bread bin",
                    "under a big bowl",
                )
            )
        )
    t.tell("""
        {h} hid it {hideout}.
        By day it lay {hideout}, where nobody ever looked.
        Nobody knew that it was {hideout}, except the cat.
    """)
    t.maybe(
        60,
        """
        Once {o} nearly found it, but {h} [coughed|began to sing loudly|dropped a plate] just in time.
        "What have you got there?" asked {o:n}. "Nothing," {h} said, and [blushed|hid both hands].
        {o} began to wonder why {h} was [always yawning|so busy|whispering]. "Are you angry with me?" {o} asked.
    """,
    )
    t.tell("""
        At last the day came. {h} [put the {x} on the table|handed over the {x}|laid the {x} before the door] and [waited|stepped back|said nothing].
        On the morning of the great day, {o} found the {x} [beside the plate|on the doorstep|tied up with a ribbon].
        When the day came, {h} [held it out with both hands|hid behind the door to watch].
    """)
    t.world.give(h, o, x)
    t.speak(
        o,
        """
        For me? [You did this for me?|Nobody has ever given me anything like it.|Where did you get it?]
        So that was your secret! [And I thought you were angry with me.|And I never guessed.]
        I have wanted {x.a} since I was [small|five|a child]. How did you know?
        It is the finest {x.head} in {town}. [And the only one like it.|Thank you.]
    """,
    )
    t.tell("""
        {o} [held it up to the light|turned it round and round|would not put it down] all evening.
        {h} did not need any thanks. {o:ns} face was enough.
        {o:ns} eyes shone, and {h} looked away, because {h:his} own eyes shone as well.
        They [shared a plum cake|danced round the table|sat by the fire] until late.
    """)
    scenes.maybe_closing(t, 40)


def trade_chain(t: Stage) -> None:
    """To get one thing, the hero has to find what its owner wants, and so on, and then all comes right backwards."""
    h = t.hero()
    scenes.opening(t)
    x, y, z = t.thing("keepsake", "instrument", "toy"), t.thing("tool", "clothes"), t.thing("treat")
    a, b = t.worker(), t.worker()
    while a.noun == b.noun or h.noun in (a.noun, b.noun):
        a, b = t.worker(), t.worker()
    t.let(x=x, y=y, z=z, a=a, b=b, awork=a.work, bwork=b.work, aact=t.act_of(a), bact=t.act_of(b))
    for owner, thing in ((a, x), (b, y), (h, z)):
        t.world.have(owner, thing)
    t.tell("""
        {h} wished for {x.a}. {a} had one.
        {awork.at}, {a} had {x.a} that {h} could not forget.
        {h} needed {x.a}, and [nobody but|only] {a} had one to spare.
    """)
    t.tell("""
        {a} {aact.past} and did not look up. "Bring me {y.a}," {a} said, "and the {x} is yours."
        "I will not sell it," said {a:n}, "but I would trade it for {y.a}."
        "What I need is {y.a}," said {a:n}. "Then you may have the {x}."
    """)
    t.tell("""
        So {h} went to {b:him}, who {bact.past}.
        {h} thought hard. Who had {y.a}? There was {b}.
        {bwork.at}, {h} found {b:him}, who owned {y.a}.
    """)
    t.tell("""
        "My {y.head}?" said {b:n}. "I am so hungry. For {z.a} I would give you two."
        {b} [thought for a while|scratched {b:his} ear]. "All I want is {z.a}," {b} said.
        "Take it," said {b:n}, "if you bring me {z.a}."
    """)
    t.paragraph()
    t.tell("""
        {z.a}! {h} [laughed|could hardly believe it]. That was easy.
        {h} went home, and [in the pantry|on the kitchen table] there was {z.a}.
        {h} had {z.a} at home, [meant for Sunday|fresh that morning].
    """)
    t.world.give(h, b, z)
    t.world.give(b, h, y)
    t.world.give(h, a, y)
    t.world.give(a, h, x)
    t.tell("""
        {b} got the {z.head}, {a} got the {y.head}, and {h} got the {x.head}.
        Before evening, {b} was eating, {a} was trying the {y.head}, and {h} held the {x.head} in {h:his} hands.
        So the {z.head} went to {b:n}, the {y.head} went to {a:n}, and the {x.head} was {h:ns}.
    """)
    t.tell("""
        Everyone thought that they had made the best bargain.
        "Who won?" asked {a}. {h} counted on {h:his} fingers. "All of us."
        It had cost [a walk|three walks] and [a little thinking|some good words].
        {h} learned that day that [asking costs nothing|everybody has something that somebody wants].
    """)
    scenes.maybe_closing(t, 45)


def sharing(t: Stage) -> None:
    """There is not enough for two, and somebody shares; later it comes back in another shape."""
    h = t.hero()
    scenes.opening(t)
    o = t.other(t.dice.pick(("elder", "worker", "child")))
    z = t.thing("treat")
    while z.head not in ("cake", "pie", "loaf", "round cheese", "slab of chocolate", "gingerbread man"):
        z = t.thing("treat")
    place, place2 = t.place(), t.place()
    t.let(z=z, place=place, place2=place2)
    t.world.have(h, z)
    t.tell("""
        {h} had {z.a}, and it was all there was for the whole day.
        For once, {h} had bought something good: {z.a}.
        {place.at}, {h} sat down and unpacked {z.a}.
        {h} had worked all {hour} for {z.a}.
    """)
    t.tell("""
        Then {o} came by, with [empty hands|wet shoes|a hungry look].
        Not far away sat {o}, who had had nothing since [yesterday|breakfast].
        There {h} noticed {o}, who tried not to look.
        {o} stopped and [sniffed|swallowed|asked the way].
    """)
    t.detail(place, 25)
    t.tell("""
        {h} [hesitated|looked at the {z}|thought of {h:his} own empty stomach]. Then {h} broke it in two.
        [For a moment|At first] {h} wanted to hide it. Then {h} moved over and made room.
        {h} did not think long.
    """)
    t.speak(
        h,
        """
        There is enough for two. [Sit down.|Help yourself.]
        Take half. [I am not so hungry.|It tastes better in company.]
        You look as if you needed it more than I do.
        Do you like {z.a}? [Then sit here.|I can't finish it.]
    """,
    )
    t.tell("""
        They ate [without a word|and talked about the weather|to the last crumb].
        Half of it was little, and yet both [were satisfied|got up smiling].
        {o} ate slowly, and told [of {o:his} youth|how things were long ago|a very good joke] in return.
    """)
    t.paragraph()
    trouble, rescue = t.dice.pick((
        ("stood {place2.at} in the pouring rain", "held out an umbrella"),
        ("had lost the way near {place2}", "came along with a lantern"),
        ("fell and hurt a foot {place2.at}", "carried {h:him} home"),
        ("stood {place2.at} and could not lift a heavy crate", "took hold of the other end"),
        ("had lost the last coin {place2.at}", "paid for the ticket"),
        ("missed the last train and stood {place2.at}", "offered a bed for the night"),
        ("was stuck in the mud near {place2}", "pulled with both arms"),
    ))  # fmt: skip
    t.let(trouble=trouble, rescue=rescue)
    t.tell("""
        [Weeks|Months|Three days] later, {h} {trouble}.
        Winter came and went. Then, one {hour}, {h} {trouble}.
        {h} soon forgot about it. But one day {h} {trouble}.
    """)
    t.tell("""
        Somebody stopped. It was {o:n}, who {rescue}.
        Then a voice called out. It was {o:n}. Without a word {o} {rescue}.
        And who should come along but {o:n}, who {rescue}?
    """)
    t.speak(
        o,
        """
        [Half a|A] {z.head} is not forgotten so soon.
        Now we are even. [Or shall we begin again?|But why stop here?]
        Did you think I had forgotten?
        I owe you [half a|a] {z.head}.
    """,
    )
    scenes.maybe_closing(t, 50)


# Things that lack something: name, noun, what they lack.
_SETS = rows("""
silver pocket watch | watch | chain
old fiddle | fiddle | new bow
black flute | flute | velvet case
red bicycle | bicycle | bell
paper kite | kite | reel of string
straw hat | hat | silk ribbon
brass telescope | telescope | tripod
carved chess board | chess board | box of chessmen
big drum | drum | pair of sticks
green fountain pen | pen | bottle of ink
box camera | camera | leather strap
little sewing box | sewing box | silver thimble
mandolin | mandolin | set of strings
storm lantern | lantern | bottle of oil
pair of skates | pair of skates | key to fit them
model railway | railway | red engine
painted rocking chair | rocking chair | cushion
electric torch | torch | battery
""", 3)  # fmt: skip


def swap(t: Stage) -> None:
    """Two friends each give up what they love for the other's sake."""
    h = t.star(t.child()) if t.dice.chance(60) else t.star(t.worker())
    scenes.opening(t)
    o = t.other("child" if h.kind == "child" else "worker")
    (xname, xhead, ex), (yname, yhead, ey) = t.dice.sample(_SETS, 2)
    x, y = Thing(xname, xhead), Thing(yname, yhead)
    t.let(x=x, y=y, ex=ex, ey=ey)
    t.world.have(h, x)
    t.world.have(o, y)
    t.tell("""
        {h} owned one fine thing, {x.a}. {o} owned {y.a}.
        {h:ns} treasure was {x.a}, and {o} was just as proud of {y.a}.
    """)
    t.tell("""
        For the new year, {h} wanted to give {o:him} a {ey} for the {y.head}, but had no money.
        {h} knew that {o} wished for a {ey} for the {y.head}. It cost a great deal.
    """)
    t.tell("""
        So {h} sold the {x.head} [at the market|to a stranger|with a heavy heart] and bought the {ey}.
        There was only one way. {h} took the {x.head} to the shop, and came back with the {ey}.
    """)
    t.feel(h, True, 25)
    t.paragraph()
    t.tell("""
        When {h} held it out, {o} turned [pale|red|white].
        {o} opened the parcel and [sat down|fell silent|stared].
    """)
    t.speak(
        o,
        """
        I have sold the {y.head}. [I bought you a {ex} for your {x.head}.|I wanted to buy you a {ex}, and here it is.]
        Oh no! I gave the {y.head} away to get a {ex} for your {x.head}.
    """,
    )
    t.tell("""
        They looked at each other, and then they began to laugh, until [the neighbours knocked|the tears came].
        For a while nobody spoke. Then {h} put the {ex} and the {ey} side by side on the shelf.
        Now they had a {ex} and a {ey} and no use for them. They had never been so rich.
    """)
    t.tell("""
        "Next year," said {h}, "we will just [have supper|go for a walk|sing]."
        In spring they worked together and bought back the {x.head} first and then the {y.head}.
        The {ex} and the {ey} are still there, and neither was ever used.
    """)


PLOTS = (secret_gift, secret_gift, trade_chain, sharing, swap)
