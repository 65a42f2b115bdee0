"""Reading and writing host memory by address, for native code that numba compiles.

Addresses are int64; nothing is checked.  What runs inside Unicorn's hooks gets its data as addresses.

numba keeps compiled code on disk and compares the file of the function itself with it, but not the files of
what the function calls.  So only the outermost functions are kept, and they close over source_stamp(), which
is part of the key that numba looks them up by.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

_I64 = ir.IntType(64)


def source_stamp(*folders: Path) -> str:
    """A digest of this file and of all Python files in some folders."""
    digest = hashlib.sha256()
    for path in (Path(__file__), *sorted(file for folder in folders for file in folder.glob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _loader(bits: int) -> Any:
    """The code of an intrinsic that reads `bits` bits, zero-extended."""

    def code(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.IntType(bits).as_pointer())
        value = builder.load(pointer)
        value.align = 1
        return value if bits == 64 else builder.zext(value, _I64)

    return code


@intrinsic
def load(_context: Any, _address: Any) -> Any:
    """Read the int64 at a host address, aligned or not."""
    return types.int64(types.int64), _loader(64)


@intrinsic
def load32(_context: Any, _address: Any) -> Any:
    """Read the unsigned 32-bit word at a host address, aligned or not, as int64."""
    return types.int64(types.int64), _loader(32)


@intrinsic
def load16(_context: Any, _address: Any) -> Any:
    """Read the unsigned 16-bit word at a host address, aligned or not, as int64."""
    return types.int64(types.int64), _loader(16)


@intrinsic
def load8(_context: Any, _address: Any) -> Any:
    """Read the byte at a host address as int64."""
    return types.int64(types.int64), _loader(8)


@intrinsic
def store(_context: Any, _address: Any, _value: Any) -> Any:
    """Write the int64 at a host address."""

    def code(target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], _I64.as_pointer())
        word = builder.store(args[1], pointer)
        word.align = 1
        return target.get_dummy_value()

    return types.void(types.int64, types.int64), code


@intrinsic
def call(_context: Any, _function: Any, _a: Any, _b: Any) -> Any:
    """Call the C function int64 f(int64, int64) at a host address."""

    def code(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_I64, [_I64, _I64])
        return builder.call(builder.inttoptr(args[0], kind.as_pointer()), [args[1], args[2]])

    return types.int64(types.int64, types.int64, types.int64), code


@intrinsic
def pointer(_context: Any, _address: Any) -> Any:
    """A host address as the void pointer that numba.carray() takes."""

    def code(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), code


@intrinsic
def store32(_context: Any, _address: Any, _value: Any) -> Any:
    """Write the low 32 bits of an int64 at a host address."""

    def code(target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        word = ir.IntType(32)
        written = builder.store(builder.trunc(args[1], word), builder.inttoptr(args[0], word.as_pointer()))
        written.align = 1
        return target.get_dummy_value()

    return types.void(types.int64, types.int64), code
