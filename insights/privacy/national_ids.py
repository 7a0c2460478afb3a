"""Find the numbers that states give to persons: by check digits where the form has them, else by a word before it.

Pure. Every pattern is bounded, so each finder is linear in the text. Rules of the check digits are those the issuing
offices publish: modulo 11 (NHS), modulo 23 (DNI, NIE), modulo 97 (NIR, rijksregister), Luhn (personnummer), EAN-13
(AHV), weighted sums (CPF, codice fiscale), modulo 31 (henkilötunnus).
"""

import re
from collections.abc import Callable, Iterator

_Check = Callable[[str], bool]

_SSN = (
    r"(?<![\w-])\d{3}(?:-\d{2}-| \d{2} )\d{4}(?![\w-])"
    r"(?! (?:[A-Z][\w'.-]{0,30} ){1,3}(?:Street|St|Lane|Ln|Drive|Dr|Avenue|Ave|Road|Rd|Court|Ct|Blvd|Way|Place|Pl)\b)"
)
_NINO_LETTERS = r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
_NINO = rf"(?<!\w)(?:{_NINO_LETTERS} ?\d{{2}} ?\d{{2}} ?\d{{2}} ?[A-D]|(?i:{_NINO_LETTERS}\d{{6}}[A-D]))(?!\w)"
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_ODD_VALUES = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_PLACES = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (*_ODD_VALUES, *_ODD_VALUES, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)
"""What a character of an Italian tax code counts on the first, third … place."""


def _is_dni(value: str) -> bool:
    number = value[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdigit() and _DNI_LETTERS[int(number) % 23] == value[-1]


def _is_nir(value: str) -> bool:
    number = value.replace("2A", "19").replace("2B", "18")
    return number.isdigit() and int(number[:13]) % 97 + int(number[13:]) == 97


def _is_codice_fiscale(value: str) -> bool:
    odd = sum(_ODD_PLACES[char] for char in value[:15:2])
    even = sum(int(char) if char.isdigit() else ord(char) - ord("A") for char in value[1:15:2])
    return chr(ord("A") + (odd + even) % 26) == value[15]


def _is_personnummer(value: str) -> bool:
    digits = [int(char) for char in value[-10:]]
    doubled = (digit * 2 if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def _is_cpf(value: str) -> bool:
    digits = [int(char) for char in value]
    checks = (
        sum(digit * weight for digit, weight in zip(digits[:count], range(count + 1, 1, -1), strict=True))
        * 10
        % 11
        % 10
        for count in (9, 10)
    )
    return len(set(digits)) > 1 and list(checks) == digits[9:]


def _is_ahv(value: str) -> bool:
    return sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(value)) % 10 == 0


def _is_rijksregister(value: str) -> bool:
    check = int(value[9:])
    return any(97 - int(century + value[:9]) % 97 == check for century in ("", "2"))


def _is_hetu(value: str) -> bool:
    return _HETU_LETTERS[int(value[:6] + value[-4:-1]) % 31] == value[-1]


_MONTH, _DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_FORMS: tuple[tuple[re.Pattern[str], _Check | None], ...] = (
    (re.compile(_SSN), None),
    (re.compile(_NINO), None),
    (
        re.compile(
            r"(?<![\w.-])(?:\d{8}|\d{1,2}\.\d{3}\.\d{3}|[XYZxyz][ -]?\d{7})[- ]?[A-HJ-NP-TV-Za-hj-np-tv-z](?![\w-])"
        ),
        _is_dni,
    ),
    (
        re.compile(
            r"(?<![\w.-])[1-478] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d)"
            r" ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}(?![\w-]|\.\d)"
        ),
        _is_nir,
    ),
    (
        re.compile(r"(?<!\w)[A-Z]{3} ?[A-Z]{3} ?\d{2}[A-EHLMPRST]\d{2} ?[A-Z]\d{3}[A-Z](?!\w)", re.IGNORECASE),
        _is_codice_fiscale,
    ),
    (re.compile(rf"(?<![\w.-])(?:19|20)?\d{{2}}{_MONTH}{_DAY}[-+]\d{{4}}(?![\w-])"), _is_personnummer),
    (re.compile(r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])"), _is_cpf),
    (re.compile(r"(?<![\w.-])756[. ]\d{4}[. ]\d{4}[. ]\d{2}(?![\w-])"), _is_ahv),
    (re.compile(rf"(?<![\w.-])\d{{2}}[.]{_MONTH}[.]{_DAY}[-.]\d{{3}}[.-]\d{{2}}(?![\w-])"), _is_rijksregister),
    (re.compile(rf"(?<![\w.-]){_DAY}{_MONTH}\d{{2}}[-+A]\d{{3}}[0-9A-Y](?![\w-])"), _is_hetu),
)
_NOT_COUNTED = re.compile(r"[ .+-]")

_NUMBER = r"(?: ?(?:number|num|no\.?|nr\.?|n[ºo°]\.?))?"
_CUES = (
    r"ssn|social security|itin|tin|passport|driver'?s? ?licen[cs]e|driving licen[cs]e|national (?:id|identity)"
    r"|national insurance|nino|tax (?:id|file|payer id)|taxpayer id|nhs|medicare|social insurance|identity card|id card"
    r"|aadhaar|pan card|tfn"
    r"|steuer-?(?:id|identnummer|identifikationsnummer|nummer)|steuerliche identifikationsnummer|idnr|tin"
    r"|personalausweis(?:nummer)?|ausweisnummer|reisepass(?:nummer)?|führerschein(?:nummer)?"
    r"|(?:renten|sozial)versicherungsnummer|svnr|sv-nummer|ahv(?:-nummer)?"
    r"|pasaporte|permiso de conducir|seguridad social|n[úu]mero de la seguridad social|dni|nie|nif|nuss"
    r"|s[ée]curit[ée] sociale|num[ée]ro de s[ée]curit[ée] sociale|nir|passeport|permis de conduire|carte d'identit[ée]"
    r"|codice fiscale|carta d'identit[àa]|passaporto|patente"
    r"|bsn|burgerservicenummer|sofinummer|rijksregisternummer|paspoort(?:nummer)?"
    r"|pesel|dow[óo]d osobisty|paszport|personnummer|cpr|f[øo]dselsnummer|henkil[öo]tunnus|hetu|cpf|rg"
)
_CUED = re.compile(
    rf"(?<!\w)(?:{_CUES}){_NUMBER}(?:[ :#.=]{{1,3}}(?:(?:is|ist|es|est|è|to|jest)\b[ :]{{1,2}}){{0,1}})"
    r"(?P<id>\d{1,4}(?:[ .\-/]\d{1,5}){1,6}(?:[- ]?[A-Z])?(?![\w-])|(?=[A-Z-]{0,6}\d)[A-Z0-9][A-Z0-9-]{4,18}(?!\w))",
    re.IGNORECASE,
)
_IS_DATE = re.compile(r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d\d|(?:19|20)\d\d)|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2})$")


def national_ids(text: str) -> Iterator[tuple[int, int, str]]:
    """Spans of numbers of persons, labelled ID."""
    for form, check in _FORMS:
        for found in form.finditer(text):
            if check is None or check(_NOT_COUNTED.sub("", found[0]).upper()):
                yield found.start(), found.end(), "ID"
    for found in _CUED.finditer(text):
        digits = sum(map(str.isdigit, found["id"]))
        if digits >= 4 and not _IS_DATE.match(found["id"]):
            yield found.start("id"), found.end("id"), "ID"
