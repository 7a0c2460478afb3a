"""Stories for tests of forms: invented, in the words that a digest really uses. Not a test."""

from collections.abc import Sequence
from dataclasses import replace

from insights.digest.story import Entry, Part, Section, Story, Tone

NEW = (0,) * 22 + (1, 0, 2, 9)
SPIKING = (2, 1, 2, 3, 1, 2, 2, 1, 3, 2, 2, 1, 2, 2, 3, 1, 2, 2, 1, 2, 3, 2, 2, 4, 6, 14)
GROWING = (1, 0, 1, 1, 2, 1, 1, 2, 1, 2, 2, 3, 2, 3, 3, 2, 4, 3, 4, 5, 4, 5, 6, 6, 8, 9)
FADING = (9, 8, 10, 9, 7, 9, 8, 8, 7, 8, 6, 7, 6, 6, 5, 5, 4, 5, 4, 3, 3, 2, 2, 1, 1, 0)
FIXED = (6, 7, 5, 8, 6, 7, 9, 6, 7, 8, 7, 6, 8, 7, 6, 2, 2, 1, 2, 1, 0, 1, 1, 0, 1, 0)
STEADY = (2, 3, 2, 4, 2, 3, 3, 2, 4, 3, 2, 3, 3, 4, 2, 3, 2, 3, 4, 2, 3, 3, 2, 4, 3, 2)
"""Items of half a year, oldest first."""

TRACKER = "https://tracker.example/browse/DESK-"


def an_entry(title: str = "Export times out", **fields: object) -> Entry:
    return replace(Entry(title=title, ref="P-1"), **fields)  # type: ignore[arg-type]


def a_story(*sections: Section, **fields: object) -> Story:
    story = Story(
        language="en",
        title="Acme Desk: what changed",
        headline="“CSV export times out on large workspaces” is new",
        period="25–26 November 2026",
        sections=sections,
        subject="Acme Desk: “CSV export times out on large workspaces” is new",
        by="Worded without a model",
        footer="More: insights triage",
    )
    return replace(story, **fields)  # type: ignore[arg-type]


def a_section(*entries: Entry, part: Part = Part.FRESH, heading: str = "New and spiking", more: str = "") -> Section:
    return Section(part=part, heading=heading, entries=entries, more=more)


def _trend(weekly: Sequence[int]) -> str:
    last, before = sum(weekly[-4:]), sum(weekly[-8:-4])
    return f"{last} item{'' if last == 1 else 's'} in the last four weeks, {before} in the four before"


def _problem(ref: int, title: str, weekly: tuple[int, ...], *told: str, **fields: object) -> Entry:
    return an_entry(title, ref=f"P-{ref}", told=told, weekly=weekly, trend=_trend(weekly), **fields)


# -- a full one, as a product manager would get it --------------------------------------------------------------

FRESH = a_section(
    _problem(
        41,
        "CSV export times out on workspaces with more than 10,000 tickets",
        NEW,
        "9 customers in a week, after weeks without one",
        "two accounts speak of leaving: Northwind Logistics and Harbor Foods",
        "9 accounts, rank 3",
        badge="new",
        tone=Tone.ALERT,
        worth="likely $420k a year ($210k–840k)",
        quote="We stopped using the export: it runs for ten minutes and then shows an empty page.",
    ),
    _problem(
        12,
        "Single sign-on sends people back to the login page",
        SPIKING,
        "14 customers in a week, usually 2.1",
        "one more open deal names it: Blue Ridge Clinics",
        "31 accounts, rank 1",
        badge="spiking again",
        tone=Tone.ALERT,
        worth="likely $1.3M a year ($0.7M–2.4M)",
        url=f"{TRACKER}212",
    ),
    more="3 more: insights diff",
)
MOVERS = a_section(
    _problem(
        23,
        "Bulk edit forgets the filter after every save",
        GROWING,
        "from rank 9 to 6",
        "+3: two renewals within 60 days, one new detractor at Acme Rentals",
        "17 accounts, rank 6",
        badge="up 3",
        tone=Tone.BAD,
        worth="likely $180k a year ($90k–350k)",
    ),
    _problem(
        7,
        "Reminder mails arrive a day late for time zones east of Tokyo",
        FADING,
        "2 customers in four weeks, usually 26",
        "from rank 4 to 11",
        badge="fading",
        tone=Tone.GOOD,
        worth="likely $35k a year ($10k–120k)",
        url=f"{TRACKER}188",
    ),
    _problem(
        30,
        "Attachments above 20 MB fail without a message",
        STEADY,
        "was part of P-18 “Attachments are lost”",
        badge="split off",
        worth="likely $60k a year ($25k–140k)",
    ),
    part=Part.MOVERS,
    heading="What moved, and why",
)
FIXES = a_section(
    _problem(
        5,
        "Search misses tickets that were merged",
        FIXED,
        "shipped on 11 September 2026, mentions fell by 86% (71–94%) in 10 weeks; 60–90% fewer were predicted; "
        "as predicted",
        badge="worked",
        tone=Tone.GOOD,
        url=f"{TRACKER}97",
    ),
    _problem(
        16,
        "Dashboard loads slowly on Monday mornings",
        STEADY,
        "shipped on 2 October 2026, mentions neither clearly fell nor rose in 7 weeks; a fall of 40–70% was predicted",
        badge="did not work",
        tone=Tone.BAD,
        url=f"{TRACKER}140",
    ),
    part=Part.FIXES,
    heading="Did fixes work?",
)
WAITING = a_section(
    _problem(
        19,
        "No way to hand a ticket over to another team with its history",
        GROWING,
        "22 accounts, rank 2, close to its neighbours",
        badge="growing",
        tone=Tone.BAD,
        worth="likely $610k a year ($280k–1.2M)",
    ),
    _problem(
        28,
        "Saved views cannot be shared with guests",
        STEADY,
        "12 accounts, rank 5",
        badge="waiting",
        worth="likely $240k a year ($110k–480k)",
    ),
    part=Part.WAITING,
    heading="Waiting for a decision",
    more="14 more: insights problems",
)
UNFILED = a_section(
    _problem(
        33,
        "Phone numbers lose their leading zero on import",
        STEADY,
        "with Mara Lindt",
        badge="not filed",
        worth="likely $45k a year ($20k–95k)",
    ),
    part=Part.UNFILED,
    heading="Accepted, in no tracker yet",
)
DECIDED = a_section(
    an_entry(
        "Phone numbers lose their leading zero on import",
        ref="P-33",
        told=("accepted: Next by Mara Lindt on 25 November: “two imports fail each week”",),
    ),
    an_entry(
        "Dark theme for the mobile application",
        ref="P-26",
        told=("snoozed until 1 February 2027 by Jonas Okoye on 25 November",),
    ),
    part=Part.DECIDED,
    heading="Decided",
)
DATA = a_section(
    Entry(title="zendesk", told=("8,412 items", "newest today")),
    Entry(title="nps", told=("1,207 items", "silent for 12 days"), badge="silent", tone=Tone.BAD),
    Entry(title="Coverage", told=("71% of revenue was heard from in the last quarter",)),
    Entry(title="Unassigned", told=("318 mentions in no problem, 6% of all that state a problem or request",)),
    Entry(title="Cost", told=("$0.42 on models in the period of at most $2.00 a run, $3.10 of $50 this month",)),
    part=Part.DATA,
    heading="Data and cost",
)
TROUBLES = a_section(
    Entry(
        title="salesforce",
        told=("the login was refused since 24 November", "mend it with: insights auth salesforce"),
        badge="repair",
        tone=Tone.ALERT,
    ),
    part=Part.TROUBLES,
    heading="Needs repair",
)
FULL = a_story(
    TROUBLES,
    FRESH,
    MOVERS,
    FIXES,
    WAITING,
    UNFILED,
    DECIDED,
    DATA,
    headline="“CSV export times out on workspaces with more than 10,000 tickets” and one more problem are new or "
    "spiking; the fix of “Search misses tickets that were merged” worked",
    footer="More: insights triage. Sent as [[digests]] “product” of insights.toml",
)
QUIET = a_story(
    a_section(
        Entry(title="All data", told=("14,903 items, 26 new or changed",)),
        Entry(title="Coverage", told=("71% of revenue was heard from in the last quarter",)),
        Entry(title="Last run", told=("done on 26 November 2026",)),
        Entry(title="Cost", told=("$0.42 on models in the period, $3.10 of $50 this month",)),
        part=Part.DATA,
        heading="Data and cost",
    ),
    headline="All quiet since 20 November 2026",
    period="20–26 November 2026",
    subject="Acme Desk: all quiet since 20 November 2026",
)


# -- in another language ----------------------------------------------------------------------------------------


def _german(weekly: Sequence[int]) -> str:
    return f"{sum(weekly[-4:])} Einträge in den letzten vier Wochen, {sum(weekly[-8:-4])} in den vier davor"


GERMAN = a_story(
    a_section(
        an_entry(
            "Rechnungsübersicht zeigt Beträge größerer Mandanten erst nach mehreren Minuten an",
            ref="P-41",
            badge="neu",
            tone=Tone.ALERT,
            told=("9 Kunden in einer Woche, nach Wochen ohne einen", "9 Kundenkonten, Rang 3"),
            weekly=NEW,
            trend=_german(NEW),
            worth="wahrscheinlich 420.000 € im Jahr (210.000–840.000 €)",
            quote="Die Übersicht läuft über Minuten, dann steht da „Zeitüberschreitung“.",
        ),
        an_entry(
            "Benutzerberechtigungsverwaltung verliert Gruppenzuordnungen",
            ref="P-12",
            badge="Häufung",
            tone=Tone.ALERT,
            told=("14 Kunden in einer Woche, sonst 2,1",),
            weekly=SPIKING,
            trend=_german(SPIKING),
            worth="wahrscheinlich 1,3 Mio. € im Jahr (0,7–2,4 Mio. €)",
            url=f"{TRACKER}212",
        ),
        heading="Neu und gehäuft",
        more="3 weitere: insights diff",
    ),
    a_section(
        Entry(title="Abdeckung", told=("71 % des Umsatzes kam im letzten Quartal zu Wort",)),
        Entry(title="Kosten", told=("0,42 $ für Modelle im Zeitraum, 3,10 $ von 50 $ in diesem Monat",)),
        part=Part.DATA,
        heading="Daten und Kosten",
    ),
    language="de",
    title="Acme Desk: was sich geändert hat",
    headline="„Rechnungsübersicht zeigt Beträge größerer Mandanten erst nach mehreren Minuten an“ ist neu",
    period="25. bis 26. November 2026",
    subject="Acme Desk: „Rechnungsübersicht zeigt Beträge …“ ist neu",
    by="Ohne Sprachmodell formuliert",
    footer="Mehr: insights triage",
)


# -- as large and as hostile as they come -----------------------------------------------------------------------


def a_story_of(words: str, *, url: str = "", entries: int = 1) -> Story:
    """Words from outside, or long ones, wherever a story has words: in each of its sections so many entries."""
    sections = []
    for part in Part:
        has_trend = part not in (Part.TROUBLES, Part.DATA, Part.DECIDED)
        entry = Entry(
            title=words,
            ref=words,
            badge=words,
            tone=Tone.ALERT,
            told=(words, words),
            weekly=SPIKING if has_trend else (),
            trend=words if has_trend else "",
            worth=words,
            quote=words,
            url=url,
        )
        sections.append(Section(part=part, heading=words, entries=(entry,) * entries, more=words))
    return Story(
        language=words,
        title=words,
        headline=words,
        period=words,
        sections=tuple(sections),
        subject=words,
        by=words,
        footer=words,
    )


_LONG_TITLE = (
    "Rechnungsübersicht für größere Mandanten zeigt Beträge erst nach mehreren Minuten an und verliert dabei den "
    "eingestellten Zeitraum, die Währung und die Auswahl"
)


def a_large_story() -> Story:
    """Five entries in each of seven sections, all of them with long titles, trends where they have any, and quotes."""

    def entry(section: Section, number: int) -> Entry:
        model = section.entries[number % len(section.entries)]
        title = _LONG_TITLE if model.ref else model.title
        quote = (
            "Wir haben das dreimal gemeldet, und jedes Mal hieß es, es sei behoben. Ist es nicht."
            if model.worth
            else ""
        )
        ref, url = (f"P-{100 + number}", f"{TRACKER}{number}") if model.ref else ("", "")
        told = (*model.told, *(("seven accounts speak of leaving: Northwind and Harbor Foods",) if model.worth else ()))
        return replace(model, title=title, ref=ref, url=url, quote=quote, told=told)

    sections = [
        replace(section, entries=tuple(entry(section, number) for number in range(5)), more=FRESH.more)
        for section in (FRESH, MOVERS, FIXES, WAITING, UNFILED, DECIDED, DATA)
    ]
    return replace(FULL, sections=tuple(sections))
