"""The three looks. Every colour of the application comes from here, by name through `app.tcss`."""

from textual.theme import Theme

from insights.errors import InsightsError

DARK = Theme(
    name="dark",
    dark=True,
    primary="#7aa2c8",
    accent="#e0a458",
    foreground="#d8dce2",
    background="#14171c",
    surface="#1a1e25",
    panel="#2a3341",
    warning="#e0a458",
    error="#e57373",
    success="#8fbf8f",
    variables={"muted": "#929cab", "line": "#3c4656"},
)

LIGHT = Theme(
    name="light",
    dark=False,
    primary="#2f5d8a",
    accent="#9a5a00",
    foreground="#20242b",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#dde5ee",
    warning="#9a5a00",
    error="#b3261e",
    success="#2e6b34",
    variables={"muted": "#5b6470", "line": "#b9bfc8"},
)

HIGH_CONTRAST = Theme(
    name="high-contrast",
    dark=True,
    primary="#ffffff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#00008b",
    warning="#ffff00",
    error="#ff9090",
    success="#90ff90",
    variables={"muted": "#e0e0e0", "line": "#ffffff"},
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}


def known_theme(name: str) -> Theme:
    """The look of this name. Raises InsightsError that lists the names where there is none."""
    if name not in THEMES:
        raise InsightsError(f"There is no theme {name!r}.", remedy=f"Use one of: {', '.join(THEMES)}.")
    return THEMES[name]
