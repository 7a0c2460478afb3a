"""Leave as `q` does, from outside the keyboard: a signal, a terminal or a page that is gone."""

from typing import TYPE_CHECKING, Any

from tui.key_order import KeyOrder

if TYPE_CHECKING:
    from textual.app import App

_LAST_KEYS_SECONDS = 0.1
"""A signal overtakes keys that were typed before it and are not read yet: they have so long to come."""


def leave_after_keys(app: "App[Any]") -> None:
    """Give the last keys their time, then their turn. To be called in the application's own turn, as by a `Callback`
    that is sent to it."""
    app.set_timer(_LAST_KEYS_SECONDS, app.leave if isinstance(app, KeyOrder) else app.action_quit)
