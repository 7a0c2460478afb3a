"""A digest as the message that its sender takes, and that message as it is kept until it was taken."""

import base64
import json
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from insights.config import DigestSettings
from insights.digest.contents import Digest
from insights.digest.story import Story
from insights.errors import InsightsError
from insights.ports import Form, Image, Message

SUFFIXES = {"text": "txt", "markdown": "md", "html": "html", "json": "json"}


def letter(digest: Digest, story: Story, settings: DigestSettings, *, form: Form, key: str) -> Message:
    """What goes out. Loads what its form needs, and no more."""
    about: dict[str, Any] = {"key": key, "subject": story.subject, "to": tuple(settings.to)}
    if form is Form.MAIL:
        from insights.digest.mail import mail_of

        text, html, images = mail_of(story, chart=settings.chart)
        return Message(**about, text=text, html=html, images=tuple(images), suffix="html")
    if form is Form.SLACK:
        from insights.digest.slack import slack_blocks

        return Message(**about, text=_plain(story), blocks=slack_blocks(story))
    if form is Form.TEAMS:
        from insights.digest.teams import teams_card

        return Message(**about, text=_plain(story), blocks=teams_card(story))
    suffix = suffix_of(settings)
    return Message(**about, text=_as_text(digest, story, suffix), suffix=suffix)


def suffix_of(settings: DigestSettings) -> str:
    """What kind of text goes to a file or to stdout: md, txt, html or json."""
    named = PurePath(settings.channel).suffix.removeprefix(".").lower()
    if settings.form:
        return SUFFIXES[settings.form]
    if settings.channel == "stdout":
        return "txt"
    return named if named in SUFFIXES.values() else "md"


def _as_text(digest: Digest, story: Story, suffix: str) -> str:
    if suffix == "json":
        from insights.digest.data import to_json

        return json.dumps(to_json(digest), ensure_ascii=False, indent=2) + "\n"
    if suffix == "md":
        from insights.digest.markdown import to_markdown

        return to_markdown(story)
    if suffix == "html":
        from insights.digest.mail import mail_of

        return mail_of(story, chart=False)[1]
    return _plain(story)


def _plain(story: Story) -> str:
    from insights.digest.mail_text import text_of
    from insights.digest.mail_words import MailWords

    return text_of(story, MailWords(joins=False))


def message_to_json(message: Message, form: Form) -> str:
    """As it is kept, with the form that it was made in."""
    fields = asdict(message) | {"form": form.value}
    fields["images"] = [{**one, "content": base64.b64encode(one["content"]).decode()} for one in fields["images"]]
    return json.dumps(fields, ensure_ascii=False)


def message_from_json(text: str) -> tuple[Message, Form]:
    """What `message_to_json` made. Raises InsightsError for anything else, as of another version of this program."""
    try:
        fields = json.loads(text)
        form = Form(fields.pop("form"))
        images = tuple(Image(**{**one, "content": base64.b64decode(one["content"])}) for one in fields.pop("images"))
        return Message(**{**fields, "images": images, "to": tuple(fields["to"])}), form
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InsightsError(
            "What is kept of a digest that waits cannot be read: another version of insights made it.",
            remedy="Use that version for one night. What it tells is in: insights diff",
        ) from error
