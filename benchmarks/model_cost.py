"""What language models are asked and what it costs, on 10,000 items and on a night with one in a hundred new.

    python -m benchmarks.model_cost --data ../data [--rows 10000]

The model is a server on loopback that answers like an honest reader (tests/language/honest_model.py): what it says is
no measure of quality, what it is asked is what any model would be asked. Tokens are counted by a real tokenizer (of
Llama 2, which the default embedder brings: more tokens than newer ones take).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tests.language.chat_server import ChatServer, chat_server
from tests.language.honest_model import asked_for, honest, prompt_of

NIGHT_SHARE = 0.01
USD_IN, USD_OUT = 0.15, 0.60
MODES = ("off", "unsure", "all")


def counter() -> Callable[[str], int]:
    """How many tokens a text has."""
    from wordllama import WordLlama

    folder = Path(sys.modules["wordllama"].__file__ or "").parent
    tokenizer = WordLlama.load(cache_dir=folder, disable_download=True).tokenizer
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def insights(folder: Path, *arguments: str, **more: str) -> str:
    environment = {**os.environ, "INSIGHTS_KEY_DIR": str(folder / "keys"), "PYTHONPATH": str(Path.cwd()), **more}
    command = [sys.executable, "-m", "insights", "-C", str(folder / "w"), "-q", *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def measured(server: ChatServer, count: Callable[[str], int]) -> dict[str, Any]:
    """What was asked since the last time."""
    asked = [(asked_for(body), count(prompt_of(body))) for body in server.requests]
    server.requests.clear()
    kinds: dict[str, int] = {}
    for kind, _ in asked:
        kinds[kind] = kinds.get(kind, 0) + 1
    tokens = [tokens for _, tokens in asked] or [0]
    return {
        "calls": len(asked),
        "by kind": kinds,
        "most tokens": max(tokens),
        "median tokens": statistics.median(tokens),
    }


def run(rows: pd.DataFrame, *, statements: str, count: Callable[[str], int]) -> list[dict[str, Any]]:
    """The first run and the night."""
    found = []
    night = int(len(rows) * NIGHT_SHARE)
    with tempfile.TemporaryDirectory() as place, chat_server(lambda body: honest(body, count=count)) as server:
        folder = Path(place)
        subprocess.run(
            [sys.executable, "-m", "insights", "--no-input", "init", str(folder / "w")],
            env={**os.environ, "INSIGHTS_KEY_DIR": str(folder / "keys")},
            check=True,
            capture_output=True,
        )
        model = {
            "INSIGHTS_LANGUAGE_MODEL": "openai:small",
            "INSIGHTS_LANGUAGE_BASE_URL": server.base_url,
            "INSIGHTS_LANGUAGE_STATEMENTS": statements,
        }
        for name, part in (("first", rows[:-night]), ("night", rows[-night:])):
            file = folder / f"{name}.csv"
            part.to_csv(file, index=False)
            insights(folder, "import", str(file), "--kind", "review", "--source", "tweets", "-y")
            insights(folder, "analyze", **model)
            told = json.loads(insights(folder, "runs", "show", "--json"))
            calls = told["models"]["calls"]
            problems = told["run"]["counts"]["ranked"]
            found.append(
                {
                    "statements": statements,
                    "run": name,
                    "items": len(part),
                    "problems": problems,
                    "usd": told["models"]["usd"],
                    "tokens in": sum(one["tokens_in"] for one in calls),
                    "tokens out": sum(one["tokens_out"] for one in calls),
                    **measured(server, count),
                }
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with airline_tweets/data.csv")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--modes", nargs="*", default=list(MODES), choices=MODES)
    options = parser.parse_args()
    rows = pd.read_csv(options.data / "airline_tweets" / "data.csv").head(options.rows)
    count = counter()
    print("| statements | run | items | problems | calls | each | most tokens | in | out | $ | $ per 100,000 |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for mode in options.modes:
        for one in run(rows, statements=mode, count=count):
            each = one["calls"] / max(one["problems"], 1)
            scaled = one["usd"] / one["items"] * 100_000
            print(
                f"| {mode} | {one['run']} | {one['items']:,} | {one['problems']} | {one['calls']} | {each:.1f} | "
                f"{one['most tokens']:,} | {one['tokens in']:,} | {one['tokens out']:,} | {one['usd']:.4f} | "
                f"{scaled:.2f} |",
                flush=True,
            )
            print(f"  {one['by kind']}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
