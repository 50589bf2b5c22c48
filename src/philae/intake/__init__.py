"""How instances get in; one file a way."""
