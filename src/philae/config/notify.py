"""Mails that a destination's studies cause."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from philae.config.fields import Frozen
from philae.config.mail import Addresses, split_at_commas
from philae.config.subject import count_places

NotifiedValue: TypeAlias = Literal["PatientID", "StudyDescription", "StudyDate", "StudyInstanceUID"]


class Notify(Frozen):
    """Mails about what became of each study at a destination."""

    emails: Annotated[Addresses, Field(min_length=1)]
    """A list, or one text with commas."""
    subject: str = Field(default="[Karnak Notification] %s %.30s", max_length=200)
    values: Annotated[tuple[NotifiedValue, ...], BeforeValidator(split_at_commas)] = ("PatientID", "StudyDescription")
    """What stands in the places of the subject, in this order."""
    error_prefix: str = Field(default="**ERROR**", max_length=50)
    """Before the subject when something is held or failed."""
    rejection_prefix: str = Field(default="**REJECTED**", max_length=50)
    """Before the subject when something was excluded."""
    interval_s: float = Field(default=45.0, ge=1, le=86_400)
    """What happens to a study in so long goes into one mail."""

    @model_validator(mode="after")
    def _a_value_for_each_place(self) -> Self:
        places = count_places(self.subject)
        if places > len(self.values):
            raise ValueError(f"the subject has {places} places for values, but there are {len(self.values)} values")
        return self
