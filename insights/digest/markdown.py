"""A digest as CommonMark. Words from outside show as written and do nothing."""

from collections.abc import Iterable, Iterator

from insights.digest.one_line import shown
from insights.digest.story import Entry, Part, Section, Story
from insights.digest.words import capital
from insights.domain.figures import spark
from insights.text import markdown
from insights.text.addresses import web_address

_WEEKS = 12
_LIMIT = 1000
"""Characters of one text."""


def to_markdown(story: Story) -> str:
    """The whole, ending with a line end."""
    parts = [f"# {literal(story.title)}", f"**{literal(story.headline)}**", f"_{literal(story.period)}_"]
    for section in story.sections:
        parts += _section(section)
    if foot := " · ".join(literal(words, hosts=False) for words in (story.footer, story.by) if words):
        parts.append(f"_{foot}_")
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield f"## {literal(section.heading)}"
    told = {Part.DATA: _fact, Part.TROUBLES: _trouble}.get(section.part, _problem)
    lines = [told(entry) for entry in section.entries]
    yield "\n".join([*lines, *([f"- {literal(section.more, hosts=False)}"] if section.more else [])])


def _fact(entry: Entry) -> str:
    return f"- **{literal(entry.title)}:** {_sentences([entry.badge, *entry.told])}"


def _trouble(entry: Entry) -> str:
    """A sentence that begins with what is in trouble."""
    title = literal(entry.title)
    if not entry.told:
        return f"- {title}"
    first, *others = entry.told
    return f"- **{title}** {' '.join(filter(None, (_ended(literal(first)), _sentences(others))))}"


def _problem(entry: Entry) -> str:
    """The title with its trend, and below it what is told."""
    trend = f" {spark(entry.weekly[-_WEEKS:])}" if any(entry.weekly) else ""
    url = web_address(entry.url)
    ref = f"**{literal(entry.ref)}** " if entry.ref else ""
    link = f" ([{literal(_host(url), hosts=False)}]({url}))" if url else ""
    badge = f"**{literal(entry.badge)}:** " if entry.badge else ""
    below = f"{badge}{_sentences([*entry.told, entry.worth])}".strip()
    quote = [f"“{literal(entry.quote)}”"] if entry.quote else []
    return "  \n  ".join([f"- {ref}{literal(entry.title)}{link}{trend}", *([below] if below else []), *quote])


def literal(text: str, *, hosts: bool = True) -> str:
    """Shows as written and does nothing. Our own words name files and commands, and no `hosts`."""
    return shown(text, _LIMIT, each=lambda words, limit: markdown.literal(words, limit=limit, hosts=hosts))


def _host(url: str) -> str:
    return url.split("/")[2]


def _sentences(told: Iterable[str]) -> str:
    return " ".join(_ended(capital(line)) for one in told if (line := literal(one)))


def _ended(line: str) -> str:
    return line if line[-1:] in ".!?…" else f"{line}."
