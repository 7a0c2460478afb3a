"""The report: what changed and the whole ranked list as one page that works from a file, without a network."""
