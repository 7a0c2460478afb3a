"""A model writes a discovery brief; what the remarks that it names do not bear out is taken out and counted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.brief import Brief, Cited, Risk
from insights.language.briefs import MOST_REMARKS, Briefer, Case, Remark, Written
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.language.chat_server import Reply, chat_server, says
from tests.language.desk_builders import SMALL, Nobody, a_desk, canary_in, prompt_of, remarks
from tests.language.honest_model import brief_of

CASE = Case(
    title="Labels print cropped",
    summary="Labels lose their right edge.",
    remarks=(
        Remark("Warehouse staff reprint every label, two hours a day", "tickets/T-1"),
        Remark("Labels cropped, Zebra printer; competitors like Shipstone do it right", "notes/N-2"),
        Remark("we need this before the Christmas peak, or carriers refuse 300 parcels", "notes/N-3"),
        Remark("cropped label shows the wrong customer's address", "tickets/T-4"),
    ),
    facts=("18 items from 7 accounts that pay $610k a year", "Trend: 4 → 24 in four weeks"),
)
STAFF, ZEBRA, PEAK, ADDRESS = range(3, 7)
"""The numbers that the remarks are shown with; 1 is the title, 2 the summary."""


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=bytes(32), actor=ADA)
    yield opened
    opened.close()


def written(repository: Repository, fields: dict[str, Any], *, case: Case = CASE) -> Brief:
    """What is left of a brief of these fields, the others honest."""
    honest = brief_of("Labels are cropped", item=ZEBRA) if case is CASE else brief_of("cropped")
    with chat_server(lambda _: says(honest | fields)) as server:
        found = Briefer(a_desk(repository, server)).write(case)
    assert found is not None
    return found.brief


def said(text: str, *items: int) -> list[dict[str, Any]]:
    """A field of one sentence that names these remarks."""
    return [{"text": text, "items": list(items)}]


SENTENCES = ["who_hurts", "wasted", "bottleneck", "outcome", "simple_rule", "by_when"]


def test_an_honest_brief_is_kept_with_the_items_that_bear_it_out(repository: Repository) -> None:
    fields = {
        "who_hurts": said("Warehouse staff who print labels.", STAFF, ZEBRA),
        "wasted": said("Two hours a day.", STAFF),
        "bottleneck": said("Carriers refuse 300 parcels.", PEAK),
        "outcome": said("7 accounts would stop to reprint labels.", STAFF),
        "simple_rule": said("Warn before a label is cropped.", ZEBRA, ADDRESS),
        "enough_evidence": False,
        "evidence_reason": "Nobody says which printer driver.",
        "risks": [{"area": "privacy", "what": "A label may show another customer's address.", "items": [ADDRESS]}],
        "competitors": ["Shipstone"],
        "by_when": said("Before the Christmas peak.", PEAK),
    }
    with chat_server(lambda _: says(fields)) as server:
        found = Briefer(a_desk(repository, server)).write(CASE)

    assert found == Written(
        Brief(
            who_hurts=(Cited("Warehouse staff who print labels.", ("tickets/T-1", "notes/N-2")),),
            wasted=(Cited("Two hours a day.", ("tickets/T-1",)),),
            bottleneck=(Cited("Carriers refuse 300 parcels.", ("notes/N-3",)),),
            outcome=(Cited("7 accounts would stop to reprint labels.", ("tickets/T-1",)),),
            simple_rule=(Cited("Warn before a label is cropped.", ("notes/N-2", "tickets/T-4")),),
            enough_evidence=False,
            evidence_reason="Nobody says which printer driver.",
            risks=(Risk("privacy", "A label may show another customer's address.", ("tickets/T-4",)),),
            competitors=(Cited("Shipstone", ("notes/N-2",)),),
            by_when=(Cited("Before the Christmas peak.", ("notes/N-3",)),),
        ),
        f"openai:{SMALL}",
    )


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_that_cites_only_what_was_not_shown_is_dropped(repository: Repository, name: str) -> None:
    brief = written(repository, {name: said("Labels are cropped.", 99, 0, -1)})

    assert getattr(brief, name) == ()
    assert brief.dropped == 4


@pytest.mark.parametrize("name", SENTENCES)
def test_a_citation_that_was_not_shown_is_dropped_and_the_sentence_keeps_the_others(
    repository: Repository, name: str
) -> None:
    brief = written(repository, {name: said("Labels are cropped.", ZEBRA, 99)})

    assert getattr(brief, name) == (Cited("Labels are cropped.", ("notes/N-2",)),)
    assert brief.dropped == 1


def test_title_and_summary_are_no_remarks_and_cannot_be_cited(repository: Repository) -> None:
    brief = written(repository, {"outcome": said("Labels print whole.", 1, 2)})

    assert (brief.outcome, brief.dropped) == ((), 3)


@pytest.mark.parametrize("name", SENTENCES)
def test_a_citation_that_speaks_of_something_else_is_none(repository: Repository, name: str) -> None:
    brief = written(repository, {name: said("Warehouse staff reprint.", STAFF, PEAK)})

    assert getattr(brief, name) == (Cited("Warehouse staff reprint.", ("tickets/T-1",)),)
    assert brief.dropped == 0


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_without_a_citation_is_dropped(repository: Repository, name: str) -> None:
    brief = written(repository, {name: said("Labels are cropped.")})

    assert (getattr(brief, name), brief.dropped) == ((), 1)


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences_with_figures_and_addresses_that_nobody_gave_are_taken_out(repository: Repository, name: str) -> None:
    text = "Labels are cropped. Labels cost $9,000. See the labels at www.evil.example. 40% of all labels."

    brief = written(repository, {name: said(text, ZEBRA)})

    assert getattr(brief, name) == (Cited("Labels are cropped.", ("notes/N-2",)),)
    assert brief.dropped == 3


def test_a_figure_of_another_remark_than_the_cited_one_backs_nothing(repository: Repository) -> None:
    assert written(repository, {"wasted": said("300 labels are cropped.", ZEBRA)}).wasted == ()


@pytest.mark.parametrize("name", SENTENCES)
def test_what_is_told_has_to_be_about_what_its_remarks_say(repository: Repository, name: str) -> None:
    brief = written(repository, {name: said("Accountants lose invoices. Every Tuesday.", STAFF)})

    assert (getattr(brief, name), brief.dropped) == ((), 2)


def test_a_date_has_to_be_in_a_remark_not_only_in_the_facts(repository: Repository) -> None:
    def by_when(text: str) -> tuple[str, ...]:
        return tuple(one.words for one in written(repository, {"by_when": said(text, PEAK)}).by_when)

    assert by_when("In four weeks.") == ()
    assert by_when("Before Easter.") == ()
    assert by_when("By the Christmas peak.") == ("By the Christmas peak.",)


def test_numbers_in_brackets_and_what_is_said_twice_are_left_out(repository: Repository) -> None:
    twice = [*said("Labels are cropped [4].", ZEBRA), *said("labels are cropped.", ADDRESS)]

    assert written(repository, {"outcome": twice}).outcome == (Cited("Labels are cropped.", ("notes/N-2",)),)


def test_a_competitor_has_to_stand_in_a_remark_as_a_whole_word(repository: Repository) -> None:
    brief = written(
        repository, {"competitors": ["SHIPSTONE", "Ship", "Packeteer", "shipstone", "-", "none", "Crateline"]}
    )

    assert (brief.competitors, brief.dropped) == ((Cited("shipstone", ("notes/N-2",)),), 2)


def test_marks_of_what_was_taken_out_are_no_competitors(repository: Repository) -> None:
    remark = Remark("<NAME> told us that labels are cropped", "tickets/T-1")
    case = Case(title="t", summary="s", remarks=(remark,), facts=())

    assert written(repository, {"competitors": ["NAME", "<NAME>"]}, case=case).competitors == ()


@pytest.mark.parametrize("nothing", ["", "Not said.", "none", "N/A", "-", "[]", " unknown "])
def test_a_field_of_which_nothing_is_said_is_empty_and_not_counted(repository: Repository, nothing: str) -> None:
    brief = written(repository, {"wasted": said(nothing), "by_when": said(nothing, 99), "simple_rule": []})

    assert (brief.wasted, brief.by_when, brief.simple_rule, brief.dropped) == ((), (), (), 0)


def test_a_risk_that_no_remark_bears_out_is_none(repository: Repository) -> None:
    risks = [
        {"area": "security", "what": "500 labels leaked.", "items": [ZEBRA]},
        {"area": "money", "what": "Labels get lost.", "items": [99]},
        {"area": "other", "what": "Labels get lost.", "items": [ADDRESS]},
    ]

    brief = written(repository, {"risks": risks})

    assert brief.risks == (Risk("other", "Labels get lost.", ("tickets/T-4",)),)
    assert brief.dropped == 3


def test_a_model_that_obeys_a_remark_and_repeats_its_orders_wrote_no_brief(repository: Repository) -> None:
    def obeys(body: dict[str, Any]) -> Reply:
        return says(brief_of("Labels", outcome=said(f"As you wish: {canary_in(body)}", ZEBRA)))

    with chat_server(obeys) as server:
        briefer = Briefer(a_desk(repository, server))

        assert briefer.write(CASE) is None
        assert "repeated its instructions" in briefer.failures[0]


def test_a_small_model_that_invents_figures_is_followed_by_the_large_one(repository: Repository) -> None:
    def by_size(body: dict[str, Any]) -> Reply:
        text = "Parcels arrive." if body["model"] == "large" else "99 parcels arrive."
        return says(brief_of("Labels", outcome=said(text, PEAK)))

    with chat_server(by_size) as server:
        found = Briefer(a_desk(repository, server, large_model="openai:large")).write(CASE)

    assert found is not None
    assert (found.by, found.brief.outcome) == ("openai:large", (Cited("Parcels arrive.", ("notes/N-3",)),))


def test_title_and_summary_come_first_within_the_fence_and_facts_before_it(repository: Repository) -> None:
    with chat_server(lambda _: says(brief_of("Labels"))) as server:
        Briefer(a_desk(repository, server)).write(CASE)

    shown = remarks(server.requests[0])
    before = prompt_of(server.requests[0]).split("-----")[0]
    assert (shown[1], shown[2]) == ("Labels print cropped", "Labels lose their right edge.")
    assert shown[3] == CASE.remarks[0].words
    assert "\n- 18 items from 7 accounts that pay $610k a year\n- Trend: 4 → 24 in four weeks\n" in before


def test_a_brief_is_one_call_and_names_of_items_are_not_shown(repository: Repository) -> None:
    with chat_server(lambda _: says(brief_of("Labels"))) as server:
        Briefer(a_desk(repository, server)).write(CASE)

    assert server.calls == 1
    assert "tickets/T-1" not in prompt_of(server.requests[0])


def test_only_so_many_remarks_are_shown_and_none_twice(repository: Repository) -> None:
    few_words = tuple(Remark(f"label {n // 2} cropped", f"t/{n}") for n in range(200))
    many_words = tuple(Remark(f"label {n} " + "is cropped " * 60, f"t/{n}") for n in range(99))
    with chat_server(lambda _: says(brief_of("Labels"))) as server:
        for title, some in (("", few_words), ("t", many_words)):
            Briefer(a_desk(repository, server)).write(Case(title=title, summary=title, remarks=some, facts=()))

    few, some_shown = map(remarks, server.requests)
    assert len(few) == 2 + MOST_REMARKS == 2 + len(set(list(few.values())[2:]))
    assert few[1] == few[2] == "(left out)"
    assert 2 + 3 <= len(some_shown) < 2 + MOST_REMARKS
    assert sum(map(len, some_shown.values())) < 1_900 * 3


@given(
    hostile=st.lists(
        st.one_of(st.text(max_size=20), st.sampled_from(["\n[9] ", "\u2028-----", "\x85", "\r"])), max_size=8
    )
)
def test_nothing_that_is_shown_can_add_a_line(hostile: list[str]) -> None:
    def case_of(words: str, *, fact: str) -> Case:
        some = (Remark(words, words), Remark("It hangs", "t/1"))
        return Case(title=words, summary=words, remarks=some, facts=(fact, "1 item"))

    words = f"It {''.join(hostile)}"
    prompt = Briefer(Nobody()).question(case_of(words, fact=words)).prompt  # type: ignore[arg-type]
    plain = Briefer(Nobody()).question(case_of("It", fact="It")).prompt  # type: ignore[arg-type]

    assert len(prompt.splitlines()) == len(plain.splitlines())
    assert [line[:4] for line in prompt.splitlines() if line.startswith("[")] == ["[1] ", "[2] ", "[3] ", "[4] "]
