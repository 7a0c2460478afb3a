"""A small workspace in which every kind of trace of one person is planted, and everything of it opened."""

import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from insights.bootstrap import Workspace, make_workspace, open_workspace
from insights.data_rights.erase import Bench
from insights.domain.access import EVERY_ROLE, Actor
from insights.domain.customers import AccountRecord, DealRecord, DealStage, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.domain.finished_work import FinishedWork
from insights.domain.problem import Action, ExportLink, Progressed
from insights.ports import Page, Record
from insights.stages.collect import Collected, collect
from insights.storage import tables
from insights.storage.assessments import Assessment
from insights.storage.database import Database
from insights.storage.deliveries import Delivery, DeliveryStatus
from insights.storage.sealed_columns import SEALED_COLUMNS

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
EMAIL, NAME, PHONE = "lucia.ortega@acme.example", "Lucía Ortega", "+1 212-555-0147"
OTHER_EMAIL, OTHER_NAME = "bob.marsh@birch.example", "Bob Marsh"
HERS = (
    "Since the migration in spring our purple conveyor labels print upside down on every second pallet.",
    "The purple conveyor labels print upside down again and nobody in our night shift can read them.",
    "Please let the overnight export skip archived pallets, our bridge to Oslo chokes on them.",
)
BOBS = (
    "Labels print upside down on pallets, says Lucía Ortega of Acme, and we see the same here in Leeds.",
    "You can ask lucia.ortega@acme.example or ring her at +1 (212) 555-0147 about the labels that print upside down.",
    "Labels print upside down in our Leeds warehouse when the printer wakes up from its sleep.",
    "The overnight export skips nothing and takes four hours for our Leeds warehouse.",
    "The overnight export takes four hours, could it leave out what we archived long ago.",
)
WORDS = "our purple conveyor labels print upside down on every second pallet"
SIGNATURE = f"\n\n--\n{NAME}\nWarehouse lead\nTel. {PHONE}\n"


class Delivering:
    """A source that brings what it is given."""

    def __init__(self, records: Sequence[Record], name: str = "desk") -> None:
        self.name = name
        self.records = records

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        yield Page(records=self.records, state={"read": len(self.records)})


def written(number: int, text: str, *, name: str | None, email: str | None, account: str | None) -> FeedbackRecord:
    return FeedbackRecord(
        source="desk",
        source_id=f"T-{number}",
        kind=FeedbackKind.TICKET,
        text=text,
        created_at=NOW - timedelta(days=number),
        author_name=name,
        author_email=email,
        account=account,
    )


def records() -> list[Record]:
    hers = [
        written(number, text + SIGNATURE, name=NAME, email=EMAIL if number != 3 else None, account="Acme")
        for number, text in enumerate(HERS, 1)
    ]
    bobs = [
        written(number, text, name=OTHER_NAME, email=OTHER_EMAIL, account="Birch")
        for number, text in enumerate(BOBS, 11)
    ]
    return [
        AccountRecord(source="desk", source_id="acme", name="Acme", domain="acme.example", annual_revenue=9_000),
        AccountRecord(source="desk", source_id="birch", name="Birch", annual_revenue=5_000),
        AccountRecord(source="desk", source_id="one", name=EMAIL, annual_revenue=10),
        DealRecord(
            source="desk", source_id="D1", stage=DealStage.LOST, account="Birch", reason_lost=f"{NAME} said no."
        ),
        DepartureRecord(source="desk", source_id="L1", account="Birch", reason=f"Followed {EMAIL}"),
        SubscriptionRecord(source="desk", source_id="S1", account=EMAIL, annual_revenue=10),
        *hers,
        *bobs,
    ]


def bring(workspace: Workspace, some: Sequence[Record] | None = None) -> Collected:
    return collect(
        Delivering(records() if some is None else some),
        repository=workspace.repository,
        rejects_folder=workspace.data / "rejects",
        now=NOW,
        progress=lambda *_: None,
    )


def make(folder: Path, patched: pytest.MonkeyPatch) -> Workspace:
    """Analysed, and everything planted."""
    patched.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
    make_workspace(folder / "w")
    return filled(folder, patched)


def filled(folder: Path, patched: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace, analysed, and everything planted."""
    patched.setenv("INSIGHTS_NOW", NOW.isoformat())
    workspace = opened(folder)
    bring(workspace)
    workspace.analyze(progress=lambda *_: None)
    plant(workspace)
    return workspace


def opened(folder: Path) -> Workspace:
    workspace = open_workspace(folder / "w")
    workspace.repository.actor = Actor("ada", EVERY_ROLE)
    return workspace


def bench(workspace: Workspace) -> Bench:
    return workspace.bench(progress=lambda *_: None)


def plant(workspace: Workspace) -> None:
    """One trace of every kind: what is named here is what the tests look for."""
    repository, database = workspace.repository, workspace.repository._database
    number = repository.problems.all()[0].id
    triage = workspace.triage()
    triage.decide(number, Action.ACCEPT, why=f"{NAME} called about it: {WORDS}")
    workspace.corrections().rename(number, "Labels of Lucía Ortega")
    repository.sessions.save("ada", {"filter": EMAIL, "found": f"<{pseudonym(workspace)}>"}, NOW)
    repository.assessments.put(
        [Assessment(problem_id=number, what="brief", told_by="m", told_from="1", text=json.dumps([WORDS]), at=NOW)]
    )
    work = FinishedWork(
        source="jira", source_id="J1", title="Labels", text=f"As {NAME} asked", weeks=1, finished_on=None
    )
    with repository.writing() as connection:
        repository.finished_work.save([work], connection=connection)
    link = ExportLink(
        problem_id=number,
        tracker=f"file:{workspace.folder / 'backlog.jsonl'}",
        external_id="1",
        url="https://tracker.example/1",
        exported_at=NOW,
        progress=Progressed.OPEN,
        status="open",
        assignee=NAME,
    )
    repository.filings.done(link)
    waiting = Delivery(digest="team", period="2026-11-20", status=DeliveryStatus.WAITING, until_run=1, made_at=NOW)
    repository.deliveries.put(waiting, message=json.dumps({"text": f"New: {WORDS}"}))
    vector = np.ones(8, dtype=np.float16)
    mentions = repository.mentions.get(repository.erasing.mentions_of(range(1, 4)))
    for by in repository.erasing.embedders():
        from insights.text.meaning import meaning_of

        repository.paid_vectors.put({repository.paid_vectors.key(by, meaning_of(one.text)): vector for one in mentions})
    with database.write() as connection:
        seal = database.cipher.seal
        values = {"run_id": 1, "prompt": "p", "model": "m", "tokens_in": 1, "tokens_out": 1, "usd": 0.0, "at": NOW}
        answer = seal(json.dumps({"title": WORDS}), column="answer.sealed", row="k1")
        connection.execute(insert(tables.answer).values(key="k1", sealed=answer, **values))
        connection.execute(update(tables.source_state).values(state=json.dumps({"warnings": [f"{EMAIL} is odd"]})))
        connection.execute(update(tables.lineage).values(reason=f"split by hand for {NAME}"))
    _plant_files(workspace.folder, workspace.data)
    (workspace.folder / "named.md").write_text(f"Asked by <{pseudonym(workspace)}> and <NAME_7KQ2M4XA>.\n")


def pseudonym(workspace: Workspace) -> str:
    """The one that stands for her address where others wrote it."""
    persons = workspace.repository.persons
    (token,) = persons.tokens(persons.digest_of(EMAIL))
    return token


def _plant_files(folder: Path, data: Path) -> None:
    mail = EmailMessage()
    mail["To"], mail["Subject"] = EMAIL, "Fixed"
    mail.set_content(f"Dear {NAME},\nwe mended it. Grüße ñ\n", cte="base64")
    files = {
        data / "rejects/desk.rejects.csv": f'line,reason,row\n4,bad date,"{EMAIL};\n{WORDS}"\n5,bad date,fine\n',
        data / "logs/night-2026-11-19.log": f"2026-11-19T05:00:00Z desk: {EMAIL} could not be read\nnext line\n",
        data / "outbox-0123456789abcdef.jsonl": json.dumps({"reason": f"for {NAME}", "problem": 2}) + "\n",
        data / "singer-desk.json": json.dumps({"bookmarks": {"last": EMAIL, "name": NAME}}),
        folder / "outbox/team-2026-11-19.md": f"# Digest\n\n> {WORDS}\n\nAsked by {NAME}.\n",
        folder / "report.html": f"<p>Since the migration in spring {WORDS}.</p><p>Others stay.</p>",
        folder / "backlog.jsonl": json.dumps({"id": 1, "body": f"Quote: {WORDS}", "state": "open"}) + "\n",
        folder / "drafts/P-1-lucia.eml": mail.as_bytes().decode(),
        folder / "utf16.txt": "",
        folder / "tickets.csv": f"id,text,author_email\n1,{HERS[0]},{EMAIL}\n",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def opened_texts(database: Database) -> dict[str, list[str]]:
    """ "table.column" -> every text in it, sealed or not."""
    found: dict[str, list[str]] = {}
    sealed = {one.name: one for one in SEALED_COLUMNS}
    with database.read() as connection:
        for table in tables.metadata.sorted_tables:
            keys = list(table.primary_key.columns)
            for column in table.columns:
                name = f"{table.name}.{column.name}"
                for row in connection.execute(select(*keys, column.label("found"))).all():
                    value = row.found
                    if name in sealed and value is not None:
                        how = sealed[name]
                        content = database.cipher.open_bytes(value, column=name, row=how.row_of(tuple(row)[:-1]))
                        value = (zlib.decompress(content) if name == "night.sealed" else content).decode(
                            "utf-8", "replace"
                        )
                    if isinstance(value, str):
                        found.setdefault(name, []).append(_plain(value))
    return found


def _plain(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def holding(texts: dict[str, list[str]], *wanted: str) -> set[str]:
    """The columns in which any of these stands, in any case."""
    low = [one.casefold() for one in wanted]
    return {name for name, some in texts.items() for text in some if any(one in text.casefold() for one in low)}
