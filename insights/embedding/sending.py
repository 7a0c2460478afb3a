"""Put many texts to an embedding server: in batches, several at once, each answer kept before its thread asks again.

A batch that the server does not take is halved, and a text that is too long for it is cut. One that it refuses even
alone gets a vector that is like no other: one refused text loses no run, and several make no false problem.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from threading import Event

from insights.embedding.faults import Fault
from insights.embedding.rows import lonely_row, unit_rows
from insights.embedding.server import EmbeddingServer, NotTaken
from insights.ports import Vectors

Keep = Callable[[Mapping[str, Vectors]], None]
"""Gets the rows of texts that the server answered, by text; called in several threads."""

_MOST_TEXTS = 128
_MOST_BYTES = 256_000
"""OpenAI takes 300,000 tokens a request, and a token stands for a byte at least."""
_LONGEST = 8_000
"""Characters of a text that are sent: below the 8,191 tokens that OpenAI's models take, in most scripts."""
_SHORTEST_CUT = 100
"""Characters. A server that does not take so few refuses the text for something else."""


class Sending:
    """One call's work; ends as a whole where one batch shows that no other will be answered."""

    def __init__(self, server: EmbeddingServer, *, keep: Keep) -> None:
        self._server = server
        self._keep = keep
        self._over = Event()
        self._why_over: BaseException | None = None
        self.refused: list[str] = []
        """Texts that the server did not take, even alone."""

    def all(self, texts: Collection[str], *, concurrency: int) -> dict[str, Vectors]:
        """A row of length 1 for each text; none may be blank. Raises InsightsError; what was answered until then is
        kept."""
        pool = ThreadPoolExecutor(concurrency)
        asked = [pool.submit(self._answered_or_over, batch) for batch in batches_of(texts)]
        found: dict[str, Vectors] = {}
        try:
            for future in as_completed(asked):
                found |= future.result()
        finally:
            # Reached in the middle too, by an error or an interrupt: what was not begun is not paid for, what is under
            # way is kept by its own thread.
            self._over.set()
            pool.shutdown(wait=True, cancel_futures=True)
        return found

    def _answered_or_over(self, texts: list[str]) -> dict[str, Vectors]:
        """What ends one batch ends all, for the same reason, before another is begun."""
        try:
            return self._answered(texts)
        except CancelledError as stopped:
            raise self._why_over or stopped from None
        except BaseException as error:
            self._why_over = self._why_over or error
            self._over.set()
            raise

    def _answered(self, texts: list[str]) -> dict[str, Vectors]:
        try:
            rows = self._ask([_sent(text) for text in texts])
        except NotTaken as why:
            return self._halved(texts, why) if len(texts) > 1 else {texts[0]: self._alone(texts[0], why)}
        found = dict(zip(texts, rows, strict=True))
        self._keep(found)
        return found

    def _ask(self, texts: list[str]) -> Vectors:
        return unit_rows(self._server.ask(texts, over=self._over))

    def _halved(self, texts: list[str], why: NotTaken) -> dict[str, Vectors]:
        if why.fault is not Fault.TOO_LONG:
            self._server.blame(why, over=self._over)
        middle = len(texts) // 2
        return self._answered(texts[:middle]) | self._answered(texts[middle:])

    def _alone(self, text: str, why: NotTaken) -> Vectors:
        """The row of the longest beginning that the server takes, of half the length each time; else one like no
        other, which is not kept: another day the server may take it."""
        sent = _sent(text)
        while why.fault is Fault.TOO_LONG and len(sent) >= 2 * _SHORTEST_CUT:
            sent = sent[: len(sent) // 2]
            try:
                row: Vectors = self._ask([sent])[0]
            except NotTaken as again:
                why = again
            else:
                self._keep({text: row})
                return row
        self._server.blame(why, over=self._over)
        self.refused.append(text)
        return lonely_row(text, dimensions=self._server.dimensions or 1)


def batches_of(texts: Collection[str]) -> list[list[str]]:
    """Texts of like length together, for servers pad; the same batches in whatever order the texts come."""
    batches: list[list[str]] = []
    room = 0
    for text in sorted(texts, key=lambda text: (len(text), text)):
        size = len(_sent(text).encode())
        if not batches or len(batches[-1]) == _MOST_TEXTS or size > room:
            batches.append([])
            room = _MOST_BYTES
        batches[-1].append(text)
        room -= size
    return batches


def _sent(text: str) -> str:
    """What goes over the wire: half a surrogate pair would not."""
    return text[:_LONGEST].encode("utf-8", "replace").decode()


def distinct(texts: Sequence[str]) -> list[str]:
    """Each text once, blank ones left out."""
    return list(dict.fromkeys(text for text in texts if text.strip()))
