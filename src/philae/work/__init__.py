"""How processes of one gateway tell each other that there is work."""
