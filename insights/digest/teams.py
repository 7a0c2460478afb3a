"""A digest as an Adaptive Card for Teams, for a phone's width, too.

Whatever comes from outside stands in text runs, in which no Markdown is read; headings, which are blocks of text for
the sake of screen readers, hold look-alikes for its marks. There are no pictures, and no actions but the links of
issues. Below 25 KB, for Teams counts more than is sent and takes 28.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from insights.digest.chat import Detail, Plan, Words, bars, fitted, link, sections
from insights.digest.story import Entry, Part, Story, Tone

VERSION = "1.5"
LARGEST = 20_000
"""Bytes of JSON. Teams has counted 28,897 where 24,453 were sent."""
_COLOURS = {Tone.ALERT: "Attention", Tone.BAD: "Warning", Tone.GOOD: "Good"}

Element = dict[str, Any]


def teams_card(story: Story) -> Element:
    """The card alone, as a message attaches it."""
    return fitted(story, _laid_out, lambda card: size_of(card) <= LARGEST)


def size_of(card: Element) -> int:
    """Bytes as it is sent."""
    return len(json.dumps(card, ensure_ascii=False).encode("utf-8", "replace"))


def _laid_out(story: Story, plan: Plan) -> Element:
    words = Words(marks=False, room=plan.room)
    headline = words.sentence(story.headline, "headline")
    body = [_heading(story.title, plan, size="Large"), _rich(_run(headline or "…"))]
    if period := words.said(story.period, "worth"):
        body.append(_rich(_run(period, isSubtle=True), spacing="Small"))
    for section, entries, more in sections(story, plan):
        told = _told(section.part, entries, words, plan)
        left = [_rich(_run(one, isSubtle=True)) for one in (words.said(more, "more"),) if one]
        items = [_heading(section.heading, plan, size="Medium"), *told, *left]
        body.append({"type": "Container", "separator": True, "spacing": "Large", "items": items})
    feet = " ".join(filter(None, (words.sentence(one, "foot") for one in (story.footer, story.by))))
    if feet:
        body.append(_rich(_run(feet, size="Small", isSubtle=True), separator=True, spacing="Large"))
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": VERSION,
        "lang": story.language,
        "fallbackText": headline,
        "body": body,
        "msteams": {"width": "Full"},
    }


def _told(part: Part, entries: Sequence[Entry], words: Words, plan: Plan) -> Iterator[Element]:
    for place, entry in enumerate(entries):
        yield from [_fact(entry, words)] if part is Part.DATA else _problem(entry, words, plan.detail(place))


def _problem(entry: Entry, words: Words, detail: Detail) -> Iterator[Element]:
    yield _rich(*_title(entry, words), spacing="Medium")
    told = words.prose(entry.told[: {Detail.TITLE: 0, Detail.SHORT: 1}.get(detail)])
    trend = " ".join(filter(None, (bars(entry), words.figure(entry.trend))))
    figures = [words.figure(entry.worth), trend] if detail is Detail.FULL else []
    if told:
        yield _rich(_run(told), spacing="None")
    yield from (_rich(_run(one, isSubtle=True), spacing="None") for one in figures if one)
    quote = words.said(entry.quote, "quote") if detail is Detail.FULL else ""
    if quote:
        yield _rich(_run(f"“{quote}”", italic=True), spacing="None")


def _title(entry: Entry, words: Words) -> Iterator[Element]:
    url = link(entry)
    action = {"selectAction": {"type": "Action.OpenUrl", "url": url}} if url else {}
    yield _run(words.said(entry.title, "title") or "…", weight="Bolder", **action)
    if ref := words.said(entry.ref, "ref"):
        yield _run(f" · {ref}", isSubtle=True)
    if words.said(entry.badge, "badge"):
        yield _run(" · ")
        yield _badge(entry, words)


def _fact(entry: Entry, words: Words) -> Element:
    badge = [_badge(entry, words), _run(" ")] if words.said(entry.badge, "badge") else []
    name = _run(f"{words.said(entry.title, 'badge')}: ", weight="Bolder")
    told = [_run(one) for one in (words.prose(entry.told),) if one]
    return _rich(name, *badge, *told, spacing="Small")


def _badge(entry: Entry, words: Words) -> Element:
    colour = {"color": _COLOURS[entry.tone]} if entry.tone in _COLOURS else {}
    return _run(words.said(entry.badge, "badge"), weight="Bolder", **colour)


def _heading(text: str, plan: Plan, *, size: str) -> Element:
    words = Words(marks=True, room=plan.room).said(text, "title") or "…"
    return {"type": "TextBlock", "text": words, "style": "heading", "size": size, "weight": "Bolder", "wrap": True}


def _rich(*runs: Element, **looks: Any) -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs), **looks}


def _run(text: str, **looks: Any) -> Element:
    return {"type": "TextRun", "text": text, **looks}
