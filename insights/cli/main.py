"""Put the commands together."""

from insights.cli import (
    access,
    analysis,
    asking,
    briefing,
    corrections,
    demo,
    digest,
    evaluation,
    explanation,
    models,
    parts,
    problems,
    runs,
    triage,
    workspace,
)
from insights.cli.app import app, main

__all__ = ["app", "main"]

# Commands register themselves when their module is imported; the order here is the order in the help.
COMMANDS = (
    demo,
    workspace,
    access,
    analysis,
    runs,
    problems,
    asking,
    briefing,
    explanation,
    parts,
    corrections,
    triage,
    digest,
    evaluation,
    models,
)
