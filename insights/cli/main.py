"""Put the commands together."""

from insights.cli import (
    access,
    analysis,
    asking,
    board,
    briefing,
    corrections,
    deciding,
    demo,
    digest,
    estimating,
    evaluation,
    explanation,
    exporting,
    fairness,
    lenses,
    models,
    outcomes,
    parts,
    problems,
    runs,
    triage,
    work,
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
    lenses,
    fairness,
    estimating,
    asking,
    briefing,
    explanation,
    parts,
    corrections,
    deciding,
    board,
    exporting,
    triage,
    outcomes,
    digest,
    evaluation,
    models,
    work,
)
