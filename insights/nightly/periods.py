"""Of which day or week a digest is, and whether it is due. Pure; days are UTC, as everywhere in a workspace."""

from datetime import date

from insights.config import DigestSettings

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def period_of(settings: DigestSettings, day: date) -> str:
    """The name of the day (2026-11-26) or of the ISO week (2026-W48): a digest is sent once in each."""
    if settings.period == "day":
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def is_due(settings: DigestSettings, day: date) -> bool:
    """Every day; or from its weekday to the end of the week, so that a night that failed is made up for."""
    return settings.period == "day" or day.weekday() >= WEEKDAYS.index(settings.weekday)
