"""What is done to a workspace while something fails: commands as a person types them, and how the workspace must stand
after them."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"), "false"))
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["INSIGHTS_NOW"] = "2026-06-01T08:00:00+00:00"

from sqlalchemy import select

from insights.bootstrap import open_workspace
from insights.cli.main import main
from insights.storage import tables
from insights.storage.sealed_columns import SEALED_COLUMNS

COMPARED = (
    tables.account,
    tables.feedback,
    tables.redaction,
    tables.mention,
    tables.problem,
    tables.quote,
    tables.decision,
    tables.lineage,
    tables.rule,
    tables.person,
    tables.pseudonym,
    tables.erasure,
)
"""What must not differ; runs, calls and the audit log may hold one attempt more."""
_VARIES = frozenset(
    {"received_at", "at", "sealed", "statement", "wrapped", "run_id", "born_in", "grouped_in", "digest", "version"}
)


_ONLY = {"decision": ("problem_id", "action"), "lineage": ("problem_id", "event")}
"""Where a second attempt may add an entry that says the same once more: these columns, each set of values once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing a person does. `before` are commands that the workspace has behind it."""

    name: str
    commands: Sequence[Sequence[str]]
    before: Sequence[Sequence[str]] = ()


ITEMS = 40
_IMPORT = ("import", "tickets.csv", "--kind", "ticket")
_ERASED = "ann.lee@north.example"
ACTS: tuple[Act, ...] = (
    Act(name="import of 40 items", commands=[_IMPORT]),
    Act(name="analysis of 40 items", commands=[("analyze",)], before=[_IMPORT]),
    Act(
        name="two decisions",
        commands=[("decide", "P-1", "accept"), ("decide", "P-2", "snooze", "--until", "2026-09-01")],
        before=[_IMPORT, ("analyze",)],
    ),
    Act(name="a night", commands=[("nightly", "--offline")], before=[_IMPORT, ("analyze",)]),
    Act(name="change of the keys", commands=[("keys", "rotate", "--now")], before=[_IMPORT, ("analyze",)]),
    Act(name="erasure of a person", commands=[("privacy", "erase", _ERASED, "--yes")], before=[_IMPORT, ("analyze",)]),
    Act(name="retention", commands=[("privacy", "retain", "--yes")], before=[_IMPORT, ("analyze",)]),
    Act(name="backup", commands=[("backup", "--to", "backups")], before=[_IMPORT, ("analyze",)]),
)

_TOPICS = (
    "The export of orders hangs and we cannot work until it is done",
    "Login fails again and again since the update of last week",
    "Please add a dark theme, our eyes hurt in the evening",
    "Invoices are charged twice and nobody answers about it",
)
_PEOPLE = ("Ann Lee", "Bob Stone", "Carla Diaz", "Dieter Vogt", "Eve Martin")


def tickets() -> str:
    """The rows that are imported, as CSV: forty tickets of five people about four topics."""
    rows = ["id,created_at,text,author_name,author_email,account"]
    for number in range(ITEMS):
        person = _PEOPLE[number % len(_PEOPLE)]
        mail = f"{person.lower().replace(' ', '.')}@north.example"
        text = f"{_TOPICS[number % len(_TOPICS)]}, case {number}. Write to {mail}. Regards, {person}"
        rows.append(f'{number},2026-0{1 + number % 5}-{1 + number % 28:02d},"{text}",{person},{mail},Firm {number % 7}')
    return "\n".join(rows) + "\n"


SETTINGS = '\n[[retention]]\nsource = "*"\ndays = 60\n'


def run(folder: Path, commands: Sequence[Sequence[str]]) -> int:
    """The exit code of the first that fails, else 0. The caller is a process of its own."""
    os.chdir(folder)
    for command in commands:
        sys.argv = ["insights", *command]
        try:
            main()
        except SystemExit as ended:
            if ended.code:
                return int(ended.code)
    return 0


def state_of(folder: Path) -> str:
    """A digest of all that must not differ: every compared table's rows, with sealed values opened."""
    workspace = open_workspace(folder)
    told: list[Any] = []
    try:
        told += [(table.name, sorted(_rows(workspace.repository, table), key=repr)) for table in COMPARED]
    finally:
        workspace.close()
    return hashlib.sha256(json.dumps(told, default=str, sort_keys=True).encode()).hexdigest()


def _rows(repository: Any, table: Any) -> list[list[Any]]:
    """Rows without what varies from one attempt to the next."""
    database = repository._database
    sealed = {one.column.name: one for one in SEALED_COLUMNS if one.table is table and one.is_text}
    keys = list(table.primary_key.columns)
    wanted = _ONLY.get(table.name)
    plain = [one for one in table.columns if (one.name in wanted if wanted else one.name not in _VARIES)]
    with database.read() as connection:
        found = connection.execute(select(*keys, *(one.column for one in sealed.values()))).all()
        clear = connection.execute(select(*plain).distinct()).all()
    opened = [
        _opened(database.cipher, one, row[len(keys) + place], row)
        for row in found
        for place, one in enumerate(sealed.values())
    ]
    told = [list(row) for row in clear] + [[text] for text in opened]
    return [list(one) for one in {tuple(row) for row in told}] if wanted else told


def _opened(cipher: Any, column: Any, value: bytes | None, row: Any) -> str | None:
    return None if value is None else cipher.open(value, column=column.name, row=column.row_of(row))


Check = Callable[[Path], None]
