"""What a chart of ranges shows."""

from enum import StrEnum


class Measure(StrEnum):
    """What is drawn: the value in a year, the cost, or the return on investment."""

    VALUE = "value"
    COST = "cost"
    ROI = "roi"

    @property
    def words(self) -> str:
        return {"value": "Value in a year", "cost": "Cost", "roi": "Return on investment"}[self.value]

    @property
    def finest(self) -> int:
        """The power of ten of the smallest step of its axis: a whole of a currency, a tenth of the cost."""
        return -1 if self is Measure.ROI else 0
