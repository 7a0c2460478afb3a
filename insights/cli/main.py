"""Put the commands together."""

from insights.cli import (
    analysis,
    corrections,
    demo,
    digest,
    evaluation,
    explanation,
    parts,
    problems,
    runs,
    triage,
    workspace,
)
from insights.cli.app import app, main

__all__ = ["app", "main"]

# Commands register themselves when their module is imported; the order here is the order in the help.
COMMANDS = (demo, workspace, analysis, runs, problems, explanation, parts, corrections, triage, digest, evaluation)
