"""Commands on a record: what may be done, by whom, and what follows from it."""
