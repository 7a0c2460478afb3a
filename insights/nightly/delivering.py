"""Make digests, once for each period, and send what waits.

A message is kept before anything is sent, with the last run whose news it tells: what it tells is told, whenever its
sender takes it. What was sent and not answered is sent once more under the same key, so that a second copy shows as
one.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from insights.bootstrap import Workspace
from insights.config import DigestSettings, Settings
from insights.connecting import find_sender, sender_kind
from insights.digest.changes import changes
from insights.digest.contents import Digest, Reader
from insights.digest.opening import opened
from insights.digest.story_of import story_of
from insights.errors import ExitCode, InsightsError
from insights.nightly.letters import letter, message_from_json, message_to_json
from insights.nightly.periods import is_due, period_of
from insights.ports import Form, Sender, Unanswered
from insights.storage.deliveries import Delivery, DeliveryStatus, DeliveryStore

DEFAULT = DigestSettings(name="digest")
"""Where the settings name none."""
WAITS = (0.0, 5.0, 30.0)
"""Seconds before each try of one night."""
KEPT_DAYS = 14
"""A digest that its sender refused for so long is old news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one digest tonight; `failure` where its sender did not take it, or not for sure."""

    digest: str
    period: str
    status: DeliveryStatus
    receipt: str = ""
    failure: InsightsError | None = None


@dataclass(frozen=True, kw_only=True)
class Post:
    """Digests of a workspace. `troubles` are what failed tonight, each with its remedy; `ask_model` is whether a model
    may word the opening."""

    workspace: Workspace
    now: Callable[[], datetime]
    troubles: tuple[str, ...] = ()
    ask_model: bool = True
    sleep: Callable[[float], object] = time.sleep
    senders: dict[str, Sender] = field(default_factory=dict)

    # -- making -----------------------------------------------------------------------------------------------

    def due(self) -> list[DigestSettings]:
        """What is due today and was not made in its period; what was quiet may have something to tell by now."""
        today = self.now().date()
        return [one for one in wanted(self.workspace.settings) if is_due(one, today) and not self._is_made(one)]

    def _is_made(self, settings: DigestSettings) -> bool:
        made = self._kept.get(settings.name, period_of(settings, self.now().date()))
        return made is not None and made.status is not DeliveryStatus.QUIET

    def make(self, settings: DigestSettings) -> DeliveryStatus:
        """Make one and keep it to be sent, or note that there is nothing to tell."""
        now = self.now()
        period = period_of(settings, now.date())
        digest = self._digest(settings, now)
        delivery = Delivery(
            digest=settings.name,
            period=period,
            status=DeliveryStatus.WAITING,
            until_run=digest.until_run,
            made_at=now,
        )
        if digest.is_quiet and not self.troubles and not self._is_heartbeat_due(settings, now):
            self._kept.put(replace(delivery, status=DeliveryStatus.QUIET))
            return DeliveryStatus.QUIET
        key = f"{self.workspace.repository.filings.workspace_marker()}.{settings.name}.{period}"
        message = letter(digest, story_of(digest), settings, form=self._form(settings.channel), key=key)
        self._kept.put(delivery, message=message_to_json(message))
        return delivery.status

    def _digest(self, settings: DigestSettings, now: datetime) -> Digest:
        last = self._kept.last(settings.name)
        digest = changes(
            self.workspace.repository,
            self.workspace.settings,
            reader=reader_of(settings),
            since_run=last.until_run if last else None,
            since=last.made_at if last else None,
            now=now,
            standing=self.workspace.standing(now),
            troubles=self.troubles,
        )
        if digest.is_quiet or not self.ask_model:
            return digest
        return opened(digest, opener=self.workspace.opener(), currency=digest.currency)

    def _is_heartbeat_due(self, settings: DigestSettings, now: datetime) -> bool:
        """Whether so long nothing was sent that somebody may think it is broken."""
        days = self.workspace.settings.nightly.heartbeat_days
        last = self._kept.last(settings.name, status=DeliveryStatus.SENT)
        first = last.made_at if last else self._kept.first_made_at(settings.name)
        return days > 0 and first is not None and (now.date() - first.date()).days >= days

    # -- sending ----------------------------------------------------------------------------------------------

    def send(self) -> Iterator[Sent]:
        """Whatever waits, oldest first; one sender that fails does not keep others from theirs."""
        for delivery in self._kept.waiting():
            yield self._send(delivery)

    def _send(self, delivery: Delivery) -> Sent:
        settings = next((one for one in wanted(self.workspace.settings) if one.name == delivery.digest), None)
        message = self._kept.message(delivery)
        if settings is None or message is None:
            gone = InsightsError(
                f"The settings name no digest {delivery.digest} any more; it was not sent.",
                remedy="What it told is in: insights diff",
            )
            return self._failed(delivery, gone, is_dropped=True)
        claimed = self._kept.claim(delivery, self.now())
        if claimed is None:
            return _told(delivery)
        try:
            sender = self._sender(settings.channel)
            receipt = self._patiently(lambda: sender.send(message_from_json(message)))
        except InsightsError as error:
            is_old = self.now() - delivery.made_at > timedelta(days=KEPT_DAYS)
            return self._failed(claimed, error, is_dropped=is_old)
        self._kept.sent(claimed, receipt, self.now())
        return Sent(digest=delivery.digest, period=delivery.period, status=DeliveryStatus.SENT, receipt=receipt)

    def _patiently(self, send: Callable[[], str]) -> str:
        """What was refused, a few times; what may have been taken, or needs a login, once."""
        for number, seconds in enumerate(WAITS, 1):
            self.sleep(seconds)
            try:
                return send()
            except Unanswered:
                raise
            except InsightsError as error:
                if error.exit_code in (ExitCode.LOGIN, ExitCode.USAGE) or number == len(WAITS):
                    raise
        raise AssertionError

    def _form(self, channel: str) -> Form:
        """What its sender takes. Raises InsightsError for a type that is not installed."""
        named = next((one for one in self.workspace.settings.senders if one.name == channel), None)
        return sender_kind(named.type).form if named else Form.TEXT

    def _sender(self, channel: str) -> Sender:
        if channel not in self.senders:
            workspace = self.workspace
            self.senders[channel] = find_sender(
                channel, settings=workspace.settings, folder=workspace.folder, credentials=workspace.credentials
            )
        return self.senders[channel]

    def _failed(self, delivery: Delivery, error: InsightsError, *, is_dropped: bool) -> Sent:
        self._kept.failed(delivery, error.message, error.remedy, is_dropped=is_dropped)
        status = DeliveryStatus.DROPPED if is_dropped else DeliveryStatus.WAITING
        return Sent(digest=delivery.digest, period=delivery.period, status=status, failure=error)

    @property
    def _kept(self) -> DeliveryStore:
        return self.workspace.repository.deliveries


def wanted(settings: Settings) -> list[DigestSettings]:
    """The digests of the settings, or everything to stdout where they name none."""
    return list(settings.digests) or [DEFAULT]


def reader_of(settings: DigestSettings) -> Reader:
    """Who reads it, and what of it."""
    return Reader(
        name=settings.name,
        theme=settings.theme,
        segment=settings.segment,
        owner=settings.owner,
        language=settings.language,
        quotes=settings.quotes,
    )


def _told(delivery: Delivery) -> Sent:
    """Another process is at it."""
    return Sent(digest=delivery.digest, period=delivery.period, status=delivery.status)
