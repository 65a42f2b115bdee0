"""Guests that run in 32-bit protected mode and come back: the frame around their code."""

from __future__ import annotations

from guests import assemble, mz

PROTECTED = """
    push cs
    pop ds
    xor eax, eax
    mov ax, cs
    shl eax, 4
    mov [base], eax
    ; descriptors: 08 code16, 10 data16, 18 code32, 20 flat data, base = cs
    mov [gdt+8+2], ax
    mov [gdt+16+2], ax
    mov [gdt+24+2], ax
    mov edx, eax
    shr edx, 16
    mov [gdt+8+4], dl
    mov [gdt+16+4], dl
    mov [gdt+24+4], dl
    add eax, gdt
    mov [gdtr+2], eax
    mov eax, [base]
    add eax, idt
    mov [idtr+2], eax
    mov [save_ss], ss
    mov [save_sp], sp
    cli
    .byte 0x0f, 0x01, 0x16      ; lgdt [gdtr]
    .word gdtr
    .byte 0x0f, 0x01, 0x1e      ; lidt [idtr]
    .word idtr
    mov eax, cr0
    or al, 1
    mov cr0, eax
    .byte 0xea                  ; jmp 18:code32
    .word code32, 0x18
back16:                         ; 16-bit protected mode
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov eax, cr0
    and al, 0xfe
    mov cr0, eax
    .byte 0xea
    .word real
real_cs: .word 0
real:
    push cs
    pop ds
    mov ss, [save_ss]
    mov sp, [save_sp]
    .byte 0x0f, 0x01, 0x1e      ; lidt [real_idtr]
    .word real_idtr
    sti
"""

TABLES = """
base: .long 0
save_ss: .word 0
save_sp: .word 0
gdtr: .word 0x7f
    .long 0
idtr: .word 0x7ff
    .long 0
real_idtr: .word 0x3ff
    .long 0
gdt: .long 0, 0
    .word 0xffff, 0, 0x9a00, 0x0000
    .word 0xffff, 0, 0x9200, 0x0000
    .word 0xffff, 0, 0x9a00, 0x00cf
    .word 0xffff, 0, 0x9200, 0x00cf
    .fill 88, 1, 0
"""


def protected_guest(code32: str, after: str, gates: dict[int, tuple[str, int, int]]) -> bytes:
    """An MZ program that enters 32-bit code, comes back and goes on with `after`.

    gates: vector -> (label, selector, access byte).  `code32` is assembled as 32-bit code with CS based at
    the program, so that its labels are offsets; it ends by a far jump to back16.
    """
    # Two passes: the 16-bit part first, to know where the 32-bit part begins.
    head = PROTECTED + after + TABLES + "idt:\n"
    idt_bytes = 256 * 8

    def source(code32_at: int) -> str:
        return "start: mov word ptr cs:[real_cs], cs\n" + head.replace("code32, 0x18", f"{code32_at}, 0x18")

    length = len(assemble(source(0x4000)))
    at = -(-(length + idt_bytes) // 16) * 16
    code = assemble(source(at))
    assert len(code) == length
    symbols = symbol_offsets(source(at))
    text = "\n".join(f"{name} = {value}" for name, value in symbols.items()) + "\n" + code32
    tail = assemble(text, bits=32, origin=at)
    labels = symbol_offsets(text, bits=32, origin=at)
    idt = bytearray(idt_bytes)
    for vector, (label, selector, access) in gates.items():
        offset = labels[label]
        gate = offset & 0xFFFF | selector << 16 | access << 40 | (offset >> 16) << 48
        idt[vector * 8 : vector * 8 + 8] = gate.to_bytes(8, "little")
    return mz((code + bytes(idt)).ljust(at, b"\x90") + tail, stack=0x800)


def symbol_offsets(source: str, bits: int = 16, origin: int = 0) -> dict[str, int]:
    """Where the labels of a source lie: each is asked for in a dword behind the code."""
    names = [line.split(":")[0].strip() for line in source.splitlines() if line.strip().partition(":")[1]]
    names = [name for name in names if name.isidentifier()]
    probe = source + "\n" + "\n".join(f".long {name}" for name in names)
    code = assemble(probe, bits, origin)
    tail = code[-4 * len(names) :]
    return {name: int.from_bytes(tail[4 * i : 4 * i + 4], "little") for i, name in enumerate(names)}


ENTER_32 = """
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, 0xfff0
"""
LEAVE_32 = """
    cli
    .byte 0xea
    .long back16
    .word 0x08
"""
