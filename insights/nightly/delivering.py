"""Make digests, once for each period, and send what waits.

A message is kept before anything is sent, with the last run whose news it tells: what it tells is told, whenever its
sender takes it. What was sent and not answered is sent once more under the same key, so that a second copy shows as
one. Whom it goes to, and by which channel, the settings say when it is sent: what is corrected there mends what waits.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from insights.bootstrap import Workspace
from insights.config import DigestSettings, Settings
from insights.connecting import find_sender, form_of
from insights.digest.changes import changes
from insights.digest.contents import Digest, Reader
from insights.digest.opening import opened
from insights.digest.story_of import story_of
from insights.domain.access import Act, use_case
from insights.errors import ExitCode, InsightsError
from insights.nightly.letters import letter, message_from_json, message_to_json
from insights.nightly.periods import is_due, period_of
from insights.ports import Form, Message, Sender, Unanswered
from insights.storage.deliveries import UNNAMED, Delivery, DeliveryStatus, DeliveryStore
from insights.storage.repository import Repository

WAITS = (0.0, 5.0, 30.0)
"""Seconds before each try of one night."""
KEPT_DAYS = 14
"""A digest that its sender refused for so long is old news."""
_TOLD = frozenset(DeliveryStatus) - {DeliveryStatus.QUIET}
_SOURCE = "source "
"""Before the name of one whose trouble was told, apart from a tracker of the same name."""
_TROUBLES = "nightly.troubles"
"""Digest -> the names of what failed when it was made last."""


class Made(StrEnum):
    """What a digest has to tell: nothing, so that none goes out; nothing, and it says so; or something."""

    QUIET = "nothing to tell"
    HEARTBEAT = "says that all is quiet"
    NEWS = "made"


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
    """Digests of a workspace. `troubles` are what failed tonight, in words with their remedy, each by a name that it
    has every night; `ask_model` is whether a model may word the opening."""

    workspace: Workspace
    now: Callable[[], datetime]
    troubles: Mapping[str, str] = field(default_factory=dict)
    ask_model: bool = True
    sleep: Callable[[float], object] = time.sleep
    senders: dict[str, Sender] = field(default_factory=dict)
    _impatient: set[str] = field(default_factory=set, init=False)
    """Channels that were waited for in vain tonight."""

    @property
    def repository(self) -> Repository:
        return self.workspace.repository

    # -- making -----------------------------------------------------------------------------------------------

    def due(self) -> list[DigestSettings]:
        """What is due today and was not made in its period; what was quiet may have something to tell by now."""
        today = self.now().date()
        return [one for one in wanted(self.workspace.settings) if is_due(one, today) and not self._is_made(one)]

    def _is_made(self, settings: DigestSettings) -> bool:
        made = self._kept.get(settings.name, period_of(settings, self.now().date()))
        return made is not None and made.status is not DeliveryStatus.QUIET

    @use_case(Act.FILE)
    def make(self, settings: DigestSettings) -> Made:
        """Make one and keep it to be sent, or note that there is nothing to tell. Raises InsightsError, above all where
        its channel is none."""
        now = self.now()
        period = period_of(settings, now.date())
        form = self._form(settings.channel)
        digest = self._digest(settings, now)
        made = self._told_by(digest, settings, now)
        if made is Made.HEARTBEAT:
            digest = self._digest(settings, now, is_heartbeat=True)
        delivery = Delivery(
            digest=settings.name,
            period=period,
            status=DeliveryStatus.WAITING,
            until_run=digest.until_run,
            made_at=now,
        )
        if made is Made.QUIET:
            self._kept.put(replace(delivery, status=DeliveryStatus.QUIET))
        else:
            key = f"{self.workspace.repository.filings.workspace_marker()}.{settings.name}.{period}"
            message = letter(digest, story_of(digest), settings, form=form, key=key)
            self._kept.put(delivery, message=message_to_json(message, form))
        self._keep_troubles(settings, digest)
        return made

    def _digest(self, settings: DigestSettings, now: datetime, *, is_heartbeat: bool = False) -> Digest:
        """What happened since the last one was made; a heartbeat is of all the time that nothing was sent."""
        kept = self._kept
        told = kept.last(settings.name, until=now, among=_TOLD) if is_heartbeat else None
        last = told or kept.last(settings.name, until=now)
        digest = changes(
            self.workspace.repository,
            self.workspace.settings,
            reader=reader_of(settings),
            since_run=self._kept.told_until(settings.name),
            since=last.made_at if last else None,
            now=now,
            standing=self.workspace.standing(now),
            troubles=tuple(self.troubles.values()),
            told_sources=frozenset(one.removeprefix(_SOURCE) for one in self._known_troubles(settings)),
        )
        if digest.is_quiet or not self.ask_model:
            return digest
        return opened(digest, opener=self.workspace.opener(), currency=digest.currency)

    def _told_by(self, digest: Digest, settings: DigestSettings, now: datetime) -> Made:
        """What fails every night is news once."""
        if not digest.is_quiet or set(self.troubles) - set(self._known_troubles(settings)):
            return Made.NEWS
        return Made.HEARTBEAT if self._is_heartbeat_due(settings, now) else Made.QUIET

    def _known_troubles(self, settings: DigestSettings) -> list[str]:
        return self._all_troubles().get(settings.name, [])

    def _all_troubles(self) -> dict[str, list[str]]:
        kept: dict[str, list[str]] = json.loads(self.workspace.repository.get_meta(_TROUBLES) or "{}")
        return kept

    def _keep_troubles(self, settings: DigestSettings, digest: Digest) -> None:
        names = {one.name for one in wanted(self.workspace.settings)}
        known = {name: some for name, some in self._all_troubles().items() if name in names}
        found = sorted({*self.troubles, *(f"{_SOURCE}{one.name}" for one in digest.sources if one.trouble)})
        self.workspace.repository.set_meta(_TROUBLES, json.dumps(known | {settings.name: found}))

    def _is_heartbeat_due(self, settings: DigestSettings, now: datetime) -> bool:
        """Whether for so long none was made to be sent that somebody may think it is broken. One that waits for its
        sender counts: a second would say no more."""
        days = self.workspace.settings.nightly.heartbeat_days
        last = self._kept.last(settings.name, until=now, among=_TOLD)
        first = last.made_at if last else self._kept.first_made_at(settings.name)
        return days > 0 and first is not None and (now.date() - first.date()).days >= days

    # -- sending ----------------------------------------------------------------------------------------------

    @use_case(Act.FILE)
    def send(self) -> Iterator[Sent]:
        """Whatever waits, oldest first; one sender that fails does not keep others from theirs."""
        for delivery in self._kept.waiting():
            yield self._send(delivery)

    def _send(self, delivery: Delivery) -> Sent:
        settings = next((one for one in wanted(self.workspace.settings) if one.name == delivery.digest), None)
        if settings is None:
            gone = InsightsError(
                f"The settings name no digest {delivery.digest} any more; it was not sent.",
                remedy="What it told is in: insights diff",
            )
            return self._failed(delivery, gone, is_dropped=True)
        claimed = self._kept.claim(delivery, self.now())
        if claimed is None:
            return _told(delivery)
        try:
            receipt = self._patiently(self._message(claimed, settings), settings.channel)
        except InsightsError as error:
            is_old = self.now() - delivery.made_at > timedelta(days=KEPT_DAYS)
            is_second_copy = isinstance(error, Unanswered) and error.message == delivery.error
            return self._failed(claimed, error, is_dropped=is_old or is_second_copy)
        self._kept.sent(claimed, receipt, self.now())
        return Sent(digest=delivery.digest, period=delivery.period, status=DeliveryStatus.SENT, receipt=receipt)

    def _message(self, delivery: Delivery, settings: DigestSettings) -> Message:
        """As it was made; as plain text where it was made for another kind of channel. Raises InsightsError."""
        message, form = message_from_json(self._kept.message(delivery) or "")
        message = replace(message, to=tuple(settings.to))
        is_same = form is self._form(settings.channel)
        return message if is_same else replace(message, html="", images=(), blocks=None)

    def _patiently(self, message: Message, channel: str) -> str:
        """What was refused, a few times; what may have been taken, or needs a login, once. Once, too, where the same
        channel was waited for in vain already."""
        waits = WAITS[:1] if channel in self._impatient else WAITS
        for number, seconds in enumerate(waits, 1):
            self.sleep(seconds)
            try:
                return self._sender(channel).send(message)
            except Unanswered:
                raise
            except InsightsError as error:
                if error.exit_code in (ExitCode.LOGIN, ExitCode.USAGE):
                    raise
                if number == len(waits):
                    self._impatient.add(channel)
                    raise
        raise AssertionError

    def _form(self, channel: str) -> Form:
        """What its sender takes. Raises InsightsError where there is none, or its settings are not usable."""
        self._sender(channel)
        return form_of(channel, settings=self.workspace.settings)

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
    return list(settings.digests) or [DigestSettings(name=UNNAMED)]


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
