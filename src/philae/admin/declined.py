"""What a person asked for and cannot have."""


class Declined(Exception):
    """The message names the thing and the remedy."""


class Missing(Declined):
    """There is no such thing."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the same thing since it was read; nothing was changed now."""
