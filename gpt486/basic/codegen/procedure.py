"""One procedure: frame, operations, prologue and epilogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpt486.basic import ir
from gpt486.basic.codegen.emitter import SAVED, Ins
from gpt486.basic.codegen.operands import Imm, Mem, Reg, Temp
from gpt486.basic.codegen.peephole import improve
from gpt486.basic.codegen.stores import StoreCode
from gpt486.basic.codegen.variables import assign_registers
from gpt486.basic.sema.fold import int_type
from gpt486.basic.types import ANY, ArrayType, IntType, RecordType, StringType

if TYPE_CHECKING:
    from gpt486.basic.codegen.program import ProgramCode


class ProcedureCode(StoreCode):
    """Generates the code of one procedure."""

    def __init__(self, unit: ProgramCode, proc: ir.Proc) -> None:
        self.unit = unit
        self.proc = proc
        self.direct = self._returns_directly()
        registers = assign_registers(proc)
        top = self._lay_out(proc)
        super().__init__(proc.tok, registers, top)
        self._labels: dict[ir.Label, str] = {}
        self._tables: list[tuple[str, list[str]]] = []

    # ---- the frame

    def _lay_out(self, proc: ir.Proc) -> int:
        """Give every variable in memory its offset; returns the bytes below ebp."""
        at = 8
        for param in proc.params:
            param.offset = at
            at += 4 if param.byref else -(-param.type.size // 4) * 4
        top = 0
        locals_ = [*proc.locals]
        if proc.result is not None and proc.result.storage == "local" and not self.direct:
            locals_.append(proc.result)
        for var in locals_:
            if var.register or var.is_static:
                continue
            top += -(-var.type.size // 4) * 4
            var.offset = -top
        return top

    def _returns_directly(self) -> bool:
        """Whether every way out with a value is `Return value`, so that the value can go straight to eax."""
        proc = self.proc
        if proc.result is None or proc.uses_result_slot or proc.strings or proc.result.byref:
            return False
        if isinstance(proc.result.type, StringType):
            return False
        body = proc.body
        for i, op in enumerate(body):
            if isinstance(op, ir.OBranch) and op.label is proc.exit:
                return False
            if isinstance(op, ir.OJump) and op.label is proc.exit:
                before = body[i - 1] if i else None
                if not (isinstance(before, ir.OAssign) and self._is_result(before.target)):
                    return False
        return True

    def _is_result(self, e: ir.Expr) -> bool:
        return isinstance(e, ir.EVar) and e.var is self.proc.result

    def new_label(self) -> str:
        """A fresh local label."""
        return self.unit.new_label("")

    def name_of(self, label: ir.Label) -> str:
        """The assembler's name of a label."""
        name = self._labels.get(label)
        if name is None:
            name = self._labels[label] = self.unit.new_label(label.name)
        return name

    # ---- the body

    def generate(self) -> list[Ins]:
        """All instructions of the procedure, its label first."""
        proc = self.proc
        symbol = self.unit.symbol_of_proc(proc)
        if proc.naked:
            body = self._naked()
            return [Ins("", symbol, "", proc.tok), *body]
        for op in self._prepared():
            self.tok = op.tok
            self._operation(op)
            assert not self.live, (proc.name, op.tok)
        body = self.code
        tail = self._epilogue(body)
        self.code = []
        self.tok = proc.tok
        self._prologue()
        in_tables = {label for _, labels in self._tables for label in labels}
        code = improve([Ins("", symbol, "", proc.tok), *self.code, *body, *tail], in_tables)
        return code + self._table_lines()

    def _naked(self) -> list[Ins]:
        for op in self.proc.body:
            if isinstance(op, ir.OAsm):
                self.tok = op.tok
                self._asm(op)
        return self.code

    def _prepared(self) -> list[ir.Op]:
        """The body, with `result = value: jump to the exit` joined where values go straight to eax."""
        body = self.proc.body
        if not self.direct:
            return body
        out: list[ir.Op] = []
        i = 0
        while i < len(body):
            op = body[i]
            if isinstance(op, ir.OAssign) and self._is_result(op.target):
                out.append(ir.OReturn(op.tok, op.value))
                i += 2
                continue
            out.append(op)
            i += 1
        return out

    def _operation(self, op: ir.Op) -> None:
        if isinstance(op, ir.OAssign):
            self.store(op.target, op.value)
        elif isinstance(op, ir.OEval):
            self._evaluate(op.value)
        elif isinstance(op, ir.OBranch):
            self.branch(op.condition, self.name_of(op.label), op.sense)
        elif isinstance(op, ir.OLabel):
            if op.label.used or op.label.user:
                self.label(self.name_of(op.label))
        elif isinstance(op, ir.OJump):
            self.ins("jmp", self.name_of(op.label))
        elif isinstance(op, ir.OReturn):
            self._return(op)
        elif isinstance(op, ir.OCopy):
            self.copy(op.target, op.source, op.size)
        elif isinstance(op, ir.OZero):
            self.zero(op.target, op.size)
        elif isinstance(op, ir.OSwitch):
            self._switch(op)
        elif isinstance(op, ir.OAsm):
            self._asm(op)

    def _evaluate(self, e: ir.Expr) -> None:
        if isinstance(e, ir.ECall):
            self._pass_and_call(e)
        elif e.type is not ANY and isinstance(e.type, IntType) and e.type.size == 8:
            self.free(*self.wide(e))
        else:
            self.free(self.value(e))

    def _return(self, op: ir.OReturn) -> None:
        assert op.value is not None
        if op.value.type.size == 8 and isinstance(op.value.type, IntType):
            low, high = self.wide(op.value)
            self.pair_to_eax_edx(low, high)
            self.free(low, high)
        else:
            temp = self.value(op.value, prefer="eax")
            self.move_to(temp, "eax")
            self.free(temp)
        self.proc.exit.used += 1
        self.ins("jmp", self.name_of(self.proc.exit))

    def _switch(self, op: ir.OSwitch) -> None:
        value = self.operand(op.value)
        if isinstance(value, Reg) and value.temp is None and op.low == 0:
            index: Reg = value
        else:
            index = Reg(temp=self.fetch(value))
            if op.low:
                self.ins("sub", index, Imm(op.low))
        self.ins("cmp", index, str(len(op.labels)))
        self.ins("jae", self.name_of(op.default))
        table = self.unit.new_label("table")
        place: Temp | str = index.temp if index.temp is not None else index.name
        self.ins("jmp", Mem(4, index=place, scale=4, symbol=table))
        self.free(index)
        self._tables.append((table, [self.name_of(label) for label in op.labels]))

    def _table_lines(self) -> list[Ins]:
        out: list[Ins] = []
        for table, labels in self._tables:
            out.append(Ins("", table, "", self.proc.tok))
            out += [Ins("data", f".long {label}", "", self.proc.tok) for label in labels]
        return out

    def _asm(self, op: ir.OAsm) -> None:
        text = ""
        for piece in op.pieces:
            if isinstance(piece, str):
                text += piece
            elif isinstance(piece, ir.Proc):
                text += self.unit.symbol_of_proc(piece)
            elif piece.is_static:
                text += self.unit.symbol_of(piece)
            else:
                text += f"ebp{piece.offset:+d}"
        self.code.append(Ins("asm", text.strip(), "", op.tok))

    # ---- beginning and end

    def _saved(self) -> list[str]:
        return list(SAVED) if self.proc.has_asm else [r for r in SAVED if r in self.used]

    def _needs_frame(self) -> bool:
        return bool(self.frame or self.proc.params or self.proc.has_asm)

    def _prologue(self) -> None:
        room: Ins | None = None
        if self._needs_frame():
            self.ins("push", "ebp")
            self.ins("mov", "ebp", "esp")
            if self.frame:
                self.ins("sub", "esp", "")
                room = self.code[-1]
        for reg in self._saved():
            self.ins("push", reg)
        for param in self.proc.params:
            if param.register:
                t = int_type(param.type) if not param.byref else None
                if t is not None and t.size < 4:
                    op, size = ("movsx" if t.signed else "movzx"), t.size
                else:
                    op, size = "mov", 4
                self.ins(op, param.register, Mem(size, base="ebp", disp=param.offset))
        for var in self.proc.strings:
            if not var.is_static:
                self.zero(ir.EAddr(var.type, var), var.type.size)
        result = self.proc.result
        if result is not None and not self.direct:
            if result.register:
                self.ins("xor", result.register, result.register)
            else:
                where = ir.EVar(result.type, result)
                if result.byref:
                    self.zero(where, result.type.size)
                else:
                    self.zero(ir.EAddr(result.type, result), result.type.size)
        if room is not None:
            room.src = str(self.frame)  # known only now: clearing the strings may have taken more

    def _epilogue(self, body: list[Ins]) -> list[Ins]:
        proc = self.proc
        start = len(body)
        self.tok = proc.definition.end if proc.definition is not None else proc.tok
        result = proc.result
        reached = not body or body[-1].op != "jmp"
        if self.direct and reached:
            self.ins("xor", "eax", "eax")
            if result is not None and result.type.size == 8:
                self.ins("xor", "edx", "edx")
        if proc.exit.used or proc.exit in self._labels:
            self.label(self.name_of(proc.exit))
        for var in proc.strings:
            if not var.is_static:
                self._free_strings(var)
        if result is not None and not self.direct:
            self._load_result(result)
        saved = self._saved()
        for reg in reversed(saved):
            self.ins("pop", reg)
        if self._needs_frame():
            if self.frame:
                self.ins("mov", "esp", "ebp")
            self.ins("pop", "ebp")
        if proc.type.convention == "stdcall":
            size = sum(4 if p.byref else -(-p.type.size // 4) * 4 for p in proc.params)
            self.ins("ret", str(size)) if size else self.ins("ret")
        else:
            self.ins("ret")
        tail = body[start:]
        del body[start:]
        return tail

    def _free_strings(self, var: ir.Var) -> None:
        count = var.type.count if isinstance(var.type, ArrayType) else 1
        proc = self.unit.runtime("fb_strdestroy")
        args: list[ir.Expr] = [ir.EAddr(proc.type.params[0].type, var), ir.EConst(proc.type.params[1].type, count)]
        self._pass_and_call(ir.ECall(ANY, proc, proc.type, args))

    def _load_result(self, result: ir.Var) -> None:
        if isinstance(result.type, RecordType):
            self.ins("mov", "eax", Mem(4, base="ebp", disp=result.offset))
        elif isinstance(result.type, StringType):
            proc = self.unit.runtime("fb_strtotemp")
            self._pass_and_call(ir.ECall(ANY, proc, proc.type, [ir.EAddr(proc.type.params[0].type, result)]))
        elif result.register:
            self.ins("mov", "eax", result.register)
        elif result.type.size == 8:
            self.ins("mov", "eax", Mem(4, base="ebp", disp=result.offset))
            self.ins("mov", "edx", Mem(4, base="ebp", disp=result.offset + 4))
        else:
            temp = self.take("eax")
            self.free(self.load(ir.EVar(result.type, result), temp))
