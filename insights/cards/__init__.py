"""Model and data cards, made of what was measured."""
