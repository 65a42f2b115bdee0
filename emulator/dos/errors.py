"""DOS error codes, and the exception with which a service reports one (Ralf Brown's Interrupt List, 21/59)."""

from __future__ import annotations

import errno
from typing import Final

INVALID_FUNCTION: Final = 0x01
FILE_NOT_FOUND: Final = 0x02
PATH_NOT_FOUND: Final = 0x03
TOO_MANY_FILES: Final = 0x04
ACCESS_DENIED: Final = 0x05
INVALID_HANDLE: Final = 0x06
ARENA_TRASHED: Final = 0x07
NO_MEMORY: Final = 0x08
INVALID_BLOCK: Final = 0x09
BAD_ENVIRONMENT: Final = 0x0A
BAD_FORMAT: Final = 0x0B
INVALID_ACCESS: Final = 0x0C
INVALID_DATA: Final = 0x0D
INVALID_DRIVE: Final = 0x0F
CURRENT_DIRECTORY: Final = 0x10
NOT_SAME_DEVICE: Final = 0x11
NO_MORE_FILES: Final = 0x12
WRITE_PROTECTED: Final = 0x13
SEEK_ERROR: Final = 0x19
WRITE_FAULT: Final = 0x1D
READ_FAULT: Final = 0x1E
GENERAL_FAILURE: Final = 0x1F
DISK_FULL: Final = 0x27
FILE_EXISTS: Final = 0x50

_FROM_HOST: Final = {
    errno.ENOENT: FILE_NOT_FOUND,
    errno.ENOTDIR: PATH_NOT_FOUND,
    errno.EACCES: ACCESS_DENIED,
    errno.EPERM: ACCESS_DENIED,
    errno.EROFS: ACCESS_DENIED,
    errno.EISDIR: ACCESS_DENIED,
    errno.ENOTEMPTY: ACCESS_DENIED,
    errno.EBUSY: ACCESS_DENIED,
    errno.EMFILE: TOO_MANY_FILES,
    errno.ENFILE: TOO_MANY_FILES,
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EFBIG: DISK_FULL,
    errno.EEXIST: FILE_EXISTS,
    errno.ELOOP: PATH_NOT_FOUND,
    errno.ENAMETOOLONG: PATH_NOT_FOUND,
}


class DosError(Exception):
    """A service fails: AX gets `code`, the carry flag is set."""

    def __init__(self, code: int) -> None:
        super().__init__(f"DOS error {code:02X}h")
        self.code = code


def from_host(error: OSError) -> DosError:
    """The DOS error that stands for an error of the host's file system."""
    return DosError(_FROM_HOST.get(error.errno or 0, GENERAL_FAILURE))
