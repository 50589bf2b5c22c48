"""The de-identification engine: a pure library that turns a profile and an instance into a list of edits."""
