"""How the database came to be what `philae.store.tables` says."""
