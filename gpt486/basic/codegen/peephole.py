"""Small improvements of finished instruction sequences, none of which changes what a program does."""

from __future__ import annotations

from gpt486.basic.codegen.conditions import NOT
from gpt486.basic.codegen.emitter import Ins

_JUMPS = {f"j{c}": f"j{n}" for c, n in NOT.items()}


def improve(code: list[Ins], keep: set[str]) -> list[Ins]:
    """Apply the rules until none finds anything more to do. `keep`: labels that something outside refers to."""
    before = -1
    while len(code) != before:
        before = len(code)
        code = _jumps(_moves(_unreachable(code)), keep)
    return code


def _unreachable(code: list[Ins]) -> list[Ins]:
    """Drop what stands between an unconditional jump and the next label."""
    out: list[Ins] = []
    dead = False
    for ins in code:
        if ins.op == "":
            dead = False
        if not dead or ins.op == "asm":
            out.append(ins)
        if ins.op in ("jmp", "ret"):
            dead = True
    return out


def _jumps(code: list[Ins], keep: set[str]) -> list[Ins]:
    """Send jumps to jumps to their end, drop jumps to the next line, turn a branch around a jump."""
    follow: dict[str, str] = {}
    for i, ins in enumerate(code):
        if ins.op == "":
            at = i + 1
            while at < len(code) and code[at].op == "":
                at += 1
            if at < len(code) and code[at].op == "jmp" and code[at].dst.startswith("@"):
                follow[ins.dst] = code[at].dst
    for ins in code:
        if ins.op == "jmp" or ins.op in _JUMPS:
            seen = set()
            while ins.dst in follow and ins.dst not in seen:
                seen.add(ins.dst)
                ins.dst = follow[ins.dst]
    out: list[Ins] = []
    i = 0
    while i < len(code):
        ins = code[i]
        if (ins.op == "jmp" or ins.op in _JUMPS) and ins.dst in _labels_at(code, i + 1):
            i += 1
            continue
        if (
            ins.op in _JUMPS
            and i + 2 < len(code)
            and code[i + 1].op == "jmp"
            and code[i + 1].dst.startswith("@")
            and ins.dst in _labels_at(code, i + 2)
        ):
            out.append(Ins(_JUMPS[ins.op], code[i + 1].dst, "", ins.tok))
            i += 2
            continue
        out.append(ins)
        i += 1
    used = keep.union(w for ins in out for w in _mentioned(ins))
    return [ins for ins in out if ins.op != "" or not ins.dst.startswith("@") or ins.dst in used]


def _mentioned(ins: Ins) -> list[str]:
    if ins.op == "":
        return []
    text = f"{ins.dst} {ins.src}"
    if "@" not in text:
        return []
    return [w.strip("[],") for part in text.replace("+", " ").replace("[", " ").split() for w in (part,) if "@" in w]


def _labels_at(code: list[Ins], i: int) -> set[str]:
    out = set()
    while i < len(code) and code[i].op == "":
        out.add(code[i].dst)
        i += 1
    return out


def _moves(code: list[Ins]) -> list[Ins]:
    """Drop a load of what was just stored, and a store of what was just loaded."""
    out: list[Ins] = []
    for ins in code:
        last = out[-1] if out else None
        if (
            ins.op == "mov"
            and last is not None
            and last.op == "mov"
            and ins.dst == last.src
            and ins.src == last.dst
            # The second move does nothing, unless its place hangs on the register that the first one changed.
            and not ("[" in last.src and last.dst in last.src)
        ):
            continue
        if ins.op == "mov" and ins.dst == ins.src:
            continue
        out.append(ins)
    return out
