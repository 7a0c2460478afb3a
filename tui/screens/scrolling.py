"""What pages to read share: the keys that scroll them."""

from textual.screen import Screen


class Scrolling(Screen[None]):
    """The page is the widget `#page`."""

    def action_move(self, step: int) -> None:
        self.query_one("#page").scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        page = self.query_one("#page")
        page.scroll_relative(y=step * max(page.size.height - 2, 1), animate=False)

    def action_go(self, place: int) -> None:
        page = self.query_one("#page")
        page.scroll_to(y=0 if place == 0 else page.max_scroll_y, animate=False)
