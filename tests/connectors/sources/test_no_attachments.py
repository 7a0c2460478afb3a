"""No source fetches files that are attached to an item."""

import re
from pathlib import Path

CONNECTORS = Path(__file__).parents[3] / "connectors"
WORDS = re.compile(r"attachment|url_private|content_url|download_url", re.IGNORECASE)
TEXTS = {"request_tracker_pages.py", "mails.py"}
"""Request Tracker calls the text of a message an attachment; a mail's attached files are named to be left out."""


def test_no_connector_names_where_an_attachment_is() -> None:
    files = [path for folder in ("sources", "reading") for path in (CONNECTORS / folder).rglob("*.py")]
    assert len(files) > 10
    assert {path.name for path in files if WORDS.search(path.read_text(encoding="utf-8"))} <= TEXTS
