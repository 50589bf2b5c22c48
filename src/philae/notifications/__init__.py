"""Tells people: mails about studies and alarms, and the server that takes them."""
