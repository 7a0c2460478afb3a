"""Made-up support messages in which every piece of personal data is marked, in many written forms.

    python -m benchmarks.redaction_texts marked.jsonl [SEED] [unseen]

Every value is drawn: cards, accounts and national numbers with right check digits, telephone numbers that are valid in
twelve countries, in the forms people write them. Messages without personal data hold what looks like it: order and
tracking numbers, versions, dates, prices, UUIDs, hashes. Written for this project; no line is anybody's.
"""

# ruff: noqa: E501, SIM905

import json
import random
import re
import string
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGIONS = ("US", "GB", "DE", "ES", "FR", "AT", "CH", "NL", "BE", "IT", "DK", "PL")
ISSUERS = (
    ("4", 16),
    ("51", 16),
    ("2221", 16),
    ("34", 15),
    ("37", 15),
    ("36", 14),
    ("300", 14),
    ("6011", 16),
    ("3530", 16),
)
IBANS = {
    "DE": 18, "AT": 16, "FR": 23, "ES": 20, "IT": "A" + "9" * 22, "NL": "AAAA9999999999", "GB": "AAAA99999999999999",
    "PL": 24, "BE": 12, "CH": 17, "SE": 20, "PT": 21,
}  # fmt: skip
FIRST = "Lena Tomás Ayşe Gilles Marta Oluwaseun Piotr Ingrid Haruto Bea Cormac Noor Giulia Emil Priya".split()
LAST = "Brandt Ibarra Yılmaz Lefèvre Kowalska Adeyemi Vestergaard Okafor Rinaldi Maguire Sundqvist Castell Iyer".split()
HOSTS = "northwind-parts.example kestrel.co.uk holzer.de envases.es brume.fr tessuti.it mail.vantagecrm.com".split()


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def card(rng: random.Random) -> str:
    start, length = rng.choice(ISSUERS)
    number = luhn(start + digits(rng, length - len(start) - 1))
    sizes = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}[length]
    return rng.choice(("", " ", "-", " ", ".")).join(cut(number, sizes))


def cut(text: str, sizes: tuple[int, ...]) -> list[str]:
    parts, reached = [], 0
    for size in sizes:
        parts.append(text[reached : reached + size])
        reached += size
    return parts


def iban(rng: random.Random) -> str:
    country, form = rng.choice(list(IBANS.items()))
    form = form if isinstance(form, str) else "9" * form
    body = "".join(rng.choice(string.ascii_uppercase) if char == "A" else rng.choice(string.digits) for char in form)
    rest = int("".join(str(int(char, 36)) for char in f"{body}{country}00")) % 97
    number = f"{country}{98 - rest:02d}{body}"
    spaced = re.sub(r"(.{4})(?=.)", r"\1 ", number)
    return rng.choice((number, spaced, spaced, spaced.lower(), number.lower(), spaced.replace(" ", "-")))


def email(rng: random.Random) -> str:
    name = f"{plain(rng.choice(FIRST))}{rng.choice('._-')}{plain(rng.choice(LAST))}".lower()
    host = rng.choice(HOSTS)
    dotted = host.replace(".", " dot ")
    return rng.choice((
        f"{name}@{host}", f"{name}+crm@{host}", f"{name}@{host}".upper(), f"{name} [at] {host}", f"{name}(at){host}",
        f"{name}[at]{host.replace('.', '[dot]')}", f"{name} (at) {host.replace('.', ' (dot) ')}",
        f"{name} at {dotted}" if host.endswith(("com", "de", "es", "fr", "it", "uk")) else f"{name}@{host}",
        f"{name}@{host}", f"{name} @ {host}" if not host.endswith("example") else f"{name}@{host}",
    ))  # fmt: skip


def plain(name: str) -> str:
    return name.translate(str.maketrans("áşıèéç", "asieec"))


def ip(rng: random.Random) -> str:
    four = ".".join(str(rng.randint(1, 254)) for _ in range(4))
    groups = [f"{rng.randint(0x1000, 0xFFFF):x}" for _ in range(8)]
    return rng.choice(
        (four, four, ":".join(groups), f"2001:db8::{groups[0]}:{groups[1]}", f"fe80::{':'.join(groups[:4])}")
    )


def phone(rng: random.Random, *, national: bool = True) -> str:
    region = rng.choice(REGIONS)
    kind = rng.choice((PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE))
    example = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    number = str(example.national_number)
    while True:
        drawn = phonenumbers.PhoneNumber(
            country_code=example.country_code,
            national_number=int(number[:4] + digits(rng, len(number) - 4)),
            italian_leading_zero=example.italian_leading_zero,
        )
        if phonenumbers.is_valid_number(drawn):
            break
    abroad = phonenumbers.format_number(drawn, PhoneNumberFormat.INTERNATIONAL)
    home = phonenumbers.format_number(drawn, PhoneNumberFormat.NATIONAL)
    forms = [
        abroad,
        abroad.replace(" ", "-"),
        abroad.replace(" ", ""),
        abroad.replace("+", "00", 1),
        abroad.replace(" ", "."),
    ]
    if national:
        forms += [home, home, home.replace(" ", "-"), home.replace(" ", "."), home.replace(" ", "/", 1)]
    return rng.choice(forms)


def weighted(text: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=False))


def drawn_until(draw: Callable[[], str | None]) -> str:
    while (value := draw()) is None:
        pass
    return value


def ssn(rng: random.Random) -> str:
    area = rng.choice([number for number in range(100, 900) if number != 666])
    return f"{area:03d}-{rng.randint(1, 99):02d}-{rng.randint(1, 9999):04d}"


def itin(rng: random.Random) -> str:
    return f"9{digits(rng, 2)}-{rng.randint(70, 88)}-{digits(rng, 4)}"


def nino(rng: random.Random) -> str:
    number = f"{rng.choice('ABCEHJLMPRST')}{rng.choice('ABCEHJLMPRST')}{digits(rng, 6)}{rng.choice('ABCD')}"
    return rng.choice((number, " ".join(cut(number, (2, 2, 2, 2, 1))), number.lower()))


def nhs(rng: random.Random) -> tuple[str, str]:
    def draw() -> str | None:
        body = digits(rng, 9)
        check = -weighted(body, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
        return f"{body}{check}" if check < 10 else None

    return "NHS number ", rng.choice(("", " ", "-")).join(cut(drawn_until(draw), (3, 3, 4)))


def dni(rng: random.Random) -> str:
    number = digits(rng, 8)
    letter = "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]
    return rng.choice((f"{number}{letter}", f"{number}-{letter}", f"{number} {letter}", f"{int(number):,}".replace(",", ".") + f"-{letter}"
                       if number[0] != "0" else f"{number}{letter}"))  # fmt: skip


def nie(rng: random.Random) -> str:
    first, number = rng.choice("XYZ"), digits(rng, 7)
    letter = "TRWAGMYFPDXBNJZSQVHLCKE"[int(str("XYZ".index(first)) + number) % 23]
    return rng.choice((f"{first}{number}{letter}", f"{first}-{number}-{letter}"))


def nir(rng: random.Random) -> str:
    body = f"{rng.choice('12')}{rng.randint(40, 99)}{rng.randint(1, 12):02d}{rng.randint(10, 95)}{digits(rng, 6)}"
    number = f"{body}{97 - int(body) % 97:02d}"
    return rng.choice((number, " ".join(cut(number, (1, 2, 2, 2, 3, 3, 2)))))


ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
               (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
                10, 22, 25, 24, 23), strict=True))  # fmt: skip


def codice_fiscale(rng: random.Random) -> str:
    letters = "".join(rng.choices("BCDFGLMNPRSTVZ", k=6))
    place = f"{rng.choice('ABCDEFGHIL')}{digits(rng, 3)}"
    body = f"{letters}{rng.randint(40, 99)}{rng.choice('ABCDEHLMPRST')}{rng.randint(1, 31):02d}{place}"
    total = sum(ODD[char] if number % 2 == 0 else int(char, 36) % 10 if char.isdigit() else ord(char) - 65
                for number, char in enumerate(body))  # fmt: skip
    code = body + chr(65 + total % 26)
    return rng.choice((code, code.lower()))


def bsn(rng: random.Random) -> tuple[str, str]:
    def draw() -> str | None:
        body = str(rng.randint(10_000_000, 99_999_999))
        check = weighted(body, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
        return f"{body}{check}" if check < 10 else None

    return "BSN ", rng.choice(("", ".")).join(cut(drawn_until(draw), (4, 2, 3)))


def steuer_id(rng: random.Random) -> tuple[str, str]:
    order = rng.sample(string.digits, 10)
    if order[0] == "0":
        order = order[::-1]
    body = [*order[:9], order[rng.randint(1, 7)]]
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    check = (11 - product) % 10
    number = "".join(body) + str(check)
    return rng.choice(("Steuer-ID ", "Steuer-ID: ", "IdNr. ")), rng.choice(("", " ")).join(cut(number, (2, 3, 3, 3)))


def pesel(rng: random.Random) -> tuple[str, str]:
    body = f"{rng.randint(40, 99)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{digits(rng, 4)}"
    return "PESEL ", f"{body}{-weighted(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10}"


def personnummer(rng: random.Random) -> str:
    number = luhn(f"{rng.randint(40, 99)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{digits(rng, 3)}")
    return rng.choice(("", "19")) + f"{number[:6]}-{number[6:]}"


def cpf(rng: random.Random) -> str:
    body = digits(rng, 9)
    for start in (10, 11):
        body += str(weighted(body, tuple(range(start, 1, -1))) * 10 % 11 % 10)
    return f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}"


IDS: tuple[Callable[[random.Random], str | tuple[str, str]], ...] = (
    ssn, itin, nino, nhs, dni, nie, nir, codice_fiscale, bsn, steuer_id, pesel, personnummer, cpf,
)  # fmt: skip
WORD = string.ascii_letters + string.digits


def word(rng: random.Random, count: int, letters: str = WORD) -> str:
    return "".join(rng.choices(letters, k=count))


def secret(rng: random.Random) -> str:
    lower = string.ascii_lowercase + string.digits
    return rng.choice((
        f"sk_live_{word(rng, 24)}", f"rk_test_{word(rng, 24)}", f"whsec_{word(rng, 32)}", f"xoxb-{digits(rng, 11)}-{word(rng, 24)}",
        f"xapp-1-A{digits(rng, 9)}-{digits(rng, 12)}-{word(rng, 40, lower)}", f"ghp_{word(rng, 36)}",
        f"github_pat_{word(rng, 22)}_{word(rng, 59)}", f"glpat-{word(rng, 20)}", f"AKIA{word(rng, 16, string.ascii_uppercase + string.digits)}",
        f"AIza{word(rng, 35)}", f"ya29.{word(rng, 60)}", f"GOCSPX-{word(rng, 28)}", f"SK{word(rng, 32, 'abcdef0123456789')}",
        f"SG.{word(rng, 22)}.{word(rng, 43)}", f"npm_{word(rng, 36)}", f"pypi-AgEIcHlwaS5vcmc{word(rng, 60)}",
        f"hf_{word(rng, 34)}", f"sk-proj-{word(rng, 48)}", f"sk-ant-api03-{word(rng, 80)}", f"dckr_pat_{word(rng, 27)}",
        f"eyJhbGciOiJIUzI1NiJ9.{word(rng, 40)}.{word(rng, 43)}", f"shpat_{word(rng, 32, 'abcdef0123456789')}",
        f"dop_v1_{word(rng, 64, 'abcdef0123456789')}", f"pat-eu1-{word(rng, 8, 'abcdef0123456789')}-1111-4222-8333-{word(rng, 12, 'abcdef0123456789')}",
        f"AccountKey={word(rng, 86)}==", f"{digits(rng, 10)}:AA{word(rng, 33)}",
    ))  # fmt: skip


def url(rng: random.Random) -> str:
    host = rng.choice(("app.vantagecrm.com", "files.example", "10.2.3.4:8443"))
    return rng.choice((
        f"https://admin:{word(rng, 10)}@{host}/export", f"https://{host}/reset?token={word(rng, 32)}",
        f"https://{host}/d?file=7&sig={word(rng, 40)}", f"https://{host}/invite/{word(rng, 24)}",
        f"postgres://crm:{word(rng, 12)}@{host}/main", f"https://hooks.slack.com/services/T{word(rng, 8)}/B{word(rng, 8)}/{word(rng, 24)}",
        f"https://{host}/cb#access_token={word(rng, 40)}&expires=3600",
    ))  # fmt: skip


def address(rng: random.Random) -> str:
    number = rng.randint(1, 320)
    return rng.choice((
        f"{number} Larkspur Lane, Dayton, OH 4{digits(rng, 4)}", f"{number} W. Alder Ave, Suite {rng.randint(2, 90)}", f"PO Box {number}{number}",
        f"{number} Thornbury Road, Leeds LS{rng.randint(1, 9)} {rng.randint(1, 9)}AB", f"Flat {rng.randint(1, 9)}, {number} Cawdor Street",
        f"Lindenstraße {number}, {digits(rng, 5)} Kassel", f"Am Alten Markt {number}, {digits(rng, 5)} Fulda", f"Hauptstr. {number}a",
        f"Calle de Alcántara {number}, 3º B, 28006 Madrid", f"Avenida Diagonal {number}, 08013 Barcelona", f"C/ Serrano, {number}",
        f"{number} rue des Tanneurs, 59000 Lille", f"{number} bis avenue de la Gare", f"Via Garibaldi {number}, 20121 Milano", f"Corso Vittorio Emanuele II, {number}",
        f"Piazza San Marco {number}",
    ))  # fmt: skip


def name(rng: random.Random) -> str:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    return rng.choice(
        (f"{first} {last}", f"{first} {last}", first, f"{first} van der {last}", f"{first} {last}-{rng.choice(LAST)}")
    )


VALUES: dict[str, Callable[[random.Random], str | tuple[str, str]]] = {
    "EMAIL_ADDRESS": email, "PHONE_NUMBER": phone, "CREDIT_CARD": card, "IBAN_CODE": iban, "IP_ADDRESS": ip,
    "NATIONAL_ID": lambda rng: rng.choice(IDS)(rng), "SECRET": secret, "SECRET_URL": url, "STREET_ADDRESS": address,
    "PERSON": name,
}  # fmt: skip

TEMPLATES = r"""
Please write to <EMAIL_ADDRESS>, the export still fails.
My address changed, it is now <EMAIL_ADDRESS>.
<EMAIL_ADDRESS> cannot log in since Monday
Bitte an <EMAIL_ADDRESS> antworten, danke.
Escríbanme a <EMAIL_ADDRESS> por favor.
cc: <EMAIL_ADDRESS>; <EMAIL_ADDRESS>
Scrivetemi a <EMAIL_ADDRESS>, il file è vuoto
You can call me on <PHONE_NUMBER> until five.
Rückruf unter <PHONE_NUMBER> erbeten.
Mi teléfono es <PHONE_NUMBER>, llamen por la tarde.
Joignable au <PHONE_NUMBER> le matin.
Il mio numero è <PHONE_NUMBER>, grazie
Proszę dzwonić: <PHONE_NUMBER>
Tel. <PHONE_NUMBER> / order 4500128811
We tried <PHONE_NUMBER> twice, nobody answers.
Warehouse desk <PHONE_NUMBER>
The card <CREDIT_CARD> was charged twice.
Meine Karte <CREDIT_CARD> wurde abgelehnt.
paid with <CREDIT_CARD> exp 04/29
Tarjeta: <CREDIT_CARD>
Number is <CREDIT_CARD>, please remove it from the account
Refund to <IBAN_CODE> please.
IBAN: <IBAN_CODE>
Unser Konto <IBAN_CODE> stimmt nicht.
Pagado desde <IBAN_CODE> el lunes
Logins from <IP_ADDRESS> are blocked.
The importer at <IP_ADDRESS> times out after 30 s
host=<IP_ADDRESS> port=443
My number for the tax form is <NATIONAL_ID>.
The customer field shows <NATIONAL_ID> in plain view
Employee <NATIONAL_ID> is missing from the list
Identification: <NATIONAL_ID>
We use <SECRET> in the integration, it stopped working
curl -H "X-Api-Key: <SECRET>" fails with 401
Token <SECRET> leaked in your log
Open <SECRET_URL> and see.
The link <SECRET_URL> was sent to everybody
Ship it to <STREET_ADDRESS> instead.
Lieferadresse: <STREET_ADDRESS>
Our office: <STREET_ADDRESS>
Hi, my name is <PERSON> and the sync is slow.
The list is empty.\n\nKind regards,\n<PERSON>
Ich bin <PERSON> aus dem Einkauf, der Filter fehlt.
Me llamo <PERSON>. No puedo exportar.
Please ask for Mrs <PERSON> at the desk.
Contact: <PERSON>, <PHONE_NUMBER>, <EMAIL_ADDRESS>
Dear <PERSON>, thank you for the call.
I spoke with <PERSON> yesterday about the import.
Hello <PERSON>, any news?
Bonjour, je suis <PERSON>, la facture est fausse.
""".strip("\n").split("\n")  # fmt: skip


def harmless(rng: random.Random) -> Iterator[str]:
    """Numbers and codes of things."""
    hexes = "abcdef0123456789"
    day = f"{rng.randint(1, 28):02d}.{rng.randint(1, 12):02d}.2026"
    yield f"Order {digits(rng, 10)} of {day} is late."
    yield f"Order no. {digits(rng, 3)}-{digits(rng, 7)}-{digits(rng, 7)} never arrived"
    yield f"Tracking 1Z{word(rng, 6, string.ascii_uppercase)}{digits(rng, 10)} shows nothing; JD{digits(rng, 18)} neither."
    yield f"DHL {digits(rng, 20)}, GTIN 400{digits(rng, 10)}"
    yield f"Since version {rng.randint(1, 20)}.{rng.randint(0, 99)}.{rng.randint(0, 9999)}.{rng.randint(0, 99)} it hangs."
    yield f"Update to v{rng.randint(1, 9)}.{rng.randint(0, 20)}.{rng.randint(0, 20)}-rc{rng.randint(1, 5)} failed at 10:{digits(rng, 1)}5:{rng.randint(10, 59)}"
    yield f"Request {word(rng, 8, hexes)}-{word(rng, 4, hexes)}-4{word(rng, 3, hexes)}-8{word(rng, 3, hexes)}-{word(rng, 12, hexes)} returned 500"
    yield f"commit {word(rng, 40, hexes)} broke the import"
    yield f"sha256 {word(rng, 64, hexes)} does not match"
    yield f"Total was {rng.randint(1, 9)},{digits(rng, 3)}.{digits(rng, 2)} USD instead of ${rng.randint(100, 999)}.00"
    yield f"Rechnung RE-2026-{digits(rng, 5)} über {rng.randint(1, 9)}.{digits(rng, 3)},{digits(rng, 2)} € fehlt"
    yield f"From 2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d} 08:00 to 2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d} 17:30 nothing synced"
    yield f"Ticket #{digits(rng, 9)}, case {digits(rng, 8)}: still open"
    yield f"SKU {digits(rng, 5)}-{digits(rng, 4)}-{digits(rng, 2)} counts {rng.randint(1000, 9999)} pieces, {rng.randint(10, 99)} pallets"
    yield f"Error 0x{word(rng, 8, hexes)} at line {rng.randint(100, 9999)}, column {rng.randint(1, 80)}"
    yield f"We imported {rng.randint(100, 999)} {digits(rng, 3)} rows in {rng.randint(10, 99)} min"
    yield f"Pedido {digits(rng, 9)} del {day}, factura F{digits(rng, 8)}"
    yield f"Container MSKU{digits(rng, 7)} at gate {rng.randint(1, 20)}, pallet SSCC {digits(rng, 18)}"
    yield f"The chart shows 10 20 30 40 50 60 and then {rng.randint(100, 200)} 200 300 400"
    yield f"Batch {digits(rng, 6)}/{digits(rng, 2)}, lot L{digits(rng, 8)}, best before {day}"
    yield f"Coordinates {rng.randint(40, 55)}.{digits(rng, 6)}, {rng.randint(1, 20)}.{digits(rng, 6)} are wrong on the map"
    yield f"timestamp 17{digits(rng, 11)} is read as seconds (17{digits(rng, 8)})"
    yield f"MAC 00:1b:{word(rng, 2, hexes)}:{word(rng, 2, hexes)}:{word(rng, 2, hexes)}:{word(rng, 2, hexes)} at 12:30:45"
    yield f"Use https://help.example/articles/{digits(rng, 6)}?page={rng.randint(1, 9)}#step-{rng.randint(1, 9)} first"
    yield "The token expired, the password page is at the wrong place and the key visual is blurred."
    yield f"Score {rng.randint(1, 5)}/5, {rng.randint(10, 99)} % of {digits(rng, 5)} users, Q{rng.randint(1, 4)} 2026, ISO 27001, RFC 7231"
    yield f"Article {digits(rng, 8)} and {digits(rng, 9)} have no price"
    yield f"Salesforce record 0015g00000{word(rng, 5)}AAA was merged into 0015g00000{word(rng, 5)}AAB"
    yield f"Part {word(rng, 3, string.ascii_uppercase)}-{digits(rng, 4)}-{digits(rng, 3)} meets DIN EN 10204 and 3.1"
    yield f"Pallet weighs {rng.randint(100, 999)} kg, 120 x 80 x 144 cm, EUR 1 200 per 1 000"


def filled(template: str, rng: random.Random) -> dict[str, object]:
    text, spans = "", []
    for part in re.split(r"(<[A-Z_]+>)", template.replace(r"\n", "\n")):
        if not (part.startswith("<") and part[1:-1] in VALUES):
            text += part
            continue
        value = VALUES[part[1:-1]](rng)
        before, value = value if isinstance(value, tuple) else ("", value)
        text += before
        spans.append({"start": len(text), "end": len(text) + len(value), "type": part[1:-1]})
        text += value
    return {"text": text, "spans": spans}


UNSEEN = r"""
Could someone ring me back? <PHONE_NUMBER>
Bel me op <PHONE_NUMBER> als het lukt.
Ring mig på <PHONE_NUMBER> eller skriv till <EMAIL_ADDRESS>
Nr kontaktowy <PHONE_NUMBER>, konto <IBAN_CODE>
Signature block:
<PERSON>
Head of Purchasing
M <PHONE_NUMBER>
E <EMAIL_ADDRESS>
name;email;phone
x;<EMAIL_ADDRESS>;<PHONE_NUMBER>
{"customer": {"mail": "<EMAIL_ADDRESS>", "phone": "<PHONE_NUMBER>", "ip": "<IP_ADDRESS>"}}
<td><EMAIL_ADDRESS></td><td><PHONE_NUMBER></td>
The buyer typed his card number (<CREDIT_CARD>) into the notes field
pan=<CREDIT_CARD>&cvv=123
Ma carte bancaire est <CREDIT_CARD>.
Bankverbindung <IBAN_CODE>, BIC COBADEFFXXX
Coordinate bancarie: <IBAN_CODE>.
2026-05-11T08:12:44Z client <IP_ADDRESS> GET /api/v2/orders 504
Remote address was [<IP_ADDRESS>] according to the firewall
ID document: <NATIONAL_ID>, please delete it from the ticket
Why is <NATIONAL_ID> printed on the delivery note?
export CRM_KEY=<SECRET>
Authorization header was "<SECRET>"
We moved: <STREET_ADDRESS>. Please update the invoices.
Moved on 12.03.2026, lot 88120391, 14 pallets, +12 % since 2025, ratio 16:9
Invoice 2026/10044 for 3.499,90 EUR and PO 77-120-4488 are both open since week 18
Build 10.4.1.2231 on Windows 10.0.22631 crashes, memory 0x7ffdf3a2, PID 20418
Row 4,294,967,295 and id 9007199254740993 overflow in the CSV of 2026-01-31
The EAN 5901234123457 and the article 40-2210-118 show the same photo 3840x2160
""".strip("\n").split("\n")
"""Written after the rules and changed by nobody since: no rule was made with these in sight."""


def marked_texts(seed: int, *, each: int = 40, unseen: bool = False) -> Iterator[dict[str, object]]:
    """Each template `each` times, and as many messages of each kind without personal data."""
    rng = random.Random(seed)
    for _ in range(each):
        for template in UNSEEN if unseen else TEMPLATES:
            yield filled(template, rng)
        for text in () if unseen else harmless(rng):
            yield {"text": text, "spans": []}


def main() -> None:
    place, seed = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    place.write_text(
        "".join(
            json.dumps(row, ensure_ascii=False) + "\n" for row in marked_texts(seed, unseen=sys.argv[-1] == "unseen")
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
