"""Find names that somebody looks for in texts: whole words, whatever their case and accents. Pure; linear."""

import re
from collections.abc import Iterable

from insights.text.folding import fold


class Names:
    """Names to look for; blank ones are none."""

    def __init__(self, names: Iterable[str]) -> None:
        given = {fold(name): " ".join(name.split()) for name in names}
        self._named = {key: name for key, name in given.items() if key}
        longest_first = sorted(self._named, key=len, reverse=True)
        # Between < and > stands what was taken out of a text, such as <NAME>.
        self._wanted = re.compile(rf"(?<![\w<])(?:{'|'.join(map(re.escape, longest_first))})(?![\w>])")

    def within(self, text: str) -> frozenset[str]:
        """Those that stand in the text, as they were given. Of two at one place only the longer: "Zoho Desk" is not
        "Zoho"; "notional" is not "Notion"."""
        if not self._named:
            return frozenset()
        return frozenset(self._named[found] for found in self._wanted.findall(fold(text)))
