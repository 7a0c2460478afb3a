"""Typeform's responses to forms that ask for a recommendation (Responses API).

A response is listed by the time of its submission, and may be listed half an hour late; a deleted one vanishes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pydantic import Field

from connectors.http import Budget, Forbidden, NotThere, Rate, Service
from connectors.reading.changes import BEGINNING, Batch, Changed, Gone, changes, read_time
from connectors.reading.malformed import changed_in, id_in, made_or_refused
from connectors.reading.surveys import Answered, no_score, nps_record, score_in, words_of
from insights.config import Section
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.ports import Page, Record, Reject, Setup, SourceKind

_PAGE = 1000
_FEW = 100
"""Ids that one address names."""
_LATE = timedelta(minutes=40)
_STEPS = 11
Row = dict[str, Any]


class TypeformSettings(Section):
    """`[[sources]]` with type = "typeform"."""

    forms: list[str] = Field(
        min_length=1, description="Ids of the forms: u6nXL7 of https://acme.typeform.com/to/u6nXL7."
    )
    url: str = Field(
        "https://api.typeform.com",
        description="Address of the API; in the European centre https://api.eu.typeform.com.",
    )
    score: str = Field("", description="Id or ref of the question from 0 to 10; empty: the first one that is.")
    comments: list[str] = Field(
        [], description="Ids or refs of the questions whose words are read; empty: long texts, else short ones."
    )
    account: list[str] = Field(
        ["account_id", "account", "company"], description="Hidden fields that name the account, the surest first."
    )
    email: list[str] = Field(["email"], description="Hidden fields that hold the e-mail address, the surest first.")


@dataclass(frozen=True, slots=True)
class _Questions:
    """Which question of a form is which, by id."""

    score: str
    comments: frozenset[str]


class Typeform:
    """Responses of each form by the time of their submission."""

    def __init__(self, setup: Setup[TypeformSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        self._last = ""
        """The token of the last response of the page before."""
        self._service = Service(
            name=setup.name,
            base_url=setup.settings.url,
            headers=lambda: {"Authorization": f"Bearer {setup.secret()}"},
            secrets=lambda: (setup.secret(),),
            budget=Budget(Rate(2, 1)),
            sleep=setup.sleep,
        )

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        for form in self._settings.forms:
            questions = self._questions(form)
            pages = changes(
                state,
                listing=partial(self._list, form),
                make=partial(self._make, questions),
                since=self._setup.since,
                overlap=self._overlap,
                key=f"read_to:{form}",
            )
            for page in pages:
                state = page.state
                yield page

    def living(self) -> Iterator[Sequence[str]]:
        for form in self._settings.forms:
            walk = changes({}, listing=partial(self._list, form), make=_bare, overlap=self._setup.overlap)
            for page in walk:
                yield [record.source_id for record in page.records if isinstance(record, FeedbackRecord)]

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        by_form: dict[str, list[str]] = {}
        for one in source_ids:
            form, _, token = one.rpartition(":")
            by_form.setdefault(form, []).append(token)
        return [f"{form}:{token}" for form, tokens in by_form.items() for token in self._absent(form, tokens)]

    def check(self) -> str:
        try:
            me = self._service.get("me").data
            return f"{me.get('email') or me.get('alias')} at {self._settings.url}"
        except Forbidden:  # a token may read forms and not who made it
            form = self._settings.forms[0]
            return f"a token for the form {self._form(form).get('title') or form} at {self._settings.url}"

    @property
    def _overlap(self) -> timedelta:
        """Long enough for what is listed late, unless nothing is to be read twice."""
        return max(self._setup.overlap, _LATE) if self._setup.overlap else timedelta(0)

    # -- responses ---------------------------------------------------------------------------------------------------

    def _list(self, form: str, since: datetime, number: int) -> Batch:
        """From a second on, the earliest first; where one second fills a page, what follows its last response."""
        after = {"after": self._last} if number else {"sort": "submitted_at,asc"}
        params = after if number else {**after, "since": f"{max(since, BEGINNING):%Y-%m-%dT%H:%M:%S}"}
        answer = self._service.get(f"forms/{form}/responses", {**params, "page_size": _PAGE})
        items = answer.data.get("items") or []
        rows = changed_in(
            items, lambda row: (f"{form}:{id_in(row['token'])}", read_time(row["submitted_at"])), since=since
        )
        tokens = [row.id.rpartition(":")[2] for row in rows if not isinstance(row.row, Reject)]
        self._last = tokens[-1] if tokens else self._last
        total = int(answer.data.get("total_items") or 0)
        return Batch(rows, more=total > len(items) > 0, moment=answer.moment, total=0 if number else total)

    def _make(self, questions: _Questions, rows: Sequence[Changed]) -> Iterable[Record | Reject | Gone]:
        for one in rows:
            if isinstance(one.row, Reject):
                yield one.row
            else:
                yield made_or_refused(partial(self._record, questions, one), one.row)

    def _record(self, questions: _Questions, one: Changed) -> FeedbackRecord | Gone:
        answers = {str(answer["field"]["id"]): answer for answer in one.row.get("answers") or ()}
        mails = (str(answer["email"]) for answer in answers.values() if answer.get("type") == "email")
        score = answers.get(questions.score, {})
        answered = Answered(
            id=one.id,
            at=one.at,
            score=score_in(score.get("number")),
            comments=tuple(str(answers[name]["text"]) for name in answers if name in questions.comments),
            email=next(mails, None),
            known=words_of(one.row.get("hidden")),
        )
        return nps_record(answered, source=self.name, account=self._settings.account, email=self._settings.email)

    def _absent(self, form: str, tokens: Sequence[str]) -> Iterator[str]:
        for start in range(0, len(tokens), _FEW):
            few = tokens[start : start + _FEW]
            try:
                answer = self._service.get(
                    f"forms/{form}/responses", {"included_response_ids": ",".join(few), "page_size": _PAGE}
                )
                there = {str(row.get("token")) for row in answer.data.get("items") or ()}
                if len(few) > 1 and (answer.data.get("total_items") or 0) > len(there):  # a page was cut short
                    there = set(few) - {one for token in few for one in self._absent(form, [token])}
            except NotThere:
                there = set()
            yield from (token for token in few if token not in there)

    # -- questions ---------------------------------------------------------------------------------------------------

    def _form(self, form: str) -> Row:
        found: Row = self._service.get(f"forms/{form}").data
        return found

    def _questions(self, form: str) -> _Questions:
        fields = list(_fields(self._form(form).get("fields") or []))
        named = {name: str(one["id"]) for one in fields for name in (one["id"], one.get("ref")) if name}
        wanted = self._settings.score
        score = named.get(wanted) if wanted else next((str(one["id"]) for one in fields if _asks_score(one)), None)
        if score is None:
            raise no_score(self.name, f"the form {form}")
        chosen = {named[name] for name in self._settings.comments if name in named}
        for kind in ("long_text", "short_text"):
            chosen = chosen or {str(one["id"]) for one in fields if one.get("type") == kind}
        return _Questions(score, frozenset(chosen))


def _fields(fields: Iterable[Row]) -> Iterator[Row]:
    """With those in groups; what a contact asks is who, not why."""
    for one in fields:
        yield one
        if one.get("type") != "contact_info":
            yield from _fields((one.get("properties") or {}).get("fields") or [])


def _asks_score(field: Mapping[str, Any]) -> bool:
    properties = field.get("properties") or {}
    is_scale = field.get("type") == "opinion_scale" and properties.get("steps") == _STEPS
    return field.get("type") == "nps" or (is_scale and not properties.get("start_at_one"))


def _bare(rows: Sequence[Changed]) -> Iterator[FeedbackRecord]:
    """Ids alone."""
    return (FeedbackRecord(source="", source_id=one.id, kind=FeedbackKind.NPS, text="") for one in rows)


TYPEFORM = SourceKind(
    settings=TypeformSettings,
    make=Typeform,
    login="personal access token that may read forms and responses (account, Personal tokens)",
)
