# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Plots about knowing and not knowing: night fears, misunderstandings, secrets, quarrels, messages, the sky."""

from gpt486.training.stories import scenes
from gpt486.training.stories.lexicon import nature, phrases, rows, speech
from gpt486.training.stories.stage import Stage

# noise in the night | what it was thought to be | what it was
_NOISES = rows("""
a slow scratching | a rat as big as a dog; somebody filing through the lock; a claw | a branch of the pear tree against the pane; the cat, shut in the cupboard; a beetle in the wallpaper
a long sigh | a ghost; a giant asleep; the dead captain | the wind in the chimney; the old dog, dreaming; the bellows of the stove
three knocks | a robber; a messenger with bad news; a ghost with a wooden leg | a loose shutter; a woodpecker that had lost its sleep; ripe apples falling on the shed
a glowing eye | a dragon; a wolf; a one-eyed pirate | the last coal in the grate; a tin lid in the moonlight; the dial of the radio
footsteps overhead | a burglar; a sleepwalker; a troll | a hedgehog in the attic; hailstones rolling on the roof; a marten with a nut
a white figure | a ghost; a bride from long ago; a polar bear | a nightshirt on the line; the curtain, blown by the wind; a barn owl on the bedpost
a low growl | a bear; a werewolf; a tiger from the zoo | grandfather's snoring; an empty stomach; a cart on the stone bridge
a thin voice | a lost child; a witch; somebody in the well | the kettle, which was not quite off the fire; two cats on the wall; the radio, turned very low
a black hand on the wall | a thief; a monster; a devil | the shadow of a glove that was drying by the stove; the shadow of the chestnut tree; a coat hook
ticking under the floor | a bomb; a deathwatch; a clockwork man | an alarm clock that the puppy had buried; water dripping into a tin; a cricket
a clatter in the kitchen | a gang of thieves; goblins; a wild boar | a mouse in the sugar tin; a pan that had slipped from its nail; somebody making a sandwich
""", 3)  # fmt: skip

# words half heard | what was thought | what was meant
_MISHEARD = rows("""
"We must get rid of the old thing before winter" | <he> was going to be sent away; they would sell the dog | the old stove
"Nobody must know until Sunday" | something terrible had happened; they were planning something behind <his> back | a surprise party
"It is the last time that I mend it" | the shop would be closed; <he> had done something wrong | the hole in the kitchen roof
"She will not live in that box any longer" | somebody was being kept a prisoner; they had caught a wild animal | the tortoise
"I cannot stand that noise" | <he> would have to give up the fiddle; <he> should never sing again | the dripping tap
"We will drown them all tonight" | there were murderers in the house; the kittens were in danger | the slugs
"He is leaving us, and it is better so" | <his> best friend was going away; the teacher had been dismissed | the lodger who played the trombone
"Cut off the head first" | a crime was being planned; somebody wanted to kill the hen | a very large herring
"There is no room for two" | <he> would have to move out; there would be no holiday | the two wardrobes
"Burn the letters" | somebody had a dark secret; the post office was in danger | the wooden letters of an old shop sign
"The captain is dead" | the lighthouse had no keeper; the ferry would never come back | a goldfish
"They are worth nothing, throw them out" | <his> drawings were meant; <his> coins were false | a bag of rotten onions
""", 3)  # fmt: skip


def night_fear(t: Stage) -> None:
    """A noise in the night, a fearful guess, courage, and a plain truth."""
    h = t.hero()
    t.world.hour = "night"
    t.world.weather = t.dice.pick(("wind", "storm", "rain", "fog"))
    scenes.opening(t)
    noise, guesses, truths = t.dice.pick(_NOISES)
    t.let(noise=noise, guess=t.dice.pick(phrases(guesses)), truth=t.dice.pick(phrases(truths)), weapon=t.dice.pick(("a poker", "a candlestick", "an umbrella", "a broom", "a frying pan", "a tennis racket", "a wooden spoon", "a heavy dictionary", "a boot")))  # fmt: skip
    t.let(verb="saw" if noise in ("a glowing eye", "a white figure", "a black hand on the wall") else "heard")
    t.tell("""
        In the middle of the night, {h} woke up and {verb} {noise}.
        {h} could not sleep that night. And then {h} {verb} {noise}.
        At [midnight|two o'clock|three in the morning], {h} sat up in bed. What was that? {h} {verb} {noise}.
        It was past midnight when {h} {verb} {noise}.
    """)
    t.tell("""
        It could only be {guess}.
        "It is {guess}," thought {h:n}, and pulled the blanket up to {h:his} [nose|chin|eyes].
        {h:ns} first thought was {guess}.
        {h} told {h:himself} that it was nothing. But what if it was {guess}?
    """)
    t.feel(h, False, 30)
    t.maybe(
        40,
        """
        The stairs [creaked|were very dark]. The clock ticked louder than [usual|by day].
        {h} counted to [ten|fifty], and then once more.
        For a long time nothing stirred. Then it came again.
    """,
    )
    t.paragraph()
    together = t.dice.chance(45)
    o = t.other(
        "kin"
        if h.kind == "child" and h.gender != "i" and t.dice.chance(40)
        else "child"
        if h.kind == "child"
        else "elder"
    )
    if together:
        t.tell("""
            In the passage {h} bumped into {o}, who was holding {weapon}. Both of them [screamed|jumped].
            {h} crept across the passage and woke {o:him}.
        """)
        t.speak(
            o,
            """
            Did you {hear} it, too?
            I thought that it was you!
            We will go together. [You first.|I have got the matches.]
        """.replace("{hear}", "see" if t.slots["verb"] == "saw" else "hear"),
            "#whispered",
        )
        t.tell("""
            Side by side, on bare feet, they crept towards it.
            They held hands and [crept|tiptoed] on, step by step.
        """)
    else:
        t.tell("""
            At last {h} took {weapon} and crept out, step by step.
            Then {h} [was tired of being afraid|had had enough], lit a candle and went to look.
            {h} put one foot out of bed, and then the other. With {weapon} in one hand {h} opened the door.
        """)
    t.tell("""
        And what was it? It was {truth}.
        {h} raised the light, and there it was: {truth}.
        It was only {truth}.
        There was no doubt about it. It was {truth}, and nothing else.
    """)
    t.tell(
        """
        {h} [laughed out loud|sat down on the floor and laughed|felt silly and very happy].
        "Good night, {short}," {h} said, and went back to bed.
        [The rest of the night|After that] {h} slept like a stone.
        Everything is bigger in the dark, {h} thought, except the truth.
        In the kitchen, {h} [ate a slice of bread and butter|drank a glass of milk], for fear makes hungry.
    """,
        short="you terrible monster",
    )
    t.maybe(
        50,
        """
        Since that night, {h} [always looks first and trembles afterwards|is not afraid of the dark, or only a little].
        The next morning, {h} told the story, and in it everything was twice as big.
        {weapon} still stands beside the bed, just in case.
    """,
    )


def misunderstanding(t: Stage) -> None:
    """Words half heard lead to a wrong belief, to worry or a plan, and to a laugh when the truth comes out."""
    h = t.star(t.child(telling=t.dice.chance(30))) if t.dice.chance(70) else t.hero()
    scenes.opening(t)
    heard, guesses, meant = t.dice.pick(_MISHEARD)
    t.other("kin" if h.kind == "child" and h.gender != "i" else "worker")
    guess = h.does(t.dice.pick(phrases(guesses))).text
    t.let(heard=heard.strip('"'), guess=guess, meant=meant, door=t.dice.pick(("the kitchen door", "an open window", "the garden wall", "the thin wall", "the stairs", "a hedge")))  # fmt: skip
    t.tell("""
        One {hour}, {h} heard {o} say behind {door}: "{heard}."
        {h} did not mean to listen. But through {door} came {o:ns} voice: "{heard}."
        {h} was just passing {door} when {o} said, "{heard}."
    """)
    t.tell("""
        {h} [stood still|turned cold|could not move]. So {guess}!
        There was no doubt: {guess}.
        That could mean only one thing: {guess}.
        {h} ran away before any more was said. {guess}! What else could it mean?
    """)
    t.feel(h, False, 45)
    t.paragraph()
    t.tell("""
        All day {h} [ate nothing|spoke to nobody|broke one plate after another].
        {h} packed a bag with [two apples and a blanket|three biscuits and a candle], to be ready for anything.
        {h} wrote a letter to the [mayor|police|king], and tore it up again.
        At supper {h} watched every [spoon|face|door].
        That night {h} lay awake and made [a plan|seven plans].
    """)
    t.tell("""
        In the end, {h} could not bear it any longer and asked {o:him} straight out.
        [The next day|At last], {o} asked what the matter was, and it all burst out.
        "Is it true?" {h} cried. "Is it true that {guess}?"
    """ if h.gender != "i" and "him" not in guess and " his " not in f" {guess} " and "he " not in f" {guess}" and "her " not in f"{guess} " else """
        In the end, {h} could not bear it any longer and asked {o:him} straight out.
        [The next day|At last], {o} asked what the matter was, and it all burst out.
    """)  # fmt: skip
    t.tell("""
        {o} [stared|blinked|put down {o:his} cup], and then laughed until {o:his} eyes were wet. It was about {meant}!
        "But that was about {meant}!" said {o:n}.
        {o} took {h:no} by the hand and showed {h:him} {meant}. That was all it had been about.
    """)
    t.tell(
        """
        {h} turned [red|as red as a beetroot], and then laughed, too.
        "Next time," said {o:n}, "listen to the end. Or ask."
        They laughed about it for years. One of them only had to say "{heard}", and they began again.
        A word through a door is only half a word.
    """
    )
    scenes.maybe_closing(t, 40)


def quarrel(t: Stage) -> None:
    """Two people quarrel over something small, are miserable, and make it up."""
    h = t.hero()
    scenes.opening(t)
    o = t.other()
    x = t.thing("toy", "tool", "keepsake", "instrument")
    reason = t.dice.pick((
        "who should have {x.a} that they had found together", "whose turn it was with the {x.name}", "which of them had broken the {x.name}",
        "who was to carry the {x.name}", "whether the {x.name} was worth a penny or a pound", "who had thought of the {x.name} first",
    ))  # fmt: skip
    t.let(x=x, reason=reason, dish=t.dice.pick(nature.DISHES))
    t.tell("""
        {h} and {o} had been friends [for years|since they could walk|as long as anyone could remember]. Then they quarrelled about {reason}.
        One {hour}, {h} quarrelled with {o:him} about {reason}.
        It was a silly quarrel. {h} and {o} could not agree {reason}.
    """)
    x.known = True
    t.speak(
        o,
        """
        You always want everything for yourself!
        I never want to see you again!
        You are as stubborn as a [mule|door|goat]!
        Then keep your old {x.head}!
    """,
    )
    t.tell("""
        {h} slammed the door [so hard that the windows shook|behind {h:him}].
        "Good riddance!" said {h:n}, and [did not mean it|was sorry at once].
        They parted without a word, each in another direction.
    """)
    t.paragraph()
    t.tell("""
        For [three days|a week|two weeks] they did not speak. If one came down the street, the other [crossed over|looked into a shop window].
        {h} tried to [play|eat|work] alone, but it was no fun.
        There were so many things to tell, and nobody to tell them to.
        The {x} lay in a corner, and neither of them wanted it any more.
    """)
    t.tell("""
        Then, one {hour}, there was a knock at the door. There stood {o:n} with [a pot of {dish}|red ears|{o:his} hat in {o:his} hands].
        One {hour}, {h} took a piece of paper, wrote "I am sorry", and pushed it under {o:ns} door. Another piece of paper came back: "So am I."
        In the end {h} [went|walked] to {o:ns} house. Halfway there, {h} met {o:him}, coming the other way.
        Then it began to rain, and both of them ran under the same tree. They looked at each other and [had to laugh|could not help laughing].
    """)
    t.speak(
        h if t.dice.chance(50) else o,
        """
        I was wrong. [So were you, but I was wrong first.|I am sorry.]
        What were we quarrelling about? [I have forgotten.|I really don't know any more.]
        It isn't worth it. [Nothing is.|Let us begin again.]
        I have missed you. [Even your bad jokes.|It is so quiet without you.]
    """,
    )
    t.tell("""
        The {x} was given to [a child in the next street|the school|the museum], and that was the end of it.
        They decided to share the {x}: one week here, one week there. Mostly they forgot whose week it was.
        They hung the {x} on a nail, as a warning.
        After that they still quarrelled, but never for longer than [an hour|a cup of tea].
    """)
    scenes.maybe_closing(t, 35)


def message(t: Stage) -> None:
    """A message comes from far away: by bottle, radio, pigeon or balloon; it is answered."""
    t.hero()
    scenes.opening(t)
    o = t.other()
    far = t.child()
    where = t.dice.pick(("an island with four houses", "a ship in the ice", "a lighthouse on the other side of the sea", "a hut in the mountains", "a hospital in the capital", "a village behind the border", "a weather station at the end of the world", "a farm where the nearest neighbour lived a day's ride away"))  # fmt: skip
    t.let(far=far, farwhere=where, place=t.place(indoors=False))
    way = t.dice.pick(("bottle", "radio", "balloon", "pigeon", "computer"))
    if way == "radio":
        t.tell("""
            {h} had built a little [radio|receiver|transmitter] and listened every night. Mostly there was only [crackling|music|noise].
            Late at night, {h} turned the dial of the old radio, from station to station.
        """)
        t.tell(
            """
            Then a voice said, "Is anybody there? This is {far.name}." It came from {farwhere}.
            All at once there were dots and dashes. {h} wrote them down. "My name is {far.name}," they said. "I am in {farwhere}."
        """
        )
    elif way == "computer":
        t.tell("""
            {h} had an old computer that could talk to others over the telephone line.
            At the computer club there was a machine with a telephone, and {h} was allowed to use it on Fridays.
        """)
        t.tell("""
            One night a line of green letters appeared: "Hello. I am {far.name}. Who are you?" They came from {farwhere}.
            Among the messages there was one from {farwhere}. It was signed by somebody called {far.name}.
        """)
    else:
        t.let(thing={"bottle": "a green bottle with a cork", "balloon": "a red balloon with a card", "pigeon": "a tired pigeon with a ring on its leg"}[way])  # fmt: skip
        t.tell(
            """
            {place.at}, {h} found {thing}. There was a message.
            One {hour}, {thing} came [drifting|down] {place.to}, and {h} was the one who found it.
        """
            if way != "pigeon"
            else """
            One {hour}, there was {thing} on {h:ns} windowsill. It carried a message.
            {h} found {thing} {place.at}. It carried a message.
        """
        )
        t.tell("""
            "My name is {far.name}," it said. "I live in {farwhere}. Please write to me."
            It came from {farwhere}, and it was signed by somebody named {far.name}.
        """)
    t.paragraph()
    t.tell("""
        {h} read it [three times|again and again|aloud] and showed it to {o:him}.
        {h} ran to {o:him} with it.
    """)
    t.speak(
        o,
        """
        You must answer! [At once.|Somebody is waiting.]
        Think how far it has come. [And it found you.|Over all that water.]
        It may be old. [But try.|Who knows?]
        What will you write?
    """,
    )
    t.tell("""
        So {h} answered, and told about {town}, about [the market|the weather|school], and about {o:him}.
        {h} did not know what to say, and then there was not enough paper.
        "Dear {far.name}," {h} began, "here is {town}, and it is {season}."
    """)
    t.tell(
        """
        For a long time nothing came. {h} [waited|looked out] every day.
        Weeks passed. {o} said, "Be patient. It is far."
        The moon grew full and thin again, and still {h} waited.
    """
    )
    t.tell("""
        Then the answer came. It was [nine pages long|short, but it ended with a drawing|stuck all over with foreign stamps].
        Then, one {hour}, there was an answer: "I thought that nobody was there. Now I know that you are."
        And one day {far:n} wrote back: "Tonight I will look at the moon at nine. Will you look, too?"
    """)
    t.tell("""
        They have been writing to each other ever since, and they have never met.
        At nine that night, {h} stood at the window and looked up.
        Years later a stranger knocked at the door and said, "I am {far.name}."
        {h} put a pin into the map, and the world was a little smaller.
    """)
    scenes.maybe_closing(t, 20)


def sky_watch(t: Stage) -> None:
    """Waiting for something in the sky with somebody who knows it; clouds; patience; then it comes."""
    h = t.star(t.child(telling=t.dice.chance(25))) if t.dice.chance(70) else t.hero()
    t.world.hour = "night"
    t.world.weather = "fog"
    scenes.opening(t)
    o = (
        t.worker("astronomer", "shepherd", "teacher", "sailor", "lighthouse keeper", "librarian")
        if t.dice.chance(60)
        else t.elder()
    )
    sight = t.dice.pick(("a comet", "an eclipse of the moon", "the shooting stars of August", "the rings of Saturn", "a new star", "the northern lights", "Venus beside the moon", "the great red comet"))  # fmt: skip
    t.let(o=o, sight=sight, drink=t.dice.pick(nature.DRINKS), hilltop=t.dice.pick(("the hill", "the church tower", "the roof of the school", "the top of the haystack", "the flat roof of the mill", "the end of the pier")))  # fmt: skip
    t.tell("""
        {o} had said that there would be {sight} that night.
        The newspaper wrote about {sight}. {o} had waited for it for [ten|thirty] years.
        {h} had never seen {sight}, and {o} promised to show it to {h:him}.
    """)
    t.tell("""
        They climbed up to {hilltop} with blankets and a flask of {drink}.
        At [eleven|midnight] they met on {hilltop}. It was cold, and the town lay dark below.
        {o} carried the telescope, {h} carried the {drink}, and so they went up to {hilltop}.
    """)
    t.tell("""
        But there were clouds, [thick|grey|low] clouds from end to end.
        But the sky was as grey as [a blanket|porridge|a wet slate].
        But a mist had risen, and not one star was to be seen.
    """)
    t.paragraph()
    t.speak(
        h,
        """
        We shall see nothing.
        Shall we go home?
        How long do we have to wait?
        It isn't fair. [Why tonight?|Just tonight!]
    """,
    )
    t.speak(
        o,
        """
        Above the clouds it is happening all the same.
        Most of looking is waiting. [Have a biscuit.|You get used to it.]
        The sky has time. [So have we.|One must be polite to it.]
        I have waited thirty years. I can wait another hour.
    """,
    )
    t.tell("""
        So they waited. {o} told how sailors found the way [by one small star|home without a map].
        They drank the {drink} and listened to [an owl|the frogs|the distant trains].
        {h} [nodded off|counted sheep|stamped {h:his} feet] and almost gave up.
    """)
    t.tell("""
        At [two|three|four] o'clock the wind turned. A hole opened in the clouds, and there it was: {sight}.
        Then, without a sound, the clouds drew apart like a curtain. There was {sight}.
        "Now," whispered {o:n}. Over the edge of the cloud came {sight}.
    """)
    t.tell("""
        It lasted [five minutes|hardly a minute], and neither of them [spoke|breathed].
        {h} forgot the cold, the hour and {h:his} own feet.
        It was [smaller|quieter] than {h} had thought, and much more beautiful.
    """)
    t.tell(
        """
        "When it comes again," said {o:n}, "you must show it to somebody."
        On the way down, the whole sky was full of stars, and {h} knew the names of three of them.
        {h} fell asleep at school the next day and did not mind being scolded.
        The clouds closed again. But what {h} had seen, nobody could take away.
    """
        if h.kind == "child"
        else """
        "When it comes again," said {o:n}, "you must show it to somebody."
        On the way down, the whole sky was full of stars, and {h} knew the names of three of them.
        The clouds closed again. But what {h} had seen, nobody could take away.
    """
    )
    scenes.maybe_closing(t, 15)


def confession(t: Stage) -> None:
    """An accident, a wrong suspect, and somebody who speaks up in time."""
    h = t.hero()
    scenes.opening(t)
    o, a = t.other("worker"), t.child()
    a.intro = f"a {a.noun} named {a.name}"
    x, place = t.thing("toy", "keepsake", "tool"), t.place(indoors=True)
    window = t.dice.pick(("the big window", "the blue vase", "the stuffed pike", "the only mirror", "the glass door", "the bust of the old mayor", "the barometer", "the best teapot"))  # fmt: skip
    t.let(x=x, o=o, a=a, place=place, wreck=window)
    t.tell(
        """
        {h} should not have played with {x.a} {place.at}. There was a crash, and {wreck} lay in pieces.
        It happened {place.at}, in one second: {h} turned round too fast, and {wreck} was broken.
        Nobody saw how {h} broke {wreck} {place.at}.
    """
    )
    t.tell("""
        {h} ran. {h:his} heart [beat|pounded] all the way home.
        Nobody was there. {h} closed the door softly and went away.
        Before {h} could think, {h:his} legs had carried {h:him} round the corner.
    """)
    t.tell("""
        [An hour later|The next day], {o} stood among the pieces, and everyone was looking at {a:him}, who had been seen near the door.
        "It was {a.name}," people said, for {a} was always [climbing on something|in trouble]. {o} believed it.
        Then {h} heard that {a} was to be punished for it. {o} had found {a:his} cap on the step.
    """)
    t.paragraph()
    t.feel(h, False, 40)
    t.tell("""
        It would have been easy to say nothing.
        {a} cried, "It wasn't me!" Nobody listened.
        {h} [looked at the floor|bit {h:his} tongue|tried to think of something else]. It did not help.
        One half of {h:no} wanted to hide, and the other half was already walking.
    """)
    t.tell("""
        "Stop," said {h:n}. "It was me. {a.name} had nothing to do with it."
        {h} stepped forward and told {o:him} how it had been.
        {h} went to {o:him}, [white as chalk|with shaking knees], and said, "I broke it, and I ran away."
    """)
    t.speak(
        o,
        speech.FORGIVE.replace("A {x.head} can be replaced.", "Glass can be replaced.").replace(
            "any {x.head}", "any teapot"
        ),
    )
    t.tell("""
        {h} worked for {o:him} every Saturday until {wreck} was paid for.
        {o} held out a hand to {a:him}. "And I was wrong," {o} said.
        {a} said nothing, but the next day there was [an apple|a marble|a feather] on {h:ns} doorstep.
        {h} and {a:n} swept up the pieces together, and that was how they became friends.
    """)
    scenes.maybe_closing(t, 35)


PLOTS = (night_fear, misunderstanding, quarrel, message, sky_watch, confession)
