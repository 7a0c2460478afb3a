"""Find personal data that can be told by its form: addresses of mail and machines, numbers with a check digit, keys.

Numbers that states give to persons are in `national_ids`.

Pure. Every finder takes text whose wide characters were folded one for one, and yields spans (start, end, label).
No pattern repeats what can match in two ways, so each is linear in the text.
"""

import ipaddress
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import accumulate

from insights.privacy.national_ids import national_ids

Span = tuple[int, int, str]
"""Start, end, and what stands there: EMAIL, CARD, IBAN, IP, ID, URL, SECRET, ADDRESS."""

Finder = Callable[[str], Iterable[Span]]

_HOST_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_TOP_LEVEL = (
    "com|net|org|info|biz|io|ai|co|app|dev|de|es|fr|uk|eu|at|ch|nl|be|it|pt|us|ca|au|mx|ar|br|pl|se|dk|no|fi|ie|in"
)
_AT_WORD = r"(?:at|@|arroba|ät|chez)"
_DOT_WORD = r"(?:dot|punkt|punto|point|\.)"
_EMAIL = re.compile(rf"(?<![\w.%+'-])['\"]?[\w.%+'-]++@(?:{_HOST_LABEL}\.)+[^\W\d_][\w-]{{1,62}}")
_MARKED_EMAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]++\s{{0,3}}[(\[{{<]\s?{_AT_WORD}\s?[)\]}}>]\s{{0,3}}"
    rf"{_HOST_LABEL}(?:\s{{0,3}}(?:\.|[(\[{{<]\s?{_DOT_WORD}\s?[)\]}}>]|\bdot\b|\bpunkt\b"
    rf"|\bpunto\b)\s{{0,3}}{_HOST_LABEL}){{1,4}}",
    re.IGNORECASE,
)
_SPACED_EMAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]++(?:\s{{1,3}}@\s{{0,3}}|@\s{{1,3}}"
    rf"|@)(?:{_HOST_LABEL}\s{{0,2}}\.\s{{0,2}}){{1,4}}(?:{_TOP_LEVEL})\b",
    re.IGNORECASE,
)
_SPOKEN_EMAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]++(?:\s{{1,2}}(?:dot|punkt"
    rf"|punto)\s{{1,2}}[\w-]{{1,63}})?\s{{1,2}}{_AT_WORD}\s{{1,2}}[\w-]{{1,63}}"
    rf"(?:\s{{1,2}}(?:dot|punkt|punto)\s{{1,2}}[\w-]{{1,63}}){{0,2}}\s{{1,2}}(?:dot|punkt"
    rf"|punto)\s{{1,2}}(?:{_TOP_LEVEL})\b",
    re.IGNORECASE,
)

_DIGIT_RUN = re.compile(r"(?<!\d)\d++(?:[ \t._/-]{1,2}\d++)*+")
_GROUP = re.compile(r"\d+")
_DOUBLED = "0246813579"
"""By digit: twice it, its digits added (Luhn)."""
_CARD_CUE = re.compile(
    r"card|karte|tarjeta|carte|visa|master|amex|american express|maestro|\bcc\b|kk-?nr|credit|debit", re.IGNORECASE
)
_CARD_START = re.compile(
    r"4\d{15}(?:\d{3})?$|5[0-8]\d{14}$|2[2-7]\d{14}$|6\d{15}(?:\d{1,3})?$|3[47]\d{13}$|3[0689]\d{12}$|35\d{14}$"
    r"|(?:1800|2131)\d{11}$"
    r"|(?:5018|5020|5038|5[678]\d\d|6304|676[1-3]|6759|0604)\d{8,15}$"
)
_CUE_REACH = 40
_THING_BEFORE = re.compile(
    r"(?:sscc|tracking|track|dhl|ups|fedex|dpd|gls|hermes|usps|shipment|parcel|sendung|sendungsnummer|gtin|ean|upc|imei"
    r"|iccid|barcode|serial|timestamp|pallet|container|envío|colis|spedizione)"
    r"(?: (?:number|no\.?|nr\.?|code|id))?[ :#]{0,3}$",
    re.IGNORECASE,
)
_LONGEST_CARD_GROUP = 6
"""Digits that people write together, of a card they write in groups."""

_IBAN_HEAD = re.compile(r"[A-Za-z]{2}[ .-]?\d[ .-]?\d")
_IBAN_LENGTHS = {
    country: int(length)
    for length, countries in {
        "15": "NO", "16": "BE BI", "18": "DK FI FO GL NL SD", "19": "MK SI", "20": "AT BA EE KZ LT LU MN XK",
        "21": "CH CR HR LI LV", "22": "BG BH DE GB GE IE ME RS VA", "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG", "25": "LY PT ST", "26": "IS TR", "27": "BF DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HU LB NI PL SV", "29": "BR EG PS QA UA", "30": "JO KW MU", "31": "MT SC",
        "32": "LC",
        "33": "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_IBAN_SEPARATOR = re.compile(r"[ \t._-]+")

_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_VERSION_CUE = re.compile(
    r"(?:\bv|version|release|build|firmware|driver|app|update|fw)(?: number)?(?: is| ist| es)?[ :.]{0,2}$",
    re.IGNORECASE,
)

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"'`]++", re.IGNORECASE)
_URL_SECRET = re.compile(
    r"^[a-z0-9+.-]+://[^/\s:@]*:[^/\s@]*@"
    r"|[?&#;](?:access_?|auth_?|id_?|api_?|session_?|reset_?|refresh_?|x-amz-)?(?:token|key|secret|signature"
    r"|sig|password|passwd|pwd"
    r"|apikey|code|session|sid|jwt|otp|ticket|credential|security-token)=[^&\s]{4}"
    r"|/(?:reset|invite|invitation|verify|confirm|magic|activate|unsubscribe|login|hooks?"
    r"|services)/[^\s]*[\w-]{16}",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"(?<![\w-])(?:sk|pk|rk)[-_](?:live[-_]|test[-_]|proj[-_]|ant[-_])?[A-Za-z0-9_-]{16,}+"
    r"|(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+|gl(?:pat|ptt|dt|rt|soat|cbt|agent|ft|imt)-[\w.-]{16,}+"
    r"|xox[abeoprs]-[\w-]{10,}+|xapp-\d-[\w-]{16,}+|whsec_[A-Za-z0-9+/=]{16,}+|npm_[A-Za-z0-9]{30,}+"
    r"|pypi-[\w-]{30,}+|hf_[A-Za-z0-9]{24,}+|dckr_(?:pat|oat)_[\w-]{20,}+|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{24,}+"
    r"|do[oprt]_v1_[a-f0-9]{32,}+|pat-(?:na|eu|ap)\d-[a-f0-9-]{30,}+|pat[A-Za-z0-9]{14}\.[a-f0-9]{40,}+"
    r"|GOCSPX-[\w-]{20,}+|ya29\.[\w-]{20,}+|1//0[\w-]{30,}+|key-[a-f0-9]{32}(?!\w)|lin_api_\w{30,}+|ntn_\w{30,}+"
    r"|secret_[A-Za-z0-9]{40,}+|sq0[a-z]{3}-[\w-]{20,}+|ATATT3[\w=-]{40,}+|gsk_\w{30,}+|pplx-\w{30,}+|r8_\w{30,}+"
    r"|tskey-[\w-]{20,}+|hvs\.[\w-]{24,}+|dapi[a-f0-9]{32}(?!\w)|glsa_\w{30,}+|sntry[su]_[\w=+/-]{30,}+|PMAK-[\w-]{40,}+)"
    r"|(?<!\w)(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?!\w)|(?<!\w)AIza[\w-]{30,}+|(?<!\w)SG\.[\w-]{16,}+\.[\w-]{16,}+"
    r"|(?<!\w)(?:SK|AC)[a-f0-9]{32}(?!\w)|(?<![\w:])\d{8,10}:AA[\w-]{33}(?!\w)"
    r"|(?<!\w)(?:AccountKey|SharedAccessKey)=[\w+/]{40,}+=*|(?<!\w)[\w~.-]{3}\dQ~[\w~.-]{31,34}(?!\w)"
    r"|(?<!\w)eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]++){0,3}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[^-]*+(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"
)
_BEARER = re.compile(r"\b(?:bearer|basic|token)\s{1,3}(?P<value>(?=[\w.~+/-]{0,60}\d)[\w.~+/-]{16,}+=*)", re.IGNORECASE)
_PASSWORD = re.compile(
    r"(?<![?&#\w])(?:password|passwort|passwd|kennwort|pwd|contraseña|clave|mot de passe|passphrase|api[ _-]?(?:key"
    r"|secret|token)|access[ _-]?(?:key|token)"
    r"|(?:client|webhook|signing|shared)[ _-]?secret|secret[ _-]?key|auth[ _-]?token|pin)"
    r"(?:\s{0,2}[:=]\s{0,2}|\s(?:is|ist|es|est"
    r"|lautet)[ :]{1,2}(?=[^\s<>]{0,40}\d))[\"'`]?(?P<value>[^\s<>\"'`,;]{4,128})",
    re.IGNORECASE,
)

_CAPITAL = "[A-ZÀ-ÖØ-ÞŠŽ]"
_NAME_WORDS = rf"(?:{_CAPITAL}[\w'’.-]{{0,30}}\s){{1,4}}"
_ADDRESS = re.compile(
    rf"(?<![\w#])\d{{1,5}}[a-zA-Z]?,?\s{_NAME_WORDS}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard"
    rf"|Blvd|Court|Ct|Square|Sq"
    r"|Terrace|Crescent|Parkway|Pkwy|Highway|Hwy|Close|Way|Circle)\b\.?(?:,?\s(?:Apt|Suite|Unit|Flat"
    r"|Floor)\.?\s?#?\w{1,6})?"
    rf"(?:,\s{_CAPITAL}[\w'-]+(?:\s{_CAPITAL}[\w'-]+)?,?\s[A-Z]{{2}}\s\d{{5}}(?:-\d{{4}})?)?"
    rf"|\b{_CAPITAL}[\w-]{{2,30}}(?:straße|strasse|str\.|gasse|allee|platz|weg|damm|ufer"
    rf"|ring)\s\d{{1,4}}\s?[a-z]?\b(?:,?\s\d{{4,5}}\s{_CAPITAL}[\w-]+)?"
    rf"|\b(?:{_CAPITAL}[\w-]{{2,30}}(?:er|en)?\s)?(?:Straße|Strasse|Str\.|Allee|Platz|Weg"
    rf"|Ring)\s\d{{1,4}}\s?[a-z]?\b(?:,?\s\d{{4,5}}\s{_CAPITAL}[\w-]+)?"
    rf"|\b(?:Calle|C/|Avda\.?|Avenida|Av\.|Plaza|Pza\.|Paseo|Camino|Carrer"
    rf"|Ronda)\s?(?:[\w'’.-]{{1,30}}\s?){{1,5}},?\s(?:n[º°o.]{{1,2}}\s?)?\d{{1,4}}\b(?:,?\s\d{{5}}\s{_CAPITAL}\w+)?"
    rf"|\b(?:Am|Im|An der|An den|Auf der|Auf dem|In der|Zum|Zur|Unter den)\s{_CAPITAL}[\w-]{{2,30}}"
    rf"(?:\s{_CAPITAL}[\w-]{{2,30}})?\s\d{{1,4}}\s?[a-z]?,\s\d{{4,5}}\s{_CAPITAL}[\w-]+"
    rf"|\b(?:Via|Viale|V\.le|Corso|C\.so|Piazza|P\.za|Piazzale|Largo|Vicolo|Strada|Lungotevere)"
    rf"\s(?:(?:{_CAPITAL}|d(?:i|el|ella|ei|a)\s)[\w'’.-]{{0,30}}\s?){{1,4}},?\s(?:n\.?\s?)?\d{{1,4}}\b(?:,?\s\d{{5}}\s{_CAPITAL}\w+)?"
    r"|\b(?:P\.?\s?O\.?\sBox|Postfach|Apartado(?: de Correos)?|BP|Casella Postale|Postbus)\s\d{1,3}(?:\s?\d{2,3})?\b"
    rf"|\b\d{{1,4}}(?:\s(?:bis|ter))?,?\s(?:rue|avenue|boulevard|place|chemin|allée|impasse"
    rf"|quai)\s(?:[\w'’.-]{{1,30}}\s?){{1,5}}(?:,?\s\d{{5}}\s{_CAPITAL}\w+)?"
)
_HAS_DIGIT = re.compile(r"\d")


def emails(text: str) -> Iterator[Span]:
    """Mail addresses, also "name (at) firm.com", "name @ firm . com" and "name at firm dot com"."""
    if "@" in text:
        yield from _matches(_EMAIL, text, "EMAIL")
        yield from _matches(_SPACED_EMAIL, text, "EMAIL")
    lowered = text.casefold()
    if any(f"{mark}{word}" in lowered for mark in "([{<" for word in ("at", " at", "@", "arroba", "ät", " @")):
        yield from _matches(_MARKED_EMAIL, text, "EMAIL")
    if " dot " in lowered or " punkt " in lowered or " punto " in lowered:
        yield from _matches(_SPOKEN_EMAIL, text, "EMAIL")


def _matches(pattern: re.Pattern[str], text: str, label: str) -> Iterator[Span]:
    for found in pattern.finditer(text):
        yield found.start(), found.end(), label


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers: 12 to 19 digits that pass Luhn, with an issuer's beginning or a cue near by."""
    for run in _DIGIT_RUN.finditer(text):
        if run.end() - run.start() >= 12:
            yield from _cards_in(text, run)


def _cards_in(text: str, run: re.Match[str]) -> Iterator[Span]:
    """Card numbers in a run of groups of digits; one may begin and end with any group."""
    groups = [found.span() for found in _GROUP.finditer(text, run.start(), run.end())]
    edges = [0, *accumulate(end - start for start, end in groups)]
    digits = "".join(text[start:end] for start, end in groups)
    sums = _luhn_sums(digits)
    first = 0
    while first < len(groups):
        last = first
        shortest = bisect_left(edges, edges[first] + 12, first)
        for after in range(shortest, bisect_right(edges, edges[first] + 19, shortest)):
            if _luhn(sums, edges[first], end=edges[after]):
                card = digits[edges[first] : edges[after]]
                if _is_card(card, text, start=groups[first][0], end=groups[after - 1][1]):
                    last = after
        if last > first:
            yield groups[first][0], groups[last - 1][1], "CARD"
        first = max(first + 1, last)


def _is_card(digits: str, text: str, *, start: int, end: int) -> bool:
    if len(set(digits)) == 1:
        return False
    groups = _GROUP.findall(text, start, end)
    is_odd = len(groups) > 1 and max(map(len, groups)) > _LONGEST_CARD_GROUP
    before = text[max(0, start - _CUE_REACH) : start]
    if is_odd or before[-1:].isalpha() or _THING_BEFORE.search(before):
        return _cue(_CARD_CUE, text, start=start, end=end)
    return _CARD_START.match(digits) is not None or _cue(_CARD_CUE, text, start=start, end=end)


def _cue(pattern: re.Pattern[str], text: str, *, start: int, end: int) -> bool:
    """Whether the cue stands near by, on either side."""
    return any(map(pattern.search, (text[max(0, start - _CUE_REACH) : start], text[end : end + _CUE_REACH // 2])))


def _luhn_sums(digits: str) -> tuple[list[int], list[int]]:
    """Running sums with every even and with every odd place doubled, so that each part is checked in one step."""
    doubled = [int(_DOUBLED[int(digit)]) for digit in digits]
    plain = [int(digit) for digit in digits]
    even = (doubled[place] if place % 2 == 0 else plain[place] for place in range(len(digits)))
    odd = (doubled[place] if place % 2 else plain[place] for place in range(len(digits)))
    return [0, *accumulate(even)], [0, *accumulate(odd)]


def _luhn(sums: tuple[list[int], list[int]], start: int, *, end: int) -> bool:
    """Whether digits start to end pass: the last is not doubled, the one before is."""
    running = sums[end % 2]
    return (running[end] - running[start]) % 10 == 0


def ibans(text: str) -> Iterator[Span]:
    """Bank accounts by country length and check digits (ISO 13616), with or without spaces."""
    reached = 0
    for head in _IBAN_HEAD.finditer(text):
        length = _IBAN_LENGTHS.get(text[head.start() : head.start() + 2].upper())
        if length is None or head.start() < reached:
            continue
        end, account = _alphanumerics(text, head.start(), count=length)
        if len(account) == length and _is_whole(text, head.start(), end=end) and _iban_checks(account):
            reached = end
            yield head.start(), end, "IBAN"


def _is_whole(text: str, start: int, *, end: int) -> bool:
    """Not made of a sentence's words: separators are of one kind, and no word is cut."""
    separators = set(_IBAN_SEPARATOR.sub(lambda found: found[0][0], text[start:end])) & set(" \t._-")
    if not separators and text[start:end].isupper():
        return True
    return len(separators) < 2 and not text[end : end + 1].isalnum() and not text[max(0, start - 1) : start].isalnum()


def _alphanumerics(text: str, start: int, *, count: int) -> tuple[int, str]:
    """The next `count` letters and digits from `start`, with at most two separators between them; where they end."""
    found = _spread(count).match(text, start)
    return (found.end(), _IBAN_SEPARATOR.sub("", found[0])) if found else (start, "")


@cache
def _spread(count: int) -> re.Pattern[str]:
    return re.compile(rf"(?:[ \t.\-_]{{0,2}}[A-Za-z0-9]){{{count}}}")


def _iban_checks(account: str) -> bool:
    rearranged = (account[4:] + account[:4]).upper()
    return int("".join(str(int(char, 36)) for char in rearranged)) % 97 == 1


def machine_addresses(text: str) -> Iterator[Span]:
    """IPv4 and IPv6 addresses; version numbers stay."""
    for found in _IPV4.finditer(text):
        parts = found[0].split(".")
        is_address = all(int(part) <= 255 and str(int(part)) == part for part in parts)
        if is_address and not _VERSION_CUE.search(text[max(0, found.start() - 24) : found.start()]):
            yield found.start(), found.end(), "IP"
    for found in _IPV6.finditer(text):
        if len(found[0]) >= 6 and _is_ipv6(found[0]):
            yield found.start(), found.end(), "IP"


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def links(text: str) -> Iterator[Span]:
    """Links that let anyone in: with a password, token or signature."""
    if "://" not in text:
        return
    for found in _URL.finditer(text):
        if _URL_SECRET.search(found[0]):
            yield found.start(), found.start() + len(found[0].rstrip(".,;:!?)]}")), "URL"


def secrets(text: str) -> Iterator[Span]:
    """Keys and passwords: by the issuer's mark, or after "password:" and the like."""
    yield from _matches(_SECRET, text, "SECRET")
    for pattern in (_BEARER, _PASSWORD):
        for found in pattern.finditer(text):
            yield found.start("value"), found.end("value"), "SECRET"


def street_addresses(text: str) -> Iterator[Span]:
    """A house number with a street, as written in the US, UK, Germany, Spain and France."""
    yield from _matches(_ADDRESS, text, "ADDRESS")


WITH_DIGITS: tuple[Callable[[str], Iterator[Span]], ...] = (
    ibans,
    cards,
    machine_addresses,
    national_ids,
    street_addresses,
)
"""What cannot be there in a text without a digit (IPv6 apart, which has one in practice)."""

ALWAYS: tuple[Callable[[str], Iterator[Span]], ...] = (secrets, links, emails)


def has_digit(text: str) -> bool:
    return _HAS_DIGIT.search(text) is not None
