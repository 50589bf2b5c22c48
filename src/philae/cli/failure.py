"""What a command says when it cannot do what was asked."""

from typing import Final, NoReturn

FAILED: Final = 1
"""Exit code: something that was asked for did not come about."""
MISUSED: Final = 2
"""Exit code: nothing was begun, the command line or a file it names has to be corrected."""
INTERRUPTED: Final = 130
"""Exit code: Ctrl-C."""


class Failure(Exception):
    """Ends the command with one line on stderr and ``exit_code``; the message names the thing and the remedy."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Misuse(Failure):
    """The command line, or a file that it names, has to be corrected."""

    def __init__(self, message: str) -> None:
        super().__init__(message, MISUSED)


def fail(*lines: str, code: int = FAILED) -> NoReturn:
    """End the command with these lines on stderr and this exit code."""
    raise Failure("\n".join(lines), code)
