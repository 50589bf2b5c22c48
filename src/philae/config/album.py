"""Albums of a Kheops server that series are shared with."""

from typing import Annotated

from pydantic import AfterValidator, Field

from philae.config.conditions import checked_condition
from philae.config.fields import Frozen, Name
from philae.config.secret import Secret
from philae.config.urls import Url


class KheopsAlbum(Frozen):
    """One album, and the tokens by which a series comes into it."""

    name: Name
    url_api: Url
    """Of the Kheops server, such as https://kheops.example.org/api."""
    authorization_destination: Secret = Field(repr=False)
    """A token that may write to the album."""
    authorization_source: Secret = Field(repr=False)
    """A token that may read and send what the destination stores."""
    condition: Annotated[str, Field(max_length=1024), AfterValidator(checked_condition)] = ""
    """Only series of instances that meet it, as they came, are shared; all when empty."""
