"""What is particular to Freshdesk: its archive."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.dialects.freshdesk import FreshdeskDialect
from tests.hostile.reading import Reader, reading


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with reading(FreshdeskDialect, tmp_path) as opened:
        yield opened


def test_a_ticket_that_freshdesk_archives_stays_and_a_deleted_one_goes(reader: Reader) -> None:
    archived, deleted, third = reader.world.add(3)
    reader.pull()
    dialect = reader.hostile.dialect
    assert isinstance(dialect, FreshdeskDialect)

    dialect.archived.add(archived)
    reader.world.delete(deleted)

    assert reader.sweep() == 1
    assert set(reader.stored()) == {str(archived), str(third)}
