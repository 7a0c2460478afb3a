"""Mentions are restated in common words, embedded and grouped by them; the customer's words stay what is quoted."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from insights.domain.feedback import Mention, Stance
from insights.domain.problem import Action
from insights.embedding.static import StaticEmbedder
from insights.language.statements import BATCH, Embed, Restater
from insights.stages.embed import embed
from insights.stages.restate import restate
from insights.storage.mentions import SURE, Span
from tests.drafts import a_draft, save, split_whole
from tests.fakes import HashingEmbedder, quiet
from tests.language.chat_server import ChatServer, Reply, chat_server, completion
from tests.language.desk_builders import a_desk
from tests.language.honest_model import honest, plain, remarks
from tests.stages.night import Night


def says(items: Mapping[int, Sequence[str]]) -> Reply:
    told = [{"item": item, "statements": list(sentences)} for item, sentences in items.items()]
    return completion(json.dumps({"items": told}))


def of_each(tell: Callable[[str], Sequence[str]]) -> Callable[[dict[str, Any]], Reply]:
    return lambda body: says({number: tell(words) for number, words in remarks(body).items()})


def heard(night: Night, *texts: str, confidence: float = 1.0) -> None:
    save(night.repository, *(a_draft(text, number=next(night.numbers)) for text in texts))
    items = night.repository.feedback.unprotected(10_000)
    night.repository.feedback.save_redactions({item.id: (item.body, 0) for item in items})
    waiting = night.repository.feedback.unsplit(10_000)
    night.repository.mentions.save({i.id: [Span(0, len(i.body), Stance.PROBLEM, confidence)] for i in waiting})


def ask(night: Night, server: ChatServer, *, embed: Embed | None = None, **changes: Any) -> int:
    restater = Restater(a_desk(night.repository, server, **changes), embed=embed or StaticEmbedder().embed)
    waiting = night.repository.mentions.unstated()
    return restate(night.repository, waiting, restater=restater, run_id=1, progress=quiet)


def mentions(night: Night) -> list[Mention]:
    return night.repository.mentions.get(list(range(1, 1000)))


def statements(night: Night) -> list[str | None]:
    return [mention.statement for mention in mentions(night)]


def test_a_statement_is_kept_beside_the_words_and_is_asked_for_once(night: Night) -> None:
    heard(night, "cant get in since i reset my pw, fix it!!")

    with chat_server(of_each(lambda _: ["Login fails after a password reset."])) as server:
        kept = ask(night, server)
        ask(night, server)

    assert (kept, server.calls) == (1, 1)
    assert [(m.text, m.statement) for m in mentions(night)] == [
        ("cant get in since i reset my pw, fix it!!", "Login fails after a password reset.")
    ]


def test_the_database_holds_no_statement_in_the_clear(night: Night, tmp_path: Any) -> None:
    heard(night, "cant get in")

    with chat_server(of_each(lambda _: ["Login zebrafails after a reset."])) as server:
        ask(night, server)

    assert b"zebrafails" not in b"".join(file.read_bytes() for file in tmp_path.glob("insights.db*"))


def test_two_problems_become_two_mentions_of_the_same_words(night: Night) -> None:
    heard(night, "login loops and the export hangs")

    with chat_server(of_each(lambda _: ["Login loops for ever.", "The export hangs."])) as server:
        assert ask(night, server) == 2
        ask(night, server)

    assert server.calls == 1
    assert statements(night) == ["Login loops for ever.", "The export hangs."]
    assert len({(m.feedback_id, m.start, m.text) for m in mentions(night)}) == 1


@pytest.mark.parametrize(("confidence", "stance"), [(SURE - 0.1, Stance.NOISE), (SURE + 0.1, Stance.PROBLEM)])
def test_what_states_nothing_is_noise_unless_it_was_sure_to_be_a_problem(
    night: Night, confidence: float, stance: Stance
) -> None:
    heard(night, "see you on Monday", confidence=confidence)

    with chat_server(of_each(lambda _: [])) as server:
        ask(night, server)
        ask(night, server)

    assert server.calls == 1
    assert [m.stance for m in mentions(night)] == [stance]


def test_the_vector_is_the_mean_of_the_words_and_the_statement(night: Night) -> None:
    heard(night, "cant get in since monday")
    embedder = HashingEmbedder()
    raw, stated = embedder.embed(["cant get in since monday", "I cannot get in since monday"])

    with chat_server(of_each(lambda _: ["I cannot get in since monday"])) as server:
        ask(night, server)
    night.embed()

    wanted = (raw + stated) / np.linalg.norm(raw + stated)
    assert np.allclose(night.vectors.matrix([1])[0], wanted, atol=1e-5)


def test_a_statement_that_comes_later_makes_the_vector_anew(night: Night) -> None:
    heard(night, "cant get in since monday")
    night.embed()
    before = night.vectors.matrix([1]).copy()

    with chat_server(of_each(lambda _: ["I cannot get in since monday"])) as server:
        ask(night, server)
    made = embed(night.repository, embedder=night.embedder, vectors=night.vectors, progress=quiet)

    assert made == 1
    assert not np.allclose(night.vectors.matrix([1]), before)


def test_words_that_have_nothing_in_common_come_together_by_their_statements(night: Night) -> None:
    heard(night, "cannot sign on", "kicked out again", "paper is cut off")
    night.embed()
    before = night.vectors.matrix([1, 2, 3])

    def by_topic(words: str) -> list[str]:
        return (
            ["Labels are printed without their edge."] if "paper" in words else ["Login fails with the right password."]
        )

    with chat_server(of_each(by_topic)) as server:
        ask(night, server, embed=lambda texts: np.eye(8, dtype=np.float32)[[0] * len(texts)])
    night.embed()

    after = night.vectors.matrix([1, 2, 3])
    assert after[0] @ after[1] > before[0] @ before[1] + 0.3
    assert after[0] @ after[1] > after[0] @ after[2] + 0.3


def test_a_statement_of_another_remark_is_not_believed(night: Night) -> None:
    texts = ["export of rows hangs", "label printer cuts barcode", "invoice shows wrong tax", "login redirects me"]
    heard(night, *texts)

    swapped = {texts[0]: texts[1], texts[1]: texts[0]}

    with chat_server(of_each(lambda words: [swapped.get(words, words)])) as server:
        ask(night, server)

    assert statements(night)[2:] == texts[2:]
    assert statements(night)[:2] == [None, None]


def test_one_sentence_about_everything_is_not_believed(night: Night) -> None:
    heard(
        night,
        "export of rows hangs",
        "label printer cuts barcode",
        "invoice shows wrong tax",
        "login redirects me in circles",
        "webhook fires twice per order",
        "the map is upside down",
        "dark mode hurts my eyes",
        "the app drains the battery",
    )

    with chat_server(of_each(lambda _: ["Everything should be refunded at once."])) as server:
        ask(night, server, embed=StaticEmbedder().embed)

    assert set(statements(night)) == {None}


@pytest.mark.parametrize(
    ("remark", "statement"),
    [
        (
            "Seit ich mein Passwort geändert habe, komme ich nicht mehr rein",
            "Anmeldung nach Passwortänderung geht nicht.",
        ),
        ("La facture affiche une TVA incorrecte pour chaque ligne", "La TVA de la facture est fausse."),
        ("No puedo iniciar sesión desde el móvil, se queda cargando", "El inicio de sesión en el móvil no funciona."),
    ],
    ids=["German", "French", "Spanish"],
)
def test_a_statement_in_the_remarks_own_language_is_believed(night: Night, remark: str, statement: str) -> None:
    heard(night, remark)

    with chat_server(of_each(lambda _: [statement])) as server:
        ask(night, server)

    assert "in the remark's own language" in server.requests[0]["messages"][0]["content"]
    assert statements(night) == [statement]


def test_one_sentence_about_remarks_that_do_say_the_same_is_believed(night: Night) -> None:
    heard(night, *(f"the export of the stock list hangs at row {number}" for number in range(8)))

    with chat_server(of_each(lambda _: ["The stock list export hangs."])) as server:
        ask(night, server, embed=StaticEmbedder().embed)

    assert set(statements(night)) == {"The stock list export hangs."}


@pytest.mark.parametrize(
    "told",
    ["See www.evil.example for the export.", "The export loses 9,000 rows.", "x", "\u202e\x1b[31m"],
    ids=["an address", "a figure", "too short", "control characters"],
)
def test_what_the_remark_does_not_hold_is_not_kept(night: Night, told: str) -> None:
    heard(night, "the export hangs")

    with chat_server(of_each(lambda _: [told])) as server:
        ask(night, server)

    assert statements(night) == [None]


def test_entries_for_numbers_that_were_not_shown_or_shown_twice_are_dropped(night: Night) -> None:
    texts = ["the export hangs", "labels are cropped", "login loops for ever", "taxes are wrong", "the map is blank"]
    heard(night, *texts)

    def strange(body: dict[str, Any]) -> Reply:
        told = [*remarks(body).items(), (9, "Nothing of this."), (1, "The export is slow.")]
        return completion(json.dumps({"items": [{"item": item, "statements": [words]} for item, words in told]}))

    with chat_server(strange) as server:
        ask(night, server)

    assert statements(night) == [None, *texts[1:]]


def test_what_gives_orders_to_a_machine_is_shown_to_no_model(night: Night) -> None:
    heard(night, "the export hangs")
    night.repository.feedback.save_redactions({})
    _mark_as_order(night, 1)
    heard(night, "labels are cropped")

    with chat_server(honest) as server:
        ask(night, server)

    assert [list(remarks(request).values()) for request in server.requests] == [["labels are cropped"]]


def _mark_as_order(night: Night, item: int) -> None:
    from sqlalchemy import update

    from insights.storage import tables

    with night.repository.writing() as connection:
        connection.execute(update(tables.redaction).where(tables.redaction.c.feedback_id == item).values(is_order=True))


def test_remarks_are_shown_some_twenty_at_a_time_and_none_twice(night: Night) -> None:
    heard(night, *(f"the export hangs at row {number}" for number in range(2 * BATCH + 3)), *["the same words"] * 9)

    with chat_server(honest) as server:
        ask(night, server, concurrency=3)

    assert sorted(len(remarks(request)) for request in server.requests) == [4, BATCH, BATCH]
    assert all(statements(night))


def test_an_answer_that_is_cut_off_is_asked_for_in_halves(night: Night) -> None:
    heard(night, *(f"the export hangs at row {number}" for number in range(8)))

    def short_of_breath(body: dict[str, Any]) -> Reply:
        status, headers, content = honest(body)
        if len(remarks(body)) > 3:
            content["choices"][0]["finish_reason"] = "length"
            content["choices"][0]["message"]["content"] = content["choices"][0]["message"]["content"][:40]
        return status, headers, content

    with chat_server(short_of_breath) as server:
        ask(night, server)

    assert [len(remarks(request)) for request in server.requests] == [8, 4, 2, 2, 4, 2, 2]
    assert all(statements(night))


def test_only_what_grouping_is_unsure_of_is_doubtful(night: Night) -> None:
    night.hear("export", times=12)
    night.pass_by()
    assert night.repository.mentions.doubtful() == []

    heard(night, "zebra stripes upside down")
    night.pass_by()

    assert [mention.text for mention in night.repository.mentions.doubtful()] == ["zebra stripes upside down"]


def test_what_was_restated_is_placed_anew(night: Night) -> None:
    night.hear("export", times=12)
    heard(night, "zebra stripes upside down")
    night.pass_by()
    waiting = night.repository.mentions.doubtful()

    with chat_server(of_each(lambda _: ["zebra stripes hang upside down"])) as server:
        restater = Restater(a_desk(night.repository, server), embed=StaticEmbedder().embed)
        restate(night.repository, waiting, restater=restater, run_id=1, progress=quiet)
    night.embed()
    assert {place.mention_id for place in night.repository.groupings.places() if place.is_new} == {waiting[0].id}
    night.pass_by()

    assert not any(place.is_new for place in night.repository.groupings.places())
    assert night.repository.mentions.doubtful() == []


def test_what_somebody_decided_on_stays_where_it_is(night: Night) -> None:
    night.hear("export", times=12)
    night.pass_by()
    night.decide(1, Action.ACCEPT)
    before = night.repository.groupings.memberships()

    with chat_server(of_each(lambda words: [plain(words)])) as server:
        ask(night, server)
    night.pass_by()

    assert night.repository.groupings.memberships() == before


def test_a_kill_after_the_answer_asks_nothing_twice(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    heard(night, *(f"the export hangs at row {number}" for number in range(3 * BATCH)))

    def killed(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with chat_server(honest) as server:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(night.repository.mentions, "save_statements", killed)
            ask(night, server)
        ask(night, server)

    seen = [words for request in server.requests for words in remarks(request).values()]
    assert sorted(seen) == sorted(set(seen))
    assert all(statements(night))


def test_split_whole_leaves_nothing_to_restate_where_all_is_praise(night: Night) -> None:
    save(night.repository, a_draft("lovely", number=1))
    split_whole(night.repository, stance=Stance.PRAISE)

    assert night.repository.mentions.unstated() == []
