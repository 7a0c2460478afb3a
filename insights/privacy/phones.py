"""Find telephone numbers; leave order numbers, prices, dates and versions alone.

Pure. Candidates are found by form; Google's numbering plans (the `phonenumbers` package) and the words around decide.
"""

import re
from collections.abc import Iterator, Sequence

import phonenumbers

from insights.privacy.patterns import Span

_CANDIDATE = re.compile(
    r"(?<![\w#$€£@/.=+-])(?<!\d,)(?:\(?\+\s?|00(?=[1-9 ]))?\(?\d++(?:[ \t.\-/()]{1,4}\d++)*+"
    r"(?:\s?(?:x|ext\.?|extension|durchwahl|dw)\s?\d{1,6})?",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\s?(?:x|ext\.?|extension|durchwahl|dw)\s?\d{1,6}$", re.IGNORECASE)
_PHONE_CUE = re.compile(
    r"(?<!\w)(?:tele)?phone|\bcall|\btel\b|\btel[.:/]|(?<!windows )mobil(?!e (?:app|version))"
    r"|\bcell|\bfax|whats ?app|\bsms\b|\btext me|reach (?:me|us)|\bring\b"
    r"|hotline|number is|my number"
    r"|direct(?: line| dial)?:|desk:|dial|answering|messages to|anruf|rufen|telefon|handy|rückruf|durchwahl"
    r"|erreich|llam[ae]|teléfono|móvil|téléphone|appel|joign|(?<!ordinateur )portable"
    r"|chiam|numero è|cellulare|dzwoni|komórk|telemóvel|\bbel(?:len)? "
    r"|^[ \t]*[tpmf][.:]",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER_CUE = re.compile(
    r"(?<!\w)(?:order|invoice|ticket|case|po|p\.o|sku|ref(?:erence)?|item|article|part|serial|batch|lot|id|account"
    r"|customer|tracking|shipment|delivery"
    r"|version|row|line|pick|ean|gtin|upc|barcode|product|bestellung|bestellnummer|auftrag|rechnung|artikel"
    r"|charge|kunden|lieferung|konto"
    r"|pedido|factura|referencia|lote|cliente|art[ií]culo|commande|facture|lot|client|booking|confirmation"
    r"|flight|record locator|claim|quote)s?"
    r"[ -]?(?:number|no|nr|nummer|num|id|code|n[º°])?s?[.:]?[ :=#]{0,3}(?:is|was|ist|es|est)?[ #]{0,2}"
    r"(?:[\w-]{2,20}(?:,| and| or| und| oder| y| et)[ #]{1,2}){0,2}$",
    re.IGNORECASE,
)
_PHONE_AFTER = re.compile(
    r"[\s,(-]{0,3}(?:office|fax|mobile|desk|home|work|cell|handy|büro|móvil|oficina)\b", re.IGNORECASE
)
_DATE = re.compile(
    r"(?:(?:19|20)\d\d([-/. ])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d"
    r"|3[01])([-/. ])(?:0?[1-9]|[12]\d|3[01])\2"
    r"(?:(?:19|20)\d\d|\d\d))(?:[ T]\d{1,2}(?:[.:]\d\d)?)?$|(?:19|20)\d\d[-/ ](?:19|20)\d\d$"
)
_VERSION = re.compile(r"(?!1\.\d{3}\.\d{3}\.\d{4}$)(?=(?:\d{1,5}\.){0,3}\d(?:\.|$))\d{1,5}(?:\.\d{1,5}){2,3}$")
"""Parts between dots, one of them a single digit."""
_AMOUNT = re.compile(r"(?!0\d)\d{1,3}(?:[.,']\d{3})+(?:[.,]\d{1,2})?$|(?!0\d)\d+[.,]\d+$")
_SHORT_DIALLED = re.compile(r"\d{3}[- .]\d{4}$|\d\d(?:[-. ]\d\d){3}$|[2-9]\d{3} \d{4}$|0\d{2,4}[-/ ]\d{4,6}$")
_STREET_AFTER = re.compile(r"\s(?:[A-ZÀ-Þ][\w'-]+|rue|calle|via)\s|th\b|st\b|nd\b|rd\b")
_ZIP_BEFORE = re.compile(
    r"(?:zip|postal code|post ?code|plz|postleitzahl|código postal|code postal)\W{0,3}(?:is\s)?$", re.IGNORECASE
)
_ROOM_BEFORE = re.compile(r"\b(?:suite|apt|unit|flat|room|floor|box)\.?\s?#?$", re.IGNORECASE)
_HOUSE_AFTER = re.compile(
    r"\s(?:rue|calle|via|avenida|plaza)\s|\s(?:[\w'.-]{1,30}\s){1,2}(?:street|st|lane|drive|dr|avenue|ave|aven|road|rd"
    r"|court|ct|boulevard|blvd|way|place)\b",
    re.IGNORECASE,
)
_ORDINAL_AFTER = re.compile(r"(?:th|st|nd|rd)\b")
_EPOCH = re.compile(r"1[4-9]\d{8}$")
_FEWEST_WHOLE = 9
"""Digits from which a number is a subscriber's with its area."""
_TRUNK_ZERO = frozenset(("GB", "DE", "FR", "AT", "CH", "NL", "BE"))
"""Where national numbers are written with a 0 before them."""
_MONEY_BEFORE = re.compile(r"(?:[$€£¥]|usd|eur|gbp|chf)\s?$", re.IGNORECASE)
_UNIT_AFTER = re.compile(
    r"\s?(?:[$€£¥%]|(?:usd|eur|euros?|gbp|chf|dollars?|k|kg|g|mm|cm|rows?|units?|items?|pcs|pieces|stk|stück"
    r"|zeilen|filas|orders?|skus?|products?"
    r"|lines?|records?|entries|ms|mb|gb|users?|customers?|a\.?m|p\.?m|uhr)\b)",
    re.IGNORECASE,
)
_NOT_DIGIT = re.compile(r"\D")
_DIGITS = re.compile(r"\d+")
_CUE_REACH = 32


def phones(text: str, *, regions: Sequence[str]) -> Iterator[Span]:
    """Spans of telephone numbers that are valid in one of the regions, or announced as such."""
    for found in _CANDIDATE.finditer(text):
        start, end = found.start(), found.start() + len(found[0].rstrip(" (.-/\t"))
        start += text[start] == "(" and ")" not in found[0]
        number = text[start:end]
        digits = _NOT_DIGIT.sub("", _EXTENSION.sub("", number))
        if 6 <= len(digits) <= 15 and _is_phone(text, start, end=end, regions=regions):
            yield start, end, "PHONE"


def _is_phone(text: str, start: int, *, end: int, regions: Sequence[str]) -> bool:
    number = text[start:end]
    before, after = text[max(0, start - _CUE_REACH) : start], text[end : end + 40]
    if number.startswith(("+", "(+")):
        return _is_possible(number)
    if number.startswith("00") and _is_valid("+" + number[2:].lstrip(" "), None):
        return True
    if _is_other_number(number, before=before, after=after):
        return False
    if _EXTENSION.search(number) or _PHONE_CUE.search(before) or _PHONE_AFTER.match(after):
        return _is_announced(number, regions=regions)
    return _looks_dialled(number, after=after) and any(
        _is_valid(number, region)
        for region in regions
        if number.lstrip("(").startswith("0") or region not in _TRUNK_ZERO
    )


def _is_other_number(number: str, *, before: str, after: str) -> bool:
    """Whether form or neighbours tell an amount, a date or somebody's number for something."""
    if _DATE.match(number) or _MONEY_BEFORE.search(before) or _UNIT_AFTER.match(after):
        return True
    if _is_in_address(number, before=before, after=after):
        return True
    if any(cue.search(before) for cue in (_NUMBER_CUE, _ZIP_BEFORE)) or _VERSION.match(number):
        return True
    return _AMOUNT.match(number) is not None and not _PHONE_CUE.search(before)


def _is_in_address(number: str, *, before: str, after: str) -> bool:
    """Whether it is the number of a house or room."""
    if _ROOM_BEFORE.search(before) or _ORDINAL_AFTER.match(after):
        return True
    return len(_NOT_DIGIT.sub("", number)) < _FEWEST_WHOLE and _HOUSE_AFTER.match(after) is not None


def _is_announced(number: str, *, regions: Sequence[str]) -> bool:
    """Behind "call me on" any number that could be dialled somewhere counts."""
    return any(_is_possible(number, region) for region in regions)


def _looks_dialled(number: str, *, after: str) -> bool:
    """Whether somebody wrote it to be dialled: in groups, or with as many digits as a bare number needs."""
    groups = _DIGITS.findall(number)
    count = sum(map(len, groups))
    if len(groups) == 1 and _EPOCH.match(groups[0]):
        return False
    if len(groups) == 1 or count < 9:
        return 9 <= count <= 11 or _SHORT_DIALLED.match(number) is not None
    if len(groups) == 2 and _STREET_AFTER.match(after):
        return False
    return max(map(len, groups)) <= 8 + number.startswith("0") and sum(len(group) == 1 for group in groups) <= 1


def _is_valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _is_possible(number: str, region: str | None = None) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
