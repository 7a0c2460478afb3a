"""A Slack channel, by an incoming webhook.

A webhook cannot be asked what is in its channel: a message that was not answered may come a second time. Its key is
shown under it, so that one sees which it is.
"""

from typing import Any

from pydantic import Field

from connectors.senders.webhook import Webhook
from insights.config import Section
from insights.errors import ExitCode, InsightsError
from insights.ports import Form, Message, SenderKind, Setup, Unanswered

_NEW_WEBHOOK = "Make a webhook for the channel anew (Slack app, Incoming Webhooks), then: insights auth {name}"
_ITS_FORM = 'This is a mistake of ours: report it, with the digest as a file (channel = "file:digest.json")'
_REFUSALS: dict[str, tuple[str, str]] = {
    "no_service": ("its webhook was removed or switched off", _NEW_WEBHOOK),
    "no_active_hooks": ("its webhook is switched off", _NEW_WEBHOOK),
    "invalid_token": ("its webhook is not valid", _NEW_WEBHOOK),
    "no_team": ("its webhook belongs to no workspace", _NEW_WEBHOOK),
    "team_disabled": ("its workspace is switched off", _NEW_WEBHOOK),
    "channel_is_archived": ("its channel is archived", f"Take the channel out of the archive. Or: {_NEW_WEBHOOK}"),
    "channel_not_found": ("its channel was deleted", _NEW_WEBHOOK),
    "user_not_found": ("the person it wrote to is gone", _NEW_WEBHOOK),
    "action_prohibited": ("an administrator does not let it post", "Ask an administrator of the Slack workspace."),
    "posting_to_general_channel_denied": ("only administrators may post to its channel", _NEW_WEBHOOK),
    "message_limit_exceeded": ("the workspace's limit of messages is reached", "Ask an administrator of it."),
    "too_many_attachments": ("it takes no message of this form", _ITS_FORM),
    "invalid_blocks": ("it takes no message of this form", _ITS_FORM),
    "invalid_payload": ("it takes no message of this form", _ITS_FORM),
    "no_text": ("it takes no message of this form", _ITS_FORM),
}
"""What Slack answers -> what that means, and what to do."""
_OF_THE_LOGIN = ("no_service", "no_active_hooks", "invalid_token", "no_team", "team_disabled")
_THERE = ("no_text", "invalid_payload", "missing_text_or_fallback_or_attachments")
"""What a webhook that works answers to an empty message."""


class SlackSenderSettings(Section):
    """`[[senders]]` with type = "slack"."""

    hosts: list[str] = Field(
        ["hooks.slack.com", "hooks.slack-gov.com"],
        min_length=1,
        description="Servers that the webhook may be at; its own for another service that takes Slack's messages.",
    )
    timeout: float = Field(30, gt=0, le=600, description="Seconds to wait for an answer.")


class SlackSender:
    """One channel: whichever its webhook was made for."""

    def __init__(self, setup: Setup[SlackSenderSettings]) -> None:
        self.name = setup.name
        self._hook = Webhook(setup, hosts=setup.settings.hosts, timeout=setup.settings.timeout)

    def check(self) -> str:
        """By an empty message, which Slack refuses after it has looked at the webhook: nothing shows in the channel."""
        try:
            self._hook.post({"text": ""})
        except InsightsError as error:
            if _told(error, self.name) not in _THERE:
                raise self._in_words(error) from None
        return f"an incoming webhook at {self._hook.server()}"

    def send(self, message: Message) -> str:
        try:
            answer = self._hook.post(_payload(message))
        except InsightsError as error:
            raise self._in_words(error) from None
        said = str(answer.data).strip()
        if said not in ("ok", "") and '"success":true' not in said.replace(" ", ""):
            raise Unanswered(
                f"{self.name} answered with something else than Slack does: whether the message is there is not known.",
                remedy=f"Look for {message.key} in the channel, and whether the login of {self.name} leads to Slack.",
            )
        return f"{message.key} in the channel of the webhook"

    def _in_words(self, error: InsightsError) -> InsightsError:
        """What Slack's refusals mean; what is none stays as it is."""
        said = _told(error, self.name)
        if isinstance(error, Unanswered) or said not in _REFUSALS:
            return error
        why, remedy = _REFUSALS[said]
        return InsightsError(
            f"{self.name} did not take the message: {why} ({said}).",
            remedy=remedy.format(name=self.name),
            exit_code=ExitCode.LOGIN if said in _OF_THE_LOGIN else ExitCode.ERROR,
        )


def _told(error: InsightsError, name: str) -> str:
    """The word that Slack gave as its reason, empty where there is none."""
    return error.message.removeprefix(name).rpartition(": ")[2].rstrip(".").strip()


def _payload(message: Message) -> dict[str, Any]:
    """With the key under it, as small print."""
    given = message.blocks or {"text": _escaped(message.text)}
    key = {"type": "context", "elements": [{"type": "plain_text", "text": message.key[:300], "emoji": False}]}
    blocks = [*given["blocks"], key] if given.get("blocks") else []
    quiet = {"unfurl_links": False, "unfurl_media": False}
    return {**quiet, **given, **({"blocks": blocks} if blocks else {"text": f"{given['text']}\n{message.key}"})}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


SLACK = SenderKind(
    settings=SlackSenderSettings,
    make=SlackSender,
    form=Form.SLACK,
    login="address of an incoming webhook, https://hooks.slack.com/services/… (Slack app, Incoming Webhooks)",
)
