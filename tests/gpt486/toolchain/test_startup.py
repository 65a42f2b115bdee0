"""The start-up code, in the emulator and in DOSBox: what programs get, what they leave behind, and how it refuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from emulator import run_program
from emulator.keyboard import BREAK
from emulator.run import Session
from gpt486.toolchain import Executable, assemble, run_dosbox
from gpt486.toolchain.assembler import read_assembly

Program = Callable[..., Executable]


class Ran(NamedTuple):
    code: int | None
    text: str


class Machine:
    """One of the two ways to run a DOS program in a folder; `name` is emulator or dosbox."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder

    def run(self, exe: bytes, arguments: str = "", *, memory: int = 32, xms: bool = True) -> Ran:
        path = self.folder / "TEST.EXE"
        path.write_bytes(exe)
        pieces: list[bytes] = []
        if self.name == "dosbox":
            done = run_dosbox(
                self.folder, f"TEST.EXE{arguments}", time_limit=30, on_output=pieces.append, memory_mb=memory, xms=xms
            )
            return Ran(done.exit_code, b"".join(pieces).decode("latin-1"))
        result = run_program(
            path,
            arguments.encode().removeprefix(b" "),
            folder=self.folder,
            memory_mb=memory,
            console=pieces.append,
            instruction_limit=50_000_000,
            time_limit=30,
            xms=xms,
        )
        assert result.stop is None, result.stop
        return Ran(result.exit_code, b"".join(pieces).decode("latin-1"))


@pytest.fixture(params=["emulator", "dosbox"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    if request.param == "dosbox" and shutil.which("dosbox") is None:
        pytest.skip("DOSBox is not installed")
    return Machine(request.param, tmp_path)


@pytest.mark.parametrize("code", [0, 42, 255, 256 + 7])
def test_the_result_is_the_exit_code(machine: Machine, program: Program, code: int) -> None:
    assert machine.run(program(f"main: mov eax, {code}\nret").exe) == (code % 256, "")


def test_sys_exit_from_anywhere(machine: Machine, program: Program) -> None:
    assert machine.run(program("main: call deep\nret\ndeep: push 1\npush 2\nmov eax, 9\njmp sys_exit").exe).code == 9


def test_output(machine: Machine, program: Program) -> None:
    source = "main: mov esi, offset text\ncall print_text\nmov eax, 0x1234abcd\ncall print_hex\nxor eax, eax\nret\n"
    source += 'text: .asciz "Hello\\r\\n"'
    assert machine.run(program(source).exe) == (0, "Hello\r\n1234ABCD\r\n")


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def test_what_a_program_finds(machine: Machine, program: Program) -> None:
    names = [
        "sys_xfer",
        "sys_xfer_seg",
        "sys_xfer_size",
        "sys_heap",
        "sys_heap_end",
        "sys_memory_kb",
        "sys_memory_from",
    ]
    source = "main:\n" + "".join(f"mov eax, {name}\ncall print_hex\n" for name in names)
    source += "mov eax, offset main\ncall print_hex\nmov eax, esp\ncall print_hex\nxor eax, eax\nret\n"
    built = program(source, bss_bytes=100_000, stack_bytes=8192)
    xfer, segment, size, heap, end, kb, origin, main, stack = words(machine.run(built.exe).text)
    assert size == 32768
    assert xfer == segment * 16
    assert xfer + size <= 640 * 1024
    assert heap % 4096 == 0
    assert 30 * 1024 < kb <= 31 * 1024
    assert end - heap < kb * 1024
    assert end <= 32 << 20
    assert origin == 1
    symbol = built.map.symbol("main")
    assert symbol is not None
    base = main - symbol.offset
    assert base % 4096 == 0
    assert base >= 1 << 20
    top = base + built.map.image_size + built.map.bss_size + built.map.stack_size
    assert stack == top - 4
    assert heap == -(-top // 4096) * 4096


def test_without_xms_the_bios_gives_the_memory(machine: Machine, program: Program) -> None:
    source = """
main:
    mov eax, sys_memory_from
    call print_hex
    mov eax, sys_memory_kb
    call print_hex
    mov edi, sys_heap           # use all of it
    mov ecx, sys_heap_end
    sub ecx, edi
    shr ecx, 2
    mov eax, 0x5a5a5a5a
    rep stosd
    mov edi, sys_heap_end
    mov eax, dword ptr [edi-4]
    call print_hex
    xor eax, eax
    ret
"""
    code, text = machine.run(program(source).exe, xms=False, memory=8)
    origin, kb, pattern = words(text)
    assert (code, origin, pattern) == (0, 2, 0x5A5A5A5A)
    assert 6 * 1024 <= kb <= 7 * 1024


def test_bss_is_zero_and_data_is_relocated(machine: Machine, program: Program) -> None:
    source = """
main:
    mov edi, offset buffer
    mov ecx, 5000
    xor eax, eax
    repe scasd
    setne al
    call print_hex
    mov eax, dword ptr [table+4]
    call dword ptr [eax]
    call print_hex
    xor eax, eax
    ret
there: mov eax, 0x77
    ret
way: .long there
.skip 70000
table: .long 0, way
"""
    assert words(machine.run(program(source, bss_bytes=20000, bss_symbols={"buffer": 0}).exe).text) == [0, 0x77]


@pytest.mark.parametrize("tail", ["", " one", "  Two  THREE ", " " + "x" * 100])
def test_the_command_tail(machine: Machine, program: Program, tail: str) -> None:
    source = "main: mov esi, sys_cmdline\ncall print_text\nxor eax, eax\nret"
    text = machine.run(program(source).exe, tail).text
    assert text.strip() == tail.strip()
    assert text.startswith(" ") == tail.startswith(" ")


def test_the_environment(machine: Machine, program: Program) -> None:
    source = """
main:
    mov esi, sys_env
    jmp 2f
1:  call print_text
    mov esi, offset bar
    call print_text
    mov esi, dword ptr [at]
2:  mov dword ptr [at], esi
    mov edi, esi
    xor eax, eax
    mov ecx, 32768
    repne scasb
    xchg dword ptr [at], edi
    mov esi, edi
    cmp byte ptr [esi], 0
    jne 1b
    ret
at: .long 0
bar: .asciz "|"
"""
    assert any(entry.startswith("PATH=") for entry in machine.run(program(source).exe).text.split("|"))


def test_an_interrupt_call_changes_only_what_it_returns(machine: Machine, program: Program) -> None:
    source = """
main:
    mov dword ptr [sys_regs], 0x3000       # DOS version
    mov eax, 0x21
    mov ebx, 0x11111111
    mov ecx, 0x22222222
    mov edx, 0x33333333
    mov esi, 0x44444444
    mov edi, 0x55555555
    mov ebp, 0x66666666
    stc
    call sys_int
    jnc bad
    cmp eax, 0x21
    jne bad
    cmp ebx, 0x11111111
    jne bad
    cmp ecx, 0x22222222
    jne bad
    cmp edx, 0x33333333
    jne bad
    cmp esi, 0x44444444
    jne bad
    cmp edi, 0x55555555
    jne bad
    cmp ebp, 0x66666666
    jne bad
    movzx eax, byte ptr [sys_regs]
    cmp eax, 3
    jb bad
    mov dword ptr [sys_regs], 0x3d00       # open what is not there: carry and an error code come back
    mov eax, sys_xfer
    mov dword ptr [eax], 0x454e4f4e
    mov byte ptr [eax+4], 0
    mov eax, sys_xfer_seg
    mov dword ptr [sys_regs+32], eax
    mov dword ptr [sys_regs+12], 0
    mov eax, 0x21
    call sys_int
    movzx eax, word ptr [sys_regs]
    call print_hex
    mov eax, dword ptr [sys_regs+28]
    and eax, 1
    ret
bad: mov eax, 99
    ret
"""
    assert machine.run(program(source).exe) == (0, "00000002\r\n")


def test_all_registers_go_in_and_out(machine: Machine, program: Program) -> None:
    """A handler in real mode (vector 60h, code in the transfer buffer) adds one to everything it gets."""
    source = """
main:
    mov esi, offset handler
    mov edi, sys_xfer
    add edi, 1024
    mov ecx, handler_end - handler
    rep movsb
    mov eax, sys_xfer_seg
    shl eax, 16
    mov ax, 1024
    mov ebx, dword ptr [0x60*4]
    mov dword ptr [0x60*4], eax
    mov esi, offset values
    mov edi, offset sys_regs
    mov ecx, 10
    rep movsd
    mov eax, 0x60
    call sys_int
    mov dword ptr [0x60*4], ebx
    xor ebx, ebx
1:  mov eax, dword ptr [saved+ebx*4]
    inc ebx
    cmp ebx, 1
    ja 2f
    mov esi, offset sys_regs
    mov edi, offset saved
    mov ecx, 10
    rep movsd
    mov eax, dword ptr [saved]
2:  push ebx
    call print_hex
    pop ebx
    cmp ebx, 10
    jb 1b
    xor eax, eax
    ret
values: .long 0x10000000, 0x20000001, 0x30000002, 0x40000003, 0x50000004, 0x60000005, 0x70000006, 0, 0x1234, 0x4321
saved: .skip 40
handler: .byte 0x66,0x40, 0x66,0x43, 0x66,0x41, 0x66,0x42  # inc eax, ebx, ecx, edx,
    .byte 0x66,0x46, 0x66,0x47, 0x66,0x45       # esi, edi, ebp
    .byte 0x1e, 0x07                            # push ds, pop es: es = what ds was
    .byte 0x50, 0xb8, 0x78, 0x56, 0x8e, 0xd8, 0x58                  # ds = 5678h
    .byte 0xf9, 0xca, 2, 0                      # stc, retf 2: the carry flag goes out
handler_end:
"""
    eax, ebx, ecx, edx, esi, edi, ebp, flags, ds, es = words(machine.run(program(source).exe).text)
    assert [eax, ebx, ecx, edx, esi, edi, ebp] == [number * 0x10000001 for number in range(1, 8)]
    assert flags & 1
    assert ds & 0xFFFF == 0x5678
    assert es & 0xFFFF == 0x1234


def test_the_clock_ticks_while_the_program_computes(machine: Machine, program: Program) -> None:
    """Interrupts in protected mode reach the BIOS and change no register."""
    source = """
main:
    mov ebx, 0x12345678
    mov ecx, 0x9abcdef0
    mov esi, 0x0f0f0f0f
    mov edi, 0xf0f0f0f0
    mov ebp, 0x33333333
    mov eax, dword ptr [0x46c]
    lea edx, [eax+3]
1:  cmp edx, dword ptr [0x46c]
    jne 1b
    cmp ebx, 0x12345678
    jne bad
    cmp ecx, 0x9abcdef0
    jne bad
    cmp esi, 0x0f0f0f0f
    jne bad
    cmp edi, 0xf0f0f0f0
    jne bad
    cmp ebp, 0x33333333
    jne bad
    sub edx, eax
    mov eax, edx
    ret
bad: mov eax, 99
    ret
"""
    assert machine.run(program(source).exe).code == 3


EXCEPTIONS = [
    ("xor edx, edx\nxor ecx, ecx\nhere: div ecx", "divide error"),
    ("int3\nhere: nop", "breakpoint"),
    ("mov al, 127\nadd al, 1\ninto\nhere: nop", "overflow"),
    ("int 0x99\nhere: nop", "unexpected interrupt, code 00000099"),
]


@pytest.mark.parametrize(("source", "name"), EXCEPTIONS)
def test_exceptions_say_what_and_where(machine: Machine, program: Program, source: str, name: str) -> None:
    built = program(f"main: mov ebx, 0x1234abcd\nmov ebp, 0xfeedface\n{source}\nret")
    code, text = machine.run(built.exe)
    assert code == 250
    symbol = built.map.symbol("here")
    assert symbol is not None
    assert text.startswith("Exception: ")
    assert text.endswith("\r\n")
    assert text.count("\n") == 1
    assert name in text
    assert f"at image offset {symbol.offset:08X}: " in text
    assert " ebx=1234ABCD " in text
    assert " ebp=FEEDFACE " in text


def test_an_exception_outside_the_image(machine: Machine, program: Program) -> None:
    source = "main: mov byte ptr [0x500], 0xcc\nmov eax, 0x500\njmp eax"
    code, text = machine.run(program(source).exe)
    assert code == 250
    assert "Exception: breakpoint, code 00000000, at address 00000501: " in text


def test_too_little_memory(machine: Machine, program: Program) -> None:
    built = program("main: ret", stack_bytes=5 << 20)
    code, text = machine.run(built.exe, memory=4)
    assert code == 254
    assert text.startswith("Not enough extended memory: this program needs 51")
    assert text.endswith(" KB are free.\r\n")
    assert machine.run(built.exe, memory=8).code != 254


@pytest.mark.parametrize("xms", [True, False])
def test_no_extended_memory_at_all(machine: Machine, program: Program, xms: bool) -> None:
    code, text = machine.run(program("main: ret").exe, memory=1, xms=xms)
    assert code == 254
    assert "and 0 KB are free." in text


def patched(exe: bytes, old: str, new: str) -> bytes:
    """The executable with one instruction of the stub exchanged, to stand for another machine."""
    before, after = bytes.fromhex(old), bytes.fromhex(new)
    assert exe.count(before) == 1
    return exe.replace(before, after)


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        ("2500f03d00f0", "b800f03d00f0", 251, "This program needs a 386 or better."),  # bits 12..15 all set: 8086
        ("a90070", "31c090", 251, "This program needs a 386 or better."),  # bits 12..14 stay clear: 286
        ("0f01e0a801", "b801 00 a801", 252, "EMM386, QEMM or Windows is running"),  # CR0.PE is set
        ("3c0373", "3c6373", 253, "This program needs DOS 3 or later."),  # wants version 99
    ],
)
def test_machines_that_will_not_do(
    machine: Machine, program: Program, old: str, new: str, code: int, text: str
) -> None:
    ran = machine.run(patched(program("main: ret").exe, old, new))
    assert ran.code == code
    assert text in ran.text


@pytest.mark.parametrize("vector", [0x1B, 0x23])
def test_ctrl_c_and_ctrl_break_are_noted(machine: Machine, program: Program, vector: int) -> None:
    source = f"""
main:
    movzx ebx, byte ptr [sys_break]
    mov eax, {vector}
    call sys_int
    movzx eax, byte ptr [sys_break]
    test ebx, ebx
    jz 1f
    mov al, 99
1:  ret
"""
    assert machine.run(program(source).exe).code == 1


def test_the_break_key_is_noted_while_the_program_computes(program: Program, tmp_path: Path) -> None:
    exe = program("main: cmp byte ptr [sys_break], 0\nje main\nmovzx eax, byte ptr [sys_break]\nret").exe
    (tmp_path / "TEST.EXE").write_bytes(exe)
    session = Session(tmp_path / "TEST.EXE", folder=tmp_path, console=lambda _: None, time_limit=30)
    session.machine.keyboard.press(BREAK)
    result = session.run()
    assert (result.exit_code, result.stop) == (1, None)


def test_a_disk_error_fails_the_call(machine: Machine, program: Program) -> None:
    source = "main: mov eax, 0x24\ncall sys_int\nmovzx eax, byte ptr [sys_regs]\nret"
    assert machine.run(program(source).exe).code == 3


@pytest.mark.parametrize("xms", [True, False])
def test_a_closed_a20_is_opened_again(machine: Machine, program: Program, xms: bool) -> None:
    """The BIOS (INT 15h AX=2400h) closes A20 under the program: the way back to it opens it first."""
    source = """
main:
    mov dword ptr [sys_regs], 0x2400
    mov eax, 0x15
    call sys_int
    mov esi, sys_heap
    mov dword ptr [esi], 0x12345678
    mov dword ptr [esi+0x100000], 0
    mov eax, dword ptr [esi]
    call print_hex
    xor eax, eax
    ret
"""
    assert machine.run(program(source).exe, xms=xms) == (0, "12345678\r\n")


#: Ways through the start-up that need another machine, as an instruction of the stub exchanged for another.
NO_BIOS_A20 = ("b80124", "b80100")
NO_PORT_92 = ("e4923cff", "b0ff3cff")
XMS_2 = ("80fc03", "80fc09")


@pytest.mark.parametrize(
    ("patches", "xms"),
    [([NO_BIOS_A20], False), ([NO_BIOS_A20, NO_PORT_92], False), ([XMS_2], True)],
    ids=["port 92h", "8042", "XMS 2"],
)
def test_other_ways_to_the_memory(
    machine: Machine, program: Program, patches: list[tuple[str, str]], xms: bool
) -> None:
    exe = program("main: mov edi, sys_heap\nmov dword ptr [edi], 7\nmov eax, dword ptr [edi]\nret").exe
    for old, new in patches:
        exe = patched(exe, old, new)
    assert machine.run(exe, xms=xms).code == 7


@pytest.mark.parametrize("function", ["b489", "b40c"], ids=["allocate", "lock"])
def test_an_xms_driver_that_refuses(machine: Machine, program: Program, function: str) -> None:
    ran = machine.run(patched(program("main: ret").exe, function + "ff1e", "b47fff1e"))
    assert ran == (254, "The XMS driver (HIMEM.SYS) does not give its free extended memory.\r\n")


def test_an_a20_that_stays_closed(program: Program, tmp_path: Path) -> None:
    exe = program("main: ret").exe
    for old, new in [NO_BIOS_A20, NO_PORT_92, ("b3df", "b3dd")]:
        exe = patched(exe, old, new)
    ran = Machine("emulator", tmp_path).run(exe, xms=False)
    assert ran == (255, "Address line A20 cannot be opened; load HIMEM.SYS and run this program again.\r\n")


@pytest.mark.parametrize("xms", [True, False])
@pytest.mark.parametrize(
    ("body", "stack", "patches"),
    [
        ("ret", 65536, []),
        ("xor ecx, ecx\ndiv ecx", 65536, []),
        ("ret", 40 << 20, []),
        ("ret", 65536, [("b40cff1e", "b47fff1e")]),
        ("ret", 65536, [NO_BIOS_A20]),
        ("ret", 65536, [NO_BIOS_A20, NO_PORT_92]),
    ],
    ids=["end", "exception", "too little memory", "lock refused", "port 92h", "8042"],
)
def test_the_emulated_machine_is_left_as_it_was(
    program: Program, tmp_path: Path, xms: bool, body: str, stack: int, patches: list[tuple[str, str]]
) -> None:
    exe = program(f"main: {body}", stack_bytes=stack).exe
    for old, new in patches:
        exe = patched(exe, old, new)
    (tmp_path / "TEST.EXE").write_bytes(exe)
    session = Session(tmp_path / "TEST.EXE", folder=tmp_path, console=lambda _: None, time_limit=30, xms=xms)

    def state() -> list[object]:
        memory = session.machine.memory
        free = session.xms.free_kb() if session.xms else None
        masks = [session.machine.ports.read(port, 1) for port in (0x21, 0xA1)]
        # DOS itself puts INT 22h..24h back when a program ends
        return [memory.read(0, 0x22 * 4), memory.read(0x25 * 4, 0xDB * 4), session.machine.keyboard.a20, free, masks]

    before = state()
    assert session.run().stop is None
    assert state() == before


#: Prints what a program must leave as it found it: all vectors, the interrupt masks, the free conventional memory,
#: CR0's low word, and of XMS the largest block, the free total and A20.
PROBE = """
        xor ax, ax
        mov ds, ax
        xor si, si
        mov cx, 512
1:      lodsw
        call hex
        loop 1b
        in al, 0x21
        call hex
        in al, 0xa1
        call hex
        push cs
        pop ds
        mov ah, 0x4a            ; shrink to 64 KB, then ask for the largest block there is
        mov bx, 0x1000
        int 0x21
        mov ah, 0x48
        mov bx, 0xffff
        int 0x21
        mov ax, bx
        call hex
        smsw ax
        call hex
        mov ax, 0x4300
        int 0x2f
        cmp al, 0x80
        jne 2f
        mov ax, 0x4310
        int 0x2f
        mov word ptr [entry], bx
        mov word ptr [entry+2], es
        mov ah, 8
        call far ptr [entry]
        push dx
        call hex
        pop ax
        call hex
        mov ah, 7
        call far ptr [entry]
        call hex
2:      mov ax, 0x4c00
        int 0x21
hex:    push ax                 ; prints ax; keeps cx, si, ds
        push cx
        push ds
        push cs
        pop ds
        mov dx, ax
        mov di, offset text
        push cs
        pop es
        mov cx, 4
1:      rol dx, 1
        rol dx, 1
        rol dx, 1
        rol dx, 1
        mov al, dl
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe 3f
        add al, 7
3:      cld
        stosb
        loop 1b
        mov dx, offset text
        mov ah, 9
        int 0x21
        pop ds
        pop cx
        pop ax
        ret
text:   .ascii "0000 $"
entry:  .long 0
"""


@pytest.mark.parametrize("xms", [True, False])
@pytest.mark.parametrize("body", ["ret", "xor ecx, ecx\ndiv ecx", ".skip 20000, 0x90\nmov eax, sys_heap\nret", "big"])
def test_the_machine_is_left_as_it_was(program: Program, tmp_path: Path, xms: bool, body: str) -> None:
    """In DOSBox: probe, program, probe; with an end, an exception, and too little memory."""
    if shutil.which("dosbox") is None:
        pytest.skip("DOSBox is not installed")
    source, stack = ("main: ret", 40 << 20) if body == "big" else (f"main: {body}", 65536)
    (tmp_path / "TEST.EXE").write_bytes(program(source, stack_bytes=stack).exe)
    (tmp_path / "PROBE.COM").write_bytes(assemble(read_assembly(PROBE, "PROBE.ASM"), bits=16, origin=0x100).code)
    (tmp_path / "T.BAT").write_bytes(b"@PROBE > A.TXT\r\n@TEST > T.TXT\r\n@PROBE > B.TXT\r\n")
    assert not run_dosbox(tmp_path, "T.BAT", time_limit=30, on_output=lambda _: None, xms=xms).timed_out
    before, after = ((tmp_path / name).read_text().split() for name in ("A.TXT", "B.TXT"))
    assert len(before) > 500
    assert before == after
