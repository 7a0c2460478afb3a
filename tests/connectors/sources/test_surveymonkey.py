"""What is particular to SurveyMonkey: which question is which, statuses, contacts, and its links."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sources.surveymonkey import SURVEYMONKEY, SurveyMonkey, SurveyMonkeySettings
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Setup
from tests.connectors.sources.wild import are_words, json_values
from tests.hostile.dialects.surveymonkey import QUESTIONS, SURVEY, SurveyMonkeyDialect
from tests.hostile.reading import Reader, reading
from tests.hostile.server import SECRET, Call, HostileServer, Reply, serving
from tests.hostile.world import World

AT = "2026-03-02T10:00:00+00:00"
SCORE, ESSAY, SINGLE = QUESTIONS[1:]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with reading(SurveyMonkeyDialect, tmp_path) as opened:
        yield opened


def source(hostile: HostileServer, **own: Any) -> SurveyMonkey:
    chosen = SurveyMonkeySettings(url=hostile.base, surveys=[SURVEY], **own)
    setup = Setup(
        name="nps", settings=chosen, folder=Path(), secret=lambda: SECRET, overlap=timedelta(0), sleep=lambda _: None
    )
    made = SURVEYMONKEY.make(setup)
    assert isinstance(made, SurveyMonkey)
    return made


def read(questions: list[dict[str, Any]], *responses: Any, **own: Any) -> list[Page]:
    """The pages of a survey with these questions and responses."""

    class Told(SurveyMonkeyDialect):
        def answer(self, world: World, call: Call) -> Reply:
            if call.path.endswith("details"):
                return Reply({"pages": [{"questions": questions}]})
            return Reply({"data": list(responses), "total": len(responses), "links": {}})

    with serving(World(), Told()) as hostile:
        return list(source(hostile, **own).fetch({}))


def record(pages: list[Page]) -> FeedbackRecord:
    [found] = [one for page in pages for one in page.records]
    assert isinstance(found, FeedbackRecord)
    return found


def response(*answers: tuple[str, dict[str, Any]], number: str = "1", **other: Any) -> dict[str, Any]:
    asked = [{"id": name, "answers": [answer]} for name, answer in answers]
    row = {"id": number, "date_created": AT, "date_modified": AT, "response_status": "completed"}
    return {**row, "pages": [{"questions": asked}], **other}


def test_an_answer_has_its_score_its_words_and_who_gave_it(reader: Reader) -> None:
    reader.world.add()

    found = record(list(source(reader.hostile).fetch({})))

    assert (found.kind, found.score, found.account) == (FeedbackKind.NPS, 1.0, "a-1")
    assert (found.author_email, found.text) == ("person1@firm1.example", reader.world.items[1].text)
    assert found.url == "https://www.surveymonkey.com/analyze/browse/?respondent_id=1"


def test_choices_are_numbers_also_with_words_beside_them() -> None:
    answers = response(("71", {"choice_id": "910"}), ("72", {"text": "All well."}))

    assert record(read([SCORE, ESSAY], answers)).score == 10


def test_what_is_written_beside_the_score_is_a_comment_too() -> None:
    answers = response(("71", {"choice_id": "903"}), ("71", {"other_id": "6", "text": "Too slow."}))

    assert record(read([SCORE], answers)).text == "Too slow."


def test_single_boxes_are_read_where_there_are_no_larger_ones_or_where_they_are_named() -> None:
    answers = response(("72", {"text": "Large."}), ("73", {"text": "Small."}))

    assert record(read([SCORE, SINGLE], answers)).text == "Small."
    assert record(read([SCORE, ESSAY, SINGLE], answers)).text == "Large."
    assert record(read([SCORE, ESSAY, SINGLE], answers, comments=["73"])).text == "Small."


@pytest.mark.parametrize("own", [{}, {"score": "72"}])
def test_a_survey_without_a_question_from_zero_to_ten_is_told(own: dict[str, str]) -> None:
    questions = [ESSAY] if not own else [SCORE, ESSAY]
    with pytest.raises(InsightsError) as caught:
        read(questions, **own)

    assert SURVEY in caught.value.message and "score =" in caught.value.remedy


def test_what_your_own_people_answered_in_a_preview_is_left_out() -> None:
    modes = {"1": "default", "2": "preview", "3": "survey_preview"}
    rows = [response(("72", {"text": "Well."}), number=n, collection_mode=mode) for n, mode in modes.items()]

    [page] = read([SCORE, ESSAY], *rows)

    assert [one.source_id for one in page.records] == [f"{SURVEY}:1"]


def test_only_responses_of_the_statuses_that_are_wanted_stay() -> None:
    rows = [
        response(("72", {"text": "Well."}), number=status, response_status=status)
        for status in ("partial", "overquota")
    ]

    [usual], [strict] = read([SCORE, ESSAY], *rows), read([SCORE, ESSAY], *rows, statuses=["completed"])

    assert ([one.source_id for one in usual.records], usual.tombstones) == (
        [f"{SURVEY}:partial"],
        [f"{SURVEY}:overquota"],
    )
    assert strict.tombstones == [f"{SURVEY}:partial", f"{SURVEY}:overquota"]


def test_a_comment_that_was_taken_back_takes_the_answer_with_it() -> None:
    [page] = read([SCORE, ESSAY], response(("71", {"choice_id": "903"})))

    assert (page.records, page.tombstones) == ([], [f"{SURVEY}:1"])


def test_contacts_have_names_and_addresses() -> None:
    contact = {"first_name": {"value": "Ana"}, "last_name": {"value": "Lopez"}, "email": {"value": "ana@acme.example"}}
    answers = response(("72", {"text": "Well."}), metadata={"contact": contact}, custom_variables={"company": "Acme"})

    found = record(read([SCORE, ESSAY], answers))

    assert (found.author_name, found.author_email, found.account) == ("Ana Lopez", "ana@acme.example", "Acme")


def test_a_link_to_another_server_is_not_followed(reader: Reader) -> None:
    reader.world.add(9)

    reader.pull()

    assert reader.differences() == []
    assert [number for page in source(reader.hostile).living() for number in page] == [
        f"{SURVEY}:{n}" for n in range(1, 10)
    ]


def test_it_says_as_whom_it_is_logged_in(reader: Reader) -> None:
    assert source(reader.hostile).check() == f"ana@acme.example at {reader.hostile.base}"


def test_a_token_that_may_not_see_whose_it_is_says_what_it_may_see(reader: Reader) -> None:
    dialect = reader.hostile.dialect
    usual, kept = dialect.answer, Reply({"error": {"id": "1014", "message": "Permission has not been granted."}}, 403)
    dialect.answer = lambda world, call: kept if call.path == "/v3/users/me" else usual(world, call)  # type: ignore[method-assign]

    assert source(reader.hostile).check() == f"a token for the survey How are we doing? at {reader.hostile.base}"


@settings(max_examples=15, deadline=None)
@given(
    name=st.sampled_from(
        ["id", "date_created", "date_modified", "pages", "metadata", "custom_variables", "analyze_url"]
    ),
    value=json_values(),
)
def test_whatever_stands_in_a_field_the_other_responses_come(name: str, value: Any) -> None:
    good = response(("72", {"text": "Well."}), number="2")
    pages = read([SCORE, ESSAY], {**response(("72", {"text": "Odd."})), name: value}, good)

    assert f"{SURVEY}:2" in [one.source_id for page in pages for one in page.records]
    assert all(are_words(one) for page in pages for one in page.records)
