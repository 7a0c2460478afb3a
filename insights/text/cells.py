"""Cells that a spreadsheet shows and never runs."""

import re

_FORMULA = re.compile("[\\s\"'`\u00a0\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\u2212]")
_INNER_FORMULA = re.compile("((?:;|\n)[ \"']*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])|(,[ \"']*)(?=[=@\uff1d\uff20])")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")


def inert_cell(text: str) -> str:
    """A cell that no spreadsheet runs, also where it splits the cell at commas, semicolons or line ends. A
    plain number stays a number; the dashes of a list become dots."""
    text = text.replace("\t", " ").replace("\r", " ")
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    text = _INNER_FORMULA.sub(r"\1\2'", re.sub(r"(?m)^(\s*)- ", "\\1\u2022 ", text))
    return f"'{text}" if _FORMULA.match(text) else text
