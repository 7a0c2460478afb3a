"""What every key does on the screen underneath; made from the bindings, so that it cannot be wrong."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from tui.actions import BY_ID, GROUPS
from tui.figures import MARK_WORDS
from tui.keys import PREFIXES, KeyHelp
from tui.pages.pieces import Line, Role
from tui.widgets.lines import Lines

_KEYS = 15


class HelpScreen(ModalScreen[None]):
    """A list over the screen; any of the ways back closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,h,question_mark,enter", "dismiss_help", "close", id="close_help"),
        Binding("j,down", "scroll(1)", "down", id="next"),
        Binding("k,up", "scroll(-1)", "up", id="previous"),
        Binding("q", "app.quit", "quit", id="quit"),
    ]

    def __init__(self, keys: list[KeyHelp]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help", can_focus=False) as panel:
            panel.border_title = "Keys"
            panel.border_subtitle = "j k: scroll   esc: back"
            yield Lines("help_lines")

    def on_mount(self) -> None:
        self.query_one(Lines).show(help_lines(self._keys))

    def action_dismiss_help(self) -> None:
        self.dismiss()

    def action_scroll(self, step: int) -> None:
        self.query_one("#help").scroll_relative(y=step, animate=False)


def help_lines(keys: list[KeyHelp]) -> list[Line]:
    """Under the heading of each group one line a key; under a key of two strokes, its second keys; then what the marks
    mean."""
    lines: list[Line] = []
    for title, ids in GROUPS.items():
        order = {BY_ID[name].action: number for number, name in enumerate(ids)}
        inside = sorted((key for key in keys if _plain(key) in order), key=lambda key: order[_plain(key)])
        lines += [[(title, Role.MARK)], *_listed(inside), []] if inside else []
    return [
        *lines,
        [("Marks", Role.MARK)],
        *[[(f"  {mark}".ljust(_KEYS), Role.STRONG), (words, Role.PLAIN)] for mark, words in MARK_WORDS],
    ]


def _plain(key: KeyHelp) -> str:
    """What it runs, as the act says it."""
    return key.action.removeprefix("screen.")


def _listed(keys: list[KeyHelp]) -> list[Line]:
    lines: list[Line] = []
    for key in keys:
        lines.append([(f"  {'  '.join(key.keys)}".ljust(_KEYS), Role.STRONG), (key.words, Role.PLAIN)])
        for prefix in PREFIXES.values():
            if key.action == f"screen.begin('{prefix.name}')":
                lines += [_choice(key.keys[0], choice.key, choice.words) for choice in prefix.choices]
    return lines


def _choice(first: str, second: str, words: str) -> Line:
    return [(f"    {first} {second}".ljust(_KEYS), Role.MUTED), (words, Role.MUTED)]
