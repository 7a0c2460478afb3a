"""Cells that a spreadsheet shows and never runs."""

import re

_SIGNS = "=@\uff1d\uff20\ufe66\ufe6b\u207c\u208c\u2a75\u2a76"
"""And all that compatibility (NFKC) makes one of them."""
_SUMS = "+\\-\uff0b\uff0d\ufe62\ufe63\u207a\u207b\u208a\u208b\u2212\ufb29"
_UNSEEN = "\x00-\x08\x0e-\x1f\x7f\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_BEFORE = f"[ \xa0\u2000-\u200a\u202f\u3000\"'{_UNSEEN}]"
_FORMULA = re.compile(f"[\\s\"'`{_UNSEEN}]*[{_SIGNS}{_SUMS}]")
_INNER_FORMULA = re.compile(f"((?:;|\n){_BEFORE}*)(?=[{_SIGNS}{_SUMS}])|(,{_BEFORE}*)(?=[{_SIGNS}])")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")


def inert_cell(text: str) -> str:
    """A cell that no spreadsheet runs, also where it splits the cell at commas, semicolons or line ends. A
    plain number stays a number; the dashes of a list become dots."""
    text = text.replace("\t", " ").replace("\r", " ")
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    text = _INNER_FORMULA.sub(r"\1\2'", re.sub(r"(?m)^(\s*)- ", "\\1\u2022 ", text))
    return f"'{text}" if _FORMULA.match(text) else text
