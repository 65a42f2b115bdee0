# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Plots about making: a repair, a craft that is learned, a contest, a program, a dish, a garden."""

from gpt486.training.stories import scenes
from gpt486.training.stories.lexicon import machines, nature, phrases, skills, speech, words
from gpt486.training.stories.stage import Stage


def repair(t: Stage) -> None:
    """A machine fails, is opened, understood, and runs again."""
    h = t.hero()
    scenes.opening(t)
    machine, adjectives, symptoms, parts, cures, works = t.dice.pick(machines.MACHINES)
    draw = t.dice.pick
    t.let(m=machine, adj=draw(words(adjectives)), symptom=draw(phrases(symptoms)), part2=draw(phrases(parts)), works=draw(phrases(works)),
          cure=t.does(h, cures))  # fmt: skip
    o = t.other()
    t.tell("""
        One {hour}, the {m} {symptom}.
        {o} had a {adj} {m}, and one {hour} it {symptom}.
        There was a {adj} {m} in {h:his} [house|street|family]. It had [always worked|worked for forty years], but now it {symptom}.
        {h} [bought|was given|found] a {adj} {m} [at the market|in the attic|at the rubbish dump]. It {symptom}.
        Everybody had given up the {adj} {m}, because it {symptom}.
    """)
    if t.dice.chance(60):
        t.speak(
            o,
            """
            Throw it away. [It is too old.|Nobody can mend that.|It has had its day.]
            It [used to be|was] the best {m} in {town}. [What a pity.|And now look at it.]
            Don't touch it! [You will only make it worse.|It bites.]
            Can you do something? [I need it on Sunday.|I cannot pay much.|It was my father's.]
        """,
        )
        t.tell("""
            But {h} [liked a riddle|wanted to know why|was not so sure].
            {h} [only smiled|shrugged] and fetched a screwdriver.
            "Let me look inside," said {h}.
        """)
    t.paragraph()
    t.tell("""
        {h} spread a cloth on the table and took the {m} apart, [screw by screw|piece by piece], and drew every part on paper.
        {h} took off the [cover|back|lid] and [looked|listened|sniffed].
        [Carefully|Slowly|With a thin screwdriver], {h} opened the {m}. Inside there was [dust|a spider|more dust than metal|an old coin].
        For [an hour|three evenings] {h} searched for the fault.
    """)
    t.maybe(
        55,
        """
        First {h} thought it was the {part2}, but the {part2} was [sound|as good as new|not to blame].
        One [screw|spring|washer] rolled away, and {h} [crawled after it|hunted for it under the stove|found it in the cat's basket].
        {h} tried the {part2}. Nothing happened. {h} tried again, and [there was a bang|a puff of smoke rose|the lamp went out].
    """,
    )
    t.tell("""
        Then {h} [saw|found] [what was wrong|the fault|the trouble].
        At last [the lamp shone into the right corner|{h} looked in the right place], and [there was the trouble|everything was clear].
        "[Aha|So that is it|There you are]," {h} [said|murmured].
        [Late at night|Just before supper|On the third day], {h} understood.
    """)
    t.tell("""
        {h} had to {cure}, and [it was fiddly work|that took steady hands].
        There was only one thing to do: {cure}. So that is what {h} did.
        {h} {cure.past}.
        [With great care|Holding {h:his} breath|With {o:ns} help], {h} {cure.past}.
        {o} held the lamp while {h} {cure.past}.
    """)
    t.tell("""
        Then the {m} {works}.
        [For a moment|At first] nothing happened. Then the {m} {works}.
        {h} [closed the cover|turned the switch|crossed {h:his} fingers], and the {m} {works}.
        The {m} coughed once, shook itself, and {works}.
    """)
    t.speak(h if t.dice.chance(60) else o, speech.JOY)
    t.tell("""
        {o} [could not believe it|clapped|listened with open mouth|paid with a basket of eggs].
        Soon people came from all over {town} with things to mend.
        "Most things only want [patience|somebody to look at them]," {h} said.
        {h} wiped {h:his} hands and was already looking for the next thing to repair.
        One small [screw|spring|washer] was left over. {h} kept it [on a shelf|for luck|as a riddle for later].
    """)
    scenes.maybe_closing(t, 40)


def learn(t: Stage) -> None:
    """Somebody wants to learn a craft, fails, is told the right thing, practises and can do it."""
    h = t.star(t.child(telling=t.dice.chance(25))) if t.dice.chance(75) else t.hero()
    scenes.opening(t)
    skill, masters, failures, advice, success = t.dice.pick(skills.SKILLS)
    o = t.worker(t.dice.pick(phrases(masters)))
    t.let(o=o, skill=h.does(skill), fail=h.does(t.dice.pick(phrases(failures))).text, advice=t.dice.pick(phrases(advice)),
          success=h.does(success).text, oact=t.act_of(o), owork=o.work)  # fmt: skip
    t.tell("""
        {h} wanted to {skill}, more than anything.
        There was one thing {h} could not do: {skill}. [All {h:his} friends|Even the smallest children] could.
        Ever since {h} had watched {o:him}, {h} had wanted to {skill}.
        "I want to {skill}," {h} said one {hour}.
        {h:his} dream was to {skill}.
    """)
    t.tell("""
        {h} went to {o:him} and asked for [a lesson|help].
        One {hour}, {h} stood {owork.at} and watched how {o} {oact.past}. "Will you teach me?" {h} asked.
        {o} had time on [Mondays|Saturdays|rainy days] and agreed to show {h:him}.
    """)
    t.maybe(
        50,
        """
        "It looks easy," said {o}. "[It is not.|Wait and see.]"
        "First you watch," said {o}. "[Then you try.|Then you sweep the floor. Then you try.]"
        {o} looked at {h:ns} hands and nodded.
    """,
    )
    t.paragraph()
    t.tell("""
        On the first day, {h} {fail}.
        The first time, {h} {fail}. Everybody [laughed|looked away|was very polite].
        It went badly. {h} {fail}.
        {h} tried, and {fail}. {h} tried again, and it was [no better|worse].
    """)
    t.feel(h, False, 50)
    if t.dice.chance(35):
        t.speak(o, speech.COMFORT)
    t.let(advice1=str(t.slots["advice"])[:-1])
    t.tell(
        """
        "{advice1}," said {o}, and {o} did it once more, slowly.
        {o} said only one thing: "{advice}"
        "Do you know what you are doing wrong?" asked {o}. "{advice}"
        Then {o} [leaned over|came closer] and said, "{advice}"
    """
    )
    t.tell("""
        {h} practised [every morning before school|in the evenings|in the barn|behind the house|until {h:his} fingers hurt].
        {h} thought about that. Day after day {h} tried, [a little better each time|and slowly it came].
        All through {season}, {h} did it again and again.
        A week went by, then another. {h} [did not give up|kept at it].
        {h} repeated the words [under {h:his} breath|on the way home|every night] and went on.
    """)
    t.tell("""
        And one {hour}, {h} {success}.
        Then, on a [quiet|rainy|bright] {hour}, it happened: {h} {success}.
        At the end of {season}, {h} {success}, [and nobody laughed|and even {o:n} was surprised].
        Suddenly it was easy. {h} {success}.
    """)
    t.any_of(
        lambda s: s.speak(
            o,
            """
            Now I can teach you nothing more.
            You see? [It was in your hands all the time.|That is how I began, too.]
            Good. [Tomorrow we will do it properly.|Now do it a thousand times.]
            I have never had a better pupil. [Nor a worse beginner.|I mean it.]
        """,
        ),
        lambda s: s.speak(
            h,
            """
            I can do it!
            I did it! [Did you see?|And I thought I never would.]
            Now I know how it feels.
            At last!
        """,
        ),
        lambda s: s.tell("""
            {o} said nothing, but shook {h:him} by the hand.
            Years later, {h} taught it to others, with the very same words.
            The next day, a small [boy|girl] asked {h:him} how it was done.
        """),
    )
    scenes.maybe_closing(t, 45)


def contest(t: Stage) -> None:
    """A contest, with preparation, a mishap, and a win or a loss that is a kind of win."""
    h = t.hero()
    scenes.opening(t)
    name, deed, prepare, mishap, reason, prize = t.dice.pick(skills.CONTESTS)
    t.other("child" if h.kind == "child" else "worker")
    t.let(
        contest=name, deed=h.does(deed), prepare=h.does(prepare), mishap=h.does(mishap).text, reason=reason, prize=prize
    )
    t.tell("""
        A poster [hung|appeared] on the church door: there would be a {contest} on Sunday.
        Every {season} there was a {contest} in {town}.
        {h} had never won anything. Then the {contest} was announced.
        The whole of {town} talked about the {contest}. The prize was {prize}.
    """)
    t.tell("""
        {h} decided to {deed}.
        "I will {deed}," said {h}, and {o} [laughed|raised an eyebrow|wished {h:him} luck].
        {h} wanted to {deed} and win {prize}, but {o} had won [three times in a row|every year].
        {o} was going to {deed}. So was {h}.
    """)
    t.maybe(
        40,
        """
        "You?" said {o}. "You [could not win against a snail|have never done it before]."
        {o} was [famous for it|the favourite], and knew it.
    """,
    )
    t.tell("""
        For two weeks, all {h} did was {prepare}.
        {h} had to {prepare}, and [that took patience|it rained all the time].
        So {h} {prepare.past}.
        While the others slept, {h} {prepare.past}.
    """)
    t.paragraph()
    t.weather(35)
    t.tell("""
        On the day itself, {h} {mishap}.
        Then came the great day. {h} {mishap}.
        But luck seemed to be against {h:him}. {h} {mishap}.
        The band played, the flags flew, and {h} {mishap}.
    """)
    t.feel(h, False, 25)
    if t.dice.chance(62):
        t.tell("""
            All the same, the judges gave {h:him} the first prize, because {reason}.
            And yet {h} won, for {reason}.
            The judges whispered for a long time. Then they called {h:ns} name, because {reason}.
            "The winner is {h.name}," said the mayor, "because {reason}."
        """)
        t.tell("""
            {h} carried home {prize} and [slept beside it|could hardly believe it|showed it to the cat first].
            The prize was {prize}. {h} [shared it with|showed it to|let the first turn go to] {o}.
            {o} came over and [shook {h:ns} hand|said, "Well done."|asked how {h} had done it].
        """)
    else:
        t.tell("""
            {o} won the first prize, and {h} came [second|third|last].
            {h} did not win. {o} did, and got {prize}.
            It was not enough, and {prize} went to {o:him}.
        """)
        t.tell(
            """
            But people [remembered|talked about] {h:no} [all the same|long afterwards], because {reason}.
            "Next year," {h} said, and {o} [nodded|answered, "I hope so."|grinned].
            {o} came across the grass and [held out a hand|shared the prize]. "You were very nearly better than I was," {o} said.
            On the way home {h} noticed, to {h:his} surprise, that it did not hurt at all.
        """
        )
    scenes.maybe_closing(t, 50)


def program(t: Stage) -> None:
    """Somebody writes a program on an old computer, hunts for the mistake and finds it."""
    t.star(t.child(telling=t.dice.chance(30))) if t.dice.chance(70) else t.hero()
    scenes.opening(t)
    what, wrong, mistake = t.dice.pick(machines.PROGRAMS)
    o = t.other()
    t.let(what=what, wrong=wrong, mistake=mistake, box=t.dice.pick(("a grey computer with a loud fan", "an old computer from the school cellar", "a computer with a green screen", "a second-hand computer with two disk drives", "a computer as heavy as a stove")))  # fmt: skip
    t.tell("""
        {h} had {box}, and on it {h} was writing {what}.
        In {h:his} room stood {box}. [All {season}|Every evening] {h} worked at {what}.
        {o} gave {h:him} {box}. "[It is slow|It is older than you], but it does what you tell it," {o} said.
        For {h:his} birthday, {h} was given {box}, and the first thing {h} wrote was {what}.
    """)
    t.tell("""
        But the program {wrong}.
        There was only one trouble: it {wrong}.
        It had [two hundred|ninety|four hundred] lines, and it {wrong}.
        When {h} typed RUN, it {wrong}.
    """)
    t.maybe(
        50,
        """
        {h} typed it in again from the beginning. It made no difference.
        {h} pulled out the plug, waited, and switched it on again. The mistake was still there.
        "Stupid machine!" {h} shouted. The cursor [blinked|went on blinking].
        {h} read the listing until the letters swam.
    """,
    )
    t.paragraph()
    t.any_of(
        lambda s: s.speak(
            o,
            """
            It does not do what you want. It does what you wrote.
            Explain it to me, line by line. [I know nothing about it.|Pretend that I am a duck.]
            Play the computer yourself. [Take a pencil and do what each line says.|Be slow and stupid.]
            Print it out and read it in bed. [That is how I found all of mine.]
            Make it smaller until it works. [Then make it bigger again.]
        """,
        ),
        lambda s: s.tell("""
            Then {h} took a pencil and played the computer, line by line.
            So {h} printed it all on a long strip of paper and read it [on the floor|in the bath|under the blanket].
            {h} took away one line after another, until the mistake had nowhere left to hide.
        """),
    )
    t.tell("""
        {h} had hardly begun when {h} [stopped|blushed|laughed]. It was {mistake}.
        Near the end, {h} saw it: {mistake}.
        At midnight {h} found it. It was only {mistake}.
        And there it was, in line [ninety|two hundred and ten|forty]: {mistake}.
    """)
    t.tell("""
        {h} changed [one character|that one line], saved the file, and it worked.
        After that it ran [without a fault|like clockwork], and {o} [played with it|watched it] until supper.
        {h} put it right, pressed the key, and [held {h:his} breath|closed {h:his} eyes]. It worked!
    """)
    t.tell("""
        {h} copied it on a disk and wrote {h:his} own name on the label.
        "The machine was right all the time," said {h}. "[I was not.|That is the worst of it.]"
        Soon half the [school|street] wanted a copy.
        {o} asked what came next. {h} already had a list.
        The fan hummed, the cursor blinked, and {h} began on the next idea.
    """)
    scenes.maybe_closing(t, 40)


def cooking(t: Stage) -> None:
    """A dish for guests goes wrong and is saved, or becomes something better."""
    h = t.hero()
    scenes.opening(t)
    o = t.other()
    dish = t.dice.pick(nature.DISHES)
    t.let(dish=dish, spice=t.dice.pick(nature.SPICES), veg=t.dice.pick(nature.VEGETABLES), fruit=t.dice.pick(nature.FRUITS), dish2=t.dice.pick(nature.DISHES), guests=t.dice.pick(("four", "six", "eight", "eleven", "twelve")))  # fmt: skip
    t.tell("""
        {guests} guests were coming for supper, and {h} wanted to make {dish}.
        {h} had promised {o} to make {dish}.
        {o} was ill, so {h} had to cook. It was to be {dish}.
        It was {o:ns} birthday, and {h} had set {h:his} heart on {dish}.
    """)
    t.tell("""
        {h} [washed|peeled|chopped|sliced] the {veg}, fetched {fruit} from the [cellar|market|garden], and lit the stove.
        The recipe asked for {veg}, {fruit} and a pinch of {spice}.
        Soon the kitchen smelled of {spice} and butter.
        {h} tied on an apron and set out {veg}, flour, eggs and {spice}.
    """)
    t.paragraph(20)
    t.tell("""
        Then {h} [reached for the wrong jar|read the wrong line], and in went a whole cup of {spice}.
        But the [telephone|doorbell] rang, and when {h} came back, the pot was [black|smoking|boiling over].
        There was only one mistake: {h} had forgotten the [salt|eggs|flour].
        The cat jumped on the table, and the bowl [tipped over|fell on the floor].
        When {h} opened the oven, everything had [sunk|burned on one side|run together].
    """)
    t.feel(h, False, 35)
    t.speak(
        o,
        """
        Wait. [Nothing is lost.|Give me a spoon.|Add an onion, and then taste it.]
        What is that smell? [Open the window!|Don't tell me!]
        In my family we call that {dish2}. [Nobody will know.|Put some parsley on it.]
        Hungry people are [kind|not fussy]. [Set the table.|Bring the bread.]
    """,
    )
    t.tell("""
        So they added {veg}, stirred, tasted, and added {fruit}.
        {h} scraped off the worst, mixed in some {fruit}, and called it {dish2}.
        They began again, the two of them, and [sang|laughed] so much that the time flew.
        {o} cut the {veg}, {h} stirred, and slowly it began to smell good again.
    """)
    t.tell("""
        Everybody asked for more.
        The guests [ate every crumb|scraped their plates|asked for the recipe], and one of them [loosened his belt|licked the spoon].
        It was not {dish}, but it was [the best supper of the year|delicious|hot, and there was plenty of it].
        "What do you call it?" asked a guest. {o} and {h:no} [looked at each other|began to laugh].
    """)
    t.tell("""
        {h} wrote the new recipe in the book, mistake and all.
        Since then they have made it [every year|on purpose] the wrong way.
        Afterwards {o} washed and {h} dried, and the kitchen was [warm and quiet|full of steam].
    """)
    scenes.maybe_closing(t, 35)


def garden(t: Stage) -> None:
    """A garden is planted, endangered, and gives its harvest."""
    h = t.hero()
    scenes.opening(t)
    o = t.other()
    t.let(veg=t.dice.pick(nature.VEGETABLES), flower=t.dice.pick(nature.FLOWERS), pest=t.dice.pick(nature.PESTS), tree=t.dice.pick(nature.TREES), veg2=t.dice.pick(nature.VEGETABLES))  # fmt: skip
    t.tell("""
        Behind {h:his} house there was a piece of ground where [nothing grew|only nettles grew|people threw old tins].
        {h} [was given|found] a [handful|bag|packet] of seeds without a name.
        {o} owned the finest {flower} in {town}, and {h} wanted a garden, too.
        [In March|One {hour}], {h} planted {veg} under the {tree}.
    """)
    t.tell("""
        {h} dug, raked and sowed {veg} in [straight|crooked] rows, with {flower} along the edge.
        "[It is too dry|It is too stony|You will harvest nothing but stones] here," said {o}. But {h} dug, and planted {veg} and {flower}.
        {h} carried water [in an old kettle|every evening|from the pump], and waited for the {veg}.
    """)
    t.tell("""
        After [nine|twelve|ten] days, the first green tips came up.
        For two weeks nothing happened, and then one morning the bed was green.
        The {flower} came first, and then the {veg}.
    """)
    t.paragraph()
    t.tell("""
        Then the {pest} came. In one night they ate half of it.
        But one morning half the leaves were gone. It was the {pest}.
        Then it did not rain for [four|five] weeks, and everything hung its head.
        Then a [hailstorm|frost|goat] came and left hardly a leaf.
    """)
    t.feel(h, False, 45)
    t.speak(
        o,
        """
        Don't give up. [Roots are patient.|Plants want to live.|What is left will grow twice as strong.]
        I know a trick. [Plant marigolds.|Put out a saucer of beer.|Hang up old spoons that jingle.|Lay straw around the stems.]
        Every gardener has stood like this. [Sow again.|Then one begins again.]
        Come tonight with a [lamp|bucket]. We will [collect them|carry water] together.
    """,
    )
    t.tell("""
        {h} followed the advice, and [after a few days|slowly] new leaves appeared.
        They worked by lamplight, and [when the moon rose|at midnight] the bed was safe.
        {h} tied up what was broken, watered it, and [sang to it|hoped].
    """)
    t.tell("""
        In the end there were so many {veg} that {h} [gave them away by the basket|left them on every doorstep|had to borrow a cart].
        By autumn the {flower} stood as high as {h:ns} [shoulder|knees|hat], and the {veg} filled [two sacks|a barrel].
        It was a small harvest, but {h} had never tasted {veg} like these.
        {h} carried the first {veg} to {o:him} [in a hat|wrapped in a leaf|like a crown].
    """)
    t.tell("""
        {h} kept the best seeds in an envelope, for next year.
        "You see," said {o}, "[that is all there is to it|the stones did not mind]."
        The {pest} were not forgotten. {h} left them one row of {veg2}.
        On the gate, {h} hung a sign: "Take one."
    """)
    scenes.maybe_closing(t, 35)


PLOTS = (repair, repair, learn, learn, contest, program, cooking, garden)
