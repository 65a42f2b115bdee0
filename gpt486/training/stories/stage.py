"""Setting the stage: draws the world, the cast and the things of a story from the lexicon."""

from gpt486.training.stories.dice import Dice
from gpt486.training.stories.grammar import VerbPhrase
from gpt486.training.stories.lexicon import animals, names, nature, people, phrases, places, things, words
from gpt486.training.stories.telling import Teller
from gpt486.training.stories.world import Character, Place, Thing, Trade, World

TRADES = [
    Trade(person, at, words(tools), words(products), phrases(acts))
    for person, at, tools, products, acts in people.TRADES
]
_TRADE_BY_NAME = {trade.person: trade for trade in TRADES}
_PLACES = [
    (tags.split(","), Place(name, prep, phrases(spots), phrases(details), where == "i"))
    for name, prep, tags, where, spots, details in places.PLACES
]
PLACES = {place.name: place for _, place in _PLACES}
_SORTS = {
    "keepsake": things.KEEPSAKES,
    "toy": things.TOYS,
    "tool": things.TOOLS,
    "clothes": things.CLOTHES,
    "instrument": things.INSTRUMENTS,
    "treat": things.TREATS,
}
_MANNERS_OF = ("a young", "an old", "a cheerful", "a friendly", "a busy", "a tall", "a stout")
_MALE_ONLY = ("man", "woodcutter", "miller")


def draw_world(dice: Dice) -> World:
    """A town with its kind of country, a season, an hour, the weather, and the places one can go to."""
    setting = dice.pick(places.SETTINGS)
    season = (
        dice.pick(("spring", "summer", "autumn", "winter"))
        if setting != "north"
        else dice.pick(("winter", "winter", "spring", "autumn"))
    )
    town = dice.pick(names.TOWN_FIRST) + dice.pick(names.TOWN_LAST[setting])
    local = [place for tags, place in _PLACES if setting in tags]
    common = [place for tags, place in _PLACES if "any" in tags and setting not in tags]
    chosen = dice.sample(local, 6) + dice.sample(common, 7)
    weather = dice.pick(nature.SEASON_WEATHER[season])
    return World(town, setting, season, dice.pick(nature.HOURS), weather, chosen)


class Stage(Teller):
    """A teller that can also draw people, things and places, never the same name twice in a story."""

    def __init__(self, dice: Dice) -> None:
        super().__init__(dice, draw_world(dice))
        self._taken: set[str] = {self.world.town}
        self.let(
            where=dice.pick(places.SETTING_LINES[self.world.setting]), country=places.SETTING_NOUN[self.world.setting]
        )
        self.let(gesture=people.GESTURES)
        self._weather_told: list[str] = []
        self._unused = list(self.world.places)

    # -- people ------------------------------------------------------------------------------------

    def _new_name(self, pool: tuple[str, ...]) -> str:
        while True:
            name = self.dice.pick(pool)
            if name not in self._taken and not any(
                name[0] == other[0] for other in self._taken if other != self.world.town
            ):
                self._taken.add(name)
                return name

    def _gender(self) -> str:
        return self.dice.pick("fm")

    def _give_trait(self, who: Character) -> Character:
        who.trait, evidence = self.dice.pick(people.TRAITS)
        self.slots["evidence_of_" + who.name] = who.does(evidence).text
        return who

    def child(self, telling: bool = False) -> Character:
        """A boy or a girl; `telling` makes it the one who tells the story."""
        gender = self._gender()
        name = self._new_name(names.GIRLS if gender == "f" else names.BOYS)
        return self._give_trait(
            Character(name, "i" if telling else gender, "child", noun={"f": "girl", "m": "boy"}[gender])
        )

    def worker(self, *persons: str) -> Character:
        """A grown-up with a trade (one of `persons` where given)."""
        trade = _TRADE_BY_NAME[self.dice.pick(persons)] if persons else self.dice.pick(TRADES)
        gender = self._gender()
        if trade.person.endswith(_MALE_ONLY):
            gender = "m"
        elif trade.person.endswith("stress"):
            gender = "f"
        style = self.dice.below(4)
        if style == 0:
            title = "Mr." if gender == "m" else "Mrs."
            name = f"{title} {self._new_name(names.FAMILIES)}"
            intro = f"{name} the {trade.person}"
        else:
            name = self._new_name(names.GIRLS if gender == "f" else names.BOYS)
            intro = f"{name} the {trade.person}" if style < 3 else f"the {trade.person}, whose name was {name}"
        if style == 3:
            intro = f"{self.dice.pick(_MANNERS_OF)} {trade.person} named {name}"
        who = Character(name, gender, "adult", (name, f"the {trade.person}"), intro, noun=trade.person, work=trade)
        return self._give_trait(who)

    def elder(self) -> Character:
        """An old neighbour."""
        gender = self._gender()
        name = ("Mr. " if gender == "m" else "Mrs. ") + self._new_name(names.FAMILIES)
        noun = "old man" if gender == "m" else "old woman"
        return self._give_trait(Character(name, gender, "old", (name, name, f"the {noun}"), f"old {name}", noun=noun))

    def kin(self, of: Character) -> Character:
        """A grandparent, aunt or uncle of a child."""
        title, gender = self.dice.pick(people.KIN)
        if "@" in title:
            title = title.replace("@", self._new_name(names.GIRLS if gender == "f" else names.BOYS))
        self._taken.add(title)
        noun = title.split()[0].lower()
        intro = f"{of.his} {noun}" if " " not in title else f"{of.his} {noun.lower()} {title.split()[1]}"
        return self._give_trait(Character(title, gender, "old", intro=intro, noun=noun))

    def hero(self) -> Character:
        """The hero as slot h: mostly a child, sometimes the teller of the story, a worker or an old neighbour."""
        draw = self.dice.below(100)
        if draw < 48:
            hero = self.child()
        elif draw < 63:
            hero = self.child(telling=True)
        elif draw < 88:
            hero = self.worker()
        else:
            hero = self.elder()
        return self.star(hero)

    def star(self, hero: Character) -> Character:
        """Make somebody the hero (slot h), with the evidence of the trait as slot evidence."""
        self.let(h=hero, trait=hero.trait, evidence=self.slots["evidence_of_" + hero.name], noun=hero.noun)
        if hero.work is not None:
            acts = self.dice.sample(hero.work.acts, 2)
            self.let(
                work=hero.work,
                act=hero.does(acts[0]),
                act2=hero.does(acts[1]),
                product=self.dice.pick(hero.work.products),
                tool=self.dice.pick(hero.work.tools),
            )
        return hero

    def other(self, kind: str = "") -> Character:
        """Another person as slot o: a friend of the hero's age, a worker, an elder, or kin of a child."""
        hero = self.slots["h"]
        assert isinstance(hero, Character)
        kinds = (
            ("child", "child", "worker", "elder", "kin")
            if hero.kind == "child"
            else ("worker", "worker", "elder", "child")
        )
        kind = kind or self.dice.pick(kinds)
        if kind == "child":
            who = self.child()
            relation = (
                ("friend", "neighbour", "cousin", "best friend")
                if hero.kind == "child"
                else ("niece" if who.gender == "f" else "nephew", "neighbour", "apprentice")
            )
            who.intro = f"{hero.his} {self.dice.pick(relation)} {who.name}"
        elif kind == "kin":
            who = self.kin(hero)
        else:
            who = self.elder() if kind == "elder" else self.worker()
        self.let(o=who, otrait=who.trait)
        if who.work is not None:
            self.let(owork=who.work, oact=self.act_of(who), oproduct=self.dice.pick(who.work.products))
        return who

    def act_of(self, who: Character) -> VerbPhrase:
        """Something that a worker does all day."""
        assert who.work is not None
        return who.does(self.dice.pick(who.work.acts))

    def does(self, who: Character, text: str) -> VerbPhrase:
        """One of the phrases of a list (separated by semicolons), done by somebody."""
        return who.does(self.dice.pick(phrases(text)))

    # -- things and places -------------------------------------------------------------------------

    def thing(self, *sorts: str) -> Thing:
        """A thing of one of the sorts: keepsake, toy, tool, clothes, instrument, treat."""
        sort = self.dice.pick(sorts)
        head, adjectives = self.dice.pick(_SORTS[sort])
        draw = self.dice.below(10)
        adjective = self.dice.pick(words(adjectives))
        if draw == 0:
            name = head
        elif draw == 1 and sort in ("keepsake", "toy", "tool", "clothes"):
            name = f"{self.dice.pick(things.AGES)} {head}"
        elif draw == 2 and sort in ("keepsake", "toy"):
            name = (
                f"{self.dice.pick(('little', 'small', 'tiny', 'big'))} {head}"
                if adjective in ("small", "big", "tiny", "little")
                else f"{adjective} {head}"
            )
        elif " of " in head or "-" in head:
            first, of, rest = head.partition(" of ")
            name = f"{first} of {adjective} {rest}" if of else f"{adjective} {head}"
        else:
            name = f"{adjective} {head}"
        return Thing(name, head, sort)

    def place(self, indoors: bool | None = None) -> Place:
        """A place of this town that the story has not used yet."""
        fitting = (
            [p for p in self._unused if indoors is None or p.indoors == indoors] or self._unused or self.world.places
        )
        chosen = self.dice.pick(fitting)
        if chosen in self._unused:
            self._unused.remove(chosen)
        return chosen

    def named_place(self, name: str) -> Place:
        """A certain place, wherever the story plays."""
        return PLACES[name]

    def pet(self) -> tuple[str, ...]:
        """A row of the table of pets, with its alternatives drawn."""
        noun, adjectives, sound, movement, mischief, spot, food = self.dice.pick(animals.PETS)
        draw = self.dice.pick
        return (
            noun,
            draw(words(adjectives)),
            draw(phrases(sound)),
            draw(phrases(movement)),
            draw(phrases(mischief)),
            draw(phrases(spot)),
            food,
        )

    def animal_name(self) -> str:
        """A name for a pet."""
        return self._new_name(names.ANIMAL_NAMES)

    # -- shared beats ------------------------------------------------------------------------------

    def weather(self, percent: int = 60) -> None:
        """Perhaps a sentence about the weather or the season."""
        if not self.dice.chance(percent):
            return
        season = self.dice.chance(30)
        pool = nature.SEASON_LINES[self.world.season] if season else nature.WEATHER[self.world.weather]
        line = self.dice.pick([line for line in pool if line not in self._weather_told] or pool)
        self._weather_told.append(line)
        self._append(self.expand(line))

    def detail(self, place: Place, percent: int = 50) -> None:
        """Perhaps a sentence about what one notices at a place."""
        if self.dice.chance(percent * 2 // 3):
            self._append(self.expand(self.dice.pick(place.details)))

    def paragraph(self, percent: int = 35) -> None:
        """Perhaps begin a new paragraph, and perhaps take a breath: the weather, or something to be seen or heard."""
        super().paragraph(percent)
        draw = self.dice.below(100)
        if draw < 8:
            self.weather(100)
        elif draw < 18:
            names_of = [self.thing("keepsake", "tool", "toy", "clothes") for _ in range(3)]
            self.let(
                t1=names_of[0].a,
                t2=names_of[1].a,
                t3=names_of[2].many,
                tree=self.dice.pick(nature.TREES),
                colour=self.dice.pick(people.COLOURS),
                fur=self.dice.pick(("brown", "black", "white", "grey", "spotted", "small", "fat")),
                flowers=self.dice.pick(nature.FLOWERS),
                beast=self.dice.pick(animals.PETS)[0],
                bird=self.dice.pick(
                    (
                        "sparrow",
                        "crow",
                        "blackbird",
                        "robin",
                        "magpie",
                        "pigeon",
                        "starling",
                        "wren",
                        "jackdaw",
                        "thrush",
                    )
                ),
                fruit=self.dice.pick(nature.FRUITS),
                veg=self.dice.pick(nature.VEGETABLES),
                many=self.dice.pick(("two", "three", "four", "five", "a dozen")),
            )
            self.tell("""
                Somewhere a [dog barked|door banged|clock struck|cart rattled by|bell rang|baby cried|gate creaked].
                An hour went by.
                Under the {tree}, [an old dog slept|two boys were playing marbles|somebody was selling {fruit}].
                A {bird} [watched from the {tree}|hopped along the gutter|sang as if nothing had happened].
                A woman with a basket of {veg} [went by|stopped and looked|nodded good {hour}].
                In a window stood a pot of {flowers} and {t1}.
                A pedlar came by with {t1}, {t2} and {many} {t3}.
                A {fur} {beast} [crossed the road|looked over the wall|was asleep in the sun].
                On a cart lay {t1}, {t2} and {many} {t3}.
                Somebody was hanging out [washing|bunting|a {colour} flag].
                Through an open door one could see {t1} and {many} {t3}.
                The {flowers} nodded in the wind.
            """)

    def feel(self, who: Character, good: bool, percent: int = 50) -> None:
        """Perhaps tell how somebody felt."""
        if self.dice.chance(percent * 3 // 4):
            feeling, sign = self.dice.pick(people.HAPPY if good else people.UNHAPPY)
            self.let(f=who, feeling=feeling, sign=who.does(sign).text)
            self.tell("""
                {f} was so {feeling} that {f} {sign}.
                {f} {sign}.
                {f} felt {feeling}, and {f} {sign}.
                How {feeling} {f} was! {f} {sign}.
            """)
