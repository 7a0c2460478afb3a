"""Customer feedback in, ranked problems with an estimated return out."""

__version__ = "0.1.0"
