# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Beats that many plots share: how a story opens, how one goes somewhere, and how it closes."""

from gpt486.training.stories.lexicon import nature, people, places
from gpt486.training.stories.stage import Stage
from gpt486.training.stories.world import Character, Place


def opening(t: Stage) -> None:
    """Introduce the hero (slot h) and the town, in one to three sentences."""
    hero = t.slots["h"]
    assert isinstance(hero, Character)
    weather_first = t.dice.chance(18)
    if weather_first:
        t.weather(100)
    if hero.gender == "i":
        t.tell("""
            When I was [seven|eight|nine|ten|eleven], we lived in {town}, {where}.
            I grew up in {town}, a {country} {where}.
            [This happened|It happened] in the {season} [when I was nine|after the big flood|when the new bridge was built].
            My name is {h.name}, and [this is what happened to me|I want to tell you about one {hour}] in {town}.
            I was [always|said to be] a {trait} child.
            That {season} I was staying [with relatives|at an inn|alone with my father] in {town}, {where}.
            In those days I {evidence}.
            I remember that {hour} in {town} [as if it were yesterday|very well].
        """)
    elif hero.work is not None:
        t.tell(
            """
            {h.name} was a {noun} in {town}.
            In {town}, {where}, {h.name} worked as a {noun}.
            {h.name} was a {trait} {noun} who {evidence}.
            Every {hour}, {h.name} the {noun} [could be seen|was to be found] {work.at}, where {h} {act.past}.
            There was once a {noun} named {h.name} who {evidence}.
            For [ten|twenty|thirty] years, {h.name} had {act.done} {work.at}.
            Nobody in {town} could {act.base} [as well as|like] {h.name} the {noun}.
            {h.name} the {noun} loved [nothing better than|above all] to {act.base}.
            {town} had only one {noun}, and that was {h.name}. {h} {evidence}.
        """
        )
        t.maybe(45, """
            All {hour} {h} {act2.past}.
            [On that day|That {hour}], {h} had to {act2.base}.
            While others [slept|chatted|rested], {h} {act2.past}.
            It was a {hour}, and {h} had to {act2.base}.
            {h} needed only {h:his} {tool} and [two good hands|a little quiet].
            [On the bench|On the shelf|By the window] lay {h:his} {tool} and a half-finished {product}.
            People came from far away for a {product} of {h:his} making.
            {h} had just [made|finished|sold] a {product}, and {h:his} {tool} lay on the table.
            Even {h:his} {tool} was older than most people in {town}.
            {h} liked to {act2.base} [while it was quiet|and to think of nothing].
        """)  # fmt: skip
    elif hero.kind == "old":
        t.tell("""
            {h.name} was the oldest [person|neighbour] in the street, and {h} {evidence}.
            {h.name} lived alone in {town}, {where}.
            In a [narrow|crooked|blue|small] house in {town} lived {h.name}, who {evidence}.
            Everyone in {town} knew {h.name}, because {h} {evidence}.
            {h.name} had lived in {town} for [seventy|eighty|sixty] years.
            There was once an {noun} in {town} called {h.name}. {h} {evidence}.
        """)
    else:
        t.tell(
            """
            {h:n} lived in {town}, a {country} {where}.
            In {town}, {where}, there lived a {noun} named {h:n}.
            {h:n} was a {trait} {noun}.
            {h:n} was so {trait} that {h} {evidence}.
            There was once a {noun} called {h:n} who {evidence}.
            {h:n} [was eight years old|had just turned nine|was ten] and {evidence}.
            One {hour} in {season}, {h:n} [sat on the doorstep|stood at the window|came home from school|was walking through {town}].
            Everyone in {town} [liked|knew] {h:n}, the {noun} who {evidence}.
            {h:n} was new in {town}.
            [On the last day of|In the middle of|Late in] {season}, {h:n} [woke early|had nothing to do|was in a good mood].
            {h:n} [came from|was at home in] {town}, {where}, and {h} {evidence}.
            It all began on a {hour} in {season}, when {h:n} [missed the bus|was late for breakfast|took another way home|found the door open].
        """
        )
    if not weather_first:
        t.weather(30)


def go(t: Stage, who: Character, place: Place, detail: int = 45) -> None:
    """Somebody goes to a place: the world changes, and the road may be told."""
    t.world.move(who, place)
    t.let(w=who, p=place, road=t.dice.pick(places.JOURNEY[t.world.setting]), ride=t.dice.pick(places.VEHICLES[t.world.setting]),
          slowly=t.dice.pick(("slowly", "quietly", "carefully", "cautiously", "silently", "calmly", "steadily", "patiently")), fast=t.dice.pick(people.MANNER_FAST))  # fmt: skip
    t.tell("""
        {w} [went|walked|hurried|ran] {p.to}.
        {w} [set out for|made {w:his} way to] {p}.
        {w} {road} [and came|until {w} came] {p.to}.
        So {w} [went|walked|hurried] {p.to}.
        Soon {w} [stood|was] {p.at}.
        A little later, {w} [arrived|stood] {p.at}.
        {w} took {ride} and was soon {p.at}.
        [Without a word|Without waiting|As fast as possible], {w} [went|hurried] {p.to}.
        {w} walked {slowly} {p.to}.
        {fast}, {w} ran {p.to}.
    """)
    t.detail(place, detail)


def closing(t: Stage, mood: str = "good") -> None:
    """How the story ends, after its plot is resolved: an image, a habit that remained, or a thought."""
    hero = t.slots["h"]
    assert isinstance(hero, Character)
    good, sign = t.dice.pick(people.HAPPY)
    t.let(
        good=good,
        good_sign=hero.does(sign).text,
        sky=t.dice.pick(nature.SKY),
        drink=t.dice.pick(nature.DRINKS),
        dish=t.dice.pick(nature.DISHES),
    )
    t.tell("""
        That evening there was {dish} for supper, and {h} ate [two|three] helpings.
        {h} was so {good} that {h} {good_sign}.
        That night, {h} [dreamed of it|slept soundly|lay awake for a while and smiled in the dark].
        And that was [how it ended|the end of the matter|that].
        [Outside|Over the roofs|Above {town}], {sky} [stood in|lit up] the sky.
        Then {h} [made|drank] [a cup|a mug|a glass] of {drink} and {good_sign}.
        In {town}, people [still talk|talked for years] about that {hour}.
        From then on, {h} [thought twice|kept {h:his} eyes open|was a little braver|smiled more often|knew what to do].
        [Nothing|Hardly anything] had changed in {town}, and yet everything [looked|felt] different.
        {h} [went home|walked home] [slowly|whistling|through the dusk|with a light heart|hungry and {good}].
        And [for years|afterwards], {h} never tired of [telling|remembering] it.
        When {h} [closed the door|put out the lamp|lay down] that evening, {h} was {good}.
        It had been a [long|strange|busy] day, [and a good one|but not a wasted one|and nobody wanted it to end].
    """ if mood == "good" else """
        It was not the [end|ending] that {h} had hoped for, but [it was an honest one|it would do].
        {h} [walked|went] home [slowly|through the dusk], a little sadder and a little wiser.
        Some things [cannot be mended|do not come back], thought {h}, but [one can remember them|tomorrow there will be others].
        That night, {h} lay awake [for a long time|until the clock struck two].
        {h} never [forgot it|did it again].
    """)  # fmt: skip


def maybe_closing(t: Stage, percent: int) -> None:
    """A closing in `percent` of 100 stories; the others end with their plot."""
    if t.dice.chance(percent * 3 // 4):
        closing(t)
