"""Programs for maintainers; nothing here is needed at run time."""
