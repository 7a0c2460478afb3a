"""What is particular to Gong: who speaks, whose account it is, calls that appear late, and how it says that none is."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.gong import GONG, GongSettings
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Setup
from tests.hostile.dialects.gong import ACCESS_KEY, GongDialect
from tests.hostile.reading import reading
from tests.hostile.server import NOT_FOUND, SECRET, Call, HostileServer, Reply, serving
from tests.hostile.world import World

INTERNAL = {"id": "1", "name": "AE", "emailAddress": "ae@acme.example", "speakerId": "7001", "affiliation": "Internal"}
ANNA = {"id": "2", "name": "Anna", "emailAddress": "anna@firm.example", "speakerId": "8001", "affiliation": "External"}
BORIS = {"id": "3", "name": "Boris", "emailAddress": None, "speakerId": "8002", "affiliation": "External"}
SILENT = {"id": "4", "name": "Carla", "emailAddress": "c@firm.example", "speakerId": None, "affiliation": "External"}
UNKNOWN = {"id": "5", "name": None, "speakerId": "9001", "affiliation": "Unknown"}


class Told(GongDialect):
    """These calls on one page, and what is said in them."""

    def __init__(self, calls: list[Any], said: Any) -> None:
        self._calls, self._said = calls, said
        self.bodies: list[Any] = []

    def answer(self, world: World, call: Call) -> Reply:
        self.bodies.append(call.body)
        if call.path == "/v2/calls/extensive":
            return Reply({"requestId": "r", "records": {"totalRecords": len(self._calls)}, "calls": self._calls})
        if call.path == "/v2/calls/transcript" and self._said is not None:
            rows = [{"callId": "1", "transcript": self._said}]
            return Reply({"requestId": "r", "records": {}, "callTranscripts": rows})
        errors = ["No calls found corresponding to the provided filters"]
        return Reply({"requestId": "r", "errors": errors}, 404)


@contextmanager
def told(*calls: Any, said: Any = ()) -> Iterator[HostileServer]:
    with serving(World(), Told(list(calls), said)) as hostile:
        yield hostile


def source(hostile: HostileServer, **settings: Any) -> Any:
    made = GongSettings(access_key=ACCESS_KEY, url=hostile.base, **settings)
    return GONG.make(Setup(name="calls", settings=made, folder=Path(), secret=lambda: SECRET, sleep=lambda _: 0))


def a_call(parties: Sequence[Any] = (INTERNAL, ANNA), **other: Any) -> dict[str, Any]:
    meta = {
        "id": "1",
        "url": "https://app.gong.io/call?id=1",
        "title": "Acme <> Firm",
        "started": "2026-03-01T10:00:00+02:00",
    }
    return {"metaData": meta, "parties": list(parties), "context": [], **other}


def part(speaker: str, *texts: str) -> dict[str, Any]:
    sentences = [{"start": 1, "end": 2, "text": text} for text in texts]
    return {"speakerId": speaker, "topic": None, "sentences": sentences}


def records(pages: list[Page]) -> list[FeedbackRecord]:
    return [one for page in pages for one in page.records if isinstance(one, FeedbackRecord)]


def test_a_call_is_one_note_of_what_people_outside_said() -> None:
    said = [
        part("7001", "How is it going?"),
        part("8002", "The export hangs.", "Every day."),
        part("9001", "Who knows."),
        part("8001", "Here, too."),
    ]
    with told(a_call([INTERNAL, ANNA, BORIS, SILENT, UNKNOWN]), said=said) as hostile:
        [record] = records(list(source(hostile).fetch({})))

    assert (record.text, record.subject) == ("The export hangs. Every day.\n\nHere, too.", None)
    assert (record.kind, record.author_name, record.source_id) == (FeedbackKind.NOTE, "Boris", "1")
    assert record.created_at is not None and record.created_at.isoformat() == "2026-03-01T08:00:00+00:00"


def test_the_account_is_that_of_the_crm() -> None:
    fields = [{"name": "Industry", "value": "Mining"}, {"name": "Name", "value": "Firm Ltd"}]
    thing = {"objectType": "Account", "objectId": "0011", "fields": fields}
    deal = {"objectType": "Opportunity", "objectId": "0066", "fields": [{"name": "Name", "value": "Renewal"}]}
    context = [{"system": "Salesforce", "objects": [deal, thing]}]
    with told(a_call(context=context), said=[part("8001", "It hangs.")]) as hostile:
        [record] = records(list(source(hostile).fetch({})))

    assert record.account == "account-0011\n0011\nFirm Ltd" and record.author_email == "anna@firm.example"


@pytest.mark.parametrize("said", [None, (), [part("7001", "Nobody came.")]])
def test_a_call_in_which_nobody_outside_is_heard_waits_or_gives_its_brief_where_that_is_wanted(said: Any) -> None:
    with told(a_call(content={"brief": "Talked about exports."}), said=said) as hostile:
        without = list(source(hostile).fetch({}))
        [brief] = records(list(source(hostile, briefs=True).fetch({})))

    assert records(without) == [] and not any(page.rejects for page in without)
    assert brief.text == "Talked about exports."


def test_only_what_is_needed_is_exposed_of_the_workspace_that_is_named() -> None:
    with told(a_call()) as hostile:
        list(source(hostile, workspace="77").fetch({}))
        first = hostile.dialect.bodies[0]  # type: ignore[attr-defined]

    assert first["filter"] == {"fromDateTime": "1970-01-01T00:00:00Z", "workspaceId": "77"}
    assert first["contentSelector"] == {"context": "Extended", "exposedFields": {"parties": True}}


def test_a_call_that_is_processed_days_late_comes_and_transcripts_are_asked_for_a_page_at_a_time(
    tmp_path: Path,
) -> None:
    with reading(GongDialect, tmp_path, overlap=timedelta(0)) as reader:
        world = reader.world
        world.add(3)
        late = world.add(2, is_hidden=True)
        world.add(4)
        reader.pull()
        asked = sum(call.path.endswith("transcript") for call in reader.hostile.calls)
        world.pass_time(days=6)
        world.commit(*late)
        world.add(1)
        reader.pull()

        assert reader.differences() == [] and asked < 7


def test_no_call_at_all_is_no_error_but_a_wrong_address_is(tmp_path: Path) -> None:
    with reading(GongDialect, tmp_path) as reader:
        assert reader.pull().saved.new == 0
        assert reader.source().check().startswith(f"access key {ACCESS_KEY}")  # type: ignore[attr-defined]
        reader.hostile.dialect.answer = lambda world, call: NOT_FOUND  # type: ignore[method-assign]
        with pytest.raises(InsightsError, match="404"):
            reader.pull()


def test_the_key_is_hidden_as_it_is_sent_too(tmp_path: Path) -> None:
    with reading(GongDialect, tmp_path) as reader:
        reader.hostile.dialect.answer = lambda world, call: Reply(  # type: ignore[method-assign]
            {"errors": [f"bad {call.headers['authorization']}"]}, 400
        )
        with pytest.raises(InsightsError, match=r"bad .*…") as caught:
            reader.pull()

    assert b64encode(f"{ACCESS_KEY}:{SECRET}".encode()).decode() not in caught.value.message


def test_rows_that_are_written_another_way_are_refused_and_the_others_come() -> None:
    strange = [None, {"metaData": None}, {**a_call(), "parties": 7}, {**a_call(), "metaData": {"id": "1"}}]
    with told(*strange, a_call(), said=[part("8001", "It hangs.")]) as hostile:
        pages = list(source(hostile).fetch({}))

    assert len(records(pages)) == 1
    assert sum(len(page.rejects) for page in pages) == 4
