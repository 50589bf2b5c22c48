"""What lasts: the ledger and the configuration in a database, accepted bytes in a folder."""
