"""Takes the pictures of the user guide."""
