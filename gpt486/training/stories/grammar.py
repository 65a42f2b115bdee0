"""English inflection for the words the stories use: verbs, plurals, articles, pronouns, lists, capitals."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

# base past participle; the past participle is left out where it equals the past
_IRREGULAR_VERBS = """
be was been; beat beat beaten; become became become; begin began begun; bend bent; bind bound;
bite bit bitten; blow blew blown; break broke broken; bring brought; build built; burn burned; burst burst;
buy bought; catch caught; choose chose chosen; cling clung; come came come; cost cost; creep crept; cut cut;
deal dealt; dig dug; do did done; draw drew drawn; dream dreamed; drink drank drunk; drive drove driven;
eat ate eaten; fall fell fallen; feed fed; feel felt; fight fought; find found; flee fled; fling flung;
fly flew flown; forget forgot forgotten; forgive forgave forgiven; freeze froze frozen; get got;
give gave given; go went gone; grind ground; grow grew grown; hang hung; have had; hear heard;
hide hid hidden; hit hit; hold held; hurt hurt; keep kept; kneel knelt; know knew known; lay laid; lead led;
lean leaned; leap leapt; learn learned; leave left; lend lent; let let; lie lay lain; light lit; lose lost;
make made; mean meant; meet met; mow mowed mown; pay paid; put put; quit quit; read read; ride rode ridden;
ring rang rung; rise rose risen; run ran run; saw sawed sawn; say said; see saw seen; seek sought;
sell sold; send sent; set set; sew sewed sewn; shake shook shaken; shine shone; shoot shot;
show showed shown; shrink shrank shrunk; shut shut; sing sang sung; sink sank sunk; sit sat; sleep slept;
slide slid; slip slipped; sow sowed sown; speak spoke spoken; spend spent; spin spun; split split;
spread spread; spring sprang sprung; stand stood; steal stole stolen; stick stuck; sting stung;
stride strode; strike struck; string strung; sweep swept; swell swelled swollen; swim swam swum;
swing swung; take took taken; teach taught; tear tore torn; tell told; think thought; throw threw thrown;
tread trod trodden; understand understood; wake woke woken; wear wore worn; weave wove woven; weep wept;
win won; wind wound; withdraw withdrew withdrawn; write wrote written; unwind unwound; overhear overheard;
undo undid undone; rebuild rebuilt; retell retold; mislay mislaid; shear sheared shorn; prove proved;
hew hewed hewn; knit knitted; whet whetted; bet bet; overcome overcame overcome; outgrow outgrew outgrown;
repay repaid; stand stood;
"""

# Verbs of more than one syllable whose last consonant is doubled ("admitted"), against the rule ("visited").
_DOUBLING = {
    "admit",
    "begin",
    "forget",
    "permit",
    "regret",
    "prefer",
    "refer",
    "commit",
    "unwrap",
    "unplug",
    "unpin",
    "upset",
}
_NOT_DOUBLING = {"quiet"}


@dataclass(frozen=True)
class Forms:
    """The five forms of a verb."""

    base: str
    past: str
    participle: str
    ing: str
    third: str


def _irregular() -> dict[str, tuple[str, str]]:
    table = {}
    for entry in _IRREGULAR_VERBS.split(";"):
        words = entry.split()
        if words:
            table[words[0]] = (words[1], words[-1])
    return table


_IRREGULAR = _irregular()


def _doubles(verb: str) -> bool:
    if verb in _DOUBLING:
        return True
    if verb in _NOT_DOUBLING or len(re.findall("[aeiouy]+", verb)) != 1:
        return False
    return re.search("(^|[^aeiou])[aeiouy][bdfgklmnprstvz]$", verb) is not None or verb in ("quit", "quiz")


@cache
def verb_forms(verb: str) -> Forms:
    """All forms of a verb given by its base form, for example `carry`."""
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        past, ing = verb + "d", verb[:-1] + "ing"
        if verb.endswith("ie"):
            ing = verb[:-2] + "ying"
    elif verb.endswith("e"):
        past, ing = verb + "d", verb + "ing"
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        past, ing = verb[:-1] + "ied", verb + "ing"
    elif _doubles(verb):
        past, ing = verb + verb[-1] + "ed", verb + verb[-1] + "ing"
    elif verb.endswith("ic"):
        past, ing = verb + "ked", verb + "king"
    else:
        past, ing = verb + "ed", verb + "ing"
    participle = past
    if verb in _IRREGULAR:
        past, participle = _IRREGULAR[verb]
    if verb == "singe" or verb == "be":
        ing = {"singe": "singeing", "be": "being"}[verb]
    third = {"be": "is", "have": "has", "do": "does", "go": "goes"}.get(verb, plural(verb))
    return Forms(verb, past, participle, ing, third)


@dataclass(frozen=True)
class VerbPhrase:
    """A verb with what follows it, in the base form: `sweep the floor and ~light the lamps`.

    The first word, and every word marked with `~`, is inflected.
    """

    text: str

    def _inflect(self, form: str) -> str:
        words = self.text.split(" ")
        out = []
        for index, word in enumerate(words):
            if index == 0 or word.startswith("~"):
                match = re.match("~?([A-Za-z]+)(.*)", word)
                assert match is not None, self.text
                word = getattr(verb_forms(match[1]), form) + match[2]
            out.append(word)
        return " ".join(out)

    @property
    def base(self) -> str:
        """`knead the dough`."""
        return self.text.replace("~", "")

    @property
    def past(self) -> str:
        """`kneaded the dough`."""
        return self._inflect("past")

    @property
    def done(self) -> str:
        """The past participle, after `had`."""
        return self._inflect("participle")

    @property
    def ing(self) -> str:
        """`kneading the dough`."""
        return self._inflect("ing")

    @property
    def third(self) -> str:
        """`kneads the dough`."""
        return self._inflect("third")

    def __str__(self) -> str:
        return self.base


_IRREGULAR_PLURALS = {
    "child": "children", "man": "men", "woman": "women", "foot": "feet", "tooth": "teeth", "goose": "geese",
    "mouse": "mice", "sheep": "sheep", "deer": "deer", "fish": "fish", "trout": "trout", "salmon": "salmon",
    "loaf": "loaves", "leaf": "leaves", "knife": "knives", "wolf": "wolves", "shelf": "shelves",
    "scarf": "scarves", "calf": "calves", "half": "halves", "thief": "thieves", "wife": "wives",
    "life": "lives", "hoof": "hooves", "ox": "oxen", "potato": "potatoes", "tomato": "tomatoes",
    "hero": "heroes", "echo": "echoes", "fisherman": "fishermen", "cod": "cod", "sheaf": "sheaves",
    "squid": "squid", "elk": "elk", "mackerel": "mackerel", "herring": "herring", "bread": "bread",
}  # fmt: skip


@cache
def plural(noun: str) -> str:
    """The plural of a noun; in `loaf of bread` and `pair of gloves` the first noun is the one that changes."""
    if " of " in noun:
        head, rest = noun.split(" of ", 1)
        return f"{plural(head)} of {rest}"
    lead, _, last = noun.rpartition(" ")
    if last in _IRREGULAR_PLURALS:
        last = _IRREGULAR_PLURALS[last]
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return f"{lead} {last}" if lead else last


# The article goes by the sound: these begin with a vowel letter and a consonant sound, or the reverse.
_A_BEFORE = re.compile("(uni|use|usu|eu|one|once|ewe|ukulele|utensil)", re.IGNORECASE)
_AN_BEFORE = re.compile("(hour|honest|honou?r|heir)", re.IGNORECASE)
_ARTICLE = re.compile(r"\b([Aa]) (?=([A-Za-z]+))")


def fix_articles(text: str) -> str:
    """Turn `a` into `an` where the next word begins with a vowel sound."""

    def choose(match: re.Match[str]) -> str:
        word = match[2]
        vowel = word[0] in "aeiouAEIOU" and not _A_BEFORE.match(word)
        return f"{match[1]}n " if vowel or _AN_BEFORE.match(word) else match[0]

    return _ARTICLE.sub(choose, text)


def possessive(name: str) -> str:
    """`Ada` gives `Ada's`, `James` gives `James's`; a plural such as `the boys` gives `the boys'`."""
    return name + "'s"


def listing(items: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


_NUMBERS = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
]


def number_word(value: int) -> str:
    """A number from 0 to 15 as a word."""
    return _NUMBERS[value]


_SENTENCE_START = re.compile(r'(^|[.!?] |\." )("?)([a-z])')
_MARKED_CAPITAL = re.compile(r"\^(\W*)([a-z]?)")


def capitalize(text: str) -> str:
    """Give every sentence its capital; `^` asks for one explicitly.

    After `?"` and `!"` the sentence may go on (`"Who is it?" he asked.`), so there the mark decides.
    """
    text = _SENTENCE_START.sub(lambda m: m[1] + m[2] + m[3].upper(), text)
    return _MARKED_CAPITAL.sub(lambda m: m[1] + m[2].upper(), text)


PRONOUNS = {
    "f": {"he": "she", "him": "her", "his": "her", "himself": "herself"},
    "m": {"he": "he", "him": "him", "his": "his", "himself": "himself"},
    "n": {"he": "it", "him": "it", "his": "its", "himself": "itself"},
    "i": {"he": "I", "him": "me", "his": "my", "himself": "myself"},
}
