"""Keep the login of a source, tracker or sender, and see at once that its service takes it."""

from datetime import datetime
from pathlib import Path

from insights.config import Settings
from insights.connecting import Credentials, make_sender, make_source, make_tracker
from insights.errors import ExitCode, InsightsError
from insights.ports import Checkable, Sender, Source, Tracker, contained
from insights.text.clean import one_line

LONGEST_SECRET = 16_384
"""Characters; private keys are the longest."""


def checked_secret(text: str) -> str:
    """Without the line end after it. Raises InsightsError that says what is wrong, not what it is."""
    secret = text.strip("\r\n")
    if not secret.strip():
        raise _unusable("It is empty.")
    if len(secret) > LONGEST_SECRET:
        raise _unusable(f"It has more than {LONGEST_SECRET:,} characters.")
    if not all(line.isprintable() for line in secret.splitlines()):
        raise _unusable("There are control or invisible characters in it.")
    return secret


def keep_and_try(name: str, secret: str, *, settings: Settings, folder: Path, logins: Credentials, at: datetime) -> str:
    """As whom it logs in, in words; empty where that cannot be told. Where it is refused, or this is stopped, what was
    kept before stays. Raises InsightsError."""
    try:
        who = logged_in_as(name, settings=settings, folder=folder, logins=logins.with_given(name, secret))
    except InsightsError as error:
        if error.exit_code in (ExitCode.LOGIN, ExitCode.USAGE):
            raise
        logins.keep(name, secret, at)
        raise InsightsError(
            f"The login of {name} is kept, but could not be tried: {error.message}",
            remedy=f"{error.remedy} To try it again: insights auth {name} --status",
            exit_code=error.exit_code,
        ) from error
    logins.keep(name, secret, at)
    return who


def logged_in_as(name: str, *, settings: Settings, folder: Path, logins: Credentials) -> str:
    """In words; empty where the connector cannot tell. Raises InsightsError."""
    made = made_of(name, settings=settings, folder=folder, logins=logins)
    if not isinstance(made, Checkable):
        return ""
    with contained(name):
        return one_line(made.check(), 300)


def made_of(name: str, *, settings: Settings, folder: Path, logins: Credentials) -> Source | Tracker | Sender | None:
    """The source, tracker or sender of this name; None where there is none. Raises InsightsError where its settings are
    not usable; no login is needed for that."""
    for source in settings.sources:
        if source.name == name:
            return make_source(source, folder=folder, credentials=logins)
    for tracker in settings.trackers:
        if tracker.name == name:
            return make_tracker(tracker, folder=folder, credentials=logins)
    for sender in settings.senders:
        if sender.name == name:
            return make_sender(sender, folder=folder, credentials=logins)
    return None


def _unusable(why: str) -> InsightsError:
    return InsightsError(
        f"This is no secret that can be used. {why}", remedy="Copy it again, by itself. Nothing was kept."
    )
