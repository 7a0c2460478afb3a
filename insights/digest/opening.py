"""The sentence that opens a digest: what to know first. Code gives the facts; a model may word them, else code does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from insights.domain.figures import counted, likely
from insights.domain.problem import TOLD
from insights.domain.run import OFFLINE, RunStatus
from insights.text.clean import one_line
from insights.text.orders import is_order

if TYPE_CHECKING:
    from insights.digest.changes import Decided, Digest, Line, Shortlist
    from insights.language.opening import Opener

LONGEST = 200
_TITLE = 50
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True, slots=True)
class Opening:
    """One sentence, and who worded it: "offline" or "openai:MODEL"."""

    words: str
    mode: str = OFFLINE


def opened(digest: "Digest", *, opener: "Opener | None", currency: str) -> "Digest":
    """The digest with a model's opening, where there is a model and its sentence holds. Raises InsightsError for a
    refused key."""
    told = opener.open(facts_of(digest, currency=currency)) if opener is not None else None
    return replace(digest, opening=Opening(*told)) if told is not None else digest


# -- facts ------------------------------------------------------------------------------------------------------


def facts_of(digest: "Digest", *, currency: str) -> list[str]:
    """What the digest tells, a fact a line, without the day it is made on: the same facts are worded once. Nobody's
    name is in it."""
    return list(_facts(digest, currency))


def _facts(digest: "Digest", currency: str) -> Iterator[str]:
    for name, shortlist in (("New", digest.new), ("Growing", digest.growing), ("Fading", digest.fading)):
        yield f"{name}: {counted(shortlist.total, 'problem')}"
        yield from (f"{name}: {_fact(line, currency)}" for line in shortlist.lines)
    yield f"Decided in the period: {counted(digest.decided_total, 'problem')}"
    yield from (f"Decided: {_decision(one)}" for one in digest.decided)
    yield f"Waiting for a decision: {counted(digest.waiting.total, 'problem')}"
    run = digest.run
    if run is not None:
        stopped = f", stopped{f' at {run.stage}' if run.stage else ''}" if run.status is RunStatus.STOPPED else ""
        yield f"Last run: ${run.spend_usd:,.2f} spent on models{stopped}"


def _fact(line: "Line", currency: str) -> str:
    worth = f"; {likely(line.value, currency)} a year likely" if line.value is not None else ""
    note = f"; {line.note}" if line.note else ""
    return f"{line.ref} {_shown(line.title)}: {line.change}; {counted(line.accounts, 'account')}{worth}{note}"


def _decision(decided: "Decided") -> str:
    return f"{decided.ref} {_shown(decided.title)}: {decided.words or TOLD[decided.action]} on {decided.at:%Y-%m-%d}"


def _shown(title: str) -> str:
    """An offline title may be a customer's own words: what gives orders to a machine is shown to none."""
    return "(title left out)" if is_order(title) else title


# -- without a model --------------------------------------------------------------------------------------------


def offline_opening(digest: "Digest") -> Opening:
    """What is new, what grew most, what fades, what was decided: in one sentence, as far as there is room."""
    told = [*_moves(digest), *_decided(digest.decided_total)]
    if not told:
        told = ["no problem is new, grows or fades"]
    if not digest.new.total + digest.growing.total + digest.fading.total:
        told.append(_waiting(digest.waiting.total))
    sentence = _joined(told)
    return Opening(f"{sentence[0].upper()}{sentence[1:]}.")


def _moves(digest: "Digest") -> Iterator[str]:
    if digest.new.total:
        yield _new(digest.new)
    if digest.growing.total:
        yield f"{_quoted(digest.growing.lines)} {'grew most' if digest.growing.total > 1 else 'grew'}"
    if digest.fading.total:
        yield f"{_quoted(digest.fading.lines)} {'faded most' if digest.fading.total > 1 else 'faded'}"


def _new(new: "Shortlist") -> str:
    if new.total == 1:
        return f"{_quoted(new.lines)} is new"
    return f"{_number(new.total)} problems are new, {_quoted(new.lines)} the largest"


def _decided(total: int) -> Iterator[str]:
    if total:
        yield f"{_number(total)} {'was' if total == 1 else 'were'} decided"


def _waiting(total: int) -> str:
    if not total:
        return "none waits for a decision"
    return f"{_number(total)} {'waits' if total == 1 else 'wait'} for a decision"


def _quoted(lines: "Sequence[Line]") -> str:
    return f"“{one_line(lines[0].title, _TITLE)}”"


def _number(number: int) -> str:
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"


def _joined(parts: Sequence[str]) -> str:
    """As many parts as fit, the first in any case."""
    sentence = parts[0]
    for part in parts[1:]:
        if len(sentence) + len(part) + 3 <= LONGEST:
            sentence += f"; {part}"
    return sentence
