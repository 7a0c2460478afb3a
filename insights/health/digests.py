"""Whether digests are sent, and what keeps one from it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from insights.config import DigestSettings
from insights.domain.access import Act, use_case
from insights.domain.health import Check, CheckState, wrong
from insights.errors import InsightsError
from insights.health.standing import Standing, ago
from insights.storage.deliveries import UNNAMED, Delivery, DeliveryStatus


@use_case(Act.LOOK)
def digest_checks(standing: Standing) -> Iterator[Check]:
    """One for each digest that the settings name, or for that which is made where they name none: when it was sent
    last, and what keeps one from being sent. Where nothing says that the night is wanted, nothing is told."""
    kept = standing.repository.deliveries
    waiting = kept.waiting()
    for settings in standing.settings.digests or [DigestSettings(name=UNNAMED)] * bool(kept.last(UNNAMED)):
        newest = kept.last(settings.name)
        failing = next((one for one in waiting if one.digest == settings.name and one.error), None)
        if newest and newest.status is DeliveryStatus.DROPPED:
            failing = newest
        sent = kept.last(settings.name, among=[DeliveryStatus.SENT])
        yield _misdirected(settings, standing) or _digest_check(settings.name, newest, sent, failing, standing.now)


def _misdirected(settings: DigestSettings, standing: Standing) -> Check | None:
    """Where it goes nowhere, or would never tell anything."""
    from insights.connecting import Credentials, find_sender

    kept, name = standing.repository, settings.name
    try:
        logins = Credentials(kept.credentials)
        find_sender(settings.channel, settings=standing.settings, folder=standing.folder, credentials=logins)
    except InsightsError as error:
        return replace(wrong("digest", error), words=f"{name}: {error.message}")
    theme, segment = settings.theme.strip().casefold(), settings.segment.strip().casefold()
    themes = {known for one in kept.themes.all() for known in (one.name.casefold(), str(one.id))}
    what = f"theme is called {settings.theme!r}" if theme and theme not in themes else ""
    if segment and segment not in {(one.segment or "").strip().casefold() for one in kept.customers.accounts()}:
        what = f"account is of the segment {settings.segment!r}"
    if not what:
        return None
    remedy = "It tells nothing until there is one: correct its [[digests]] block, if it is written wrongly."
    return Check(name="digest", state=CheckState.NOTE, words=f"{name}: no {what}", remedy=remedy)


def _digest_check(
    name: str, newest: Delivery | None, sent: Delivery | None, failing: Delivery | None, now: datetime
) -> Check:
    words = f"{name}: sent {ago(now - sent.sent_at)}" if sent and sent.sent_at else f"{name}: not sent yet"
    if newest and newest.status is DeliveryStatus.QUIET:
        words += f"; nothing to tell on {newest.period}"
    facts = {"digest": name, "sent_at": sent.sent_at if sent else None, "error": failing.error if failing else None}
    if failing is None:
        state, command = (CheckState.OK, "") if newest else (CheckState.SKIPPED, "insights nightly")
        return Check(name="digest", state=state, words=words, command=command, facts=facts)
    remedy = f"That of {failing.period} could not be sent: {failing.error} {failing.remedy or ''}".strip()
    return Check(
        name="digest", state=CheckState.WRONG, words=words, remedy=remedy, command="insights nightly", facts=facts
    )
