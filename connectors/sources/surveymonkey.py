"""SurveyMonkey's responses to surveys that ask for a recommendation (API v3).

They are listed by the time of their last change; a deleted one vanishes. An app that is not approved may ask 120 times
a minute and 500 times a day.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pydantic import Field

from connectors.http import Budget, Forbidden, NotThere, Rate, Service
from connectors.reading.changes import BEGINNING, Batch, Changed, Gone, changes, read_time
from connectors.reading.malformed import changed_in, id_in, made_or_refused, text_in
from connectors.reading.surveys import Answered, is_zero_to_ten, no_score, nps_record, only_number_in, words_of
from insights.config import Section
from insights.domain.feedback import FeedbackRecord
from insights.ports import Page, Record, Reject, Setup, SourceKind

_PAGE = 100
_PREVIEWS = ("preview", "survey_preview")
"""How answers are collected that your own people gave to look at the survey."""
Row = dict[str, Any]


class SurveyMonkeySettings(Section):
    """`[[sources]]` with type = "surveymonkey"."""

    surveys: list[str] = Field(min_length=1, description="Ids of the surveys, as the API and its address show them.")
    url: str = Field(
        "https://api.surveymonkey.com",
        description="Address of the API: https://api.eu.surveymonkey.com for accounts of the European centre, "
        "https://api.surveymonkey.ca for those of the Canadian.",
    )
    score: str = Field("", description="Id of the question from 0 to 10; empty: the first one that is.")
    comments: list[str] = Field(
        [], description="Ids of the questions whose words are read; empty: comment boxes, else single text boxes."
    )
    statuses: list[str] = Field(["completed", "partial"], description="Which responses are read, by their status.")
    account: list[str] = Field(
        ["account_id", "account", "company"], description="Custom variables that name the account, the surest first."
    )
    email: list[str] = Field(["email"], description="Custom variables that hold the e-mail address, the surest first.")


@dataclass(frozen=True, slots=True)
class _Questions:
    """Which question of a survey is which, by id, and the number of each choice of the score."""

    score: str
    numbers: dict[str, int]
    comments: frozenset[str]


class SurveyMonkey:
    """Responses of each survey by the time of their last change."""

    def __init__(self, setup: Setup[SurveyMonkeySettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        self._service = Service(
            name=setup.name,
            base_url=f"{setup.settings.url.strip().rstrip('/').removesuffix('/v3')}/v3",
            headers=lambda: {"Authorization": f"bearer {setup.secret()}"},
            secrets=lambda: (setup.secret(),),
            budget=Budget(Rate(120, 60)),
            sleep=setup.sleep,
        )

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        for survey in self._settings.surveys:
            questions = self._questions(survey)
            pages = changes(
                state,
                listing=partial(self._list, survey),
                make=partial(self._make, questions),
                since=self._setup.since,
                overlap=self._setup.overlap,
                key=f"read_to:{survey}",
            )
            for page in pages:
                state = page.state
                yield page

    def living(self) -> Iterator[Sequence[str]]:
        for survey in self._settings.surveys:
            number, is_more = 1, True
            while is_more:
                data = self._service.get(f"surveys/{survey}/responses", {"per_page": _PAGE, "page": number}).data
                yield [f"{survey}:{row.get('id')}" for row in data.get("data") or ()]
                number, is_more = number + 1, _has_next(data)

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        return [one for one in source_ids if self._is_gone(*one.rpartition(":")[::2])]

    def check(self) -> str:
        try:
            me = self._service.get("users/me").data
            return f"{me.get('email') or me.get('username')} at {self._settings.url}"
        except Forbidden:  # a token may view surveys and not whose it is
            survey = self._settings.surveys[0]
            title = self._service.get(f"surveys/{survey}").data.get("title")
            return f"a token for the survey {title or survey} at {self._settings.url}"

    # -- responses ---------------------------------------------------------------------------------------------------

    def _list(self, survey: str, since: datetime, number: int) -> Batch:
        """From a second before, since it is not said whether the second itself is among them."""
        params = {
            "start_modified_at": f"{max(since - timedelta(seconds=1), BEGINNING):%Y-%m-%dT%H:%M:%S}",
            "sort_by": "date_modified",
            "sort_order": "ASC",
            "per_page": _PAGE,
            "page": number + 1,
        }
        answer = self._service.get(f"surveys/{survey}/responses/bulk", params)
        found = answer.data.get("data") or []
        rows = changed_in(
            found, lambda row: (f"{survey}:{id_in(row['id'])}", read_time(row["date_modified"])), since=since
        )
        total = int(answer.data.get("total") or 0)
        rows = [row for row in rows if row.at >= since]
        return Batch(rows, more=_has_next(answer.data), moment=answer.moment, total=total)

    def _make(self, questions: _Questions, rows: Sequence[Changed]) -> Iterable[Record | Reject | Gone]:
        for one in rows:
            if isinstance(one.row, Reject):
                yield one.row
            elif one.row.get("response_status") not in self._settings.statuses or _is_preview(one.row):
                yield Gone(one.id)
            else:
                yield made_or_refused(partial(self._record, questions, one), one.row)

    def _record(self, questions: _Questions, one: Changed) -> FeedbackRecord | Gone:
        row: Row = one.row
        asked = [question for page in row.get("pages") or () for question in page.get("questions") or ()]
        answers = [(str(question["id"]), answer) for question in asked for answer in question.get("answers") or ()]
        scores = (questions.numbers.get(str(answer.get("choice_id"))) for _, answer in answers)
        contact = (row.get("metadata") or {}).get("contact") or {}
        names = [_contact(contact, "first_name"), _contact(contact, "last_name")]
        answered = Answered(
            id=one.id,
            at=read_time(row.get("date_created")) or one.at,
            score=next((float(score) for score in scores if score is not None), None),
            comments=tuple(
                str(answer["text"]) for name, answer in answers if name in questions.comments and answer.get("text")
            ),
            email=_contact(contact, "email") or None,
            known=words_of(row.get("custom_variables")),
            name=" ".join(filter(None, names)) or None,
            url=text_in(row.get("analyze_url")),
        )
        return nps_record(answered, source=self.name, account=self._settings.account, email=self._settings.email)

    def _is_gone(self, survey: str, number: str) -> bool:
        try:
            self._service.get(f"surveys/{survey}/responses/{number}")
        except NotThere:
            return True
        return False

    # -- questions ---------------------------------------------------------------------------------------------------

    def _questions(self, survey: str) -> _Questions:
        pages = self._service.get(f"surveys/{survey}/details").data.get("pages") or []
        asked: dict[str, Row] = {str(one["id"]): one for page in pages for one in page.get("questions") or ()}
        numbers = {name: _numbers(one) for name, one in asked.items()}
        wanted = self._settings.score
        score = next((name for name, found in numbers.items() if (name == wanted if wanted else found)), None)
        if score is None or not numbers[score]:
            raise no_score(self.name, f"the survey {survey}")
        # What is written beside the score is a comment, too.
        comments = {*self._settings.comments} or {score, *_open_questions(asked)}
        return _Questions(score, numbers[score], frozenset(comments))


def _numbers(question: Row) -> dict[str, int]:
    """Choice -> its number, of a question whose choices are 0 to 10; empty for others."""
    choices = (question.get("answers") or {}).get("choices") or []
    found = {str(one["id"]): only_number_in(one.get("text")) for one in choices}
    return (
        {name: number for name, number in found.items() if number is not None} if is_zero_to_ten(found.values()) else {}
    )


def _open_questions(asked: dict[str, Row]) -> list[str]:
    found: dict[str, list[str]] = {"essay": [], "single": []}
    for name, one in asked.items():
        if one.get("family") == "open_ended" and one.get("subtype") in found:
            found[one["subtype"]].append(name)
    return found["essay"] or found["single"]


def _contact(contact: Row, name: str) -> str:
    value = contact.get(name)
    return str((value.get("value") if isinstance(value, dict) else value) or "")


def _is_preview(row: Row) -> bool:
    return row.get("collection_mode") in _PREVIEWS


def _has_next(data: Row) -> bool:
    """Whether a page follows. Its address is not taken from there: pages are counted, and asked of the same server."""
    return bool((data.get("links") or {}).get("next"))


SURVEYMONKEY = SourceKind(
    settings=SurveyMonkeySettings,
    make=SurveyMonkey,
    login="access token of a private app that may view surveys and responses (developer.surveymonkey.com, Settings)",
)
