"""What code knows of a problem before anyone decides on it: gathered, and as fields of the brief."""
