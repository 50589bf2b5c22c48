"""The path of one instance and what it needs from the world."""
