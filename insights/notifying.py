"""Write to those who asked for something what became of it: drafts, which nobody sends but a person.

One draft a person, whoever asked how often, in their own words without personal data. Who is known by no address that
can be written to is listed with the account and a link to what was said.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.domain.problem import Problem, State
from insights.errors import ExitCode, InsightsError
from insights.issue_template import Markdown, Template, filled, template_in
from insights.storage.askers import Asked
from insights.storage.repository import Repository
from insights.text.addresses import web_address
from insights.text.clean import one_line

MOST_QUOTES = 3
"""Of one person in a message; the newest."""
LONGEST_QUOTE = 600
LONGEST_SUBJECT = 200

_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_NOBODY = re.compile(r"(?:no|not|do-?not)[._-]?reply|mailer-daemon|postmaster", re.IGNORECASE)
_LONGEST_EMAIL = 254
_LATER = (State.ACCEPTED, State.SHIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one person said of the problem, and when."""

    day: date
    words: str
    ref: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to one person; without an e-mail address, one for somebody to pass on."""

    email: str | None
    name: str | None
    account: str | None
    said: tuple[Said, ...]
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What there is to be told of a problem and to whom; `shipped_on` is None while it is worked on."""

    problem_id: int
    ref: str
    title: str
    shipped_on: date | None
    drafts: tuple[Draft, ...]
    unreachable: tuple[Draft, ...]


@cache
def default_message() -> Template:
    """The one that is part of the program."""
    text = files("insights").joinpath("templates", "message.md").read_text("utf-8")
    return Template("message.md", text, of="messages", setting="export.message")


@use_case(Act.FILE, Act.PERSONS)
def draft_notice(problem_id: int, *, repository: Repository, settings: Settings, folder: Path = Path()) -> Notice:
    """A draft to everyone who stated the problem; a merged id stands for the one it was merged into. Raises
    InsightsError for an unknown problem, for one that is neither accepted nor shipped, or where the team's template is
    wrong."""
    problem = repository.problems.get(problem_id)
    if problem.state not in _LATER:
        raise InsightsError(
            f"{problem.ref} is {problem.state.value}: nobody can be told that it is worked on.",
            remedy=f"Accept it: insights decide {problem.ref} accept, or: insights shipped {problem.ref} --on DATE",
            exit_code=ExitCode.USAGE,
        )
    shipment = repository.shipments.shipped().get(problem.id)
    shipped_on = shipment.shipped_on if shipment else None
    template = template_in(folder, settings.export.message, default=default_message())
    product = settings.product.name
    drafts = [
        _draft(said, problem=problem, shipped_on=shipped_on, product=product, template=template)
        for said in _by_person(repository.askers.of_problem(problem.id))
    ]
    written = [draft for draft in drafts if draft.email]
    repository.audit.record("draft.write", problem.ref, facts={"drafts": len(written)})  # they hold addresses
    return Notice(
        problem_id=problem.id,
        ref=problem.ref,
        title=one_line(problem.title),
        shipped_on=shipped_on,
        drafts=tuple(written),
        unreachable=tuple(draft for draft in drafts if not draft.email),
    )


def save_drafts(notice: Notice, folder: Path) -> list[Path]:
    """One .eml file a draft, which mail programs open as a message that was not sent yet. The same person has the same
    file the next time. Raises InsightsError where the folder cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return [_save(draft, folder / f"{notice.ref}-{_short(draft.email or '')}.eml") for draft in notice.drafts]
    except OSError as error:
        raise InsightsError(
            f"{folder} cannot be written: {error.strerror or type(error).__name__}.",
            remedy="Name a folder that you may write to: --eml FOLDER",
        ) from error


def as_mail(draft: Draft) -> EmailMessage:
    """The message with a plain text and safe headers, marked as not sent. It has no sender: that is who sends it."""
    mail = EmailMessage(policy=SMTP)
    mail["To"] = draft.email
    mail["Subject"] = draft.subject
    mail["X-Unsent"] = "1"
    mail.set_content(draft.text + "\n")
    return mail


# -- people -------------------------------------------------------------------------------------------------------


def _by_person(asked: Iterable[Asked]) -> list[list[Asked]]:
    """What each person said, the oldest first; persons in the order of the first thing they said."""
    said = list(asked)
    addresses = _addresses_by_name(said)
    people: dict[object, list[Asked]] = {}
    for one in said:
        people.setdefault(_person(one, addresses), []).append(one)
    return list(people.values())


def _person(asked: Asked, addresses: Mapping[object, str]) -> object:
    """By the address; else by account and name, who may be known by an address elsewhere; else by account, else the
    item: it may be anyone's."""
    email = _usable(asked.email)
    if email:
        return email.casefold()
    if asked.name:
        named = _named(asked)
        return addresses.get(named, named)
    account = asked.account_id or asked.account
    return ("account", account) if account else ("item", asked.feedback_id)


def _named(asked: Asked) -> object:
    return ("name", asked.account_id or asked.account, one_line(asked.name or "").casefold())


def _addresses_by_name(asked: Iterable[Asked]) -> dict[object, str]:
    found: dict[object, str] = {}
    for one in asked:
        email = _usable(one.email)
        if email and one.name:
            found.setdefault(_named(one), email.casefold())
    return found


def _usable(email: str | None) -> str | None:
    """An address that a message may be sent to; None for what is none, or nobody's."""
    address = (email or "").strip()
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        return None
    local = address.partition("@")[0]
    is_odd = local.startswith(".") or local.endswith(".") or ".." in local
    return None if is_odd or _NOBODY.match(local) else address


# -- messages -----------------------------------------------------------------------------------------------------


def _draft(
    asked: Sequence[Asked], *, problem: Problem, shipped_on: date | None, product: str, template: Template
) -> Draft:
    said = tuple({one.feedback_id: _said(one) for one in asked}.values())[-MOST_QUOTES:]
    name = next((one_line(one.name, 80) for one in reversed(asked) if one.name), None)
    values: dict[str, Any] = {
        "name": name or "",
        "title": one_line(problem.title),
        "product": one_line(product),
        "shipped_on": _in_words(shipped_on) if shipped_on else "",
        "first_day": _in_words(said[0].day),
        "quotes": [{"day": _in_words(one.day), "words": one.words} for one in said],
    }
    subject, text = _parted(filled(template, _plain(values)))
    return Draft(
        email=next((address for one in reversed(asked) if (address := _usable(one.email))), None),
        name=name,
        account=next((one_line(one.account, 120) for one in asked if one.account), None),
        said=said,
        subject=subject,
        text=text,
    )


def _said(asked: Asked) -> Said:
    return Said(
        day=asked.at.date(),
        words=one_line(asked.words, LONGEST_QUOTE),
        ref=one_line(asked.ref, 200),
        url=web_address(asked.url or "") or None,
    )


def _plain(value: Any) -> Any:
    """A message is plain text: nothing is escaped, since nothing in it acts."""
    if isinstance(value, str):
        return Markdown(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def _parted(text: str) -> tuple[str, str]:
    """The subject of the first line, and the rest."""
    first, _, rest = text.partition("\n")
    if not first.casefold().startswith("subject:"):
        raise InsightsError(
            "The template of messages has no subject.",
            remedy="Begin it with a line `Subject: …` and an empty line, or remove export.message from the settings.",
        )
    return one_line(first.partition(":")[2], LONGEST_SUBJECT), rest.strip()


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _save(draft: Draft, path: Path) -> Path:
    content = as_mail(draft).as_bytes()
    path.unlink(missing_ok=True)  # never through a link that somebody put there
    with path.open("xb") as stream:
        path.chmod(0o600)
        stream.write(content)
    return path


def _short(email: str) -> str:
    """The same for the same address, which a file's name must not tell."""
    return sha256(email.casefold().encode()).hexdigest()[:10]
