"""The composition root: builds the running gateway from its settings."""
