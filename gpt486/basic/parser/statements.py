"""Statements and blocks; and the whole program, statement by statement, going on after an error."""

from __future__ import annotations

from collections.abc import Callable

from gpt486.basic import nodes as n
from gpt486.basic.lexer import Kind, Token
from gpt486.basic.parser.declarations import DeclarationParser
from gpt486.basic.parser.files import FileParser
from gpt486.basic.source import Diagnostic, StatementError, fail

ASSIGN_OPS = ("+=", "-=", "*=", "/=", "\\=", "^=", "&=")
WORD_OPS = ("mod", "and", "or", "xor", "eqv", "imp", "shl", "shr")

_UNSUPPORTED = {
    "gosub": "Gosub is not part of this dialect; write a Sub",
    "redim": "dynamic arrays (ReDim) are not supported; use a fixed array or Allocate",
    "namespace": "Namespaces are not supported",
    "using": "Using is not supported",
    "on": "On Error and On Goto are not supported; test the error code that Open and its kin return",
    "resume": "Resume is not supported",
    "data": "Data and Read are not supported; use an initialised array",
    "read": "Data and Read are not supported; use an initialised array",
    "restore": "Data and Read are not supported; use an initialised array",
    "class": "Class is not supported",
    "operator": "operator procedures are not supported",
    "constructor": "Constructors are not supported",
    "destructor": "Destructors are not supported",
    "property": "Properties are not supported",
    "locate": "Locate is not supported",
    "color": "Color is not supported",
    "cls": "Cls is not supported",
    "screen": "Screen is not supported: text mode only",
    "input": "Input is not supported; use Line Input #",
    "randomize": "Randomize and Rnd work in floating point; gpt486 basic compiles integer programs only",
    "delete": "Delete is not supported; use Deallocate",
    "erase": "Erase is not supported; use Clear",
    "poke": "Poke is not supported; store through a pointer",
    "defint": "DefInt is not part of this dialect",
    "option": "Option is not part of this dialect",
    "let": "Let is not supported",
    "assert": "Assert is not supported",
    "write": "Write is not supported; use Print",
}


class Unclosed(StatementError):
    """A block ended by the closing words of a block around it."""


class Parser(FileParser, DeclarationParser):
    """The parser of a whole program."""

    def program(self) -> n.Block:
        """Every statement of the token stream; errors are collected and the rest of their line skipped."""
        block, _ = self.block(None, ())
        return block

    # ---- blocks

    def block(self, opening: Token | None, closers: tuple[str, ...]) -> tuple[n.Block, Token]:
        """Statements up to one of `closers` (`else`, `next`, `end if` ...), which stays under the cursor."""
        out: n.Block = []
        while True:
            while self.tok.kind == Kind.EOL or self.at(":"):
                self.next()
            tok = self.tok
            if tok.kind == Kind.EOF:
                if opening is not None:
                    fail(opening, f"this {opening.text} has no {closers[-1].title()}")
                return out, tok
            closer = self._closer(tok)
            if closer is not None:
                if closer in closers:
                    return out, tok
                if opening is None:
                    self.diagnostics.error(tok, f"{closer.title()} closes nothing here")
                    self.skip_line()
                    continue
                # Let the block that this belongs to see it: the one being read was not closed.
                what = f"this {opening.text} is not closed before line {tok.line}, where {closer.title()} stands"
                raise Unclosed(Diagnostic(opening.span, what))
            try:
                self.statement_into(out)
                if not self.at_end() or self.at("else"):
                    fail(self.tok, f"expected the end of the statement, found {self.describe(self.tok)}")
            except Unclosed as error:
                self.diagnostics.add(error.diagnostic)  # and go on at the closer under the cursor
            except StatementError as error:
                self.diagnostics.add(error.diagnostic)
                self.skip_line()

    def _closer(self, tok: Token) -> str | None:
        low = tok.low
        if low in ("else", "elseif", "next", "wend", "loop", "endif"):
            return "end if" if low == "endif" else low
        if low == "case":
            return "case"
        if low == "end":
            after = self.peek().low
            if after in ("if", "sub", "function", "select", "scope", "with", "asm", "type", "enum", "union"):
                return f"end {after}"
        return None

    def close(self, closer: str) -> None:
        """Step over the closer that `block` stopped at."""
        if closer == "end if" and self.accept("endif"):
            return
        for _ in closer.split():
            self.next()

    # ---- statements

    def statement_into(self, out: n.Block) -> None:
        """Parse one statement and append it."""
        tok = self.tok
        if tok.kind == Kind.NAME:
            handler = _STATEMENTS.get(tok.low)
            after = self.peek()
            if handler is not None:
                out.append(handler(self))
                return
            if after.kind == Kind.OP and after.low == ":" and self._first_on_line():
                self.next()
                out.append(n.Label(tok))
                return
            if tok.low in _UNSUPPORTED and not (after.kind == Kind.OP and after.low in ("=", "[", ".", "->")):
                fail(tok, _UNSUPPORTED[tok.low])
        elif tok.kind == Kind.OP and tok.low == "?":
            out.append(self.print())
            return
        elif tok.kind == Kind.OP and tok.low == "#":
            fail(tok, "a preprocessor directive must stand at the start of its line")
        out.append(self.simple())

    def _first_on_line(self) -> bool:
        return self.pos == 0 or self.tokens[self.pos - 1].kind == Kind.EOL

    def simple(self) -> n.Stmt:
        """An assignment or a call."""
        tok, start = self.tok, self.pos
        target = self.high()
        now = self.tok
        if now.kind == Kind.OP:
            if now.low in ("=", "=>"):
                self.next()
                return n.Assign(tok, target, "", self.expression())
            if now.low in ASSIGN_OPS:
                self.next()
                return n.Assign(now, target, now.low[:-1], self.expression())
        if now.kind == Kind.NAME and now.low in WORD_OPS and self.peek().low == "=" and not self.peek().space:
            self.next()
            self.next()
            return n.Assign(now, target, now.low, self.expression())
        if self.at_end():
            return n.CallStmt(tok, target)
        if tok.kind != Kind.NAME:
            fail(now, f"expected '=' or the end of the statement, found {self.describe(now)}")
        # `name arguments` without parentheses; `name (a) + b, c` began like a call with them.
        self.seek(start)
        name = n.Name(self.next())
        target = name
        while self.tok.kind == Kind.OP and self.tok.low in (".", "->"):
            arrow = self.next().low == "->"
            target = n.Member(self.name("a field name"), target, arrow)
        if self.tok.kind == Kind.NAME and self.tok.low not in ("not", "cast", "cptr", "iif", "sizeof", "len", "byval"):
            known = self.peek()
            if known.kind == Kind.NAME and known.low not in WORD_OPS and self.peek(2).low != "(":
                fail(tok, f"cannot make sense of {tok.text!r} followed by {self.describe(self.tok)}")
        args: list[n.Expr | None] = []
        while True:
            if self.at(","):
                args.append(None)
            else:
                self.accept("byval")
                args.append(self.expression())
            if not self.accept(","):
                break
        return n.CallStmt(tok, n.Call(tok, target, args))

    # ---- control flow

    def if_(self) -> n.Stmt:
        """If in both forms."""
        tok = self.next()
        condition = self.expression()
        if self.at("goto"):
            return n.If(tok, [(condition, [self.goto()])], [])
        self.expect("then", " after the condition")
        if self.tok.kind != Kind.EOL:
            return self._if_line(tok, condition)
        branches: list[tuple[n.Expr, n.Block]] = []
        otherwise: n.Block = []
        while True:
            body, closer = self.block(tok, ("else", "elseif", "end if"))
            branches.append((condition, body))
            if closer.low == "elseif":
                self.next()
                condition = self.expression()
                self.expect("then", " after the condition")
                continue
            if closer.low == "else":
                self.next()
                if self.at("if"):
                    fail(self.tok, "write ElseIf as one word")
                otherwise, _ = self.block(tok, ("end if",))
            self.close("end if")
            return n.If(tok, branches, otherwise)

    def _if_line(self, tok: Token, condition: n.Expr) -> n.Stmt:
        then = self._line_block()
        otherwise: n.Block = []
        if self.accept("else"):
            otherwise = self._line_block()
        if self.at("end") and self.peek().low == "if":
            self.close("end if")
        else:
            self.accept("endif")
        return n.If(tok, [(condition, then)], otherwise)

    def _line_block(self) -> n.Block:
        out: n.Block = []
        while True:
            while self.accept(":"):
                pass
            if self.tok.kind in (Kind.EOL, Kind.EOF) or self.at("else") or self.at("endif"):
                return out
            if self.at("end") and self.peek().low == "if":
                return out
            self.statement_into(out)
            if not self.at_end() and not self.at("endif") and not (self.at("end") and self.peek().low == "if"):
                fail(self.tok, f"expected the end of the statement, found {self.describe(self.tok)}")

    def select(self) -> n.Stmt:
        """Select Case ... End Select."""
        tok = self.next()
        self.expect("case")
        const = False
        if self.at("as"):
            self.next()
            self.expect("const")
            const = True
        subject = self.expression()
        node = n.Select(tok, subject, [], const)
        body, _ = self.block(tok, ("case", "end select"))
        if body:
            fail(body[0], "nothing may stand between Select Case and its first Case")
        while self.at("case"):
            case = self.next()
            tests: list[n.CaseTest] = []
            try:
                while not self.accept("else"):
                    tests.append(self._case_test())
                    if not self.accept(","):
                        break
            except StatementError as error:
                self.diagnostics.add(error.diagnostic)
                self.skip_line()
            body, _ = self.block(tok, ("case", "end select"))
            node.branches.append((case, tests, body))
        self.close("end select")
        return node

    def _case_test(self) -> n.CaseTest:
        tok = self.tok
        if self.accept("is"):
            op = self.tok
            if op.low not in ("=", "<>", "<", ">", "<=", ">="):
                fail(op, f"expected a comparison after Is, found {self.describe(op)}")
            self.next()
            return n.CaseTest(tok, op.low, self.expression())
        low = self.expression()
        if self.accept("to"):
            return n.CaseTest(tok, "to", low, self.expression())
        return n.CaseTest(tok, "=", low)

    def for_(self) -> n.Stmt:
        """For ... Next."""
        tok = self.next()
        counter: n.Expr = n.Name(self.name("the loop's counter"))
        type_ = None
        if self.accept("as"):
            type_ = self.type_ref()
        else:
            counter = self.postfix(counter)
        self.expect("=")
        start = self.expression()
        self.expect("to")
        stop = self.expression()
        step = self.expression() if self.accept("step") else None
        body, _ = self.block(tok, ("next",))
        self.next()
        if not self.at_end():
            named = self.tok
            self.postfix(n.Name(self.name("the loop's counter")))
            if self.at(","):
                fail(self.tok, "close each For with a Next of its own")
            if isinstance(counter, n.Name) and named.low != counter.low:
                fail(named, f"this Next closes the For of {counter.tok.text}, not of {named.text}")
        return n.For(tok, counter, type_, start, stop, step, body)

    def while_(self) -> n.Stmt:
        """While ... Wend."""
        tok = self.next()
        condition = self.expression()
        body, _ = self.block(tok, ("wend",))
        self.next()
        return n.Loop(tok, "while", (condition, True), body, None)

    def do(self) -> n.Stmt:
        """Do ... Loop with a condition at either end."""
        tok = self.next()
        before = self._loop_condition()
        body, _ = self.block(tok, ("loop",))
        self.next()
        after = self._loop_condition()
        if before and after:
            fail(tok, "a Do loop has its condition at one end, not at both")
        return n.Loop(tok, "do", before, body, after)

    def _loop_condition(self) -> tuple[n.Expr, bool] | None:
        word = self.tok.low
        if word not in ("while", "until"):
            return None
        self.next()
        return self.expression(), word == "while"

    def jump(self) -> n.Stmt:
        """Exit or Continue."""
        tok = self.next()
        kinds = [self.name("what to leave").low]
        while self.accept(","):
            kinds.append(self.name("what to leave").low)
        allowed = ("for", "while", "do", "select", "sub", "function")[: 6 if tok.low == "exit" else 3]
        for kind in kinds:
            if kind not in allowed:
                fail(tok, f"{tok.text} goes with {', '.join(a.title() for a in allowed)}, not {kind.title()}")
        return n.Jump(tok, tok.low, kinds)

    def goto(self) -> n.Stmt:
        """Goto label."""
        tok = self.next()
        return n.Goto(tok, self.name("a label"))

    def return_(self) -> n.Stmt:
        """Return [value]."""
        tok = self.next()
        return n.Return(tok, None if self.at_end() else self.expression())

    def scope(self) -> n.Stmt:
        """Scope ... End Scope."""
        tok = self.next()
        body, _ = self.block(tok, ("end scope",))
        self.close("end scope")
        return n.Scope(tok, body)

    def with_(self) -> n.Stmt:
        """With ... End With."""
        tok = self.next()
        target = self.high()
        body, _ = self.block(tok, ("end with",))
        self.close("end with")
        return n.With(tok, target, body)

    def swap(self) -> n.Stmt:
        """Swap a, b."""
        tok = self.next()
        left = self.high()
        self.expect(",")
        return n.Swap(tok, left, self.high())

    def end(self) -> n.Stmt:
        """End [code], System, Stop."""
        tok = self.next()
        return n.End(tok, None if self.at_end() else self.expression())

    # ---- procedures

    def procedure(self) -> n.Stmt:
        """[Private|Public] Sub or Function; or `Function = value`."""
        tok = self.tok
        if tok.low in ("private", "public"):
            self.next()
        word = self.next()
        if word.low == "function" and (self.at("=") or self.at("=>")):
            self.next()
            return n.Result(tok, self.expression())
        if word.low not in ("sub", "function"):
            fail(word, f"expected Sub or Function after {tok.text}, found {self.describe(word)}")
        header = None
        try:
            header = self.header(function=word.low == "function")
            if not self.at_end():
                what = f"found {self.describe(self.tok)}"
                fail(self.tok, f"expected the end of the line after the procedure's head, {what}")
        except StatementError as error:
            self.diagnostics.add(error.diagnostic)
            self.skip_line()
        body, closer = self.block(word, (f"end {word.low}",))
        end = self.tok
        self.close(f"end {word.low}")
        if header is None:
            return n.Scope(tok, [])
        return n.ProcDef(tok, header, body, closer if closer.kind != Kind.EOF else end)

    def static(self) -> n.Stmt:
        """Static variables, or a Static procedure (which is not supported)."""
        if self.peek().low in ("sub", "function"):
            what = "Static procedures are not supported; make their variables Static one by one"
            self.diagnostics.error(self.next(), what)
            return self.procedure()
        return self.dim()

    def declare(self) -> n.Stmt:
        """Declare Sub or Function."""
        tok = self.next()
        word = self.next()
        if word.low not in ("sub", "function"):
            fail(word, f"expected Sub or Function after Declare, found {self.describe(word)}")
        return n.Declare(tok, self.header(function=word.low == "function"))

    # ---- assembler

    def asm(self) -> n.Stmt:
        """Asm ... End Asm, or one line of it."""
        tok = self.next()
        lines: list[list[Token]] = []
        if self.tok.kind != Kind.EOL:
            lines.append(self._asm_line())
            return n.Asm(tok, lines)
        while True:
            start = self.next()
            if self.at("end") and self.peek().low == "asm":
                self.next()
                self.next()
                return n.Asm(tok, lines)
            if start.kind == Kind.EOF:
                fail(tok, "this Asm block has no End Asm")
            line = self._asm_line()
            if line:
                lines.append(line)

    def _asm_line(self) -> list[Token]:
        line: list[Token] = []
        while self.tok.kind not in (Kind.EOL, Kind.EOF):
            line.append(self.next())
        return line


_STATEMENTS: dict[str, Callable[[Parser], n.Stmt]] = {
    "dim": Parser.dim, "var": Parser.dim, "extern": Parser.dim, "common": Parser.dim, "static": Parser.static,
    "const": Parser.const, "enum": Parser.enum, "type": Parser.type_decl, "union": Parser.type_decl,
    "if": Parser.if_, "select": Parser.select, "for": Parser.for_, "while": Parser.while_, "do": Parser.do,
    "exit": Parser.jump, "continue": Parser.jump, "goto": Parser.goto, "return": Parser.return_,
    "scope": Parser.scope, "with": Parser.with_, "swap": Parser.swap, "end": Parser.end, "system": Parser.end,
    "stop": Parser.end, "sub": Parser.procedure, "function": Parser.procedure, "private": Parser.procedure,
    "public": Parser.procedure, "declare": Parser.declare, "asm": Parser.asm, "print": Parser.print,
    "open": Parser.open, "close": Parser.close_, "get": Parser.get_put, "put": Parser.get_put,
    "seek": Parser.seek_, "line": Parser.line_input,
}  # fmt: skip
