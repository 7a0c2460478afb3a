"""A trial groups as an analysis does, sees no label while it groups, and says what it left out."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from connectors.sources.labelled import LabelledFile
from insights.errors import InsightsError
from insights.evaluation import Evaluation, evaluate
from insights.grouping import scores
from insights.grouping.group import group
from insights.text.meaning import meaning_of
from tests.fakes import HashingEmbedder, quiet

TOPICS = {
    "export": "the csv export stops with an error before the file is written",
    "login": "nobody can sign in because the reset mail never arrives",
    "labels": "parcel labels print cropped on the thermal printer",
    "stock": "stock counts drift from what the warehouse scanner booked",
}


@pytest.fixture(autouse=True)
def fewest_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals as large files get them: they take most of the time, and no test here is about their width."""
    monkeypatch.setattr(scores, "MOST_DRAWS", scores.FEWEST_DRAWS)


def texts_and_labels(each: int = 12) -> list[tuple[str, str]]:
    random = np.random.default_rng(0)
    fillers = ["".join(random.choice(list("bdfgklmnprstaeiou"), 7)) for _ in range(60)]
    return [
        (" ".join([words, name, *random.choice(fillers, 3).tolist()]), name)
        for name, words in TOPICS.items()
        for _ in range(each)
    ]


def written(folder: Path, rows: Sequence[tuple[str, str]]) -> Path:
    path = folder / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def tried(
    folder: Path, rows: Sequence[tuple[str, str]], *, embedder: HashingEmbedder | None = None, limit: int | None = None
) -> Evaluation:
    file = LabelledFile(written(folder, rows), "text", "label")
    return evaluate(
        file, embedder=embedder or HashingEmbedder(dimensions=256), regions=["US"], limit=limit, progress=quiet
    )


def test_planted_topics_are_found_and_every_step_is_timed(tmp_path: Path) -> None:
    done = tried(tmp_path, texts_and_labels())

    assert (done.items, done.labelled, done.mentions, done.labels) == (48, 48, 48, 4)
    assert (done.groups, done.groups_of_5) == (4, 4)
    assert done.scores.ami.value == pytest.approx(1)
    assert [step.name for step in done.steps] == ["read", "clean", "split", "embed", "group", "score"]
    assert sum(step.cpu_seconds for step in done.steps) > 0
    assert done.peak_megabytes is None or done.peak_megabytes > 20


def test_groups_are_those_that_the_grouping_itself_makes(tmp_path: Path) -> None:
    rows = texts_and_labels()
    texts = [meaning_of(text) for text, _ in rows]
    direct = group(HashingEmbedder(dimensions=256).embed(texts), texts, seed=0)

    done = tried(tmp_path, rows)

    assert done.groups == direct.labels.max() + 1
    assert done.scores.left_out.value == pytest.approx((direct.labels < 0).mean())
    assert done.is_weak == direct.is_weak


def test_labels_have_no_say_in_what_is_grouped(tmp_path: Path) -> None:
    rows = texts_and_labels()
    labels = np.random.default_rng(1).permutation([label for _, label in rows]).tolist()
    shuffled = [(text, label) for (text, _), label in zip(rows, labels, strict=True)]
    first, second = HashingEmbedder(dimensions=256), HashingEmbedder(dimensions=256)

    true, false = tried(tmp_path, rows, embedder=first), tried(tmp_path, shuffled, embedder=second)

    assert first.asked == second.asked
    assert (true.groups, true.groups_of_5, true.mentions) == (false.groups, false.groups_of_5, false.mentions)
    assert false.scores.ami.value is not None
    assert false.scores.ami.value < 0.2
    assert any("no better than chance" in line for line in false.verdict)


def test_the_embedder_sees_text_as_an_analysis_would(tmp_path: Path) -> None:
    embedder = HashingEmbedder(dimensions=256)
    first, label = texts_and_labels()[0]
    hostile = f"<p>Hello,</p><p>\x1b[31m{first}, write to ann.other@example.org</p>"

    tried(tmp_path, [(hostile, label), *texts_and_labels()[1:]], embedder=embedder)

    assert not any("example.org" in asked or "<p>" in asked or "\x1b" in asked for asked in embedder.asked)
    assert first in " ".join(embedder.asked)


def test_an_item_that_states_two_problems_is_in_two_groups_and_gains_by_it(tmp_path: Path) -> None:
    rows = texts_and_labels()
    both = [
        (
            f"Since the update of last week {left} whenever we try it in the morning.\n\n"
            f"Also, {right} and the whole team has to wait for somebody to look into it {number}.",
            "export|login",
        )
        for number, (left, right) in enumerate([(TOPICS["export"], TOPICS["login"])] * 6)
    ]

    done = tried(tmp_path, [*rows, *both])

    assert done.mentions == len(rows) + 2 * len(both)
    assert (done.scores.single, done.scores.in_several) == (len(rows), len(both))
    assert done.scores.gain.value is not None
    assert done.scores.gain.value > 0


def test_what_one_item_says_twice_is_no_group(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    said = [" ".join(f"{word:x}" for word in random.integers(10**9, size=20)) for _ in range(12)]
    rows = [(f"We saw {words} fail.\n\nAlso, we saw {words} stop.", "ab"[row % 2]) for row, words in enumerate(said)]

    embedder = HashingEmbedder(dimensions=4096)

    done = tried(tmp_path, rows, embedder=embedder)
    labels = group(embedder.embed(embedder.asked[:24]), embedder.asked[:24]).labels
    items_of = [
        {row // 2 for row in np.flatnonzero(labels == label).tolist()} for label in np.unique(labels[labels >= 0])
    ]

    assert done.groups == sum(len(items) >= 2 for items in items_of)


def test_rows_without_a_label_are_grouped_and_not_scored(tmp_path: Path) -> None:
    rows = [(text, "" if number % 4 == 0 else label) for number, (text, label) in enumerate(texts_and_labels())]

    done = tried(tmp_path, rows)

    assert (done.items, done.labelled, done.scores.items) == (48, 36, 36)
    assert any("12 rows without a label" in note for note in done.notes)


def test_rows_without_text_are_told_and_none_is_a_label(tmp_path: Path) -> None:
    rows = [(text, "None" if label == "stock" else label) for text, label in texts_and_labels()]

    done = tried(tmp_path, [*rows, ("", "export")])

    assert (done.items, done.labels) == (48, 4)
    assert any("1 row without a text" in note for note in done.notes)


def test_a_limit_draws_from_all_of_the_file_and_the_same_rows_again(tmp_path: Path) -> None:
    first, second = HashingEmbedder(dimensions=256), HashingEmbedder(dimensions=256)

    done = tried(tmp_path, texts_and_labels(), embedder=first, limit=24)
    tried(tmp_path, texts_and_labels(), embedder=second, limit=24)

    assert (done.items, done.labels) == (24, 4)
    assert first.asked == second.asked


def test_texts_without_structure_are_said_to_have_little(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    noise = [(" ".join(map(str, random.integers(10**9, size=3))), str(number % 3)) for number in range(25)]

    assert any("little structure" in line for line in tried(tmp_path, noise).verdict)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "no row with a text"),
        ([("", "a"), ("", "b")], "no row with a text"),
        ([("It fails", ""), ("It hangs", "")], "No row has a label"),
        ([("It fails", "a"), ("It hangs", "a")], "Every label in 'label' is 'a'"),
        ([("It fails", "a"), ("It hangs", "b")], "No two items share a label"),
    ],
)
def test_labels_that_leave_nothing_to_compare_are_an_error(
    tmp_path: Path, rows: list[tuple[str, str]], told: str
) -> None:
    with pytest.raises(InsightsError, match=told):
        tried(tmp_path, rows)


def test_progress_is_told_for_every_long_step(tmp_path: Path) -> None:
    seen: set[str] = set()
    file = LabelledFile(written(tmp_path, texts_and_labels()), "text", "label")

    evaluate(
        file,
        embedder=HashingEmbedder(dimensions=64),
        regions=["US"],
        progress=lambda what, done, total: seen.add(what),
    )

    assert {"splitting into mentions", "embedding", "scoring"} <= seen
