"""Whether a workspace is whole: the database, vectors against rows, the audit chain, the keys."""
