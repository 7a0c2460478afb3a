"""A problem's sealed words: `title` and `summary` as described, and `name` where a person gave it one."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from insights.storage import tables
from insights.storage.encryption import Cipher

WORDS = "problem.sealed"


def words_of(connection: Connection, cipher: Cipher, problem_id: int) -> dict[str, Any]:
    """`title` and `summary` as described, and `name` where a person gave one; empty before it is described."""
    sealed = connection.execute(select(tables.problem.c.sealed).where(tables.problem.c.id == problem_id)).scalar()
    return json.loads(cipher.open(sealed, column=WORDS, row=problem_id)) if sealed else {}


def seal_words(
    connection: Connection, cipher: Cipher, problem_id: int, words: Mapping[str, Any], **values: str | None
) -> None:
    """Write a problem's words, and `values` beside them."""
    sealed = cipher.seal(json.dumps(words), column=WORDS, row=problem_id)
    row = tables.problem.c.id == problem_id
    connection.execute(update(tables.problem).where(row).values(sealed=sealed, **values))
