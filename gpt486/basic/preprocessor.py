"""FreeBASIC's preprocessor: conditionals, macros and includes, from files to one stream of tokens.

Definitions made inside a Sub or Function end with it, as in FreeBASIC. Include files are looked for beside the file
that names them, then in the compiler's own run-time folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gpt486.basic.conditions import Condition
from gpt486.basic.lexer import Kind, Lexer, Token, encode
from gpt486.basic.source import Diagnostics, SourceFile, Span, StatementError, fail, fault

MAX_EXPANSIONS = 20_000
"""Macro expansions allowed for one source line: beyond this a macro refers to itself through others."""

_PREDEFINED = """
#define __GPT486__ 1
#define __FB_DOS__
#define __FB_X86__
#define __FB_VERSION__ "1.10.0"
#define __FB_VER_MAJOR__ 1
#define __FB_VER_MINOR__ 10
#define __FB_VER_PATCH__ 0
#define __FB_MIN_VERSION__(a, b, c) ((1 > (a)) Or ((1 = (a)) And ((10 > (b)) Or ((10 = (b)) And (0 >= (c))))))
#define __FB_SIGNATURE__ "gpt486 basic 1.10.0"
#define __FB_BACKEND__ "gas"
#define __FB_ASM__ "intel"
#define __FB_LANG__ "fb"
#define __FB_ARGV__ 0
#define __FB_DEBUG__ 0
#define __FB_ERR__ 0
#define __FB_MT__ 0
#define __FB_MAIN__
#define __FB_OUT_EXE__ -1
#define __FB_OUT_LIB__ 0
#define __FB_OUT_DLL__ 0
#define __FB_OUT_OBJ__ 0
#define __FB_OPTION_BYVAL__ 0
#define __FB_OPTION_DYNAMIC__ 0
#define __FB_OPTION_ESCAPE__ 0
#define __FB_OPTION_EXPLICIT__ -1
#define __FB_OPTION_PRIVATE__ 0
"""

Loader = Callable[[str, SourceFile], SourceFile | None]
"""Finds an include file by the name in the directive and the file that asks; None when there is no such file."""


@dataclass(slots=True)
class Macro:
    """A #define or #macro: `params` is None for an object-like one; `variadic` when the last takes all the rest."""

    name: str
    params: tuple[str, ...] | None
    body: list[Token]
    variadic: bool = False

    def same(self, other: Macro) -> bool:
        """Whether two definitions spell the same thing, which makes the second one harmless."""
        return self.params == other.params and [t.text for t in self.body] == [t.text for t in other.body]


@dataclass(slots=True)
class _Branch:
    """One open #if: whether any branch was taken yet, whether this one is, and where it began."""

    span: Span
    taken: bool
    active: bool
    outer: bool
    had_else: bool = False


@dataclass(slots=True)
class Preprocessor:
    """Runs over one main file. `defines` come from the command line; an empty text defines an empty macro."""

    diagnostics: Diagnostics
    loader: Loader
    defines: Mapping[str, str] = field(default_factory=dict)
    macros: dict[str, Macro] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    _out: list[Token] = field(default_factory=list)
    _once: set[str] = field(default_factory=set)
    _saved: list[dict[str, Macro]] = field(default_factory=list)
    _depth: int = 0

    def run(self, file: SourceFile) -> list[Token]:
        """The tokens of `file` with directives obeyed and macros expanded, ending in EOF."""
        self._out = []
        predefined = _PREDEFINED + "".join(f"#define {k} {v}\n" for k, v in self.defines.items())
        self._file(SourceFile.from_text("<predefined>", predefined))
        self._out = []
        self._file(file)
        last = SourceFile(file.name, file.lines)
        self._out.append(Token(Kind.EOL, "", last, len(file.lines), 0, False))
        self._out.append(Token(Kind.EOF, "", last, len(file.lines), 0, False))
        return self._out

    # ---- files and lines

    def _file(self, file: SourceFile) -> None:
        try:
            lexer = Lexer(file)
            tokens = lexer.tokens()
        except StatementError as error:
            self.diagnostics.add(error.diagnostic)
            return
        branches: list[_Branch] = []
        active = True
        i, count = 0, len(tokens) - 1  # the last token is EOF
        while i < count:
            end = i
            while tokens[end].kind != Kind.EOL:
                end += 1
            line = tokens[i : end + 1]
            first = line[0]
            i = end + 1
            if lexer.has_bad and active and line[-2:][0].kind == Kind.BAD:
                bad = line[-2]
                self.diagnostics.error(bad, bad.low)
                self._out.append(line[-1])
                continue
            if first.low == "#" and first.kind == Kind.OP:
                try:
                    if len(line) >= 3 and line[1].low == "macro":
                        i = self._macro_block(tokens, i, line, active)
                    else:
                        active = self._directive(line, branches, active)
                except StatementError as error:
                    self.diagnostics.add(error.diagnostic)
            elif active and len(line) > 1:
                try:
                    self._plain(line)
                except StatementError as error:
                    self.diagnostics.add(error.diagnostic)
                    self._out.append(line[-1])
            elif active:
                self._out.append(first)
        for branch in branches:
            self.diagnostics.error(branch.span, "this #if has no #endif")

    def _plain(self, line: list[Token]) -> None:
        self._track_procedure(line)
        macros = self.macros
        for token in line:
            if token.kind == Kind.NAME and (token.low in macros or token.low in _DYNAMIC):
                self._out += self.expand(line)
                return
        self._out += line

    def _track_procedure(self, line: list[Token]) -> None:
        low = line[0].low
        if low in ("private", "public") and len(line) > 2:
            low = line[1].low
        if low in ("sub", "function") and len(line) > 2 and line[1].low not in ("=", "=>"):
            self._saved.append(dict(self.macros))
        elif low == "end" and self._saved and line[1].low in ("sub", "function"):
            self.macros = self._saved.pop()

    # ---- macro expansion

    def expand(self, line: list[Token]) -> list[Token]:
        """Expand all macros in one logical line of tokens."""
        macros = self.macros
        out: list[Token] = []
        todo = line[::-1]
        budget = MAX_EXPANSIONS
        while todo:
            token = todo.pop()
            if token.kind != Kind.NAME or token.frozen:
                out.append(token)
                continue
            dynamic = _DYNAMIC.get(token.low)
            if dynamic is not None:
                out.append(dynamic(token))
                continue
            macro = macros.get(token.low)
            if macro is None:
                out.append(token)
                continue
            budget -= 1
            if budget < 0:
                fail(line[0], f"the macro {token.text} expands without end")
            if macro.params is None:
                body = [t.moved(token) for t in macro.body]
            else:
                if not todo or todo[-1].low != "(" or todo[-1].kind != Kind.OP:
                    out.append(token)
                    continue
                body = self._substitute(macro, self._arguments(token, macro, todo), token)
            for t in body:
                if t.low == token.low and t.kind == Kind.NAME:
                    t.frozen = True
            if body:
                body[0].space = token.space
            todo += body[::-1]
        return out

    def _arguments(self, name: Token, macro: Macro, todo: list[Token]) -> list[list[Token]]:
        todo.pop()  # the opening parenthesis
        args: list[list[Token]] = [[]]
        depth = 0
        assert macro.params is not None
        while True:
            if not todo or todo[-1].kind in (Kind.EOL, Kind.EOF):
                fail(name, f"the arguments of the macro {name.text} have no closing parenthesis")
            token = todo.pop()
            if token.kind == Kind.OP:
                if token.low in "([{":
                    depth += 1
                elif token.low in ")]}":
                    if depth == 0:
                        break
                    depth -= 1
                elif token.low == "," and depth == 0 and not (macro.variadic and len(args) == len(macro.params)):
                    args.append([])
                    continue
            args[-1].append(token)
        if args == [[]] and not macro.params:
            args = []
        if macro.variadic and len(args) == len(macro.params) - 1:
            args.append([])
        if len(args) != len(macro.params):
            fail(name, f"the macro {name.text} takes {len(macro.params)} arguments, here are {len(args)}")
        return args

    def _substitute(self, macro: Macro, args: list[list[Token]], at: Token) -> list[Token]:
        index = {p: i for i, p in enumerate(macro.params or ())}
        out: list[Token] = []
        body, i = macro.body, 0
        paste = False
        while i < len(body):
            token = body[i]
            if token.low == "##" and token.kind == Kind.OP:
                paste = True
                i += 1
                continue
            piece: list[Token]
            if token.low == "#" and i + 1 < len(body) and body[i + 1].low in index:
                text = spell(args[index[body[i + 1].low]])
                quoted = '"' + text.replace('"', '""') + '"'
                piece = [Token(Kind.STRING, quoted, at.file, at.line, at.col, token.space, "string", data=encode(text))]
                i += 1
            elif token.kind == Kind.NAME and token.low in index:
                piece = [t.moved(at) for t in args[index[token.low]]]
                if piece:
                    piece[0].space = token.space
            else:
                piece = [token.moved(at)]
            i += 1
            if paste and out and piece:
                glued = out.pop().text + piece[0].text
                lexed = Lexer(SourceFile(at.file.name, (glued,))).tokens()[:-3]
                out += [t.moved(at) for t in lexed]
                piece = piece[1:]
            paste = False
            out += piece
        return out

    # ---- directives

    def _directive(self, line: list[Token], branches: list[_Branch], active: bool) -> bool:
        word = line[1].low
        if word in ("if", "ifdef", "ifndef"):
            try:
                value = active and self._condition(word, line)
            except StatementError as error:
                self.diagnostics.add(error.diagnostic)
                branches.append(_Branch(line[0].span, True, False, active))
                return False
            branches.append(_Branch(line[0].span, value, value, active))
            return value
        if word in ("else", "elseif", "elseifdef", "elseifndef", "endif"):
            return self._branch(word, line, branches)
        if not active:
            return False
        handler = getattr(self, f"_do_{word}", None) if line[1].kind == Kind.NAME else None
        if handler is None:
            fail(line[1], f"unknown preprocessor directive #{line[1].text}")
        handler(line)
        return True

    def _condition(self, word: str, line: list[Token]) -> bool:
        if word.endswith("def"):
            if len(line) < 4 or line[2].kind != Kind.NAME:
                fail(line[1], f"#{word} wants a name")
            return (self.is_defined(line[2].low)) == word.endswith("ifdef")
        return Condition(line[2:-1], self, line[1]).value() != 0

    def is_defined(self, low: str) -> bool:
        """Whether a macro of this (lower-case) name exists."""
        return low in self.macros or low in _DYNAMIC

    def _branch(self, word: str, line: list[Token], branches: list[_Branch]) -> bool:
        if not branches:
            fail(line[1], f"#{word} without #if")
        branch = branches[-1]
        if word == "endif":
            branches.pop()
            return branch.outer
        if branch.had_else:
            fail(line[1], f"#{word} after #else")
        if word == "else":
            branch.had_else = True
            branch.active = branch.outer and not branch.taken
        else:
            branch.active = branch.outer and not branch.taken and self._condition(word[4:], line)
        branch.taken = branch.taken or branch.active
        return branch.active

    def _do_define(self, line: list[Token]) -> None:
        self._define(line, line[2:-1])

    def _define(self, line: list[Token], rest: list[Token]) -> Macro:
        if not rest or rest[0].kind != Kind.NAME:
            fail(line[1], f"#{line[1].low} wants a name")
        name = rest[0]
        params: list[str] | None = None
        variadic = False
        at = 1
        if len(rest) > 1 and rest[1].low == "(" and not rest[1].space:
            params, at = [], 2
            while at < len(rest) and rest[at].low != ")":
                if rest[at].kind == Kind.NAME:
                    params.append(rest[at].low)
                elif rest[at].low == "...":
                    variadic = True
                elif rest[at].low != ",":
                    fail(rest[at], "a macro's parameter list holds names and commas only")
                at += 1
            if at >= len(rest):
                fail(name, f"the parameter list of {name.text} has no closing parenthesis")
            at += 1
        macro = Macro(name.text, None if params is None else tuple(params), rest[at:], variadic)
        old = self.macros.get(name.low)
        if old is not None and not old.same(macro):
            fail(name, f"{name.text} is already defined differently (#undef it first)")
        self.macros[name.low] = macro
        return macro

    def _macro_block(self, tokens: list[Token], i: int, line: list[Token], active: bool) -> int:
        """Take in the lines up to #endmacro; returns the index of the token after it."""
        body: list[Token] = []
        while tokens[i].kind != Kind.EOF:
            end = i
            while tokens[end].kind != Kind.EOL:
                end += 1
            if tokens[i].low == "#" and tokens[i + 1].low == "endmacro":
                if active:
                    while body and body[-1].kind == Kind.EOL:
                        body.pop()
                    self._define(line, line[2:-1]).body += body
                return end + 1
            body += tokens[i : end + 1]
            i = end + 1
        raise fault(line[1], "this #macro has no #endmacro")

    def _do_endmacro(self, line: list[Token]) -> None:
        fail(line[1], "#endmacro without #macro")

    def _do_undef(self, line: list[Token]) -> None:
        if line[2].kind != Kind.NAME:
            fail(line[1], "#undef wants a name")
        self.macros.pop(line[2].low, None)

    def _do_error(self, line: list[Token]) -> None:
        fail(line[1], "#error: " + self._message(line))

    def _do_print(self, line: list[Token]) -> None:
        self.messages.append(self._message(line))

    @staticmethod
    def _message(line: list[Token]) -> str:
        rest = line[2:-1]
        return rest[0].data.decode("latin-1") if len(rest) == 1 and rest[0].kind == Kind.STRING else spell(rest)

    def _do_assert(self, line: list[Token]) -> None:
        if not Condition(line[2:-1], self, line[1]).value():
            fail(line[1], f"#assert failed: {spell(line[2:-1])}")

    def _do_lang(self, line: list[Token]) -> None:
        if line[2].data.lower() != b"fb":
            fail(line[2], 'only #lang "fb" is supported')

    def _do_include(self, line: list[Token]) -> None:
        rest = line[2:-1]
        once = bool(rest) and rest[0].low == "once"
        if once:
            rest = rest[1:]
        if len(rest) != 1 or rest[0].kind != Kind.STRING:
            fail(line[1], '#include wants a file name in quotes: #include once "FILE.BI"')
        name = rest[0].data.decode("latin-1")
        found = self.loader(name, line[0].file)
        if found is None:
            fail(rest[0], f"cannot find the include file {name!r}")
        if once and found.name in self._once:
            return
        self._once.add(found.name)
        if self._depth >= 32:
            fail(rest[0], "includes are nested more than 32 deep")
        self._depth += 1
        self._file(found)
        self._depth -= 1


def spell(tokens: list[Token]) -> str:
    """The source text of tokens, with single spaces where white space stood."""
    return "".join((" " if t.space and i else "") + t.text for i, t in enumerate(tokens))


def _line_number(token: Token) -> Token:
    return Token(
        Kind.INTEGER, str(token.line), token.file, token.line, token.col, token.space, str(token.line), token.line
    )


def _string(token: Token, text: str) -> Token:
    quoted = '"' + text + '"'
    return Token(
        Kind.STRING, quoted, token.file, token.line, token.col, token.space, "string", data=text.encode("latin-1")
    )


_DYNAMIC: dict[str, Callable[[Token], Token]] = {
    "__line__": _line_number,
    "__file__": lambda t: _string(t, t.file.name),
    "__file_nq__": lambda t: Token(Kind.NAME, t.file.name, t.file, t.line, t.col, t.space, t.file.name.lower()),
    "__path__": lambda t: _string(t, str(Path(t.file.name).parent)),
}
