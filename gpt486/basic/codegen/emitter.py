"""Instructions as they are collected for one procedure, and the temporaries' registers."""

from __future__ import annotations

from gpt486.basic.codegen.operands import PARTS, Imm, Mem, Operand, Reg, Temp
from gpt486.basic.lexer import Token

SCRATCH = ("eax", "edx", "ecx")
SAVED = ("ebx", "esi", "edi")


class Ins:
    """One line of code. op "" is a label (in `dst`), op "asm" is a line as the user wrote it, op "data" a directive."""

    __slots__ = ("dst", "op", "src", "tok")

    def __init__(self, op: str, dst: str, src: str, tok: Token) -> None:
        self.op = op
        self.dst = dst
        self.src = src
        self.tok = tok

    def text(self) -> str:
        """The assembler's spelling."""
        if self.op == "":
            return f"{self.dst}:"
        if self.op in ("asm", "data"):
            return self.dst
        if self.src:
            return f"{self.op} {self.dst}, {self.src}"
        return f"{self.op} {self.dst}" if self.dst else self.op


class Emitter:
    """Collects instructions and hands out registers.

    Temporaries live in eax, edx, ecx and those of ebx, esi, edi that hold no variable; when they run out, the oldest
    one that the instruction at hand does not need goes to the frame and comes back when it is wanted.
    """

    def __init__(self, tok: Token, variable_registers: set[str], frame_top: int) -> None:
        self.code: list[Ins] = []
        self.tok = tok
        self.pool = [*SCRATCH, *(r for r in SAVED if r not in variable_registers)]
        self.used: set[str] = set(variable_registers)
        self.live: list[Temp] = []  # in the order of their making
        self.frame = frame_top  # bytes below ebp that are taken
        self.free_slots: list[int] = []
        self._by_reg: dict[str, Temp] = {}

    # ---- instructions

    def ins(self, op: str, *operands: Operand | str) -> None:
        """Emit an instruction, first bringing every temporary in its operands into a register."""
        texts = self.texts(*operands)
        self.code.append(Ins(op, texts[0] if texts else "", texts[1] if len(texts) > 1 else "", self.tok))
        if len(texts) > 2:
            self.code[-1].src = ", ".join(texts[1:])

    def texts(self, *operands: Operand | str) -> list[str]:
        """The spelling of operands after their temporaries were brought into registers."""
        temps = [t for o in operands if isinstance(o, Operand) for t in o.temps()]
        for t in temps:
            t.pins += 1
        for t in temps:
            if not t.reg:
                self.reload(t)
        for t in temps:
            t.pins -= 1
        return [o if isinstance(o, str) else o.text() for o in operands]

    def label(self, name: str) -> None:
        """Place a label."""
        self.code.append(Ins("", name, "", self.tok))

    # ---- temporaries

    def alloc(self, prefer: str = "", *, byte: bool = False) -> Temp:
        """A temporary in a free register, spilling another if need be. `byte`: in one that has a low byte."""
        reg = ""
        if prefer and prefer in self.pool and prefer not in self._by_reg and (not byte or PARTS[prefer][0]):
            reg = prefer
        else:
            for candidate in self.pool:
                if candidate not in self._by_reg and (not byte or PARTS[candidate][0]):
                    reg = candidate
                    break
        if not reg:
            reg = self._evict(byte)
        return self._bind(Temp(reg), reg)

    def _bind(self, temp: Temp, reg: str) -> Temp:
        temp.reg = reg
        self._by_reg[reg] = temp
        self.used.add(reg)
        if temp not in self.live:
            self.live.append(temp)
        return temp

    def _evict(self, byte: bool) -> str:
        for temp in self.live:
            if temp.reg and not temp.pins and temp.reg in self.pool and (not byte or PARTS[temp.reg][0]):
                reg = temp.reg
                self.spill(temp)
                return reg
        raise AssertionError("no register can be freed")

    def spill(self, temp: Temp) -> None:
        """Move a temporary from its register to the frame."""
        temp.slot = self.slot()
        self.code.append(Ins("mov", f"dword ptr [ebp{temp.slot:+d}]", temp.reg, self.tok))
        del self._by_reg[temp.reg]
        temp.reg = ""

    def slot(self) -> int:
        """A free dword of the frame, as its offset from ebp."""
        if self.free_slots:
            return self.free_slots.pop()
        self.frame += 4
        return -self.frame

    def reload(self, temp: Temp) -> None:
        """Bring a spilled temporary back into a register."""
        holder = self.alloc()
        reg = holder.reg
        self.live.remove(holder)
        self._bind(temp, reg)
        self.code.append(Ins("mov", reg, f"dword ptr [ebp{temp.slot:+d}]", self.tok))
        self.free_slots.append(temp.slot)
        temp.slot = 0

    def take(self, reg: str) -> Temp:
        """A temporary in this very register; whatever is there moves to another or to the frame."""
        self.vacate(reg)
        return self._bind(Temp(reg), reg)

    def vacate(self, reg: str, keep: Temp | None = None) -> None:
        """Make a register free, moving the temporary in it elsewhere."""
        holder = self._by_reg.get(reg)
        if holder is None or holder is keep:
            return
        for candidate in self.pool:
            if candidate not in self._by_reg and candidate != reg:
                del self._by_reg[reg]
                self.code.append(Ins("mov", candidate, reg, self.tok))
                self._bind(holder, candidate)
                return
        if holder.pins:
            self._evict_for(holder)
        else:
            self.spill(holder)

    def _evict_for(self, holder: Temp) -> None:
        old = holder.reg
        fresh = self._evict(False)
        del self._by_reg[old]
        self.code.append(Ins("mov", fresh, old, self.tok))
        self._bind(holder, fresh)

    def move_to(self, temp: Temp, reg: str) -> None:
        """Bring a temporary into this very register."""
        if temp.reg == reg:
            return
        holder = self._by_reg.get(reg)
        if holder is not None and temp.reg and not temp.fixed and all(r in self._by_reg for r in self.pool):
            # No register is free to step aside into: the two change places.
            self.code.append(Ins("xchg", temp.reg, reg, self.tok))
            self._by_reg[temp.reg], self._by_reg[reg] = holder, temp
            holder.reg, temp.reg = temp.reg, reg
            return
        temp.pins += 1
        self.vacate(reg)
        temp.pins -= 1
        if temp.reg:
            self.code.append(Ins("mov", reg, temp.reg, self.tok))
            if not temp.fixed:
                del self._by_reg[temp.reg]
        else:
            self.code.append(Ins("mov", reg, f"dword ptr [ebp{temp.slot:+d}]", self.tok))
            self.free_slots.append(temp.slot)
            temp.slot = 0
        self._bind(temp, reg)

    def free(self, *things: Operand | Temp | None) -> None:
        """Give back the temporaries of operands (each once, however often it occurs)."""
        for thing in things:
            if thing is None:
                continue
            for temp in (thing,) if isinstance(thing, Temp) else thing.temps():
                if temp.fixed or temp not in self.live:
                    continue
                self.live.remove(temp)
                if temp.reg:
                    del self._by_reg[temp.reg]
                    temp.reg = ""
                elif temp.slot:
                    self.free_slots.append(temp.slot)
                    temp.slot = 0

    def spill_all(self, *, saved_too: bool = True) -> None:
        """Send every live temporary to the frame (before a branch or a call)."""
        for temp in list(self.live):
            if temp.reg and (saved_too or temp.reg in SCRATCH):
                self.spill(temp)

    def byte_name(self, temp: Temp) -> str:
        """The low byte of a temporary's register, moving it to one that has a low byte."""
        self.texts(Reg(temp=temp))
        if not PARTS[temp.reg][0]:
            if temp.fixed:
                raise AssertionError("a variable's register has no low byte")
            fresh = self.alloc(byte=True)
            reg = fresh.reg
            self.live.remove(fresh)
            self.code.append(Ins("mov", reg, temp.reg, self.tok))
            del self._by_reg[temp.reg]
            self._bind(temp, reg)
        return PARTS[temp.reg][0]

    def fetch(self, source: Operand, prefer: str = "") -> Temp:
        """A temporary with the value of an operand, which is given up; it may take over one of its registers."""
        spelled = self.texts(source)[0]
        zero = isinstance(source, Imm) and source.value == 0
        self.free(source)
        temp = self.alloc(prefer)
        self.code.append(Ins("xor" if zero else "mov", temp.reg, temp.reg if zero else spelled, self.tok))
        return temp

    def move(self, target: Temp, source: Operand) -> None:
        """Load a temporary; zero by xor."""
        if isinstance(source, Imm) and source.value == 0:
            self.ins("xor", Reg(temp=target), Reg(temp=target))
        elif isinstance(source, Reg) and source.reg and source.reg == target.reg:
            return
        elif isinstance(source, Mem) and source.size < 4:
            raise AssertionError("narrow memory needs movzx or movsx")
        else:
            self.ins("mov", Reg(temp=target), source)
