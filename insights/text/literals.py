"""What of a query is to be found as it is written: quoted words, codes and numbers.

Pure: strings in, patterns out.
"""

import re

_LITERAL = re.compile(
    r'"([^"]{2,})"'
    r"|(?<!\w)((?=[\w#./:-]*\d)(?=[\w#./:-]*(?:[A-Za-z_]|\d{4}))\w[\w#./:-]{2,}\w"
    r"|[A-Z]+(?:_[A-Z0-9]+)+(?!\w))"
)


def literals_in(query: str) -> list[re.Pattern[str]]:
    """What is to be found as it is written: quoted words, error codes (ERR-1042, E1042), numbers of four digits and
    more. Case and the marks between letters and digits do not matter; one wrong digit is another order."""
    return [
        re.compile(r"(?<![^\W_])" + r"[\W_]{0,3}".join(map(re.escape, some)) + r"(?![^\W_])", re.IGNORECASE)
        for some in pieces_in(query)
    ]


def pieces_in(query: str) -> list[list[str]]:
    """The letters and the digits of each literal, apart."""
    found = [quoted or code for quoted, code in _LITERAL.findall(query)]
    pieces = [re.findall(r"[^\W\d_]+|\d+", literal) for literal in found]
    return [some for some in pieces if some]
