"""What runs a built program: the emulator, DOSBox, and a native program by the real fbc."""

from gpt486.backends.request import BackendError, BackendRun, Request

__all__ = ["BackendError", "BackendRun", "Request"]
