"""What can keep an instance from being de-identified, as exceptions that never carry a patient's value."""

from dataclasses import dataclass

from typing_extensions import override


class DeidError(Exception):
    """The instance or the profile cannot be honoured as it is; a person has to look."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: where it is, what it is and what would be right.

    ``path`` reads like ``profileElements[2] "Shift dates" arguments.max_days``; ``line`` counts from 1, 0 if unknown.
    """

    path: str
    line: int
    message: str
    remedy: str

    @override
    def __str__(self) -> str:
        place = f"line {self.line}, {self.path}" if self.line else self.path
        return f"{place}: {self.message}; {self.remedy}"


class ProfileFaults(DeidError):
    """A profile is refused; ``faults`` holds everything that is wrong with it, in file order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class InvalidSecret(DeidError, ValueError):
    """A project secret is not 16 bytes."""


class MissingPatientId(DeidError):
    """The instance has no Patient ID, so nothing patient-specific can be derived."""

    def __init__(self) -> None:
        super().__init__("Patient ID (0010,0020) is absent or empty; the sender must fill it")


class MissingPseudonym(DeidError):
    """No pseudonym, or a blank one, was found for the patient."""


class NotInTable(MissingPseudonym):
    """A project's table has no pseudonym for the patient; the delivery goes on when it gets one."""

    def __init__(self, project: str) -> None:
        super().__init__(self.words(project))

    @staticmethod
    def words(project: str) -> str:
        """What is recorded; the same for every patient, so that deliveries that wait for a project can be found."""
        return f"the table of project {project!r} has no pseudonym for this patient; add it and the delivery goes on"


class NoReply(DeidError):
    """A web service gave no value that the instance cannot do without; ``may_pass`` if time may heal it."""

    def __init__(self, message: str, *, may_pass: bool) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class Unreadable(DeidError):
    """The instance is not a dataset that can be read to its end."""


class UnreadableDate(DeidError, ValueError):
    """A date, time or age does not have the form its VR asks for, or leaves the years it can express."""


class InstanceExcluded(Exception):
    """The profile says that the instance goes nowhere; only planning sees this."""

    def __init__(self, element: str) -> None:
        super().__init__(f"Instance excluded by profile: {element}")
