"""Splitting keeps what a form or macro adds out of the mentions: on the first night and on later ones."""

import pytest

from insights.domain.feedback import Mention, Stance
from insights.stages.group import group_mentions
from insights.stages.protect import protect
from insights.stages.split import BOILERPLATE, split
from tests.drafts import a_draft, save
from tests.fakes import quiet
from tests.stages.night import TOPICS, Night
from tests.stored import NOW

FORM = "Submitted via web form. Product area: Billing. Browser: Chrome"
ENDS = ("today", "again", "monday", "since friday", "for everybody", "in chrome", "on windows", "after lunch")


def hear(night: Night, *, times: int, pattern: str = "SAID", source: str = "tickets") -> None:
    """Items on five topics in turn, no two alike."""
    for number in (next(night.numbers) for _ in range(times)):
        topic = list(TOPICS.values())[number % 5]
        words = f"the {topic} {ENDS[number // 5 % 8]} {ENDS[number // 40 % 8]}"
        save(night.repository, a_draft(pattern.replace("SAID", words), number=number, source=source))


def cut(night: Night) -> list[Mention]:
    """Every mention by now, whatever it does."""
    protect(night.repository, regions=[], progress=quiet)
    split(night.repository, progress=quiet)
    return night.repository.mentions.get(range(1, 1000))


def test_items_with_one_template_group_by_topic(night: Night) -> None:
    hear(night, times=60, pattern=f"{FORM}\nSAID")
    mentions = cut(night)
    assert len(mentions) == 60
    assert all(mention.text.startswith("the ") for mention in mentions)
    night.embed()
    run = night.repository.runs.start(mode="offline", at=NOW)
    group_mentions(night.repository, vectors=night.vectors, run_id=run.id, at=NOW, progress=quiet)
    members = night.repository.mentions.by_problem()
    topics = [{topic for topic, words in TOPICS.items() for m in some if words in m.text} for some in members.values()]
    assert all(len(some) == 1 for some in topics)
    assert set().union(*topics) == set(TOPICS)


def test_identical_short_complaints_stay_whole(night: Night) -> None:
    for number in range(101, 131):
        save(night.repository, a_draft("App crashes on login", number=number))
    hear(night, times=30)
    assert [mention.text for mention in cut(night)].count("App crashes on login") == 30


def test_what_was_found_stays_known_on_later_nights(night: Night) -> None:
    hear(night, times=20, pattern="SAID\nSent from my tablet computer")
    cut(night)
    with night.repository.writing() as connection:
        night.repository.feedback.remove("tickets", [f"T-{n}" for n in range(1, 21)], connection=connection)
    hear(night, times=1, pattern="SAID\nSent from my tablet computer")
    assert [mention.text.endswith(ENDS) for mention in cut(night)] == [True]


def test_a_template_of_one_source_is_not_looked_for_in_another(night: Night) -> None:
    hear(night, times=20, pattern="SAID\nSent from my tablet computer")
    cut(night)
    hear(night, times=1, pattern="SAID\nSent from my tablet computer", source="notes")
    assert cut(night)[-1].text.endswith("Sent from my tablet computer")


def test_an_item_of_nothing_but_boilerplate_is_one_noise(night: Night) -> None:
    hear(night, times=30, pattern=f"{FORM}\nSAID")
    save(night.repository, a_draft(FORM, number=900))
    last = cut(night)[-1]
    assert (last.text, last.stance) == (FORM, Stance.NOISE)


@pytest.mark.parametrize("text", ["", "…", "🙂"])
def test_an_item_without_words_has_no_mention(night: Night, text: str) -> None:
    save(night.repository, a_draft(text))
    assert cut(night) == []


def test_what_is_kept_of_boilerplate_is_hashes(night: Night) -> None:
    hear(night, times=20, pattern="SAID\nSent from my tablet computer")
    cut(night)
    kept = night.repository.get_meta(BOILERPLATE) or ""
    assert "tickets" in kept
    assert "tablet" not in kept
