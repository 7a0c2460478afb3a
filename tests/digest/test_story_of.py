"""A digest as it is told: which sections, in which order, what each entry says, in the reader's language."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from insights.config import Settings, TrackerSettings
from insights.digest.contents import Cost, Data, Digest, Reader, Shortlist, SourceLine
from insights.digest.opening import offline_opening
from insights.digest.story import Part, Story, Tone
from insights.digest.story_of import LONGEST_SUBJECT, story_of
from insights.digest.words import LANGUAGES
from insights.domain.feedback import FeedbackKind
from insights.domain.night import NewsKind, Reason, ReasonKind
from insights.domain.problem import Action
from insights.domain.run import Run, RunStatus
from insights.outcomes import ship
from insights.storage.repository import Repository
from tests.digest.nights import STEADY, a_night, decide, digest_after, moved, news
from tests.stored import NOW, a_stored_problem, a_workspace, an_account_record, an_estimate, items_by_week

TRACKED = Settings(trackers=[TrackerSettings(name="jira", type="jira")])
GROWING = [1] * 22 + [4, 5, 6, 9]


def a_full_digest(folder: Path, *, reader: Reader | None = None, settings: Settings = TRACKED) -> Digest:
    """With an entry in every section."""
    repository = a_full_workspace(folder)
    account = repository.customers.accounts()[0].id
    why = (
        Reason(kind=ReasonKind.RENEWALS, count=1, days=60, accounts=(account,)),
        Reason(kind=ReasonKind.DETRACTORS, count=1),
    )
    told = (
        news(1, NewsKind.NEW, before=0.1, after=9),
        news(2, NewsKind.SPIKING, before=1.2, after=6, times=2),
        moved(3, 7, 3, reasons=why),
    )
    digest = digest_after(repository, *told, reader=reader, settings=settings, troubles=["jira: no answer"])
    repository.close()
    source = SourceLine(
        name="desk",
        items=3,
        newest=NOW.date() - timedelta(days=9),
        silent_days=9,
        is_stale=True,
        trouble="desk could not be read: No login. Mend it: insights auth desk",
        error="No login.",
        command="insights auth desk",
    )
    return replace(digest, sources=(source,), troubles=(source.trouble, *digest.troubles))


def a_full_workspace(folder: Path) -> Repository:
    repository = a_workspace(
        folder,
        accounts=[an_account_record("Acme", revenue=100)],
        problems=[
            a_stored_problem(
                f"Fault {n}", items=items_by_week(GROWING if n == 5 else STEADY, account="Acme"), estimate=an_estimate()
            )
            for n in range(1, 10)
        ],
    )
    a_night(repository, days_ago=1)
    decide(repository, 4, Action.ACCEPT, why="It hurts")
    ship(6, on=NOW.date(), weeks=None, why=None, repository=repository, who="ann", now=lambda: NOW)
    return repository


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return story_of(a_full_digest(tmp_path_factory.mktemp("w"), reader=Reader(name="team")))


def section(story: Story, part: Part) -> list[tuple[str, str, tuple[str, ...]]]:
    found = next(one for one in story.sections if one.part is part)
    return [(entry.ref or entry.title, entry.badge, entry.told) for entry in found.entries]


def test_sections_stand_in_the_order_in_which_they_are_read(story: Story) -> None:
    assert [one.part for one in story.sections] == list(Part)
    assert [one.heading for one in story.sections[:4]] == [
        "Needs repair",
        "New and spiking",
        "What moved, and why",
        "Did fixes work?",
    ]


def test_the_frame_names_product_period_and_reader(story: Story) -> None:
    assert story.title == "our product: what changed"
    assert story.period == "19–20 November 2026"
    assert story.by == "Worded without a model"
    assert story.footer == "More: insights triage. Sent as [[digests]] “team” of insights.toml"
    assert story.subject == (
        "our product: “Fault 1” and one more problem are new or spiking; “Fault 3” is up 4 ranks; “Fault 6” shipped"
    )


def test_what_is_new_says_what_happened_then_who_has_it_and_what_it_is_worth(story: Story) -> None:
    assert section(story, Part.FRESH) == [
        ("P-1", "new", ("9 customers in a week, after weeks without one", "1 account, rank 1")),
        ("P-2", "spiking again", ("6 customers in a week, usually 1.2", "1 account, rank 2")),
    ]
    entry = next(one for one in story.sections if one.part is Part.FRESH).entries[0]
    assert (entry.tone, entry.worth) == (Tone.ALERT, "likely $400k a year ($100k to $1M)")
    assert entry.trend == "8 items in the last four weeks, 8 in the four before"
    assert len(entry.weekly) == 26


def test_what_moved_says_why(story: Story) -> None:
    assert section(story, Part.MOVERS) == [
        (
            "P-3",
            "up 4",
            ("from rank 7 to 3: one renewal within 60 days (Acme), one new detractor", "1 account"),
        )
    ]


def test_fixes_waiting_unfiled_and_decided_are_told(story: Story) -> None:
    assert section(story, Part.FIXES) == [
        ("P-6", "too early to say", ("shipped on 20 November 2026, no whole week was watched yet",))
    ]
    assert section(story, Part.WAITING)[3] == ("P-5", "growing", ("1 account, rank 5",))
    assert section(story, Part.UNFILED) == [("P-4", "", ("1 account, rank 4, owner ann",))]


def test_that_a_fix_shipped_is_told_with_it_and_not_again_among_decisions(story: Story) -> None:
    assert section(story, Part.DECIDED) == [("P-4", "", ("accepted (Next) by ann on 20 November: “It hurts”",))]
    assert section(story, Part.FIXES)[0][0] == "P-6"


def test_what_waits_and_was_told_of_above_has_its_name_alone(story: Story) -> None:
    assert section(story, Part.FRESH)[0][0] == "P-1"
    assert section(story, Part.WAITING)[0] == ("P-1", "", ())


def test_fixes_that_are_only_watched_are_counted(tmp_path: Path) -> None:
    digest = a_full_digest(tmp_path)
    fixes = tuple(replace(fix, is_news=False) for fix in digest.fixes)
    told = next(one for one in story_of(replace(digest, fixes=fixes)).sections if one.part is Part.FIXES)

    assert (told.entries, told.more) == ((), "1 still watched: insights shipped")


def test_what_is_left_out_is_counted_with_the_command_that_lists_it(story: Story) -> None:
    more = {one.part: one.more for one in story.sections}

    assert more[Part.WAITING] == "2 more: insights problems"
    assert (more[Part.FRESH], more[Part.DATA]) == ("", "")


def test_troubles_of_sources_are_told_once_and_others_as_they_are(story: Story) -> None:
    assert section(story, Part.TROUBLES) == [
        ("desk", "", ("could not be read: No login.", "Mend it: insights auth desk")),
        ("jira: no answer", "", ()),
    ]


def test_data_and_cost_close_it(story: Story) -> None:
    assert section(story, Part.DATA) == [
        ("Sources", "", ("silent for 9 days: desk",)),
        ("Items", "", ("462 items (462 tickets)",)),
        ("Coverage", "", ("100% of revenue was heard from in the last quarter",)),
        ("Unassigned", "", ("none",)),
        ("Cost", "", ("nothing was spent on models",)),
        ("Last run", "", ("running since 20 November 2026",)),
    ]


def test_a_narrowed_digest_says_to_what_and_that_data_are_all(tmp_path: Path) -> None:
    told = story_of(a_full_digest(tmp_path, reader=Reader(owner="nobody")))

    assert told.period == "19–20 November 2026 · Only: owner nobody"
    assert [one.part for one in told.sections] == [Part.TROUBLES, Part.DATA]
    assert section(told, Part.DATA)[0] == ("Unfiltered", "", ("the figures below are of all data",))


def test_the_first_one_is_of_all_there_is(tmp_path: Path) -> None:
    digest = replace(a_full_digest(tmp_path), is_first=True)
    digest = replace(digest, data=replace(digest.data, items_since=462))

    assert story_of(digest).period == "Up to 20 November 2026"
    assert ("Items", "", ("462 items (462 tickets)",)) in section(story_of(digest), Part.DATA)


def test_what_is_left_out_of_the_news_is_listed_from_the_same_night_on(tmp_path: Path) -> None:
    digest = a_full_digest(tmp_path)
    many = replace(digest, fresh=replace(digest.fresh, total=9))

    def more(one: Digest) -> str:
        return next(some.more for some in story_of(one).sections if some.part is Part.FRESH)

    assert more(many) == "7 more: insights diff --since 2026-11-20"
    assert more(replace(many, since=None)) == "7 more: insights diff"
    assert more(replace(many, since=NOW)) == "7 more: insights diff"


def test_sections_without_an_entry_are_left_out(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path)
    told = story_of(digest_after(repository))

    assert [one.part for one in told.sections] == [Part.DATA]
    assert told.sections[0].entries[-1].told[0].startswith("running since")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_tells_every_section_without_a_gap(tmp_path: Path, language: str) -> None:
    digest = a_full_digest(tmp_path, reader=Reader(language=language, name="team"))
    told = story_of(digest)
    texts = [told.title, told.headline, told.period, told.subject, told.by, told.footer]
    for one in told.sections:
        texts += [one.heading]
        texts += [text for entry in one.entries for text in (entry.title, *entry.told)]

    assert told.language == language
    assert [one.part for one in told.sections] == list(Part)
    assert all(text and "{" not in text for text in texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_subject_is_never_longer_than_lists_of_mails_show(tmp_path: Path, language: str) -> None:
    digest = a_full_digest(tmp_path, reader=Reader(language=language))
    long = replace(digest.fresh.lines[0], title="The export of very long lists " * 5)
    digest = replace(digest, product="A product with a long name, of which there are many", fresh=Shortlist((long,), 4))
    digest = replace(digest, opening=offline_opening(digest))
    subject = story_of(digest).subject

    assert len(subject) <= LONGEST_SUBJECT
    assert "The export of" in subject


def test_all_that_is_known_of_the_data_and_of_the_cost_is_told(tmp_path: Path) -> None:
    data = Data(
        items=1234,
        items_since=120,
        by_kind={FeedbackKind.TICKET: 1000, FeedbackKind.NOTE: 233, FeedbackKind.NPS: 1},
        unassigned=40,
        ranked=900,
        settled=3,
        uncertain_accounts=1,
        redacted=312,
        covered=0.634,
    )
    run = Run(id=1, started_at=NOW, finished_at=NOW, status=RunStatus.DONE, mode="offline", failures=("No", "no"))
    cost = Cost(spent=1.5, of_run=2, month=50, of_month=50)
    digest = replace(a_full_digest(tmp_path), sources=(), data=data, run=run, cost=cost, runs=2)

    assert section(story_of(digest), Part.DATA) == [
        (
            "Items",
            "",
            (
                "1,234 items (1,000 tickets, 233 notes, 1 NPS answer)",
                "120 new or changed",
                "1 item without a certain account",
                "312 personal details redacted",
            ),
        ),
        ("Coverage", "", ("63% of revenue was heard from in the last quarter",)),
        (
            "Unassigned",
            "",
            (
                "40 mentions in no problem, 4% of all that state a problem or request",
                "3 earlier mentions were assigned",
            ),
        ),
        (
            "Cost",
            "",
            (
                "$1.50 on models in 2 runs of at most $2 each; $50 of at most $50 this month",
                "The month's money is spent: words are made without a model",
            ),
        ),
        ("Last run", "", ("done on 20 November 2026, 2 failures",)),
    ]
    assert story_of(digest).sections[-1].entries[-1].tone is Tone.BAD
    by_number = replace(digest, data=replace(data, covers_revenue=False))
    assert section(story_of(by_number), Part.DATA)[1][2] == ("63% of accounts were heard from in the last quarter",)


def test_a_silent_source_says_for_how_long(tmp_path: Path) -> None:
    digest = a_full_digest(tmp_path)
    silent = replace(digest.sources[0], error="", command="insights pull desk")
    many = [replace(silent, name=f"s{n}", newest=NOW.date() - timedelta(days=n), is_stale=False) for n in range(8)]

    assert section(story_of(replace(digest, sources=(silent,))), Part.TROUBLES)[0] == (
        "desk",
        "",
        ("nothing came for 9 days", "Mend it: insights pull desk"),
    )
    assert section(story_of(replace(digest, sources=(silent,))), Part.DATA)[0][0] == "Items"  # it is not said twice
    told = section(story_of(replace(digest, sources=tuple(replace(one, trouble="") for one in many))), Part.DATA)[0][2]
    assert (len(told), told[-1]) == (6, "3 more: insights sources")


def test_a_decision_on_what_has_no_evidence_any_more_says_so(tmp_path: Path) -> None:
    digest = a_full_digest(tmp_path)
    gone = replace(digest.decided[1], title="")
    entries = next(one for one in story_of(replace(digest, decided=(gone,))).sections if one.part is Part.DECIDED)

    assert entries.entries[0].title == "(no longer has evidence)"
    assert entries.more == "1 more: insights diff --since 2026-11-20"


def test_without_a_name_of_the_product_there_is_still_a_title(tmp_path: Path) -> None:
    digest = replace(a_full_digest(tmp_path), product="")

    assert story_of(digest).title == "What changed"
    assert story_of(digest).subject.startswith("“Fault 1”")
    assert story_of(replace(digest, is_first=True)).title == "What was found"
