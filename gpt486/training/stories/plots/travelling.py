# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Plots about being under way: errands, deliveries, getting lost, storms at sea."""

from gpt486.training.stories import scenes
from gpt486.training.stories.lexicon import names, nature, places, speech
from gpt486.training.stories.stage import Stage


def errand(t: Stage) -> None:
    """Something must be brought to somebody in time; an obstacle; a way round it."""
    h = t.hero()
    scenes.opening(t)
    o = t.worker()
    x = t.thing("treat", "clothes", "tool") if t.dice.chance(60) else t.thing("keepsake")
    place, middle = t.place(), t.place(indoors=False)
    t.let(x=x, o=o, place=place, middle=middle, limit=t.dice.pick(("before noon", "before dark", "by four o'clock", "before supper", "within the hour", "before six o'clock")))  # fmt: skip
    t.world.have(h, x)
    t.tell("""
        {h} had to bring {x.a} to {o:him}, who was waiting {place.at}, {limit}.
        "Take this {x.name} to {o:n}," said {h:his} [neighbour|uncle|aunt]. {o} was {place.at}, and it had to be there {limit}.
        {o} needed {x.a} {limit}, and {h} was the only one who could bring it {place.to}.
        A message came from {o:him}: "I am {place.at}. Bring me {x.a}, {limit}!"
    """)
    t.tell("""
        {h} [wrapped it in paper|put it into a basket|tied it up with string] and set off.
        {h} took it under one arm and [started out|went on {h:his} way], [whistling|in good spirits|at a trot].
        It was not far, if one knew the way.
    """)
    t.let(road=t.dice.pick(places.JOURNEY[t.world.setting]))
    t.maybe(
        60,
        """
        {h} {road}.
        First {h} {road}, and all went well.
    """,
    )
    t.paragraph(25)
    obstacle, wayround = t.dice.pick((
        ("a flock of sheep blocked the road", "climbed onto the wall and walked along the top of it"),
        ("the bridge was closed", "took off both shoes and waded through the water"),
        ("a tree had fallen across the road", "crawled under the trunk, pushing the {x.head} ahead"),
        ("the fog came down", "followed the sound of the bells"),
        ("a band came marching down the street", "marched along behind the drummer"),
        ("a big dog stood in the way and growled", "threw it half a sandwich and slipped past"),
        ("the bus had a flat tyre", "asked the milkman for a ride"),
        ("a wheel came off the cart", "walked the rest of the way and sang to keep up the pace"),
        ("there was a fork in the road, and the signpost had blown down", "set the signpost up again so that the arm for {town} pointed back home"),
        ("the string broke and everything rolled into the ditch", "tied it up again with a shoelace"),
        ("two men were arguing in the narrow lane and let nobody through", "asked each of them the time, and while they looked, slipped between them"),
    ))  # fmt: skip
    t.let(obstacle=obstacle, wayround=wayround)
    t.tell("""
        But near {middle}, {obstacle}.
        Then, halfway there, {obstacle}.
        Just as {h} came to {middle}, {obstacle}.
    """)
    t.feel(h, False, 25)
    t.tell("""
        {h} [thought for a moment|looked left and right|did not waste a minute] and {wayround}.
        "[Now what?|What now?]" {h} said aloud. Then {h} {wayround}.
        There was no time to lose. {h} {wayround}.
    """)
    t.world.move(h, place)
    t.world.give(h, o, x)
    t.tell("""
        {h} came {place.to}, out of breath, [just in time|with a minute to spare|with a stitch in the side].
        The clock was striking when {h} [reached|came in sight of] {place}.
        {place.at}, {o} was already walking up and down.
    """)
    t.speak(
        o,
        """
        There you are! [I had almost given up.|And not a minute too soon.]
        You are [wet through|covered with mud|late]! No, the clock is fast.
        Did you have any trouble on the way?
        [Just in time.|Well done.] [Sit down and catch your breath.|Have a cup of tea.|And the {x.head} is quite safe.]
    """,
    )
    t.tell("""
        "Nothing to speak of," said {h:n}, and [emptied the water out of one shoe|grinned|sat down].
        {h} told the whole story, and {o} laughed until {o:his} [hat fell off|chair shook].
        The {x} was [a little wet|quite unharmed], and that was all that mattered.
        On the way back, {h} walked slowly, because now there was time to look at everything.
    """)
    scenes.maybe_closing(t, 45)


def lost_way(t: Stage) -> None:
    """Somebody loses the way in fog, snow or dark, keeps calm, and is led home by something simple."""
    h = t.hero()
    scenes.opening(t)
    t.world.weather = t.dice.pick(("fog", "snow", "fog")) if t.world.season == "winter" else "fog"
    place, start = t.place(indoors=False), t.place()
    o = t.other()
    t.let(place=place, start=start, veil={"fog": "fog", "snow": "snow"}[t.world.weather])
    t.tell("""
        {h} had stayed too long {start.at} and took the short way home by {place}.
        It was late when {h} left {start} and went home by way of {place}.
        {h} wanted to visit {o:him} and thought that the way past {place} was shorter.
    """)
    t.tell("""
        Then the {veil} came. [In a few minutes|Before long] there was no path, no wall and no sky.
        The {veil} grew thicker and thicker, until {h} could not see {h:his} own hand.
        Suddenly everything was white with {veil}, and {h} no longer knew left from right.
    """)
    t.tell("""
        {h} walked [straight on|faster], and came back to {h:his} own footprints.
        After an hour {h} passed the same [post|stone|tree] for the third time.
        {h} called out. Only an echo answered.
        Somewhere something [cracked|howled|splashed].
    """)
    t.feel(h, False, 50)
    t.paragraph()
    sign, follow = t.dice.pick((
        ("a bell, far away and very thin", "It was the church of {town}. {h} turned {h:his} face to the sound and went from stroke to stroke"),
        ("the smell of fresh bread", "{h} thought of the bakery and followed {h:his} nose"),
        ("the sound of running water", "All water in these parts runs down to {town}, so {h} followed it"),
        ("a dog that barked three times", "{h} knew that bark, and walked towards it, whistling"),
        ("a small yellow light", "{h} kept {h:his} eyes on it and counted the steps"),
        ("a goat with a bell round its neck", "A goat always goes home at milking time, so {h} held on to its rope"),
        ("the beam of a lamp, swinging to and fro", "{h} shouted, and the lamp stopped"),
        ("somebody playing the trumpet, very badly", "Only {o:n} played like that, and {h} had never heard anything so beautiful"),
    ))  # fmt: skip
    t.let(sign=sign, follow=follow)
    t.tell("""
        "Stand still and think," {h} told {h:himself}. And standing still, {h} noticed something: {sign}.
        {h} sat down on a stone, ate the last [biscuit|apple|crust] and listened. There it was: {sign}.
        Then {h} remembered what {o} always said: "^[whoever is lost should stop|do not run when you cannot see]." So {h} stopped, and noticed {sign}.
    """)
    t.tell("{follow}.")
    t.tell("""
        {o} was standing at the [gate|corner|door] with a lantern.
        At the first house, {o} came running.
        Half an hour later, {h} sat in {o:ns} kitchen with {h:his} feet in hot water.
        And there was the wall, there was the gate, and there stood {o}.
    """)
    t.speak(
        o,
        """
        We have been looking for you [for hours|everywhere].
        You are as white as the wall. [Come in and get warm.|Drink this.]
        How did you find the way?
        Next time, take the long way. [It is shorter.|And a lamp.]
    """,
    )
    scenes.maybe_closing(t, 65)


def boat(t: Stage) -> None:
    """A boat goes out, the weather turns, and cool heads bring it home."""
    h = t.star(t.worker("fisherman", "ferryman", "sailor", "boatbuilder")) if t.dice.chance(45) else t.hero()
    t.let(
        boat=t.dice.pick(names.BOAT_NAMES),
        fish=t.dice.pick(("herring", "mackerel", "cod", "sole", "crabs", "eels", "mussels", "lobsters")),
    )
    scenes.opening(t)
    o = t.other()
    t.tell("""
        On a [calm|still|clear] {hour}, {h} and {o} took the [boat|little boat] out. Her name was the {boat}.
        The {boat} was [an old boat with a red sail|no bigger than a cupboard|a boat that leaked a little], and {h} and {o} went out in her for {fish}.
        {h} had been asked to row over to the island with {o:him}, in the {boat}.
    """)
    t.tell("""
        The water was as smooth as [glass|oil|a tablecloth]. {o} [hummed|baited the hooks|told a long story].
        They caught [three baskets of|hardly any] {fish}, and nobody looked at the sky.
        The shore grew [small|thin|blue] behind them.
    """)
    t.speak(
        o if t.dice.chance(50) else h,
        """
        Do you see that cloud? [It was not there before.|It is the shape of an anvil.]
        The gulls are flying inland. [That means wind.|I don't like it.]
        The wind has turned. [We should go back.|Haul in the lines!]
    """,
    )
    t.tell("""
        Then it came. The first gust [tore off {h:ns} cap|laid the boat on her side|ripped the sail], and the waves [rose like walls|turned black and white].
        Within minutes the sea was [boiling|grey and wild], and the land had vanished in the rain.
        Wind and rain struck all at once, and an oar [broke|was gone].
    """)
    t.paragraph()
    t.tell("""
        {h} [bailed|baled] with [a bucket|a boot|a soup pot] while {o} held the rudder with both hands.
        "Keep her head to the waves!" {h} shouted. {o} pulled with all {o:his} strength.
        {o} wanted to give up, but {h} began to count aloud: "^pull, and pull, and pull!"
        {h} tied the [rudder|sail] down with {h:his} own belt. {o} bailed and sang.
    """)
    t.tell("""
        Through the rain they saw a light: one flash, and a pause, and two flashes. It was the lighthouse.
        Then {o} saw [a buoy|the church tower|the end of the pier], and they steered for it.
        {h} remembered the marks: the white rock and the lone pine in one line, and there was deep water.
        After an hour that felt like a night, the [bell on the harbour wall|foghorn] sounded close at hand.
    """)
    t.tell("""
        On the quay, [people|men with ropes] were waiting, and [somebody wrapped them in blankets|hot soup was waiting, too].
        With the last of their strength they [ran the {boat} up on the sand|made the boat fast].
        The {boat} bumped against the wall. She had [two broken ribs|lost her mast|half a ton of water in her], but she had brought them home.
    """)
    t.tell("""
        "[Same time tomorrow?|Did we remember the fish?]" asked {o:n}, and {h} laughed until {h:his} teeth stopped chattering.
        {h} patted the wet planks. "Thank you, old girl," {h} said.
        From that day on, {h} looked at the sky first and at the fish second.
        The next day they painted the {boat} [green|blue|white], for she had earned it.
    """)
    scenes.maybe_closing(t, 35)


def outing(t: Stage) -> None:
    """A trip to see something; it turns out otherwise, and better."""
    h = t.hero()
    scenes.opening(t)
    o = t.other()
    place, place2 = t.place(), t.place()
    t.let(place=place, place2=place2, ride=t.dice.pick(places.VEHICLES[t.world.setting]), fruit=t.dice.pick(nature.FRUITS), drink=t.dice.pick(nature.DRINKS), sky=t.dice.pick(nature.SKY))  # fmt: skip
    t.tell("""
        {h} and {o} had planned it for weeks: they would spend the whole day {place.at}.
        [On the first free day|One {hour}], {h} and {o} decided to go {place.to}.
        "{o.name}, shall we go {place.to}?" asked {h}. They packed bread, {fruit} and a bottle of {drink}.
    """)
    t.speak(
        o,
        speech.WARN
        if t.dice.chance(30)
        else """
        Do you have the map? [And the sandwiches?|And the tickets?]
        I have never been there. [Is it far?|What is it like?]
        If we leave early, we shall be there before anybody else.
        I hope it doesn't rain.
    """,
    )
    t.tell("""
        But {ride} broke down after half a mile.
        But they took {ride} in the wrong direction.
        But when they arrived, a sign on the gate said: "Closed today."
        But {o} had [forgotten the tickets|left the lunch on the kitchen table], and they had to turn round.
    """)
    t.feel(t.dice.pick((h, o)), False, 40)
    t.paragraph()
    t.speak(
        h,
        """
        We could go home. [Or we could see what is down this road.|Or we could stay here.]
        Look, there is [a path|a gate] that I never noticed.
        Well, here we are. [Let us eat.|Nobody can make us go back.]
    """,
    )
    t.tell(
        """
        So they {road} and ended up {place2.at}.
        They turned down a lane and came {place2.to}, where neither of them had been before.
        They walked just as they pleased, and at noon they were {place2.at}.
    """,
        road=t.dice.pick(places.JOURNEY[t.world.setting]),
    )
    t.detail(place2, 70)
    t.tell("""
        There they [met a man with a trained hen|found a ring of mushrooms|heard somebody practise the trombone|saw a kingfisher|built a dam of stones].
        They ate {fruit} and [threw the stones at a post|counted carts|invented names for the clouds].
        An old woman [gave them soup|showed them her collection of keys|taught them a card game].
        {o} climbed up [a wall|a post|a heap of stones] and said it was the best view in the world.
    """)
    t.tell("""
        They came home [after dark|with wet feet|sunburnt|singing], and nobody asked about {place}.
        On the way home they saw {sky}, and {o} said, "Let us get lost again [next week|soon]."
        To this day they have not been {place.at}. There was always something better on the way.
    """)
    scenes.maybe_closing(t, 25)


PLOTS = (errand, errand, lost_way, boat, outing)
