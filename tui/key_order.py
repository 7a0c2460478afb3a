"""Keys one after the other: the next is looked at when the one before has been acted on, and what it opened is there to
take keys. Without it, keys that come at once all go to the screen that shows when the first of them comes."""

from collections import deque
from time import monotonic

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

_LONGEST_SECONDS = 1.0
"""A key that is not through after this long, while the application takes others, was lost with its screen."""


class KeyOrder(App[None]):
    """Part of the application."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste | None] = deque()
        self._acting_since: float | None = None

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        await self._take(event)

    async def leave(self) -> None:
        """Quit, once every key that came before has been acted on."""
        await self._take(None)

    async def _take(self, event: events.Key | events.Paste | None) -> None:
        """In its turn; None is the wish to leave."""
        self._typed.append(event)
        if self._acting_since is None or monotonic() - self._acting_since > _LONGEST_SECONDS:
            await self._act()

    async def _act(self) -> None:
        """Hand the next key to what takes it now."""
        if not self._typed:
            self._acting_since = None
            return
        self._acting_since = monotonic()
        target, event = self.focused or self.screen, self._typed.popleft()
        if event is None:
            self.call_later(self.action_quit)
            return
        await super().on_event(event)
        self._rise(target, [target, None])

    def _rise(self, node: MessagePump, rounds: list[MessagePump | None]) -> None:
        """Behind the key, from where it was handed in up to the application; then behind what acting on it led to
        there, and behind the opening of what shows now (None)."""
        while node is not self and not node.call_later(self._rise_above, node, rounds):
            node = node._parent or self
        if node is self:
            self.call_later(self._begin_round, rounds)

    def _rise_above(self, node: MessagePump, rounds: list[MessagePump | None]) -> None:
        self._rise(node._parent or self, rounds)

    async def _begin_round(self, rounds: list[MessagePump | None]) -> None:
        if rounds:
            self._rise(rounds[0] or self.screen, rounds[1:])
        else:
            await self._act()
