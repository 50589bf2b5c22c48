"""What people use to try things out: each is a call, none is part of the path."""
