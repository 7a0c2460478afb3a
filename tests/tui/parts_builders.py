"""Evidence and parts in memory, for pages that show them."""

from typing import Any

from insights.domain.feedback import Evidence, FeedbackKind
from insights.parts import Part, Split
from tests.builders import MORNING, a_problem

HOSTILE = "\x1b]52;c;QQ==\x07[@click=app.quit]x[/] \u202egnirts\r\x9b31m\nIt hangs \x00" + "e\u0301\u0301" * 40


def an_evidence(number: int = 1, text: str = "It hangs at 50,000 rows.", **fields: Any) -> Evidence:
    """An item of account Acme, which pays 120,000 a year."""
    defaults: dict[str, Any] = {
        "feedback_id": number,
        "text": text,
        "kind": FeedbackKind.TICKET,
        "source": "zendesk",
        "source_id": f"T-{number}",
        "created_at": MORNING,
        "account_id": 1,
        "account_name": "Acme",
        "account_revenue": 120_000.0,
    }
    return Evidence(**{**defaults, **fields})


def a_part(number: int, items: tuple[int, ...], **fields: Any) -> Part:
    defaults: dict[str, Any] = {
        "number": number,
        "name": f"{number}-c4f1",
        "items": tuple(f"zendesk/T-{item}" for item in items),
        "feedback_ids": items,
        "accounts": 2,
        "revenue": None,
        "unknown": 0,
        "typical": an_evidence(items[0], "Only XLSX hangs."),
        "likeness": 0.8,
        "outside": 0.3,
    }
    return Part(**{**defaults, **fields})


def a_split(*parts: Part, alone: tuple[str, ...] = ("zendesk/T-9",)) -> Split:
    return Split(problem=a_problem(), parts=parts, alone=alone, mentions=9, of_mentions=9)
