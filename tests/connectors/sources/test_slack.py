"""What is particular to Slack: whose words count, replies that move nothing, mark-up, and its own way to say no."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.slack import SLACK, SlackSettings
from connectors.sources.slack_text import plain_text
from insights.domain.feedback import FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Setup
from tests.hostile.dialects.slack import CHANNEL, OWN_TEAM, THEIR_TEAM, SlackDialect, ts_of
from tests.hostile.reading import reading
from tests.hostile.server import SECRET, Call, HostileServer, Reply, serving
from tests.hostile.world import World

PEOPLE: dict[str, dict[str, Any]] = {
    "U0ANNA": {"team_id": THEIR_TEAM, "is_stranger": True, "profile": {"real_name": "Anna", "email": "a@firm.example"}},
    "U0GUEST": {"team_id": OWN_TEAM, "is_restricted": True, "profile": {"real_name": "Gil"}},
    "U0OURS": {"team_id": OWN_TEAM, "profile": {"real_name": "Ours"}},
    "U0SISTER": {"team_id": "T0SISTER", "profile": {}, "enterprise_user": {"enterprise_id": "E0ACME"}},
    "U0ROBOT": {"team_id": THEIR_TEAM, "is_bot": True, "profile": {"real_name": "Robot"}},
}


class Told(SlackDialect):
    """One channel with these messages, and threads by their ts; `refuses` is said instead, by method."""

    def __init__(self, messages: list[Any], threads: dict[str, list[Any]], refuses: dict[str, dict[str, Any]]) -> None:
        self.messages, self._threads, self._refuses = messages, threads, refuses

    def _answer(self, method: str, world: World, given: dict[str, str]) -> Reply:
        if method in self._refuses:
            return Reply({"ok": False, **self._refuses[method]})
        if method == "users.info":
            return Reply({"ok": True, "user": {"id": given["user"], **PEOPLE[given["user"]]}})
        if method == "conversations.history":
            return Reply({"ok": True, "messages": self.messages, "has_more": False})
        if method == "conversations.replies":
            return Reply({"ok": True, "messages": self._threads[given["ts"]], "has_more": False})
        answer = super()._answer(method, world, given)
        return Reply({**answer.data, "enterprise_id": "E0ACME"}) if method == "auth.test" else answer


@contextmanager
def told(
    *messages: Any, threads: dict[str, list[Any]] | None = None, refuses: dict[str, dict[str, Any]] | None = None
) -> Iterator[HostileServer]:
    with serving(World(), Told(list(messages), threads or {}, refuses or {})) as hostile:
        yield hostile


def source(hostile: HostileServer, **settings: Any) -> Any:
    made = SlackSettings(**{"channels": ["support"], "url": f"{hostile.base}/api", **settings})
    setup = Setup(name="chat", settings=made, folder=Path(), secret=lambda: SECRET, sleep=lambda _: 0)
    return SLACK.make(setup)


def message(
    user: str = "U0ANNA", text: Any = "The export hangs.", *, ts: str = "1772352000.000100", **other: Any
) -> Any:
    return {"type": "message", "user": user, "text": text, "ts": ts, **other}


def records(pages: list[Page]) -> list[FeedbackRecord]:
    return [one for page in pages for one in page.records if isinstance(one, FeedbackRecord)]


@pytest.mark.parametrize(
    ("user", "other", "everyone", "counts"),
    [
        ("U0ANNA", {}, False, True),
        ("U0GUEST", {}, False, True),
        ("U0OURS", {}, False, False),
        ("U0OURS", {}, True, True),
        ("U0SISTER", {}, False, False),
        ("U0ROBOT", {}, True, False),
        ("U0ANNA", {"bot_id": "B1"}, True, False),
        ("U0ANNA", {"subtype": "channel_join"}, True, False),
        ("U0ANNA", {"subtype": "file_share"}, False, True),
    ],
)
def test_other_teams_and_guests_are_customers_our_enterprise_and_machines_are_not(
    user: str, other: dict[str, Any], everyone: bool, counts: bool
) -> None:
    with told(message(user, **other)) as hostile:
        pages = list(source(hostile, everyone=everyone).fetch({}))

    assert len(records(pages)) == counts
    assert [*pages[0].tombstones] == ([] if counts else [f"{CHANNEL}-1772352000.000100"])


def test_a_thread_is_one_item_with_its_address_and_the_account_of_its_channel() -> None:
    root = message("U0OURS", "How is it going?", reply_count=2, latest_reply="1772352002.000100")
    thread = [
        root,
        message(text="Badly: it &lt;b&gt;hangs.", ts="1772352001.000100"),
        message("U0OURS", ts="1772352002.1"),
    ]
    with told(root, threads={root["ts"]: thread}) as hostile:
        [record] = records(list(source(hostile, accounts={"support": "company-9"}).fetch({})))

    assert (record.text, record.author_email, record.account) == ("Badly: it <b>hangs.", "a@firm.example", "company-9")
    assert record.url == f"https://acme.slack.com/archives/{CHANNEL}/p1772352000000100"


def test_a_thread_without_its_first_message_keeps_what_was_answered() -> None:
    root = message(
        "USLACKBOT", "This message was deleted.", subtype="tombstone", reply_count=1, latest_reply="1772352001.1"
    )
    with told(root, threads={root["ts"]: [root, message(text="Here, too.", ts="1772352001.1")]}) as hostile:
        [record] = records(list(source(hostile).fetch({})))

    assert record.text == "Here, too."


def test_an_old_thread_comes_again_when_an_answer_is_shown_to_the_whole_channel(tmp_path: Path) -> None:
    old = "1700000000.000100"
    shown = message(text="Still.", ts="1772352001.000100", thread_ts=old, subtype="thread_broadcast")
    with told(message(), threads={old: [message(ts=old), shown]}) as hostile:
        reader = source(hostile)
        [*_, last] = reader.fetch({})
        hostile.dialect.messages = [shown]  # type: ignore[attr-defined]
        [record] = records(list(reader.fetch(last.state)))

    assert (record.source_id, record.text) == (f"{CHANNEL}-{old}", "The export hangs.\n\nStill.")


def test_replies_are_asked_for_only_where_a_thread_looks_another_way(tmp_path: Path) -> None:
    with reading(SlackDialect, tmp_path, overlap=timedelta(0)) as reader:
        world = reader.world
        for number in world.add(4):
            world.reply(number)
        world.pass_time(days=2)
        reader.pull()
        before = len(reader.hostile.calls)
        world.reply(3)
        reader.pull()
        asked = [call.query["ts"] for call in reader.hostile.calls[before:] if call.path.endswith("replies")]

        assert set(asked) == {ts_of(world.items[3])} and reader.differences() == []


def test_what_is_remembered_of_threads_ends_with_the_days_they_are_looked_at(tmp_path: Path) -> None:
    with reading(SlackDialect, tmp_path) as reader:
        reader.world.add(5)
        reader.world.pass_time(days=30)
        reader.world.add(2)
        reader.pull()
        state = reader.repository.sources.get("desk").state

        assert len(state[f"channel {CHANNEL}"]["known"]) == 2


def test_without_the_scope_for_people_the_teams_of_messages_tell_and_the_scope_is_named() -> None:
    refuses = {"users.info": {"error": "missing_scope", "needed": "users:read", "provided": "channels:history"}}
    ours = message("U0OURS", ts="1772352003.1", user_team=OWN_TEAM)
    with told(ours, message(user_team=THEIR_TEAM), refuses=refuses) as hostile:
        pages = list(source(hostile).fetch({}))

    [record] = records(pages)
    assert record.author_name is None
    assert "users:read" in pages[-1].state["warnings"][0]


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        ({"error": "missing_scope", "needed": "channels:history"}, ExitCode.LOGIN, "channels:history"),
        ({"error": "token_revoked"}, ExitCode.LOGIN, "token_revoked"),
        ({"error": "not_in_channel"}, ExitCode.ERROR, "not_in_channel"),
    ],
)
def test_a_no_with_status_200_says_what_to_do(error: dict[str, Any], code: ExitCode, word: str) -> None:
    with told(message(), refuses={"conversations.history": error}) as hostile, pytest.raises(InsightsError) as caught:
        list(source(hostile).fetch({}))

    assert caught.value.exit_code is code and word in caught.value.message and caught.value.remedy


@pytest.mark.parametrize("error", [{"error": "CANARY"}, {"error": "missing_scope", "needed": "CANARY"}])
def test_what_is_read_unasked_holds_no_word_of_slack_that_we_do_not_know(error: dict[str, Any]) -> None:
    with told(message(), refuses={"conversations.history": error}) as hostile, pytest.raises(InsightsError) as caught:
        list(source(hostile).fetch({}))

    assert "CANARY" in caught.value.message and "CANARY" not in " ".join(caught.value.unquoted)


def test_a_slack_that_has_no_time_is_asked_again() -> None:
    class Busy(Told):
        def answer(self, world: World, call: Call) -> Reply:
            self.asked = getattr(self, "asked", 0) + 1
            return Reply({"ok": False, "error": "ratelimited"}) if self.asked < 3 else super().answer(world, call)

    with serving(World(), Busy([message()], {}, {})) as hostile:
        assert len(records(list(source(hostile).fetch({})))) == 1


def test_rows_that_are_written_another_way_are_refused_and_the_others_come() -> None:
    strange = [None, {"text": "no time"}, message(ts="soon"), message(text={"a": 1}, ts="1772352009.1")]
    with told(*strange, message()) as hostile:
        pages = list(source(hostile).fetch({}))

    assert len(records(pages)) == 1 and len(pages[0].rejects) == 4


def test_a_channel_that_is_not_seen_is_named() -> None:
    with told() as hostile, pytest.raises(InsightsError, match="nowhere") as caught:
        list(source(hostile, channels=["nowhere"]).fetch({}))

    assert caught.value.exit_code is ExitCode.USAGE


def test_a_thread_of_a_channel_that_is_no_longer_read_is_left_alone() -> None:
    with told() as hostile:
        reader = source(hostile)
        assert reader.is_covered(f"{CHANNEL}-1.1") and not reader.is_covered("C0OTHER001-1.1")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<@U1> and <@U2|bob>, see <#C1|general>", "@Anna and @bob, see #general"),
        ("<https://a.example/x?y=1&amp;z=2|the page> or <https://b.example>", "the page or https://b.example"),
        ("<mailto:a@b.example|a@b.example> <!here> <!subteam^S1|@team>", "a@b.example @here @team"),
        ("<!date^1392734382^{date}|18 Feb 2014>", "18 Feb 2014"),
        ("*bold*, _italic_, ~gone~, snake_case_name, 2*3*4", "bold, italic, gone, snake_case_name, 2*3*4"),
        ("a &lt; b &amp;&amp; c &gt; d, &amp;lt;", "a < b && c > d, &lt;"),
    ],
)
def test_mark_up_is_made_plain(written: str, plain: str) -> None:
    assert plain_text(written, {"U1": "Anna"}.get) == plain


@given(st.text(alphabet="<>@#!|&;*_~ltgamp U1\n"))
def test_no_text_breaks_what_makes_it_plain(text: str) -> None:
    assert isinstance(plain_text(text, lambda _: None), str)
