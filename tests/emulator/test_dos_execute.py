"""EXEC: parents and children, their handles, environments, vectors and return codes; programs that stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import EXIT, FLAT, assemble, mz, run_asm, run_exe

#: Shrinks the program to 64 KB, points ES:BX at the parameter block, DS:DX at the name, and calls EXEC.
START = (
    FLAT
    + """
    mov ax, 0x6200
    int 0x21
    mov [psp], bx
    mov es, bx
    mov bx, 0x1000
    mov ah, 0x4a
    int 0x21
    push cs
    pop es
    mov word ptr [block+4], cs
    mov word ptr [block+8], cs
    mov word ptr [block+12], cs
    mov [stack], sp
"""
)
EXEC = """
    mov bx, block
    mov dx, name
    mov ax, 0x4b00
    int 0x21
"""
DATA = """
psp: .word 0
stack: .word 0
name: .ascii "C:\\\\CHILD.EXE"
    .byte 0
block: .word 0
    .word tail, 0
    .word 0x5c, 0
    .word 0xffff, 0xffff
    .long 0, 0
tail: .byte 3
    .ascii " hi"
    .byte 13
"""
FAIL = "bad:\n    mov ax, 0x4cff\n    int 0x21\n"


def child(folder: Path, source: str, name: str = "CHILD.EXE") -> None:
    """Write a program for the parent to start."""
    code = assemble(source)
    (folder / name).write_bytes(mz(code, most=0x100) if name.endswith("EXE") else code)


def test_a_child_runs_and_its_parent_goes_on(tmp_path: Path) -> None:
    """The child prints its command tail; the parent's registers and stack are as they were, but for AX."""
    child(
        tmp_path,
        """
        mov si, 0x81
        mov ah, 2
    next:
        mov dl, [si]
        inc si
        cmp dl, 13
        je done
        int 0x21
        jmp next
    done:
        mov bp, 0x1111
        mov di, 0x2222
        mov ax, 0x4c2a
        int 0x21
        """,
    )
    source = (
        START
        + "mov bp, 0x1234\nmov di, 0x5678\nmov si, 0x9abc\nmov cx, 0xdef0\n"
        + EXEC
        + """
        jc bad
        cmp sp, cs:[stack]
        jne bad
        cmp bp, 0x1234
        jne bad
        cmp di, 0x5678
        jne bad
        cmp si, 0x9abc
        jne bad
        cmp cx, 0xdef0
        jne bad
        mov ax, ds
        mov bx, cs
        cmp ax, bx
        jne bad
        mov ah, 0x62
        int 0x21
        cmp bx, [psp]
        jne bad
        mov ah, 0x4d
        int 0x21
        cmp ax, 42
        jne bad
        mov ah, 0x4d        ; asked again
        int 0x21
        cmp ax, 0
        jne bad
        """
        + EXIT
        + FAIL
        + DATA
    )
    outcome = run_asm(tmp_path, source)
    assert (outcome.ok, outcome.text) == (True, b" hi"), outcome.result.stop
    dos = outcome.session.dos
    owners = {owner for _, owner, _ in dos.arena.blocks() if owner}
    assert owners <= {dos.process.psp}, "the child's memory was not freed"


def test_the_environment_is_copied_with_the_childs_own_path(tmp_path: Path) -> None:
    child(
        tmp_path,
        """
        mov es, [0x2c]
        xor di, di
        mov al, 0
        mov cx, -1
    next:
        .byte 0xf2, 0xae    ; repne scasb
        .byte 0xae          ; scasb
        jne next
        add di, 2
        push es
        pop ds
        mov si, di
        mov ah, 2
    show:
        mov dl, [si]
        inc si
        cmp dl, 0
        je done
        int 0x21
        jmp show
    done:
        push ds
        pop es
        xor di, di
        mov dl, es:[di]
        mov ah, 2
        int 0x21
        """
        + EXIT,
    )
    assert run_asm(tmp_path, START + EXEC + EXIT + DATA).text == b"C:\\CHILD.EXEC"
    own = "mov ax, cs\nadd ax, 0x200\nmov [block], ax\nmov fs, ax\nmov dword ptr fs:[0], 0x593d58\n"
    own = START + own + "mov dword ptr fs:[4], 0\n" + EXEC + EXIT + DATA
    assert run_asm(tmp_path, own).text == b"C:\\CHILD.EXEX"


def test_handles_are_inherited_unless_opened_for_the_parent_alone(tmp_path: Path) -> None:
    """The child writes to handle 5, cannot write to 6, and what it opens is closed when it ends."""
    child(
        tmp_path,
        """
        push cs
        pop ds
        mov ah, 0x40
        mov bx, 5
        mov cx, 5
        mov dx, text
        int 0x21
        mov dl, 1
        jc end
        mov ah, 0x40
        mov bx, 6
        int 0x21
        mov dl, 2
        jnc end
        mov ax, 0x3d00
        mov dx, file
        int 0x21
        mov dl, 3
        jc end
        cmp ax, 6
        jne end
        mov dl, 0
    end:
        mov al, dl
        mov ah, 0x4c
        int 0x21
    text: .ascii "child"
    file: .ascii "A.TXT"
        .byte 0
        """,
    )
    source = (
        START
        + """
        mov ah, 0x3c
        xor cx, cx
        mov dx, file
        int 0x21
        cmp ax, 5
        jne bad
        mov ax, 0x3d80
        int 0x21
        cmp ax, 6
        jne bad
        """
        + EXEC
        + """
        jc bad
        mov ah, 0x4d
        int 0x21
        cmp ax, 0
        jne bad
        mov ah, 0x40
        mov bx, 5
        mov cx, 3
        mov dx, file
        int 0x21
        jc bad
        mov ax, 0x3d00
        int 0x21
        cmp ax, 7
        jne bad
        """
        + EXIT
        + FAIL
        + DATA
        + 'file: .ascii "A.TXT"\n.byte 0\n'
    )
    outcome = run_asm(tmp_path, source)
    assert outcome.ok, outcome.result
    assert (tmp_path / "A.TXT").read_bytes() == b"childA.T"


@pytest.mark.parametrize(("ending", "code"), [("mov dx, 0x20\nmov ax, 0x3107\nint 0x21\n", 0x307), ("", 0x300)])
def test_a_resident_program_keeps_its_memory_and_its_interrupt(tmp_path: Path, ending: str, code: int) -> None:
    """The child hooks INT 60h, chains nothing, stays (AH=31h or INT 27h); the parent calls it."""
    child(
        tmp_path,
        "jmp start\nhandler: mov bx, 0x77\niret\nstart:\nmov dx, handler\nadd dx, 0x100\n"
        + "push cs\npop ds\nmov dx, 0x102\nmov ax, 0x2560\nint 0x21\n"
        + (ending or "mov dx, 0x200\nint 0x27\n"),
        "CHILD.COM",
    )
    source = (
        START
        + EXEC
        + f"""
        jc bad
        mov ah, 0x4d
        int 0x21
        cmp ax, {code}
        jne bad
        int 0x60
        cmp bx, 0x77
        jne bad
        mov ah, 0x48
        mov bx, 0x7000
        int 0x21
        """
        + EXIT
        + FAIL
        + DATA.replace("CHILD.EXE", "CHILD.COM")
    )
    outcome = run_asm(tmp_path, source)
    assert outcome.ok, outcome.result
    own = outcome.session.dos.process.psp
    kept = [size for _, owner, size in outcome.session.dos.arena.blocks() if owner not in (0, own, 8)]
    assert 0x20 in kept


def test_the_vectors_of_a_child_are_taken_back(tmp_path: Path) -> None:
    child(tmp_path, "push cs\npop ds\nmov dx, 0x99\nmov ax, 0x2523\nint 0x21\nmov ax, 0x2524\nint 0x21\n" + EXIT)
    source = START + "xor ax, ax\nmov fs, ax\nmov esi, fs:[0x8c]\n" + EXEC + "jc bad\ncmp esi, fs:[0x8c]\njne bad\n"
    assert run_asm(tmp_path, source + EXIT + FAIL + DATA).ok


def test_a_child_interrupted_by_ctrl_c(tmp_path: Path) -> None:
    child(tmp_path, "mov ah, 1\nint 0x21\n" + EXIT)
    source = START + EXEC + "mov ah, 0x4d\nint 0x21\ncmp ax, 0x100\njne bad\n" + EXIT + FAIL + DATA
    assert run_asm(tmp_path, source, keys=b"\x03").ok


def test_a_divide_error_ends_only_the_child(tmp_path: Path) -> None:
    child(tmp_path, "xor cx, cx\ndiv cx\n" + EXIT)
    source = START + EXEC + "mov ah, 0x4d\nint 0x21\ncmp ax, 0xff\njne bad\n" + EXIT + FAIL + DATA
    outcome = run_asm(tmp_path, source)
    assert (outcome.ok, outcome.text) == (True, b"\r\nDivide overflow\r\n")


def test_children_of_children(tmp_path: Path) -> None:
    child(tmp_path, "mov ah, 2\nmov dl, 99\nint 0x21\nmov ax, 0x4c05\nint 0x21\n")
    middle = START + EXEC + "mov ah, 0x4d\nint 0x21\nadd al, 0x30\nmov dl, al\nmov ah, 2\nint 0x21\n"
    child(tmp_path, middle + "mov ax, 0x4c06\nint 0x21\n" + DATA, "M.EXE")
    outer = START + EXEC + "mov ah, 0x4d\nint 0x21\nadd al, 0x30\nmov dl, al\nmov ah, 2\nint 0x21\n" + EXIT
    outcome = run_asm(tmp_path, outer + DATA.replace("CHILD.EXE", "M.EXE"))
    assert (outcome.ok, outcome.text) == (True, b"c56")


def test_loading_without_running(tmp_path: Path) -> None:
    """AL=1: the parent enters the child itself; the child's end returns to where EXEC was called."""
    child(tmp_path, "mov ah, 2\nmov dl, 99\nint 0x21\nmov ax, 0x4c09\nint 0x21\n")
    source = (
        START
        + "mov byte ptr [count], 0\n"
        + EXEC.replace("0x4b00", "0x4b01")
        + """
        push cs
        pop ds
        mov ss, cs:[psp]    ; DOS has restored the stack of the call; what lies on it may be used up
        push cs
        pop ss
        mov sp, cs:[stack]
        inc byte ptr [count]
        cmp byte ptr [count], 2
        je ended
        mov ah, 0x62
        int 0x21
        cmp bx, [psp]
        je bad              ; the child is the running program
        mov ds, bx
        mov es, bx
        push es
        pop ds
        .byte 0x2e, 0x0f, 0xb2, 0x26    ; lss sp, cs:[block+14]
        .word block+14
        pop ax
        .byte 0x2e, 0xff, 0x2e          ; jmp far cs:[block+18]
        .word block+18
    ended:
        mov ah, 0x62
        int 0x21
        cmp bx, [psp]
        jne bad
        mov ah, 0x4d
        int 0x21
        cmp ax, 9
        jne bad
        """
        + EXIT
        + FAIL
        + "count: .byte 0\n"
        + DATA
    )
    outcome = run_asm(tmp_path, source)
    assert (outcome.ok, outcome.text) == (True, b"c"), outcome.result


def test_overlays(tmp_path: Path) -> None:
    """AL=3: the load module goes where the block says, its relocations with the block's factor."""
    code = assemble("mov ax, 0\nretf\n")
    (tmp_path / "CHILD.EXE").write_bytes(mz(code, relocations=((0, 1),)))
    source = (
        START
        + """
        mov ax, cs
        add ax, 0x200
        mov [block], ax
        mov [where+2], ax
        mov word ptr [block+2], 0x1230
        """
        + EXEC.replace("0x4b00", "0x4b03")
        + "jc bad\n.byte 0xff, 0x1e\n.word where\ncmp ax, 0x1230\njne bad\n"
        + EXIT
        + FAIL
        + DATA
        + "where: .word 0, 0\n"
    )
    assert run_asm(tmp_path, source).ok


@pytest.mark.parametrize(
    ("content", "function", "code"),
    [
        (None, 0x4B00, 2),
        (b"MZ" + bytes(10), 0x4B00, 11),
        (mz(assemble(EXIT), least=0x9800), 0x4B00, 8),
        (mz(assemble(EXIT)), 0x4B02, 1),
    ],
)
def test_refusals(tmp_path: Path, content: bytes | None, function: int, code: int) -> None:
    """The caller gets an error code, its registers, and vector 22h as it was."""
    if content is not None:
        (tmp_path / "CHILD.EXE").write_bytes(content)
    source = (
        START
        + "xor ax, ax\nmov fs, ax\nmov esi, fs:[0x88]\n"
        + EXEC.replace("0x4b00", hex(function))
        + f"jnc bad\ncmp ax, {code}\njne bad\ncmp esi, fs:[0x88]\njne bad\ncmp sp, [stack]\njne bad\n"
    )
    outcome = run_asm(tmp_path, source + EXIT + FAIL + DATA)
    assert outcome.ok, outcome.result
    assert len([owner for _, owner, _ in outcome.session.dos.arena.blocks() if owner]) == 2


def test_an_environment_without_an_end(tmp_path: Path) -> None:
    child(tmp_path, EXIT)
    source = START + "mov word ptr [block], 0xf000\n" + EXEC + "jnc bad\ncmp ax, 10\njne bad\n"
    fill = FLAT + "mov ax, 0x3000\nmov es, ax\nxor di, di\nmov cx, 0x8000\nmov ax, 0x4141\nrep stosw\n"
    source = fill + source.replace("0xf000", "0x3000")
    assert run_asm(tmp_path, source + EXIT + FAIL + DATA).ok


def test_a_chain_over_dos_sees_the_childs_calls(tmp_path: Path) -> None:
    """The parent counts INT 21h calls in a handler that jumps on to DOS; EXEC itself goes through it."""
    child(tmp_path, "mov ah, 0x19\nint 0x21\nmov ah, 0x19\nint 0x21\n" + EXIT)
    source = (
        START
        + """
        mov ax, 0x3521
        int 0x21
        mov [old], bx
        mov [old+2], es
        push cs
        pop es
        mov dx, count
        mov ax, 0x2521
        int 0x21
        """
        + EXEC
        + """
        mov dl, cs:[calls]  ; EXEC, twice 19h, 4Ch
        cmp dl, 4
        jne bad
        """
        + EXIT
        + FAIL
        + """
    count:
        inc byte ptr cs:[calls]
        .byte 0x2e, 0xff, 0x2e
        .word old
    calls: .byte 0
    old: .long 0
        """
        + DATA
    )
    assert run_exe(tmp_path, mz(assemble(source))).ok
