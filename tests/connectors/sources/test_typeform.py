"""What is particular to Typeform: which question is which, hidden fields, and responses that are listed late."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.sources.typeform import TYPEFORM, Typeform, TypeformSettings
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Setup
from tests.connectors.sources.wild import are_words, json_values
from tests.hostile.dialects.typeform import FORM, TypeformDialect
from tests.hostile.reading import Reader, reading
from tests.hostile.server import SECRET, Call, HostileServer, Reply, serving
from tests.hostile.world import World

AT = "2026-03-02T10:00:00Z"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with reading(TypeformDialect, tmp_path) as opened:
        yield opened


def source(hostile: HostileServer, **own: Any) -> Typeform:
    chosen = TypeformSettings(url=hostile.base, **{"forms": [FORM], **own})
    setup = Setup(
        name="nps", settings=chosen, folder=Path(), secret=lambda: SECRET, overlap=timedelta(0), sleep=lambda _: None
    )
    made = TYPEFORM.make(setup)
    assert isinstance(made, Typeform)
    return made


def read(fields: list[dict[str, Any]], *responses: Any, **own: Any) -> list[Page]:
    """The pages of a form with these questions and responses."""

    class Told(TypeformDialect):
        def answer(self, world: World, call: Call) -> Reply:
            if call.path == f"/forms/{FORM}":
                return Reply({"id": FORM, "fields": fields})
            return Reply({"total_items": len(responses), "page_count": 1, "items": list(responses)})

    with serving(World(), Told()) as hostile:
        return list(source(hostile, **own).fetch({}))


def record(pages: list[Page]) -> FeedbackRecord:
    [found] = [one for page in pages for one in page.records]
    assert isinstance(found, FeedbackRecord)
    return found


def field(name: str, kind: str, **properties: Any) -> dict[str, Any]:
    return {"id": name, "ref": f"ref-{name}", "type": kind, "properties": properties}


def response(*answers: dict[str, Any], token: str = "t1", **other: Any) -> dict[str, Any]:
    return {"token": token, "submitted_at": AT, "answers": list(answers), "hidden": {}, **other}


def number(name: str, value: Any) -> dict[str, Any]:
    return {"field": {"id": name}, "type": "number", "number": value}


def text(name: str, value: str) -> dict[str, Any]:
    return {"field": {"id": name}, "type": "text", "text": value}


SCALE = field("s", "opinion_scale", steps=11, start_at_one=False)
WHY = field("w", "long_text")


def test_an_answer_has_its_score_its_words_and_who_gave_it(reader: Reader) -> None:
    reader.world.add()

    found = record(list(source(reader.hostile).fetch({})))

    assert (found.kind, found.score, found.account) == (FeedbackKind.NPS, 1.0, "a-1")
    assert (found.author_email, found.text) == ("person1@firm1.example", reader.world.items[1].text)


def test_the_question_from_zero_to_ten_is_found_among_other_scales() -> None:
    fields = [field("five", "opinion_scale", steps=5), field("ten", "opinion_scale", steps=11, start_at_one=True)]

    found = record(read([*fields, SCALE, WHY], response(number("five", 2), number("s", 9), text("w", "Slow."))))

    assert found.score == 9


def test_a_form_without_such_a_question_is_told_with_what_to_write() -> None:
    with pytest.raises(InsightsError) as caught:
        read([field("five", "opinion_scale", steps=5), WHY])

    assert FORM in caught.value.message and "score =" in caught.value.remedy
    assert caught.value.exit_code is ExitCode.USAGE


def test_questions_may_be_named_by_id_or_ref() -> None:
    fields = [SCALE, field("other", "rating"), WHY, field("x", "short_text")]
    answers = response(number("s", 1), number("other", 4), text("w", "Not this."), text("x", "This."))

    found = record(read(fields, answers, score="ref-other", comments=["x"]))

    assert (found.score, found.text) == (4, "This.")


def test_short_texts_are_read_where_there_are_no_long_ones_but_no_names() -> None:
    contact = field("c", "contact_info", fields=[field("first", "short_text")])

    found = record(read([contact, SCALE, field("x", "short_text")], response(text("first", "Ana"), text("x", "Slow."))))

    assert (found.text, found.score) == ("Slow.", None)


def test_an_answer_without_a_comment_is_left_out_and_goes_where_it_had_one() -> None:
    [page] = read([SCALE, WHY], response(number("s", 3)), response(number("s", 3), text("w", "  "), token="t2"))

    assert (page.records, page.tombstones) == ([], [f"{FORM}:t1", f"{FORM}:t2"])


def test_accounts_and_addresses_come_from_hidden_fields_in_the_order_of_the_settings() -> None:
    hidden = {"Firm": "Acme GmbH", "id": 17, "mail": "a@acme.example", "email": ""}
    mail = {"field": {"id": "m"}, "type": "email", "email": "typed@acme.example"}
    answers = response(number("s", 3), text("w", "Slow."), mail, hidden=hidden)

    chosen = record(read([SCALE, WHY], answers, account=["id", "firm"], email=["mail"]))
    typed = record(read([SCALE, WHY], answers))

    assert (chosen.account, chosen.author_email) == ("17\nAcme GmbH", "a@acme.example")
    assert (typed.account, typed.author_email) == (None, "typed@acme.example")


@pytest.mark.parametrize("value", [11, -1, True, "9", None])
def test_a_score_that_is_none_is_left_out(value: Any) -> None:
    assert record(read([SCALE, WHY], response(number("s", value), text("w", "Slow.")))).score is None


def test_what_is_listed_half_an_hour_late_comes_all_the_same(tmp_path: Path) -> None:
    with reading(TypeformDialect, tmp_path, overlap=timedelta(minutes=1)) as reader:
        late = reader.world.add(1, is_hidden=True)
        reader.world.pass_time(minutes=30)
        reader.world.add(1)
        reader.pull()
        reader.world.commit(*late)

        reader.pull()

        assert reader.differences() == []


def test_no_form_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ValidationError):
        TypeformSettings(forms=[])


def test_a_token_that_may_not_say_whose_it_is_says_which_form_it_reads(reader: Reader) -> None:
    answer = reader.hostile.dialect.answer
    whose = source(reader.hostile).check()
    reader.hostile.dialect.answer = lambda world, call: (  # type: ignore[method-assign]
        Reply({"code": "FORBIDDEN"}, 403) if call.path == "/me" else answer(world, call)
    )

    assert whose == f"ana@acme.example at {reader.hostile.base}"
    assert source(reader.hostile).check() == f"a token for the form How are we doing? at {reader.hostile.base}"


@settings(max_examples=15, deadline=None)
@given(name=st.sampled_from(["token", "submitted_at", "answers", "hidden"]), value=json_values())
def test_whatever_stands_in_a_field_the_other_responses_come(name: str, value: Any) -> None:
    good = response(number("s", 3), text("w", "Slow."), token="good")
    pages = read([SCALE, WHY], {**response(number("s", 3), text("w", "Odd.")), name: value}, good)

    assert f"{FORM}:good" in [one.source_id for page in pages for one in page.records]
    assert all(are_words(one) for page in pages for one in page.records)
