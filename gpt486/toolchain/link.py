"""The linker: a program and the start-up code into one DOS executable, its map and its listing.

The image begins with the start-up's 32-bit half, then comes the program. Behind the image, in memory only, lie bss
(the start-up's, then the program's) and the stack. The parts of the start-up are ordinary assembly (asm/startup) that
gets a handful of numbers as constants.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Final

from emulator.mapfile import Kind, MapFile, MapLine, MapSymbol
from gpt486 import paths
from gpt486.toolchain import listing, mz
from gpt486.toolchain.assembler import BSS_ALIGN, AsmLine, Object, Row, assemble, read_assembly
from gpt486.toolchain.errors import LinkError

#: Stack that the stub uses while the machine is in real mode, in bytes, behind the stub.
REAL_STACK_BYTES: Final = 4096
#: The transfer buffer, in bytes, behind that stack; flat32.asm has the same number.
XFER_BYTES: Final = 32768
#: Stack that DOS gives the stub before it has moved to its own.
FIRST_STACK_BYTES: Final = 2048
_PSP_BYTES: Final = 256
#: The start-up's own bss: the interrupt table and a stack to report exceptions on.
_IDT_BYTES: Final = 2048
_EXCEPTION_STACK_BYTES: Final = 1024
_STUB_NUMBERS: Final = ("IMAGE_BYTES", "TOTAL_KB", "START_OFFSET", "BACK_OFFSET")
_STUB_NEEDS: Final = (
    "block_kb", "block_start", "memory_from", "psp", "pm_idt", "exit_code", "real_exit", "real_vector", "real_regs",
    "real_int", "break_seen", "leave_pm", "real_flags", "real_ds", "real_es",
)  # fmt: skip


@dataclass(frozen=True)
class Executable:
    """A linked program: the MZ file's bytes, its map, and the listing for people.

    Attributes:
        below_bytes: conventional memory that it keeps while it runs: program segment prefix, stub, real-mode stack,
            transfer buffer.
    """

    exe: bytes
    map: MapFile
    listing: str
    below_bytes: int

    @property
    def memory(self) -> dict[str, int]:
        """Bytes that it takes without its heap: below 1 MB; image (code and data), bss and stack above."""
        sizes = {"image": self.map.image_size, "bss": self.map.bss_size, "stack": self.map.stack_size}
        return {"below": self.below_bytes, **sizes}


@cache
def _source(name: str) -> tuple[AsmLine, ...]:
    path = paths.ASM / "startup" / name
    try:
        return tuple(read_assembly(path.read_text(encoding="utf-8"), f"asm/startup/{name}"))
    except OSError as error:
        raise LinkError(f"cannot read {path} of gpt486 itself: {error.strerror}; install it again") from None


def _constants(values: Mapping[str, int | str]) -> list[AsmLine]:
    return [AsmLine(f"{name} = {value}", "(linker)", 0) for name, value in values.items()]


@cache
def _draft() -> Object:
    """The stub with zeros for the linker's numbers: its labels, and its size, which is one of its numbers."""
    numbers = dict.fromkeys(_STUB_NUMBERS, 0)
    return _stub(numbers, len(_stub(numbers, 0).code))


def _stub(numbers: Mapping[str, int], size: int) -> Object:
    sizes = {"STUB_BYTES": size, "STACK_TOP": size + REAL_STACK_BYTES}
    return assemble([*_constants({**numbers, **sizes}), *_source("stub16.asm")], bits=16)


def link(
    program: Sequence[AsmLine],
    *,
    entry: str,
    bss_bytes: int = 0,
    bss_symbols: Mapping[str, int] | None = None,
    stack_bytes: int = 65536,
    title: str,
    sources: Mapping[str, Sequence[str]] | None = None,
) -> Executable:
    """Link a program into a DOS executable.

    Args:
        program: the whole 32-bit text and data; may use the start-up's sys_ symbols (docs/executable.md). Its
            ``.balign`` count from the image's first byte, which lies at a multiple of 4096 in memory.
        entry: the label to call, cdecl without arguments; what it returns in eax is the exit code.
        bss_bytes: zeroed storage behind the image, in bytes; it begins at a multiple of 256.
        bss_symbols: name -> offset in that storage.
        stack_bytes: size of the 32-bit stack.
        title: the program's name, for map and listing.
        sources: source lines by file name, for the listing.

    Raises:
        LinkError: no such entry, a bss symbol outside the storage, or a program too large for DOS.
        AssemblyError: a statement is wrong.
    """
    bss = dict(bss_symbols or {})
    for name, offset in bss.items():
        if not 0 <= offset <= bss_bytes:
            raise LinkError(f"the bss symbol '{name}' lies at {offset}, outside the {bss_bytes} bytes of bss")
    if stack_bytes < 1024:
        raise LinkError(f"a stack of {stack_bytes} bytes is too small; 1024 are the least")
    own_bss = {"sys_idt": 0, "sys_exception_stack_end": _IDT_BYTES + _EXCEPTION_STACK_BYTES}
    own_bytes = _round(_IDT_BYTES + _EXCEPTION_STACK_BYTES, BSS_ALIGN)
    all_bss = {**own_bss, **{name: own_bytes + offset for name, offset in bss.items()}}
    bss_total, stack_total = own_bytes + _round(bss_bytes, 4), _round(stack_bytes, 16)

    draft = _draft()
    image = _image(program, entry, all_bss, bss_total, stack_total, draft)
    total = len(image.code) + bss_total + stack_total
    stub = _stub(
        {
            "IMAGE_BYTES": len(image.code),
            "TOTAL_KB": _round(total + 4095, 1024) // 1024,
            "START_OFFSET": image.symbols["sys_start"],
            "BACK_OFFSET": image.symbols["sys_back"],
        },
        len(draft.code),
    )
    if stub.symbols != draft.symbols:
        raise LinkError("internal: the stub's layout depends on the program")
    load_module = stub.code + image.code + mz.pack_relocations(image.relocations)
    exe = mz.write_mz(load_module, stack_bytes=FIRST_STACK_BYTES, minimum_bytes=_resident(stub))
    map_file = _map(title, image, all_bss, bss_total, stack_total, stub.symbols["image_base"])
    text = listing.write_listing(title, stub, image, map_file, sources or {})
    map_file = replace(map_file, program_crc=zlib.crc32(exe))
    return Executable(exe, map_file, text, _paragraphs_kept(stub) * mz.PARAGRAPH)


def _round(number: int, step: int) -> int:
    return -(-number // step) * step


def _resident(stub: Object) -> int:
    """Bytes of conventional memory that stay in use, from the stub's first: stub, stack, transfer buffer."""
    return len(stub.code) + REAL_STACK_BYTES + XFER_BYTES


def _paragraphs_kept(stub: Object) -> int:
    """The memory block that DOS shall leave us, in paragraphs."""
    return (_PSP_BYTES + _resident(stub)) // mz.PARAGRAPH


def _image(
    program: Sequence[AsmLine], entry: str, bss: Mapping[str, int], bss_bytes: int, stack_bytes: int, stub: Object
) -> Object:
    constants = _constants(
        {
            "SYS_BSS_BYTES": bss_bytes,
            "SYS_STACK_BYTES": stack_bytes,
            "SYS_XFER_OFFSET": len(stub.code) + REAL_STACK_BYTES,
            "SYS_RESIDENT": _paragraphs_kept(stub),
            "SYS_PROGRAM_ENTRY": entry,
            **{f"SYS_STUB_{name}": stub.symbols[name] for name in _STUB_NEEDS},
        }
    )
    end = [AsmLine(f".balign {BSS_ALIGN}", "(linker)"), AsmLine("sys_image_end:", "(linker)")]
    if not any(line.text.lstrip().startswith(f"{entry}:") for line in program):
        raise LinkError(f"the program has no label '{entry}' to begin at")
    return assemble([*constants, *_source("flat32.asm"), *program, *end], bss_symbols=bss)


def _map(
    title: str, image: Object, bss: Mapping[str, int], bss_bytes: int, stack_bytes: int, base_pointer: int
) -> MapFile:
    size = len(image.code)
    code_at = {row.offset: row.code for row in image.rows}
    named = [
        (offset, name) for name, offset in image.symbols.items() if not name.startswith(".") and name != "sys_image_end"
    ]
    named.sort(key=lambda pair: (pair[0], pair[1]))
    ends = sorted({offset for offset, _ in named if offset < size} | {size})
    bss_ends = sorted({size + offset for offset in bss.values()} | {size + bss_bytes})
    following = dict((*pairwise(ends), *pairwise(bss_ends)))
    symbols: list[MapSymbol] = []
    for offset, name in named:
        kind: Kind = "bss" if name in bss else "code" if code_at.get(offset, False) else "data"
        symbols.append(MapSymbol(offset, following.get(offset, offset) - offset, kind, name))
    return MapFile(title, size, bss_bytes, stack_bytes, base_pointer, tuple(symbols), tuple(_lines(image.rows)))


def _lines(rows: Sequence[Row]) -> list[MapLine]:
    out: list[MapLine] = []
    for row in rows:
        if not row.code:
            continue
        place = (row.line.file, row.line.line)
        if not out or (out[-1].file, out[-1].line) != place:
            out.append(MapLine(row.offset, *place))
    return out
