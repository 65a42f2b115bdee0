"""The world of one story: its people, things and places, and the state that the plot may not contradict."""

from dataclasses import dataclass, field

from gpt486.training.stories.grammar import PRONOUNS, VerbPhrase, plural, possessive


class StoryError(AssertionError):
    """A plot contradicted its own world: a mistake in the generator, never of a user."""


@dataclass(eq=False, frozen=True)
class Trade:
    """A trade: the person, where the work is done, tools, products, and verb phrases of what is done all day."""

    person: str
    at: str
    tools: tuple[str, ...]
    products: tuple[str, ...]
    acts: tuple[str, ...]


@dataclass(eq=False)
class Character:
    """Somebody: a person, or an animal that is treated as one.

    `gender` is f, m, n (an animal: it) or i (the one who tells the story). `names` are the ways to mention the
    character without a pronoun once it has been introduced; `intro` is how it is introduced.
    """

    name: str
    gender: str
    kind: str
    names: tuple[str, ...] = ()
    intro: str = ""
    trait: str = ""
    noun: str = ""
    work: Trade | None = None

    def __post_init__(self) -> None:
        self.names = self.names or (self.name,)
        self.intro = self.intro or self.name

    def pronoun(self, case: str) -> str:
        """The pronoun; `case` is its masculine form: he, him, his or himself."""
        return PRONOUNS[self.gender][case]

    @property
    def he(self) -> str:
        """The subject pronoun."""
        return self.pronoun("he")

    @property
    def him(self) -> str:
        """The object pronoun."""
        return self.pronoun("him")

    @property
    def his(self) -> str:
        """The possessive pronoun."""
        return self.pronoun("his")

    @property
    def himself(self) -> str:
        """The reflexive pronoun."""
        return self.pronoun("himself")

    @property
    def names_own(self) -> str:
        """The possessive of the name."""
        return possessive(self.name)

    def does(self, phrase: str) -> VerbPhrase:
        """A verb phrase whose `<his>`, `<him>` and `<himself>` mean this character."""
        for case in ("his", "himself", "him", "he"):
            phrase = phrase.replace(f"<{case}>", self.pronoun(case))
        return VerbPhrase(phrase)


@dataclass(eq=False)
class Thing:
    """A thing that one can hold, lose or make. `name` is `brass key`, `head` is `key`."""

    name: str
    head: str
    sort: str = ""
    known: bool = False

    @property
    def a(self) -> str:
        """With the indefinite article (which `fix_articles` corrects)."""
        return f"a {self.name}"

    @property
    def many(self) -> str:
        """The plural of the bare noun."""
        return plural(self.head)


@dataclass(eq=False, frozen=True)
class Place:
    """A place: `name` with its article, how one is there, where things hide in it, what one notices there."""

    name: str
    prep: str
    spots: tuple[str, ...]
    details: tuple[str, ...]
    indoors: bool

    @property
    def at(self) -> str:
        """Where one is: `at the harbour`."""
        return f"{self.prep} {self.name}"

    @property
    def to(self) -> str:
        """Where one goes: `to the harbour`."""
        return f"to {self.name}"

    def __str__(self) -> str:
        return self.name


@dataclass
class World:
    """What is the case: season, hour, weather, where everybody is, who holds what. Plots change it by its methods."""

    town: str
    setting: str
    season: str
    hour: str
    weather: str
    places: list[Place]
    where: dict[int, Place] = field(default_factory=dict)
    holder: dict[int, Character | str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def move(self, who: Character, place: Place) -> None:
        """Somebody goes to a place."""
        self.where[id(who)] = place
        self.log.append(f"{who.name} is {place.at}")

    def have(self, who: Character, thing: Thing) -> None:
        """Somebody has a thing from the beginning, makes it, or is handed it by somebody outside the story."""
        self.holder[id(thing)] = who
        self.log.append(f"{who.name} has {thing.name}")

    def lose(self, who: Character, thing: Thing, spot: str) -> None:
        """A thing leaves its owner for a spot."""
        self._must_hold(who, thing)
        self.holder[id(thing)] = spot
        self.log.append(f"{thing.name} lies {spot}")

    def find(self, who: Character, thing: Thing, spot: str) -> None:
        """Somebody takes a thing from the spot where it lies."""
        if self.holder.get(id(thing)) != spot:
            raise StoryError(f"{thing.name} is not {spot}")
        self.have(who, thing)

    def give(self, giver: Character, taker: Character, thing: Thing) -> None:
        """A thing changes hands."""
        self._must_hold(giver, thing)
        self.have(taker, thing)

    def _must_hold(self, who: Character, thing: Thing) -> None:
        if self.holder.get(id(thing)) is not who:
            raise StoryError(f"{who.name} does not have {thing.name}")
