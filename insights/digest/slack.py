"""A digest as Slack's blocks.

Whatever comes from outside stands in text where Slack's own control characters are written as references, marks are
look-alikes, and automatic links and mentions are switched off (`verbatim`). Within Slack's limits, with room for one
block that a sender adds.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from insights.digest.chat import JOINER, Detail, Plan, Words, bars, fitted, link, sections
from insights.digest.story import Entry, Part, Story

MOST_BLOCKS = 49
"""Slack takes 50."""
MOST_CHARACTERS = 9_600
"""Of all texts, as Slack counts them; 10,000 with what a sender adds."""
LONGEST_TEXT = 3_000
LONGEST_HEADER = 150
_BAR = "\u2223"
"""For the bar that parts an address from its words."""

Block = dict[str, Any]


def slack_blocks(story: Story) -> Block:
    """`text` for notifications, and `blocks`: headline, sections, and who worded it. Links are not unfurled."""
    return fitted(story, _laid_out, _fits)


def units(text: str) -> int:
    """Characters as Slack counts: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def texts(laid_out: Any) -> Iterator[str]:
    """All texts of blocks."""
    if isinstance(laid_out, dict):
        if isinstance(text := laid_out.get("text"), str):
            yield text
        laid_out = list(laid_out.values())
    if isinstance(laid_out, list):
        for one in laid_out:
            yield from texts(one)


def _fits(laid_out: Block) -> bool:
    all_texts = list(map(units, texts(laid_out)))
    return (
        len(laid_out["blocks"]) <= MOST_BLOCKS and sum(all_texts) <= MOST_CHARACTERS and max(all_texts) <= LONGEST_TEXT
    )


def _laid_out(story: Story, plan: Plan) -> Block:
    words = Words(marks=True, room=plan.room, escape=_escaped)
    headline = words.sentence(story.headline, "headline")
    blocks = [_header(story.title), _section(headline)]
    if story.period:
        blocks.append(_context(words.said(story.period, "worth")))
    for section, entries, more in sections(story, plan):
        told = _told(section.part, entries, words, plan)
        blocks += _blocks_of(words.said(section.heading, "title"), told, words.said(more, "more"))
    feet = " ".join(filter(None, (words.sentence(one, "foot") for one in (story.footer, story.by))))
    if feet:
        blocks.append(_context(feet))
    return {"text": headline or "…", "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _blocks_of(heading: str, told: Sequence[str], more: str) -> Iterator[Block]:
    """The heading stands in the block of the first entry, what is left out in that of the last."""
    *before, last = told or [""]
    texts = [*before, "\n".join(filter(None, (last, more)))]
    texts[0] = "\n".join(filter(None, (f"*{heading}*" if heading else "", texts[0])))
    return (_section(text) for text in texts if text)


def _told(part: Part, entries: Sequence[Entry], words: Words, plan: Plan) -> list[str]:
    """A text for each; facts share one."""
    if part is Part.DATA:
        return ["\n".join(_fact(one, words) for one in entries)]
    return [_problem(one, words, plan.detail(place)) for place, one in enumerate(entries)]


def _problem(entry: Entry, words: Words, detail: Detail) -> str:
    beside = [words.said(entry.ref, "ref"), _bold(words.said(entry.badge, "badge"))]
    lines = [" · ".join(filter(None, (_title(entry, words), *beside)))]
    if detail is Detail.SHORT:
        lines.append(words.prose(entry.told[:1]))
    if detail is Detail.FULL:
        lines += [words.prose(entry.told), words.figure(entry.worth)]
        lines.append(" ".join(filter(None, (bars(entry), words.figure(entry.trend)))))
        quote = words.said(entry.quote, "quote")
        lines.append(f"> “{quote}”" if quote else "")
    return "\n".join(filter(None, lines))


def _title(entry: Entry, words: Words) -> str:
    title = words.said(entry.title, "title") or "…"
    url = _escaped(link(entry))
    return f"<{url}|{title.replace('|', _BAR)}>" if url else title


def _fact(entry: Entry, words: Words) -> str:
    name, badge = words.said(entry.title, "badge"), _bold(words.said(entry.badge, "badge"))
    before = JOINER if ":" in name else ""  # or the end of a name would be an :emoji:
    return " ".join(filter(None, (f"{name}{before}:", badge, words.prose(entry.told))))


def _bold(text: str) -> str:
    return f"*{text}*" if text else ""


def _header(title: str) -> Block:
    """Text without marks; an emoji's name stays one."""
    rooms = (Words(marks=True, room=room, escape=_escaped).said(title, "title") for room in (0.9, 0.6, 0.4, 0.2, 0.1))
    text = next((one for one in rooms if units(one) <= LONGEST_HEADER), "") or "…"
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text or "…", "verbatim": True}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text or "…", "verbatim": True}]}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
