"""Every field of a brief knows who tells of it, and asks where nobody does; earlier forms are still read."""

import json

import pytest

from insights.domain.brief import (
    FIELDS,
    Brief,
    Cited,
    Entry,
    Origin,
    Risk,
    Told,
    brief_from_json,
    brief_to_json,
    entries_of,
)

FULL = Brief(
    who_hurts=(Cited("Staff.", ("t/1", "t/2")),),
    wasted=(Cited("Two hours."),),
    simple_rule=(Cited("A warning.", ("t/1",)), Cited("A default.", ("t/2",))),
    enough_evidence=False,
    evidence_reason="Ask Acme.",
    risks=(Risk("data loss", "Rows go.", ("t/3",)),),
    competitors=(Cited("Shipstone", ("n/1",)),),
    by_when=(Cited("Vor Ostern.", ("n/1",)),),
    dropped=2,
)


def fields(brief: Brief, **data: list[Told]) -> dict[str, Entry]:
    return {entry.key: entry for entry in entries_of(data, brief)}


def test_a_brief_survives_being_kept() -> None:
    assert brief_from_json(brief_to_json(FULL)) == FULL
    assert brief_from_json(brief_to_json(Brief())) == Brief()
    assert "Vor Ostern." in brief_to_json(FULL)


def test_a_brief_of_the_earlier_form_is_read_without_items() -> None:
    earlier = {
        "who_hurts": "Staff.",
        "wasted": "",
        "bottleneck": "Parcels wait.",
        "outcome": "",
        "simple_rule": "",
        "enough_evidence": True,
        "evidence_reason": "They agree.",
        "risks": [{"area": "privacy", "what": "Names leak."}],
        "competitors": ["Shipstone", "Crate"],
        "by_when": "Before Easter.",
        "dropped": 1,
    }

    assert brief_from_json(json.dumps(earlier)) == Brief(
        who_hurts=(Cited("Staff."),),
        bottleneck=(Cited("Parcels wait."),),
        enough_evidence=True,
        evidence_reason="They agree.",
        risks=(Risk("privacy", "Names leak."),),
        competitors=(Cited("Shipstone"), Cited("Crate")),
        by_when=(Cited("Before Easter."),),
        dropped=1,
    )


@pytest.mark.parametrize("text", ["{}", '{"who_hurts": null, "risks": [], "of_another_form": 1}'])
def test_fields_that_are_not_there_are_empty_and_unknown_ones_are_left(text: str) -> None:
    assert brief_from_json(text) == Brief()


def test_where_nobody_tells_every_field_asks() -> None:
    entries = entries_of({}, Brief())

    assert [entry.key for entry in entries] == list(FIELDS)
    assert len(entries) == 9
    assert all(entry.asks.endswith("?") and entry.origins == (Origin.NOBODY,) for entry in entries)
    assert fields(Brief())["simple_rule"].asks == (
        "Could a limit, a default or a warning do instead of a feature? Who decides?"
    )


def test_the_data_tells_before_a_model_and_each_says_who_it_is() -> None:
    told = fields(FULL, who_hurts=[Told("3 items")])

    assert told["who_hurts"].told == (Told("3 items"), Told("Staff.", Origin.MODEL, ("t/1", "t/2")))
    assert told["who_hurts"].origins == (Origin.DATA, Origin.MODEL)
    assert told["timeline"].told == (Told("Vor Ostern.", Origin.MODEL, ("n/1",)),)
    assert told["risks"].told == (Told("Data loss: Rows go.", Origin.MODEL, ("t/3",)),)
    assert told["evidence"].told[0].words == "the remarks do not suffice to decide: Ask Acme."
    assert [key for key, entry in told.items() if entry.asks] == ["bottleneck", "outcome"]


def test_a_field_may_ask_although_the_data_tells_of_it() -> None:
    entries = entries_of({"evidence": [Told("thin")]}, Brief(), asking=["evidence"])

    (evidence,) = (entry for entry in entries if entry.key == "evidence")
    assert evidence.asks == "Which accounts should be asked before anyone decides?"
    assert evidence.told


def test_as_data_sentences_are_joined_and_what_nobody_said_reads_so() -> None:
    data = FULL.fields()

    assert data["simple_rule"] == "A warning. A default."
    assert data["bottleneck"] == "not said"
    assert data["competitors"] == ["Shipstone"]
    assert data["risks"] == [{"area": "data loss", "what": "Rows go."}]
