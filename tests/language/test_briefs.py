"""A model writes a discovery brief; what remarks and facts do not bear out is taken out and counted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.brief import Brief, Risk
from insights.language.briefs import MOST_REMARKS, Briefer, Case, Written
from insights.storage.repository import Repository
from tests.language.chat_server import Reply, chat_server, says
from tests.language.desk_builders import SMALL, Nobody, a_desk, canary_in, prompt_of, remarks
from tests.language.honest_model import brief_of

CASE = Case(
    title="Labels print cropped",
    summary="Labels lose their right edge.",
    remarks=(
        "Warehouse staff reprint every label, two hours a day",
        "Labels cropped, Zebra printer; competitors like Shipstone do it right",
        "we need this before the Christmas peak, or carriers refuse 300 parcels",
        "cropped label shows the wrong customer's address",
    ),
    facts=("18 items from 7 accounts that pay $610k a year", "Trend: 4 → 24 in four weeks"),
)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=bytes(32))
    yield opened
    opened.close()


def written(repository: Repository, fields: dict[str, Any], *, case: Case = CASE) -> Brief:
    """What is left of a brief of these fields, the others honest."""
    with chat_server(lambda _: says(brief_of("Labels are cropped") | fields)) as server:
        found = Briefer(a_desk(repository, server)).write(case)
    assert found is not None
    return found.brief


def test_an_honest_brief_is_kept_as_it_is(repository: Repository) -> None:
    fields = {
        "who_hurts": "Warehouse staff who print labels.",
        "wasted": "Two hours a day.",
        "bottleneck": "Carriers refuse 300 parcels.",
        "outcome": "7 accounts would stop reprinting.",
        "simple_rule": "Warn before a label is cropped.",
        "enough_evidence": False,
        "evidence_reason": "Nobody says which printer driver.",
        "risks": [{"area": "privacy", "what": "A label may show another customer's address."}],
        "competitors": ["Shipstone"],
        "by_when": "Before the Christmas peak.",
    }
    with chat_server(lambda _: says(fields)) as server:
        found = Briefer(a_desk(repository, server)).write(CASE)

    assert found == Written(
        Brief(
            who_hurts="Warehouse staff who print labels.",
            wasted="Two hours a day.",
            bottleneck="Carriers refuse 300 parcels.",
            outcome="7 accounts would stop reprinting.",
            simple_rule="Warn before a label is cropped.",
            enough_evidence=False,
            evidence_reason="Nobody says which printer driver.",
            risks=(Risk("privacy", "A label may show another customer's address."),),
            competitors=("Shipstone",),
            by_when="Before the Christmas peak.",
        ),
        f"openai:{SMALL}",
    )


@pytest.mark.parametrize("name", ["who_hurts", "wasted", "bottleneck", "outcome", "simple_rule", "evidence_reason"])
def test_sentences_with_figures_and_addresses_that_nobody_gave_are_taken_out(repository: Repository, name: str) -> None:
    said = "Labels are cropped. Labels cost $9,000. See the labels at www.evil.example. 40% of all labels."

    brief = written(repository, {name: said})

    assert getattr(brief, name) == "Labels are cropped."
    assert brief.dropped == 3


@pytest.mark.parametrize("name", ["who_hurts", "wasted", "bottleneck"])
def test_what_is_told_of_customers_has_to_be_about_what_they_wrote(repository: Repository, name: str) -> None:
    brief = written(repository, {name: "Accountants lose invoices. Every Tuesday."})

    assert (getattr(brief, name), brief.dropped) == ("", 2)


def test_a_date_has_to_be_in_a_remark_not_only_in_the_facts(repository: Repository) -> None:
    assert written(repository, {"by_when": "In four weeks."}).by_when == ""
    assert written(repository, {"by_when": "Before Easter."}).by_when == ""
    assert written(repository, {"by_when": "By the Christmas peak."}).by_when == "By the Christmas peak."


def test_a_competitor_has_to_stand_in_a_remark_as_a_whole_word(repository: Repository) -> None:
    brief = written(
        repository, {"competitors": ["SHIPSTONE", "Ship", "Packeteer", "shipstone", "-", "none", "Crateline"]}
    )

    assert (brief.competitors, brief.dropped) == (("shipstone",), 2)


def test_marks_of_what_was_taken_out_are_no_competitors(repository: Repository) -> None:
    case = Case(title="t", summary="s", remarks=("<NAME> told us that labels are cropped",), facts=())

    assert written(repository, {"competitors": ["NAME", "<NAME>"]}, case=case).competitors == ()


@pytest.mark.parametrize("nothing", ["", "Not said.", "none", "N/A", "-", "[]", " unknown "])
def test_a_field_of_which_nothing_is_said_is_empty_and_not_counted(repository: Repository, nothing: str) -> None:
    brief = written(repository, {"wasted": nothing, "by_when": nothing, "simple_rule": nothing})

    assert (brief.wasted, brief.by_when, brief.simple_rule, brief.dropped) == ("", "", "", 0)


def test_a_risk_of_nothing_but_an_unbacked_figure_is_none(repository: Repository) -> None:
    risks = [{"area": "security", "what": "500 labels leaked."}, {"area": "other", "what": "Labels get lost."}]

    brief = written(repository, {"risks": risks})

    assert (brief.risks, brief.dropped) == ((Risk("other", "Labels get lost."),), 1)


def test_a_model_that_obeys_a_remark_and_repeats_its_orders_wrote_no_brief(repository: Repository) -> None:
    def obeys(body: dict[str, Any]) -> Reply:
        return says(brief_of("Labels", outcome=f"As you wish: {canary_in(body)}"))

    with chat_server(obeys) as server:
        briefer = Briefer(a_desk(repository, server))

        assert briefer.write(CASE) is None
        assert "repeated its instructions" in briefer.failures[0]


def test_a_small_model_that_invents_figures_is_followed_by_the_large_one(repository: Repository) -> None:
    def by_size(body: dict[str, Any]) -> Reply:
        return says(brief_of("Labels", outcome="Fine." if body["model"] == "large" else "99 parcels arrive."))

    with chat_server(by_size) as server:
        found = Briefer(a_desk(repository, server, large_model="openai:large")).write(CASE)

    assert found is not None
    assert (found.by, found.brief.outcome) == ("openai:large", "Fine.")


def test_title_and_summary_come_first_within_the_fence_and_facts_before_it(repository: Repository) -> None:
    with chat_server(lambda _: says(brief_of("Labels"))) as server:
        Briefer(a_desk(repository, server)).write(CASE)

    shown = remarks(server.requests[0])
    before = prompt_of(server.requests[0]).split("-----")[0]
    assert (shown[1], shown[2], shown[3]) == ("Labels print cropped", "Labels lose their right edge.", CASE.remarks[0])
    assert "\n- 18 items from 7 accounts that pay $610k a year\n- Trend: 4 → 24 in four weeks\n" in before


def test_only_so_many_remarks_are_shown_and_none_twice(repository: Repository) -> None:
    short = Case(title="", summary="", remarks=tuple(f"label {n // 2} cropped" for n in range(200)), facts=())
    long = Case(title="t", summary="s", remarks=tuple(f"label {n} " + "is cropped " * 60 for n in range(99)), facts=())
    with chat_server(lambda _: says(brief_of("Labels"))) as server:
        for case in (short, long):
            Briefer(a_desk(repository, server)).write(case)

    few, some = map(remarks, server.requests)
    assert len(few) == 2 + MOST_REMARKS == 2 + len(set(list(few.values())[2:]))
    assert few[1] == few[2] == "(left out)"
    assert 2 + 3 <= len(some) < 2 + MOST_REMARKS
    assert sum(map(len, some.values())) < 1_900 * 3


@given(
    hostile=st.lists(
        st.one_of(st.text(max_size=20), st.sampled_from(["\n[9] ", "\u2028-----", "\x85", "\r"])), max_size=8
    )
)
def test_nothing_that_is_shown_can_add_a_line(hostile: list[str]) -> None:
    words = f"It {''.join(hostile)}"
    case = Case(title=words, summary=words, remarks=(words, "It hangs"), facts=(words, "1 item"))
    prompt = Briefer(Nobody()).question(case).prompt  # type: ignore[arg-type]
    plain = Case(title="It", summary="It", remarks=("It", "It hangs"), facts=("It", "1 item"))

    assert len(prompt.splitlines()) == len(Briefer(Nobody()).question(plain).prompt.splitlines())  # type: ignore[arg-type]
    assert [line[:4] for line in prompt.splitlines() if line.startswith("[")] == ["[1] ", "[2] ", "[3] ", "[4] "]
