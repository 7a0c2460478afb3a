"""Read the word lists that this package is written with."""


def word_set(listing: str) -> frozenset[str]:
    """The words of a listing that blanks separate."""
    return frozenset(listing.split())
