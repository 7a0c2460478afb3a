"""The audit log as its readers see it: list it, anchor its head outside the database, verify it."""
