"""The way to the core that the application is opened with."""

from typing import Any

from insights.config import Settings, TriageSettings
from insights.triage import Triage
from tui.office import Office


def an_office(
    triage: Triage, *, workspace: str = "acme", parts: dict[str, Any] | None = None, **settings: Any
) -> Office:
    """`settings` are those of the triage application; `parts` what else the office has."""
    return Office(
        triage=triage, workspace=workspace, settings=Settings(triage=TriageSettings(**settings)), **(parts or {})
    )
