"""A digest as JSON: everything, in plain types, under names that stay."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from insights.digest.contents import Digest
from insights.digest.data import to_json
from tests.digest.test_story_of import a_full_digest


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> Digest:
    return a_full_digest(tmp_path_factory.mktemp("w"))


def test_it_holds_everything_in_plain_types(digest: Digest) -> None:
    plain = json.loads(json.dumps(to_json(digest), allow_nan=False))

    assert plain["fresh"]["total"] == 2
    line = plain["fresh"]["lines"][1]
    assert (line["ref"], line["news"][0]["kind"], line["news"][0]["times"]) == ("P-2", "spiking", 2)
    assert line["value"]["likely"] == 400_000
    assert plain["movers"]["lines"][0]["news"][0]["reasons"][0]["kind"] == "renewals"
    assert plain["accounts"] == {str(next(iter(digest.accounts))): "Acme"}
    assert plain["data"]["by_kind"] == {"ticket": 462}
    assert plain["decided"][1]["column"] == "next"
    assert (plain["now"], plain["is_quiet"]) == ("2026-11-20T09:00:00+00:00", False)
    assert plain["sources"][0]["newest"] == "2026-11-11"


def test_its_names_stay(digest: Digest) -> None:
    assert list(to_json(digest)) == [
        *("opening", "since", "now", "reader", "currency", "product"),
        *("fresh", "movers", "fixes", "fixes_total", "waiting", "unfiled", "decided", "decided_total"),
        *("sources", "troubles", "data", "cost", "run", "runs", "problems", "accounts", "titles"),
        *("is_first", "until_run", "is_quiet"),
    ]


def test_what_is_unknown_is_null(tmp_path: Path) -> None:
    plain = to_json(a_full_digest(tmp_path))

    assert plain["fixes"][0]["came_true"] is None
    assert plain["data"]["settled"] is None


def test_no_text_acts_on_a_terminal_whoever_wrote_it(tmp_path: Path) -> None:
    digest = replace(a_full_digest(tmp_path), titles={1: "a\x9b31m red\x1b[2J"}, troubles=("b\u202ec",))
    plain = to_json(digest)

    assert (plain["titles"], plain["troubles"]) == ({"1": "a red"}, ["bc"])
