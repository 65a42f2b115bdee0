"""Turning templates into prose: alternatives, slots, pronouns that cannot be misunderstood, dialogue.

The template language, one alternative per line of a block:

    [a|b|]      one of the alternatives, which may be empty and may be nested
    {x}         a slot: a word, a verb phrase, a thing (`brass key`, later `key`), a place, or a character
    {x.attr}    an attribute of it: {act.past}, {place.at}, {h.name}, {thing.a}
    {h}         a character as subject: the name, or the pronoun where it is clear; {h:him} {h:his} the other cases;
                {h:n} {h:no} {h:ns} the name in these three cases (and the pronoun where the hero tells the story)
    ^           the next letter is a capital
"""

import re
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from gpt486.training.stories.dice import Dice
from gpt486.training.stories.grammar import capitalize, fix_articles, possessive
from gpt486.training.stories.lexicon.people import MANNER_FAST, MANNER_SLOW
from gpt486.training.stories.world import Character, StoryError, Thing, World

Node: TypeAlias = "str | tuple[str, ...] | list[list[Node]]"

_TOKEN = re.compile(r"[\[\]|]|\{[^{}]*\}|[^\[\]|{}]+")
# Forms that ask for the name: as subject, object, possessive.
_BY_NAME = {"n": "he", "no": "him", "ns": "his"}
_SAID_HE = re.compile(r'(?<=" )(said|asked|cried|thought|whispered|begged) (he|she|it|I)\b')
_BOUNDARY = re.compile(r'[.!?]"?\s|\n')


@cache
def parse_template(text: str) -> list[Node]:
    """A template as a list of literal strings, slots (tuples of name, attribute, form) and choices (lists)."""
    stack: list[list[list[Node]]] = [[[]]]
    for token in _TOKEN.findall(text):
        if token == "[":
            stack.append([[]])
        elif token == "|" and len(stack) > 1:
            stack[-1].append([])
        elif token == "]":
            choice = stack.pop()
            stack[-1][-1].append(list(choice))
        elif token.startswith("{"):
            path, _, form = token[1:-1].partition(":")
            stack[-1][-1].append((*path.partition(".")[::2], form))
        else:
            stack[-1][-1].append(token)
    if len(stack) != 1:
        raise StoryError(f"unbalanced brackets: {text}")
    return stack[0][0]


@cache
def block_lines(block: str) -> list[str]:
    """The alternatives of a block: its lines, without blank ones."""
    return [line.strip() for line in block.splitlines() if line.strip()]


class Teller:
    """Tells one story: holds the slots, who was mentioned when, and the text so far."""

    def __init__(self, dice: Dice, world: World) -> None:
        self.dice = dice
        self.world = world
        self.slots: dict[str, object] = {"town": world.town, "season": world.season, "hour": world.hour}
        self._text: list[str] = []
        self._sentence = 0
        self._mentions: list[tuple[int, Character]] = []
        self._met: set[int] = set()
        self._speaker: Character | None = None

    # -- output ------------------------------------------------------------------------------------

    def let(self, **slots: object) -> None:
        """Give slots their values."""
        self.slots.update(slots)

    def tell(self, block: str, **slots: object) -> None:
        """Choose one line of the block and tell it."""
        self.slots.update(slots)
        self._append(self.expand(self.dice.pick(block_lines(block))))

    def maybe(self, percent: int, block: str, **slots: object) -> None:
        """Tell a line of the block in `percent` of 100 stories."""
        if self.dice.chance(percent * 3 // 4):
            self.tell(block, **slots)

    def any_of(self, *tellers: Callable[["Teller"], None]) -> None:
        """Run one of several scenes."""
        self.dice.pick(tellers)(self)

    def paragraph(self, percent: int = 35) -> None:
        """Perhaps begin a new paragraph."""
        if self._text and self.dice.chance(percent):
            self._text.append("\n")

    def finish(self) -> str:
        """The whole text."""
        return " ".join(self._text).replace(" \n ", "\n").strip()

    def _append(self, text: str) -> None:
        if text:
            text = _SAID_HE.sub(r"\2 \1", re.sub("  +", " ", text).strip())
            self._text.append(capitalize(fix_articles(text)))
            self._speaker = None
            self._sentence += 1

    # -- templates ---------------------------------------------------------------------------------

    def expand(self, template: str) -> str:
        """Fill one template; the mentions of characters are remembered."""
        out: list[str] = []
        self._walk(parse_template(template), out)
        return "".join(out)

    def _walk(self, nodes: list[Node], out: list[str]) -> None:
        for node in nodes:
            if isinstance(node, str):
                self._sentence += len(_BOUNDARY.findall(node))
                out.append(node)
            elif isinstance(node, tuple):
                out.append(self._slot(*node))
            else:
                self._walk(self.dice.pick(node), out)

    def _slot(self, name: str, attribute: str, form: str) -> str:
        if name not in self.slots:
            raise StoryError(f"the slot {name} has no value")
        value = self.slots[name]
        if isinstance(value, Character) and not attribute:
            return self.mention(value, form or "he")
        if isinstance(value, Character) and attribute in ("name", "intro", "names_own"):
            self._note(value)
        if isinstance(value, Thing) and not attribute:
            name_it = not value.known or self.dice.chance(30)
            value.known = True
            return value.name if name_it else value.head
        if isinstance(value, Thing):
            value.known = True
        for part in attribute.split(".") if attribute else ():
            value = getattr(value, part)
        text = str(value)
        return self.expand(text) if "[" in text or "{" in text else text

    # -- characters --------------------------------------------------------------------------------

    def _note(self, who: Character) -> None:
        self._mentions.append((self._sentence, who))
        self._met.add(id(who))

    def _clear(self, who: Character) -> tuple[bool, bool]:
        """Whether a pronoun can only mean `who`, and whether it was mentioned in this very sentence."""
        recent = [(n, c) for n, c in self._mentions[-6:] if n >= self._sentence - 1 and c.gender == who.gender]
        same = bool(recent) and recent[-1] == (self._sentence, who)
        return bool(recent) and all(c is who for _, c in recent), same

    def mention(self, who: Character, case: str) -> str:
        """The character in a case (he, him, his, himself): by pronoun where it is clear, else by name."""
        capital = case[0].isupper()
        case = case.lower()
        if case == "himself":
            return who.himself
        named, case = case in _BY_NAME, _BY_NAME.get(case, case)
        if who.gender == "i":
            word = who.pronoun(case)
        elif named:
            word = self._first_name(who) if case != "his" else possessive(self._first_name(who))
            self._note(who)
        else:
            clear, same = self._clear(who)
            if same or (clear and self.dice.chance(80)):
                word = who.pronoun(case)
            else:
                word = who.intro if id(who) not in self._met else self.dice.pick(who.names)
                if case == "his":
                    word = possessive(word.rstrip(","))
            self._note(who)
        return word[0].upper() + word[1:] if capital else word

    def _first_name(self, who: Character) -> str:
        """The name; at the first mention with what is needed to know who it is."""
        if id(who) in self._met or " named " in who.intro or "whose name" in who.intro:
            return who.names[0] if id(who) in self._met or not who.work else f"{who.names[0]} the {who.noun}"
        return who.intro

    # -- dialogue ----------------------------------------------------------------------------------

    def speak(self, who: Character, line: str, manner: str = "") -> None:
        """Somebody says one of the lines of a block; a tag tells who and how.

        `manner` is an adverb or a phrase in -ing that may follow the tag.
        """
        spoken = capitalize(self.expand(self.dice.pick(block_lines(line))))
        sentences = re.findall(r"[^.!?]+[.!?]+", spoken)
        if not sentences or "".join(sentences) != spoken:
            raise StoryError(f"not sentences: {spoken}")
        first, rest = sentences[0], "".join(sentences[1:]).strip()
        if not rest and spoken.endswith(".") and self.dice.chance(22) and self._lead_in(who, spoken):
            return
        if rest and self.dice.chance(35):
            first, rest = spoken, ""
        verb = {".": "said", "?": "asked", "!": "cried"}[first[-1]]
        choices = {
            "said": ("said",),
            "asked": ("asked", "asked", "said"),
            "cried": ("cried", "called", "shouted", "said"),
        }[verb]
        if verb == "said" and self._speaker not in (None, who):  # somebody else has just spoken: this is an answer
            choices = ("said", "answered", "replied", "answered")
        if manner.startswith("#"):  # "#whispered": the verb itself
            tag_verb, manner = manner[1:], ""
        else:
            tag_verb = self.dice.pick(choices)
            if not manner and self.dice.chance(10):
                manner = self.dice.pick(MANNER_SLOW if verb != "cried" else MANNER_FAST)
        name = self.mention(who, "he")
        tag = (
            f"{name} {tag_verb}"
            if name in ("he", "she", "it", "I") or self.dice.chance(35)
            else f"{tag_verb} {name.rstrip(',')}"
        )
        if manner:
            tag += f", {manner}" if " " in manner or manner.endswith("ing") else f" {manner}"
        quoted = first[:-1] + "," if first.endswith(".") else first
        # the opening of a quotation is capital already; what follows the closing quote stays small
        text = f'"{quoted}" {tag}.' + (f' "{rest}"' if rest else "")
        self._append_raw(text)
        self._speaker = who

    def _lead_in(self, who: Character, spoken: str) -> bool:
        gesture = self.slots.get("gesture")
        if gesture is None:
            return False
        name = self.mention(who, "he")
        act = who.does(str(self.dice.pick(gesture))) if isinstance(gesture, tuple) else None
        if act is None:
            return False
        self._append_raw(f'{name[0].upper() + name[1:]} {act.past}. "{spoken}"')
        return True

    def _append_raw(self, text: str) -> None:
        self._text.append(fix_articles(re.sub("  +", " ", text).strip()))
        self._sentence += 1
