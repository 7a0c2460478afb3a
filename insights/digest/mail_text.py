"""The plain part of a mail: what the HTML says, for whoever reads or prints text alone. Wrapped at 72 cells."""

from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

from insights.digest.mail_words import MailWords
from insights.digest.story import Entry, Part, Section, Story
from insights.domain.figures import spark
from insights.text.addresses import web_address

WIDTH = 72
"""Cells of a line; an address may be longer."""
_INDENT = 6
"""Cells before what stands below a title: as wide as `P-123 `."""
_WEEKS = 13
"""As beside the HTML's words."""


def text_of(story: Story, words: MailWords) -> str:
    """Lines without space at their ends. No word from outside begins one at its left edge but a title's in the
    first sentence."""
    head = f"{words.said(story.title, 'headline')} · {words.said(story.period, 'headline')}"
    parts = [wrapped(head), wrapped(words.sentence(story.headline, "headline"))]
    parts += [_section(section, words) for section in story.sections]
    feet = (words.sentence(story.footer, "headline"), words.sentence(story.by, "worth"))
    parts.append([line for foot in feet for line in wrapped(foot)])
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _section(section: Section, words: MailWords) -> list[str]:
    heading = wrapped(words.said(section.heading, "worth"))
    lines = [*heading, "─" * max(map(cell_len, heading), default=0)]
    for entry in section.entries:
        lines += _fact(entry, words) if section.part is Part.DATA else ["", *_problem(entry, words)]
    more = wrapped(words.said(section.more, "worth"))
    return [*lines, "", *more] if more else lines


def _fact(entry: Entry, words: MailWords) -> list[str]:
    name = words.said(entry.title, "badge")
    return wrapped(f"{name}: {_badge(entry, words)}{words.prose(entry.told)}", below=2)


def _problem(entry: Entry, words: MailWords) -> list[str]:
    """The title beside its id, and below it what is told."""
    title = f"{_badge(entry, words)}{words.said(entry.title, 'title' if entry.ref else 'told')}"
    below = [line for told in _told(entry, words) for line in wrapped(told, before=" " * _INDENT, below=_INDENT)]
    url = web_address(entry.url)
    address = [f"{' ' * _INDENT}{url}"] if url else []
    ref = words.said(entry.ref, "badge")
    before = ref + " " * max(_INDENT - cell_len(ref), 1) if ref else ""
    return [*wrapped(title, before=before, below=_INDENT), *below, *address]


def _badge(entry: Entry, words: MailWords) -> str:
    badge = words.said(entry.badge, "badge")
    return f"[{badge}] " if badge else ""


def _told(entry: Entry, words: MailWords) -> Iterator[str]:
    yield words.prose(entry.told)
    yield words.figure(entry.worth)
    quote = words.said(entry.quote, "quote")
    yield f'"{quote}"' if quote else ""
    if entry.weekly:
        yield spark(entry.weekly[-_WEEKS:])
        yield words.figure(entry.trend)


def wrapped(text: str, *, before: str = "", below: int = 0) -> list[str]:
    """Lines of at most 72 cells, broken at spaces, the first one after what stands `before` it; a word that is too long
    is broken anywhere. None for no text."""
    lines: list[str] = []
    line, is_empty = before, True
    for word in _pieces(text, WIDTH - max(below, cell_len(before))):
        if not is_empty and cell_len(line) + 1 + cell_len(word) > WIDTH:
            lines.append(line)
            line, is_empty = " " * below, True
        line += word if is_empty else f" {word}"
        is_empty = False
    return lines if is_empty else [*lines, line]


def _pieces(text: str, width: int) -> Iterator[str]:
    for word in filter(None, text.split(" ")):
        yield from chop_cells(word, max(width, 2)) if cell_len(word) > width else (word,)
