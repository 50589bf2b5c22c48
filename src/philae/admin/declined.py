"""What a person asked for and cannot have."""


class Declined(Exception):
    """The message names the thing and the remedy."""
