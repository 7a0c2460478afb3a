"""Kill a run with `kill -9` again and again while a model answers: is an answer lost, or paid twice?

    python -m benchmarks.kills --kills 200

A child asks forty questions through a desk, four at a time. This process answers on loopback after 5 to 50 ms, puts
down when each answer has left, and kills the child at random moments until all is answered; then anew with an empty
workspace, until there were so many kills. The child is forked from a process that has loaded everything, so that kills
fall on work and not on imports.
"""

import argparse
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import astuple
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from benchmarks.kill_record import Found, Life, Record, found_in
from benchmarks.kill_run import QUESTIONS, ask_all, ask_timed, booked, known
from tests.language.chat_server import chat_server

GRACE = 0.020
"""Seconds from the server's socket into the database."""
_LONGEST_LIFE = 60.0
_LONGEST_WAIT = 0.8
"""Seconds until a kill, at most: about what forty questions take."""


def forks() -> ForkServerContext:
    """Children begin with everything loaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.kill_run"])
    return context


def killed_until_done(
    folder: Path, *, chance: random.Random, concurrency: int, context: ForkServerContext
) -> tuple[Found, dict[str, int]]:
    """One workspace: lives until all questions are answered; with the ledger's calls by outcome."""
    record, lives = Record(chance), list[Life]()
    with chat_server(record) as server:
        while not lives or lives[-1].killed is not None:
            before = known(folder, server.base_url)
            record.life = len(lives)
            child = context.Process(target=ask_all, args=(folder, server.base_url, concurrency))
            child.start()
            lives.append(Life(before, _killed(child, chance.uniform(0, _LONGEST_WAIT))))
            time.sleep(0.06)  # what the server still writes belongs to this life
        assert len(known(folder, server.base_url)) == len(QUESTIONS)
    return found_in(record.requests, lives, grace=GRACE), booked(folder)


def _killed(child: Any, seconds: float) -> float | None:
    """When it was killed; None where it was done before."""
    child.join(seconds)
    moment = time.monotonic()
    child.kill()
    child.join(_LONGEST_LIFE)
    if child.exitcode not in (0, -9):
        raise SystemExit(f"the child failed with {child.exitcode}")
    return moment if child.exitcode else None


def delays(folder: Path, *, chance: random.Random, concurrency: int, context: ForkServerContext) -> list[float]:
    """Seconds from an answer's leaving the server until it was stored, sorted; of a child that is not killed."""
    record, moments = Record(chance), folder / "moments.json"
    with chat_server(record) as server:
        child = context.Process(target=ask_timed, args=(folder, server.base_url, concurrency, moments))
        child.start()
        child.join(_LONGEST_LIFE)
    stored = json.loads(moments.read_text())
    return sorted(stored[one.question] - one.written for one in record.requests if one.written is not None)


def _in_new_folders(work: Callable[[Path], Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return work(Path(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance, context, rounds = random.Random(arguments.seed), forks(), list[Found]()
    options: dict[str, Any] = {"chance": chance, "concurrency": arguments.concurrency, "context": context}
    begun = time.monotonic()
    while sum(one.kills for one in rounds) < arguments.kills:
        found, ledger = _in_new_folders(lambda folder: killed_until_done(folder, **options))
        rounds.append(found)
        print(f"{found}; booked {ledger}", flush=True)
    all_delays = sorted(one for _ in range(5) for one in _in_new_folders(lambda folder: delays(folder, **options)))
    _report(rounds, all_delays, seconds=time.monotonic() - begun)


def _report(rounds: list[Found], seconds_to_store: list[float], *, seconds: float) -> None:
    total = Found(*map(sum, zip(*map(astuple, rounds), strict=True)))
    prompts = len(rounds) * len(QUESTIONS)
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores"
    print(f"\n{total.kills} kills in {len(rounds)} workspaces, {seconds:.0f} s, {load}")
    print(f"prompts {prompts}, requests {total.requests}")
    print(f"stored answers asked for again: {total.lost}")
    print(f"paid twice though answered {GRACE * 1000:.0f} ms before the kill: {total.paid_twice}")
    print(f"the oldest answer that was paid twice: {max(one.oldest for one in rounds) * 1000:.0f} ms before the kill")
    print(f"under way at a kill or younger than that: {total.in_flight}, of them asked again: {total.asked_again}")
    shares = (0.5, 0.9, 0.99, 1.0)
    at = [seconds_to_store[min(int(share * len(seconds_to_store)), len(seconds_to_store) - 1)] for share in shares]
    told = ", ".join(f"{share:.0%} {one * 1000:.1f}" for share, one in zip(shares, at, strict=True))
    print(f"from the server's socket into the database, ms: {told} (of {len(seconds_to_store)}, not killed)")


if __name__ == "__main__":
    main()
