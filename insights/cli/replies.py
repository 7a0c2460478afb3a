"""Answers from the evidence for the terminal. Text from outside, a model's too, is literal, never markup."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from insights.asking import Reply
from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted
from insights.domain.problem import problem_ref
from insights.language.answering import Sentence
from insights.text.clean import one_line, sanitise

NEAREST = 8
"""Pieces of evidence that are shown where nothing is cited; `--json` has all."""
_WORDS = 220
_ACCOUNT = 60


def reply_page(reply: Reply) -> Iterator[RenderableType]:
    """The answer with its marks, or why there is none; the evidence by its numbers; whose words they are."""
    yield from (_sentence(one) for one in reply.sentences)
    if reply.note:
        yield Text(reply.note, style="bold")
    shown = _shown(reply)
    if shown:
        yield Text("\nIt rests on" if reply.sentences else "\nNearest evidence", style="bold")
        yield _evidence(shown)
    yield Text(f"\nWords: {reply.mode}.{_dropped(reply)}", style="dim")


def more_in_words(reply: Reply) -> Iterator[str]:
    """What the page leaves out, and what went wrong."""
    rest = len(reply.evidence) - len(_shown(reply))
    if rest:
        yield f"{rest} more: --json lists them."
    if not reply.evidence:
        yield "Nothing is near. Fewer filters or other words may help."
    yield from (f"note: {failure}" for failure in reply.failures)


def _shown(reply: Reply) -> Sequence[Evidence]:
    return reply.evidence if reply.sentences else reply.evidence[:NEAREST]


def _sentence(sentence: Sentence) -> Text:
    marks = "".join(f"[{number}]" for number in sentence.cites)
    return Text(f"{sentence.words} ").append(marks, style="cyan")


def _evidence(found: Sequence[Evidence]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for number, one in enumerate(found, 1):
        table.add_row(Text(f"[{number}]", style="cyan"), _told(one))
    return table


def _told(one: Evidence) -> Text:
    """The words, and below them where they come from."""
    account = one_line(one.account_name, _ACCOUNT) if one.account_name else "account unknown"
    problem = [problem_ref(one.problem_id)] if one.problem_id else []
    origin = " · ".join([sanitise(one.ref), account, f"{one.created_at:%Y-%m-%d}", *problem])
    words = Text(f"“{one_line(one.text, _WORDS)}”").append(f"\n{origin}", style="dim")
    return words.append(f"\n{GIVES_ORDERS}", style="bold") if one.is_order else words


def _dropped(reply: Reply) -> str:
    if not reply.dropped:
        return ""
    were, them = ("was", "it") if reply.dropped == 1 else ("were", "them")
    return f" {counted(reply.dropped, 'sentence')} {were} dropped: the evidence does not bear {them} out."
