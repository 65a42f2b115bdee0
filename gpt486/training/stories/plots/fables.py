# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Fables: animals that talk, boast, trick, share and learn."""

from gpt486.training.stories.lexicon import animals, nature, phrases
from gpt486.training.stories.stage import Stage
from gpt486.training.stories.world import Character


def _beast(t: Stage, avoid: tuple[str, ...] = ()) -> tuple[Character, dict[str, object]]:
    """An animal as a character, and the slots that describe it (home, fame, food, act)."""
    row = t.dice.pick([row for row in animals.FABLE if row[0] not in avoid])
    noun, home, fame, food, acts = row
    gender = "m" if noun == "rooster" else t.dice.pick("fm")
    if t.dice.chance(45):
        name = t.animal_name()
        who = Character(name, gender, "animal", (name, f"the {noun}"), f"a {noun} named {name}", noun=noun)
    else:
        who = Character(
            f"the {noun}", gender, "animal", intro=f"a {fame} {noun}" if t.dice.chance(50) else f"a {noun}", noun=noun
        )
    act = who.does(t.dice.pick(phrases(acts)))
    return who, {"home": home, "fame": fame, "food": food, "act": act}


def _cast(t: Stage) -> tuple[Character, Character]:
    h, hero = _beast(t)
    o, other = _beast(t, (h.noun,))
    t.let(h=h, o=o, **hero, ohome=other["home"], ofame=other["fame"], ofood=other["food"], oact=other["act"])
    t.slots.pop("gesture", None)
    return h, o


def _open(t: Stage) -> None:
    t.let(forest=t.dice.pick(("forest", "valley", "meadow", "wood", "marsh", "hills")), tree=t.dice.pick(nature.TREES))
    t.tell("""
        Once there was {h} who lived in a {home}.
        In a {home} lived {h}.
        {h} and {o} were neighbours. One lived in a {home}, the other in a {ohome}.
        In the {forest} near {town} lived {h}, who liked to {act}.
        Long ago, when animals could talk, {h} lived in a {home}.
        There was once {h} who thought [a great deal of|too much about] {h:himself}.
        Every {hour}, {h} would {act}, while {o} would {oact}.
        {h} was known in the whole {forest}, for nobody else could {act} so well.
    """)
    t.weather(35)


def boast(t: Stage) -> None:
    """One boasts, is challenged, and loses by the very thing boasted of."""
    _, o = _cast(t)
    _open(t)
    t.tell("""
        "Nobody in the {forest} is as {fame} as I am," {h} said to everybody.
        All day long {h} boasted: "Look at me, how {fame} I am!"
        {h} laughed at {o:him}, who was only {ofame}.
    """)
    t.speak(
        o,
        """
        Then let us have a match. [Tomorrow at dawn.|From here to the old {tree}.]
        Is that so? [Prove it.|We shall see.]
        Words are wind. [Who brings back a water lily first?|Who gets to the mill first?]
    """,
    )
    t.tell("""
        The whole {forest} came to watch. {h} [bowed|yawned|waved] and was ahead at once.
        At sunrise they began. {h} was so sure of winning that {h} did not even hurry.
        [A crow|An old owl|A frog] gave the sign, and off they went.
    """)
    t.paragraph()
    t.tell(
        """
        Halfway there, {h} stopped to {act}. There was plenty of time.
        On the way {h} met some friends and told them how the match would end. It was a long story.
        Then {h} found something to eat, a whole heap of {food}, and after that {h} was sleepy.
        {h} looked back so often that {h} ran into the {tree}.
    """
    )
    t.tell("""
        {o} did not look left or right. {o} only went on, one step after another.
        Meanwhile {o} came along, [quietly|without stopping|humming a little tune].
        {o} knew a way [under the hedge|along the stream] that nobody else used.
    """)
    t.tell("""
        When {h} came to the end, {o} was already [sitting there|having tea|asleep in the sun].
        Everybody cheered, but not for {h:no}. {o} had won.
        And so {o} got there first, by [a nose|half an hour|a whisker].
    """)
    t.speak(
        o,
        """
        You are {fame}, that is true. [But I was on my way.|I only kept going.]
        Next time, boast afterwards.
        It was a good match. [Shall we share the {ofood}?|Come and eat with me.]
    """,
    )
    t.maybe(
        60,
        """
        From that day on, {h} [boasted only on Sundays|talked less and listened more].
        {h} was quiet for a whole week, and found that it was [rather pleasant|not so bad].
        They ate together, and {h} laughed loudest of all.
        Whoever shouts on the way arrives hoarse.
    """,
    )


def winter_store(t: Stage) -> None:
    """One works, one plays; winter comes; it ends with a bargain instead of a lesson."""
    _, o = _cast(t)
    _open(t)
    t.tell("""
        All summer {h} carried {food} home, while {o} liked to {oact}.
        In autumn, {h} filled the store with {food}. {o} only laughed.
        {h} worked from dawn to dusk. {o} would {oact} and sing.
    """)
    t.speak(
        o,
        """
        Why do you work so much? [Look, the sun is shining.|The summer is long.]
        Sit down and listen to my new song.
        Winter? [I don't believe in it.|Who has ever seen it?]
    """,
    )
    t.tell("""
        Then the snow came, and it did not stop.
        One morning everything was white, and the pond was as hard as stone.
        But the frost came early that year.
    """)
    t.paragraph()
    t.tell("""
        {o} knocked at the door, thin and [shivering|blue with cold]. "I have nothing to eat," {o} said.
        One night there was a knock. Outside stood {o}, [covered with snow|with chattering teeth].
    """)
    t.any_of(
        lambda s: s.tell("""
            "You sang all summer," said {h}. "Then sing now." And {o} sang, and the long nights were short.
            {h} thought for a while. "I have {food} and no songs," {h} said. "You have songs and no food. Come in."
            "Come in," said {h}. "It was a dull winter until now."
        """),
        lambda s: s.tell("""
            {h} wanted to shut the door. But then {h} remembered the songs of summer, and how light the work had been.
            "I ought to say no," {h} grumbled, and put another bowl on the table.
        """),
    )
    t.tell("""
        They shared the {food}, and {o} told stories until the ice melted.
        All winter they ate {food}, and after supper there was music.
        In return {o} [swept the floor|kept the fire|told a new story every night].
    """)
    t.tell("""
        In spring, {o} was the first who got up to work. Well, the second.
        The next summer they worked [in the morning|till noon] and sang in the evening, both of them.
        And when the next winter came, both stores were full.
        "Your songs were worth more than my {food}," {h} said when spring came.
    """)


def trap(t: Stage) -> None:
    """The strong one is caught and saved by the small one whom it had spared or mocked."""
    h, _ = _cast(t)
    _open(t)
    t.tell(
        """
        One day {h} caught {o:him} {where}. "Let me go," begged {o}, "and one day I will help you."
        {h} had always made fun of {o:him}. "What could you ever do for me?" {h} used to say.
        {o} had fallen into [a ditch|a deep hole|the stream], and {h} stopped and pulled {o:him} out.
    """,
        where=t.dice.pick(("by the stream", "in the clover", "under the brambles", "at the edge of the field")),
    )
    t.tell("""
        {h} laughed, [but not unkindly|and went on|and thought no more of it].
        "You?" said {h}. "Help me?" Still, {h} was in a good mood.
        It was soon forgotten.
    """)
    t.paragraph()
    t.tell("""
        [A week|Some time] later, {h} ran into a net that hunters had hung between the trees.
        Then, one night, {h} was caught in a trap. The more {h} pulled, the tighter it grew.
        Not long after, a tree fell, and {h} lay under it and could not move.
    """)
    t.tell("""
        {h} called for help. The strong ones came, [shook their heads|looked on|were afraid], and went away.
        In the distance dogs were barking. {h} gave up all hope.
        Nobody heard, for it was [raining|dark|a stormy night]. Nobody but {o}.
    """)
    t.tell("""
        {o} came, [out of breath|very quietly], looked at it from all sides and set to work.
        Then there was a small sound in the dark. "Keep still," whispered {o:n}.
        "It is only me," said {o:n}.
    """)
    t.tell(
        """
        {o} gnawed, dug and pulled, [until the moon went down|all night long], and at dawn {h} was free.
        Thread by thread, bit by bit, {o} opened a hole, and {h} slipped out.
        It was slow work for one alone. But the first light found {h:no} free.
    """
    )
    t.speak(
        h,
        """
        I laughed at you. [I was a fool.|I will not do it again.]
        How can I thank you?
        You kept your word. [I had forgotten it.|Even the owl could not have done that.]
    """,
    )
    t.tell("""
        "You can share your {food} with me," said {o:n}. And so they did, [that day|ever after].
        {o} only smiled. "I like {ofood}," {o} said, "if you happen to find any."
        From that time on, nobody was allowed to laugh at {o:him} when {h:n} was near.
        "Big or small," said {o:n}, "it is a question of [teeth|patience|what is needed]."
    """)


def foolish_trade(t: Stage) -> None:
    """A flatterer gets something away from a vain animal; the second time it does not work."""
    _, o = _cast(t)
    _open(t)
    t.tell("""
        One {hour}, {h} had found a big heap of {food}, and {o} wanted it.
        {h} was just about to eat {food} when {o} came along, hungry as always.
    """)
    t.speak(
        o,
        """
        How well you look today! [Is that a new coat?|You must be the finest creature in the {forest}.]
        I hear that you sing like a nightingale. [Is it true?|Would you sing for me?]
        They say that nobody can dance on one leg like you.
    """,
    )
    t.tell(
        """
        {h} was so flattered that {h} [closed {h:his} eyes and began|forgot everything else]. When {h} looked up, there was no {food} left, and no {o.noun} either.
        Of course {h} had to show it. Two minutes later {h} had no {food} any more.
    """
    )
    t.paragraph()
    t.tell(
        """
        {h} went hungry that night, and thought about it.
        That evening, {h} asked an old {friend} for advice. "^[a full mouth cannot sing|whoever praises you before supper wants your supper]," said the {friend}.
    """,
        friend=t.dice.pick(("toad", "stork", "horse", "raven", "carp")),
    )
    t.tell("""
        The next day {o} came again. "Your voice!" said {o:n}. "Let me hear it once more."
        Soon {o} was back, and even sweeter than before. "^what eyes, what a walk!" {o} said.
    """)
    t.tell("""
        {h} ate the last of the {food}, wiped {h:his} mouth, and only then began to sing.
        "With pleasure," said {h:n}, "after supper."
        This time {h} held on to the {food} with both feet. "First you sing," {h} said.
    """)
    t.tell("""
        {o} had to laugh. "You have learned something," said {o:n}. "[So have I.|I am almost proud of you.]"
        There was nothing left for {o:him} to do but {oact}. And {h}? {h} slept well that night.
        In the end {h} gave away half, for it is no fun to eat alone.
    """)


def home_search(t: Stage) -> None:
    """An animal thinks another home would be better, tries others, and returns."""
    h, o = _cast(t)
    _open(t)
    b, brow = _beast(t, (h.noun, o.noun))
    t.let(b=b, bhome=brow["home"], bfood=brow["food"], bact=brow["act"])
    t.tell("""
        But {h} was not content. "It is [too dark|too damp|too small|too loud] here," {h} grumbled.
        One {hour}, {h} had had enough of {h:his} {home}. "Others live better," {h} said.
        A leak in the roof was the last straw. {h} packed up and went to look for a better home.
    """)
    t.tell("""
        First {h} came to {o:him}, who lived in a {ohome}. "You may stay," said {o:n}. They had {ofood} for supper.
        {o} had room in the {ohome}, and {h} tried it for a night.
    """)
    t.tell("""
        But {o} liked to {oact} all night, and {h} could not close an eye.
        It was fine, except that one had to {oact} from morning till night.
        "How do you like it?" asked {o:n}. {h} was too polite to answer.
    """)
    t.paragraph()
    t.tell("""
        Next {h} went to {b:him} in the {bhome}. They had {bfood} at every meal, and everybody had to {bact}.
        {b} said, "Try my {bhome}." {h} did, and came out again [backwards|wet|with a headache].
    """)
    t.speak(
        b,
        """
        It is not the house. [You have to be a {b.noun} for that.|One has to be born to it.]
        What is it that you are looking for? [What was wrong with the old one?|Did you ever mend the roof?]
        You smell of home. [Go back.|It is calling you.]
    """,
    )
    t.tell("""
        So {h} went back. The {home} was [just as small|just as dark] as before, and it smelled right.
        At dusk {h} stood before {h:his} own {home}. How had {h} never noticed how [quiet|warm|well placed] it was?
    """)
    t.tell("""
        {h} mended the leak, swept the floor, ate {food}, and slept till noon.
        "There is no place like it," {h} said to nobody, and began to {act}.
        And when somebody asked for a bed, {h} said, "You may stay, but you will not like it."
    """)


PLOTS = (boast, winter_store, trap, foolish_trade, home_search)
