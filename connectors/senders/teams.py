"""A Teams channel or chat, by a webhook of the Workflows app: an Adaptive Card.

Office connectors, the webhooks of before, are retired. A workflow answers 202 before it posts: whether it did shows in
its run history alone. It cannot be asked what is in the channel either, so the message's key is shown under it.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field

from connectors.http import Refused
from connectors.senders.webhook import Webhook
from insights.config import Section
from insights.errors import ExitCode, InsightsError
from insights.ports import Form, Message, SenderKind, Setup, Unanswered

LARGEST = 23_500
"""Bytes of a message. Teams takes 28,672 as it counts itself, and has counted 28,897 where 24,453 were sent."""
_RETIRED = ("webhook.office.com", "outlook.office.com", "outlook.office365.com")
_CARD = "application/vnd.microsoft.card.adaptive"
_NEW_WORKFLOW = (
    "In Teams: Workflows of the channel, “Send webhook alerts to a channel”; copy its address, then: "
    "insights auth {name}"
)


class TeamsSettings(Section):
    """`[[senders]]` with type = "teams"."""

    hosts: list[str] = Field(
        ["logic.azure.com", "api.powerplatform.com", "api.powerautomate.com", "logic.azure.us", "api.powerplatform.us"],
        min_length=1,
        description="Servers that the workflow may be at, or domains of them.",
    )
    timeout: float = Field(30, gt=0, le=600, description="Seconds to wait for an answer.")


class Teams:
    """One channel or chat: whichever its workflow posts to."""

    def __init__(self, setup: Setup[TeamsSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._hook = Webhook(setup, hosts=setup.settings.hosts, timeout=setup.settings.timeout)

    def check(self) -> str:
        """Its address alone is looked at: whatever a workflow is sent, it posts."""
        self._refuse_retired()
        return f"a workflow at {self._hook.server()}, untried: whatever it is sent, it posts"

    def send(self, message: Message) -> str:
        self._refuse_retired()
        self._hook.server()  # says what is wrong with the address itself
        payload = _payload(message)
        if (size := len(json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace"))) > LARGEST:
            raise InsightsError(
                f"The message is too large for {self.name}: {size:,} bytes, where Teams takes about {LARGEST:,}.",
                remedy="Narrow the digest in insights.toml: a theme, a segment or an owner.",
            )
        try:
            self._hook.post(payload)
        except Unanswered:
            raise
        except InsightsError as error:
            raise self._in_words(error) from None
        return f"{message.key} handed to the workflow"

    def _refuse_retired(self) -> None:
        host = _host(self._setup.secret().strip())
        if any(host == one or host.endswith(f".{one}") for one in _RETIRED):
            raise InsightsError(
                f"The login of {self.name} is the address of an Office connector: Microsoft has switched those off.",
                remedy=_NEW_WORKFLOW.format(name=self.name),
                exit_code=ExitCode.LOGIN,
            )

    def _in_words(self, error: InsightsError) -> InsightsError:
        """What a workflow's refusals mean; what is none stays as it is."""
        status = error.status if isinstance(error, Refused) else None
        if error.exit_code is ExitCode.LOGIN or "(404)" in error.message or "(410)" in error.message:
            why, code = "its workflow is gone, switched off, or its address has changed", ExitCode.LOGIN
        elif status == 413:
            why, code = "the message is too large", ExitCode.ERROR
        elif status == 400:
            why, code = "its workflow is switched off or takes no card", ExitCode.ERROR
        else:
            return error
        remedy = "Look at the workflow in Teams: whether it is on, and at its run history."
        again = f" {_NEW_WORKFLOW.format(name=self.name)}" if code is ExitCode.LOGIN else ""
        return InsightsError(f"{self.name} did not take the message: {why}.", remedy=f"{remedy}{again}", exit_code=code)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _payload(message: Message) -> dict[str, Any]:
    """The card in the envelope that workflows look for, with the key under it as small print."""
    card = message.blocks or {"type": "AdaptiveCard", "version": "1.5", "body": [_plain(message.text)]}
    key = _plain(message.key, size="Small", isSubtle=True)
    content = {**card, "body": [*card.get("body", ()), key]}
    return {"type": "message", "attachments": [{"contentType": _CARD, "contentUrl": None, "content": content}]}


def _plain(text: str, **looks: Any) -> dict[str, Any]:
    """A block of text in which no Markdown is read."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}


TEAMS = SenderKind(
    settings=TeamsSettings,
    make=Teams,
    form=Form.TEAMS,
    login="address of a workflow that posts to the channel when a webhook request is received (Teams, Workflows)",
)
