"""The base of every error that a user of gpt486 can cause."""


class Gpt486Error(Exception):
    """A failure with one clear message: it names the thing and says what to do.

    The command line prints the message and exits with `exit_code`; it never shows a traceback for one.
    """

    exit_code = 1
