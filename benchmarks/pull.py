"""Pull very many tickets from a helpdesk on loopback: how fast, what bounds it, and how much memory it takes.

    python -m benchmarks.pull
    python -m benchmarks.pull --tickets 10000 100000 --rounds 3

The helpdesk is a process of its own that speaks Zendesk's incremental export, 1,000 tickets a page; one ticket in ten
has replies, for which its comments are asked for one by one. Each reading is a process of its own: `insights pull` into
an empty workspace, then once more with nothing new. The parts are measured in one more process, within one run: asking
and parsing alone, making records of it, and all with the database. Rates that Zendesk allows are set aside by settings;
what they would bound is told. Prints Markdown.
"""

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import QuietHandler, QuietServer

SECRET = "bench"
PAGE = 1000
START = datetime(2024, 1, 1, tzinfo=UTC)
_WORDS = "the export of our invoices to the spreadsheet stops at half of the rows and shows an error since the update"
_AS_ZENDESK_ALLOWS = {"exports": 10, "calls": 200}
"""Calls a minute: of incremental exports, and of others on a plan of the middle."""


# -- the helpdesk ---------------------------------------------------------------------------------------------------


def ticket(number: int, replies: int) -> dict[str, Any]:
    moment = START + timedelta(minutes=5 * number)
    words = _WORDS.split()
    turned = " ".join(words[number % len(words) :] + words[: number % len(words)])
    return {
        "id": number,
        "subject": f"Invoice export {number}",
        "description": f"Hello, {turned}. It is report {number} and we need it before the end of the month.",
        "status": "open",
        "requester_id": 10_000_000 + number % 5000,
        "submitter_id": 10_000_000 + number % 5000,
        "organization_id": 20_000_000 + number % 800,
        "created_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "updated_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "generated_timestamp": int(moment.timestamp()),
        "comment_count": 1 + replies,
        "is_public": True,
        "satisfaction_rating": {"score": "unoffered"},
    }


def replies_of(number: int) -> int:
    return number % 3 + 1 if number % 10 == 0 else 0


def page_of(first: int, last: int) -> dict[str, Any]:
    tickets = [ticket(number, replies_of(number)) for number in range(first, last + 1)]
    people = {row["requester_id"] for row in tickets}
    firms = {row["organization_id"] for row in tickets}
    return {
        "tickets": tickets,
        "users": [_user(number) for number in sorted(people)],
        "organizations": [{"id": number, "name": f"Firm {number}"} for number in sorted(firms)],
    }


def _user(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"Person {number}", "email": f"p{number}@f{number % 800}.example", "role": "end-user"}


def serve(tickets: int, port: Any) -> None:
    """A helpdesk of so many tickets, until it is ended; its port is put into `port`."""

    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_get(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            data = json.dumps(_answer(parts.path, query, tickets)).encode()
            self.send_response_only(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = handle_get  # noqa: N815 - the library's name

    server = QuietServer(Handler)
    port.value = server.server_address[1]
    server.serve_forever()


def _answer(path: str, query: dict[str, str], tickets: int) -> dict[str, Any]:
    if path.endswith("/comments.json"):
        return _comments(int(path.split("/")[4]))
    since = int(query.get("start_time", "0")) - int(START.timestamp())
    first = int(query["cursor"]) if "cursor" in query else max(-(-since // 300), 1)
    last = min(first + PAGE - 1, tickets)
    is_last = last >= tickets
    return {**page_of(first, last), "after_cursor": None if is_last else str(last + 1), "end_of_stream": is_last}


def _comments(number: int) -> dict[str, Any]:
    row, count = ticket(number, 0), replies_of(number)
    author = row["requester_id"]
    said = [row["description"], *(f"Any news of {number}.{reply}? It still stops." for reply in range(count))]
    comments = [
        {"id": number * 10 + place, "author_id": author, "body": text, "public": True}
        for place, text in enumerate(said)
    ]
    return {"comments": comments, "users": [_user(author)], "meta": {"has_more": False}}


# -- readings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    seconds: float
    cpu_seconds: float
    peak_mb: float


def pulled(folder: Path, *, environment: dict[str, str]) -> Cost:
    """`insights pull` in a process of its own."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", _PULL, "-C", str(folder), "--quiet", "pull"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - begun, cpu, float(done.stderr.rsplit("PEAK", 1)[1]) / 1024)


_PULL = """
import atexit, resource, sys
atexit.register(lambda: print("PEAK", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from insights.cli.main import main
main()
"""


def workspace(folder: Path, base: str) -> None:
    """An empty one that names the helpdesk, whose rates are out of the way."""
    from insights.bootstrap import make_workspace

    make_workspace(folder)
    block = {"name": "desk", "type": "zendesk", "url": base, "email": "a@acme.example"}
    limits = {"calls_a_minute": 10_000_000, "exports_a_minute": 10_000_000}
    lines = [f"{key} = {json.dumps(value)}" for key, value in {**block, **limits}.items()]
    with (folder / "insights.toml").open("a") as file:
        file.write("\n[[sources]]\n" + "\n".join(lines) + "\n")


def parts(base: str, tickets: int) -> dict[str, float]:
    """CPU seconds of this process for asking and parsing, and for that with records; within one run."""
    from connectors.http import Budget, Rate, Service
    from connectors.sources.zendesk import ZENDESK
    from insights.ports import Setup

    begun = time.process_time()
    service = Service(name="desk", base_url=base, budget=Budget(Rate(10_000_000, 60)))
    cursor: str | None = "1"
    while cursor is not None:
        cursor = service.get("api/v2/incremental/tickets/cursor.json", {"cursor": cursor}).data["after_cursor"]
    for number in range(10, tickets + 1, 10):
        service.get(f"api/v2/tickets/{number}/comments.json")
    asked = time.process_time() - begun
    settings = ZENDESK.settings.model_validate(
        {"url": base, "email": "a@acme.example", "calls_a_minute": 10_000_000, "exports_a_minute": 10_000_000}
    )
    source = ZENDESK.make(Setup(name="desk", settings=settings, folder=Path(), secret=lambda: SECRET))
    begun = time.process_time()
    count = sum(len(page.records) for page in source.fetch({}))
    made = time.process_time() - begun
    if count != tickets:
        raise SystemExit(f"{count} of {tickets} tickets came")
    return {"asking and parsing": asked, "with records made": made}


def rows(sizes: Sequence[int], rounds: int) -> Iterator[str]:
    yield "| tickets | seconds | tickets a second | CPU s | peak memory | a second pull: s |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
    for size in sizes:
        found = [_round(size) for _ in range(rounds)]
        first = [one for one, _ in found]
        seconds = median(one.seconds for one in first)
        yield (
            f"| {size:,} | {seconds:.1f} | {size / seconds:,.0f} | {median(one.cpu_seconds for one in first):.1f} | "
            f"{max(one.peak_mb for one in first):.0f} MB | {median(again.seconds for _, again in found):.1f} |"
        )


def _round(size: int) -> tuple[Cost, Cost]:
    with helpdesk(size) as base, tempfile.TemporaryDirectory() as place:
        keys = {"INSIGHTS_KEY_DIR": f"{place}/keys", "INSIGHTS_SECRET_DESK": SECRET}
        os.environ.update(keys)
        folder = Path(place) / "w"
        workspace(folder, base)
        first = pulled(folder, environment=dict(os.environ))
        _see_all(folder, size)
        again = pulled(folder, environment=dict(os.environ))
        _see_all(folder, size)
        return first, again


def _see_all(folder: Path, size: int) -> None:
    from insights.bootstrap import open_workspace

    opened = open_workspace(folder)
    kept = opened.repository.feedback.counts()["items"]
    opened.close()
    if kept != size:
        raise SystemExit(f"{kept} of {size} tickets are kept")


class helpdesk:  # noqa: N801 - read as a verb
    """Its address, while it runs."""

    def __init__(self, tickets: int) -> None:
        self._port = multiprocessing.Value("i", 0)
        self._process = multiprocessing.Process(target=serve, args=(tickets, self._port), daemon=True)

    def __enter__(self) -> str:
        self._process.start()
        while not self._port.value:
            time.sleep(0.01)
        return f"http://127.0.0.1:{self._port.value}"

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=1)
    wanted = parser.parse_args()
    for line in rows(wanted.tickets, wanted.rounds):
        print(line, flush=True)
    size = min(wanted.tickets)
    with helpdesk(size) as base:
        shares = parts(base, size)
    print(f"\nCPU seconds of {size:,} tickets: " + ", ".join(f"{name} {cpu:.1f}" for name, cpu in shares.items()))
    most = max(wanted.tickets)
    calls = {"exports": most / PAGE, "calls": most / 10}
    minutes = {name: calls[name] / rate for name, rate in _AS_ZENDESK_ALLOWS.items()}
    print(f"Within Zendesk's rates {most:,} take {max(minutes.values()):,.0f} minutes at least.")


if __name__ == "__main__":
    main()
