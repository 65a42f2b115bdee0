# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Plots about things that are lost, found, borrowed, broken and given back."""

from gpt486.training.stories import scenes
from gpt486.training.stories.lexicon import speech, things
from gpt486.training.stories.stage import Stage


def clutter(t: Stage) -> dict[str, object]:
    """What one finds while looking for something else."""
    junk = [t.thing("keepsake", "toy", "tool", "clothes") for _ in range(3)]
    return {"t1": junk[0].a, "t2": junk[1].a, "t3": junk[2].many}


def lost_and_found(t: Stage) -> None:
    """Something dear is lost; it is looked for in the wrong places and found in the right one."""
    h = t.hero()
    scenes.opening(t)
    x = t.thing("keepsake", "toy", "clothes")
    t.world.have(h, x)
    t.let(x=x, spot1=t.dice.pick(things.HOME_SPOTS), spot2=t.dice.pick(things.HOME_SPOTS), **clutter(t))
    t.tell("""
        [One {hour}|That day|Then, one day], {h} could not find {h:his} {x}.
        The thing {h} loved most was {x.a}, and now it was gone.
        {h} had {x.a} that had [belonged to {h:his} grandmother|come from far away|cost three weeks' money|always brought luck]. One {hour} it was gone.
        {h} reached for {h:his} {x}, and it was not there.
        "Where is my {x}?" {h} asked the empty room.
        Nothing was where it should be, and worst of all, the {x} was missing.
    """)
    t.tell("""
        {h} looked {spot1} and {spot2}, but found only [dust|an old sock|three buttons|a dead fly|a spoon|a handful of crumbs].
        {h} looked {spot1} and found {t1}. {spot2} there was {t2}. But no {x.head}.
        In the cupboard there were only {t1}, {t2} and [two|three|five] {t3}.
        It was not {spot1}. It was not {spot2} either.
        {h} searched [every drawer|every pocket|the whole house], even {spot1}.
        {h} emptied the [drawers|cupboard|baskets], crawled under the bed and peered {spot2}.
        [First|At first] {h} looked {spot1}, then {spot2}, and then everywhere else.
    """)
    t.feel(h, False, 45)
    t.paragraph()
    o = t.other()
    place, elsewhere = t.place(), t.place()
    t.let(o=o, elsewhere=elsewhere)
    spot = t.dice.pick(elsewhere.spots)
    t.world.lose(h, x, spot)
    if t.dice.chance(60):
        scenes.go(t, h, place)
        t.tell("""
            There {h} met {o:him}.
            {o} was already there.
            {o} looked up [in surprise|from {o:his} work|with a smile].
        """)
    else:
        t.tell("""
            {h} went to {o:him} for help.
            {o} [saw at once|noticed] that something was wrong.
            On the way, {h} met {o:him}.
        """)
    t.speak(h, speech.ASK_SEEN)
    if t.dice.chance(50):
        t.speak(o, speech.NOT_SEEN)
    else:
        t.speak(
            o,
            """
            When did you have it last?
            Where were you [this morning|yesterday]?
            Think back. Where did you go [yesterday|before breakfast]?
            Did you not go {elsewhere.to} [yesterday|this morning]?
        """,
        )
        t.tell("""
            {h} thought [hard|for a while]. "I was {elsewhere.at}," {h} [said|remembered].
            {h} counted [it off|the hours] on {h:his} fingers. The last place was {elsewhere}.
            Then {h} remembered: [yesterday|early that morning] {h} had been {elsewhere.at}.
        """)
    company = t.dice.chance(55)
    if company:
        t.speak(o, speech.OFFER_HELP)
        t.tell("""
            So they went {elsewhere.to} together.
            They [walked|ran|hurried] {elsewhere.to} side by side.
            Together they [set out for|made their way to] {elsewhere}.
        """)
        t.detail(elsewhere, 60)
    else:
        scenes.go(t, h, elsewhere)
    t.world.find(h, x, spot)
    t.let(spot=spot, finder=o if company and t.dice.chance(40) else h)
    t.tell("""
        And there, {spot}, lay the {x}.
        {finder} bent down, and there it was: {spot} lay the {x}.
        Something [glinted|moved|shone|stuck out] {spot}. It was the {x}!
        {finder} looked {spot} and [laughed|gasped|cried out]. The {x} had been there all the time.
        At last {finder} found the {x} {spot}, [a little dusty|quite unharmed|wet with dew|with a snail sitting on it].
        The {x} lay {spot}, just where {h} had [sat|rested|stopped to tie a shoe].
    """)
    t.feel(h, True, 40)
    if company and t.dice.chance(60):
        t.speak(h, speech.THANKS)
        if t.dice.chance(50):
            t.speak(o, speech.MODEST)
    t.tell("""
        {h} put the {x} [deep into {h:his} pocket|in a safe place|back where it belonged] and [tied a string to it|never let go of it again|patted it twice].
        From that day on, the {x} [had its own hook by the door|never left {h:his} side|was kept on a ribbon].
        {h} [held|carried] the {x} [all the way home|home like an egg|with both hands].
        "I will never lose you again," {h} [said|whispered|promised] to the {x}.
    """)
    scenes.maybe_closing(t, 55)


def wrong_owner(t: Stage) -> None:
    """Something is found; its owner has to be found too, and honesty is rewarded, or simply felt."""
    h = t.hero()
    scenes.opening(t)
    x = t.thing("keepsake")
    place = t.place()
    t.let(x=x, place=place, spot=t.dice.pick(place.spots))
    t.world.move(h, place)
    t.world.have(h, x)
    t.tell("""
        {place.at}, {h} [found|discovered|noticed] {x.a} {spot}.
        One {hour}, {h} was {place.at} and saw something {spot}. It was {x.a}.
        {h} was walking {place.to} when {h:his} foot struck {x.a}.
        {spot}, {h} found {x.a}. Nobody was near.
        Somebody had lost {x.a} {place.at}, and {h} picked it up.
    """)
    t.tell("""
        It was [far too fine to throw away|prettier than anything {h} owned|worth a good deal].
        Who could have lost it?
        {h} turned it over. On the back there were two letters, [faint|scratched|worn] but clear.
        [For a moment|For one long minute] {h} thought of keeping it.
        It was still warm, as though a hand had just held it.
    """)
    t.feel(h, True, 15)
    t.paragraph()
    first = t.other()
    t.let(a=first)
    if t.dice.chance(70):
        t.tell("""
            {h} [showed it to|asked] {a} first.
            First {h} went to {a:him}.
            {a} came by, and {h} held out the {x}.
        """)
        t.speak(
            first,
            """
            That is not mine. [Mine|The one I have] is [bigger|older|at home].
            Keep it! [Finders keepers.|Nobody will ever know.]
            [Sell it|Put it back], and do not think about it.
            I have never seen it before. [Ask around.|Hang up a note.]
        """,
        )
        t.tell("""
            But {h} [shook {h:his} head|did not like that|could not do that].
            {h} thought of somebody [searching|crying|turning out all the pockets] somewhere, and went on.
            [All the same|Still], {h} [wanted to know|kept asking|went from door to door].
        """)
    owner = t.other(t.dice.pick(("worker", "elder")))
    t.let(o=owner)
    t.tell("""
        {h} hung a note on the door of the bakery: "Found, {x.a}."
        {h} knocked at [six|nine|eleven] doors. Behind the last one stood {o}.
        By evening, {h} had asked [half of {town}|everyone in the street].
        Then {h} saw {o:him}, walking up and down [with bent head|as if looking for something].
    """)
    t.tell("""
        {o} [stared at|saw] the {x} and [turned pale|began to laugh|had to sit down].
        When {o} saw the {x}, {o:his} [eyes filled with tears|face lit up|hands began to tremble].
        {o} described the {x} down to the smallest scratch.
    """)
    t.world.give(h, owner, x)
    t.speak(
        owner,
        """
        That is mine! My [mother|brother|husband|sister|father] gave it to me [the day we parted|when I was six|before the long voyage].
        I have looked for it [for three weeks|everywhere]. Where did you find it?
        I thought I should never see it again. Thank you!
        You could have kept it, and you brought it back. [That is rare.|I will not forget that.]
    """,
    )
    t.tell("""
        {h} [handed it over|gave it back] and [felt strangely light|wanted nothing for it|blushed].
        As a reward, {h} was given [a bag of cherries|a silver coin|a slice of plum cake|a whole evening of stories|a ride on the cart].
        From then on, {o} and {h:no} [were friends|greeted each other like old friends|had tea together on Sundays].
        "A thing is happiest with its owner," {h} [said|thought].
    """)
    scenes.maybe_closing(t, 50)


def borrowed_and_broken(t: Stage) -> None:
    """Something borrowed breaks; the borrower hides it or not, owns up, and makes it good."""
    h = t.hero()
    scenes.opening(t)
    o = t.other()
    x = t.thing("tool", "toy", "instrument", "clothes")
    t.world.have(o, x)
    t.let(x=x)
    t.tell("""
        {h} had borrowed {x.a} from {o:him}.
        One {hour}, {o} lent {h:him} {x.a}. "Take good care of it," {o} said.
        {o} owned {x.a} that {h} [admired|longed to use|wanted to try]. "Just for [one day|this {hour}]," said {o}, and handed it over.
        {h} needed {x.a}, and {o} [kindly lent {h:him} one|had one].
    """)
    t.world.give(o, h, x)
    soft = (
        "tore from top to bottom",
        "was torn on a nail",
        "got a hole as big as a fist",
        "fell into a bucket of paint",
        "was covered with tar",
    )
    hard = (
        "cracked right through",
        "broke in two",
        "was badly bent",
        "fell down the steps and broke",
        "was scratched from end to end",
    )
    t.let(damage=t.dice.pick(soft if x.sort == "clothes" else hard))
    t.tell("""
        But {h} [stumbled|slipped|was careless], and the {x} {damage}.
        All went well until a [dog|cart|gust of wind|goat] came round the corner. The {x} {damage}.
        {h} only looked away for a moment. There was a [crack|crash|nasty sound], and the {x} {damage}.
        Then {h} did something foolish with it, and the {x} {damage}.
    """)
    t.feel(h, False, 60)
    t.paragraph()
    if t.dice.chance(50):
        t.tell("""
            {h} hid the {x} in [a sack|the hayloft|an old trunk|the wardrobe] and said nothing.
            For two days {h} [crossed the street|hid] whenever {o} came along.
            At first {h} wanted to [bury it|blame the cat|say that it had been stolen].
        """)
        t.tell("""
            But the secret [grew heavier every hour|lay in {h:his} stomach like a stone|would not let {h:him} sleep].
            That night, every [shadow|creak|footstep] seemed to ask for the {x}.
            Even the [soup|bread|best cake] tasted of [guilt|ashes|nothing].
        """)
    t.tell("""
        In the end {h} took the {x}, [went to {o:him}|knocked at {o:ns} door], and told the whole truth.
        {h} [gathered all {h:his} courage|swallowed hard] and carried the pieces to {o:him}.
        So {h} went straight to {o:him}, [red in the face|with the broken {x} in {h:his} arms].
    """)
    t.speak(h, speech.CONFESS)
    t.world.give(h, o, x)
    t.speak(o, speech.FORGIVE)
    t.tell("""
        Together they [glued|mended|patched|repaired] the {x}, and [now it was stronger than before|one could hardly see the place|it took them until midnight].
        {h} worked [three Saturdays|a whole week] for {o:him} to pay for {x.a} [that was just as good|like the old one].
        {o} showed {h:him} how to mend it, and {h} did it {h:himself}.
        {h} offered {h:his} own [savings|pocket knife|best boots] in return, but {o} only asked for [help in the garden|a song|company at supper].
    """)
    t.tell("""
        After that, {h} [looked after borrowed things as if they were made of glass|told the truth a little sooner].
        "You may borrow it again," said {o}, and [winked|smiled|meant it].
        The truth had been [hard for a minute|the shortest way after all].
        Whenever {h} saw the [scar|patch|crack] on the {x}, {h} [smiled|remembered].
    """)
    scenes.maybe_closing(t, 35)


def the_note(t: Stage) -> None:
    """An old note or map leads to something that was hidden long ago."""
    h = t.hero()
    scenes.opening(t)
    holder = t.dice.pick(
        (
            "an old book",
            "the lining of a coat",
            "a bottle",
            "a cracked vase",
            "the frame of a picture",
            "a drawer that always stuck",
            "a hollow doorknob",
        )
    )
    place = t.place()
    x = t.thing("keepsake", "keepsake", "toy")
    t.let(
        holder=holder,
        place=place,
        spot=t.dice.pick(place.spots),
        x=x,
        steps=t.dice.pick(("ten", "twelve", "seven", "nine", "fifteen")),
        years=t.dice.pick(("thirty", "forty", "fifty")),
    )
    t.tell("""
        One {hour}, {h} found a [note|scrap of paper|yellow map] in {holder}.
        Out of {holder} fell a [folded note|little map|page from a diary].
        In {holder}, {h} discovered a [letter|map|note] that was {years} years old.
    """)
    t.tell("""
        "Look {spot}," it said, and nothing more. But there was a drawing, and it showed {place}.
        It was written in [brown ink|pencil|tiny letters]: "^{steps} steps from the door, then look {spot}." Beside it somebody had drawn {place}.
        [Half of it was missing|The ink had run], but one could still read two things: "{place}", and "{spot}".
    """)
    t.paragraph()
    o = t.other("kin" if h.kind == "child" and t.dice.chance(50) else "elder")
    t.tell("""
        {h} showed it to {o:him}.
        {h} could not keep it to {h:himself} and ran to {o:him}.
        {o} bent over the paper [with a magnifying glass|for a long time].
    """)
    t.speak(
        o,
        """
        [Somebody is playing a joke on you.|It is only a game.] But let us look.
        I know this handwriting! [The old schoolmaster wrote like that.|That is how my father wrote.|It is the old captain's.]
        {years} years is a long time. [It may be gone.|Perhaps nothing is left.]
        Treasure! Take a [spade|lamp|rope], quickly!
    """,
    )
    t.tell("""
        They went {place.to} [at once|after dark|the next morning|before anyone else was up].
        It took them [an hour|half the night|longer than they thought], but they found the spot {place.at}.
        {place.at}, {h} counted the steps aloud.
    """)
    t.detail(place, 50)
    t.maybe(
        50,
        """
        [At first|For a long time] they found only [stones|spiders|rust|an empty bottle].
        The [wood|lid|stone|earth] would not move, and they had to pull [together|with all their might].
        {o} held the lamp while {h} felt about in the dark.
    """,
    )
    t.world.have(h, x)
    t.tell("""
        And {spot} there was a box. Inside lay {x.a}.
        Then {h:ns} fingers touched something. It was {x.a}, wrapped in oilcloth.
        There it was, {spot}: {x.a}, as [bright|good] as on the day it was hidden.
    """)
    t.tell(
        """
        A second note said: "Whoever finds this, [be happy|take care of it|play with it|finish what I began]."
        With it lay a photograph of [two laughing children|a girl with a dog|a boy on a wall]. It was {o:ns} own [grandmother|aunt|uncle].
        {o} [sat down|fell silent]. The {x} had belonged to {o:ns} own brother, who went to sea.
        It was no gold, but {h} would not have changed it for gold.
    """
    )
    t.tell("""
        {h} kept the {x}, and hid a note of {h:his} own for somebody in {years} years.
        The {x} [was given a place of honour|now stands on the windowsill], and [visitors|children] ask about it.
        They put a new present into the box, and closed it again.
    """)
    scenes.maybe_closing(t, 40)


PLOTS = (lost_and_found, lost_and_found, wrong_owner, borrowed_and_broken, the_note)
