"""A desk of models on a server of a test. Not a test."""

from datetime import UTC, datetime
from typing import Any

from insights.config import Language, Product, Settings
from insights.language.choose import desk_for
from insights.language.questions import Desk
from insights.storage.repository import Repository
from tests.language.chat_server import ChatServer


def a_desk(repository: Repository, server: ChatServer | str, **changes: Any) -> Desk:
    """One small model; no audit, no waiting."""
    address = server if isinstance(server, str) else server.base_url
    options = {"model": "openai:small", "base_url": address, "timeout_seconds": 10, "concurrency": 1, "audit_share": 0}
    settings = Settings(product=Product(name="Crateline"), language=Language.model_validate(options | changes))
    answers, calls = repository.answers, repository.calls
    desk = desk_for(settings, answers=answers, calls=calls, now=datetime.now(UTC), sleep=lambda _: None)
    assert desk is not None
    return desk
