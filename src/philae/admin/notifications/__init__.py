"""What people are told by mail, as values."""
