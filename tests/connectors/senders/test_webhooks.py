"""Digests by the webhooks of Slack and Teams: what is sent, what each answer means, and what may have arrived."""

import json
import logging
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors.senders.slack import SlackSender, SlackSenderSettings
from connectors.senders.teams import LARGEST, Teams, TeamsSettings
from connectors.senders.webhook import split_address
from insights.digest.slack import MOST_BLOCKS, slack_blocks, texts, units
from insights.digest.teams import teams_card
from insights.errors import ExitCode, InsightsError
from insights.ports import Message, Setup, Unanswered
from tests.digest.stories import FULL, a_large_story
from tests.loopback import QuietHandler, QuietServer, Reply, send

SLACK_PATH = "/services/T00000000/B00000000/canary9c51canary9c51"
TEAMS_PATH = (
    "/powerautomate/automations/direct/workflows/0123456789abcdef/triggers/manual/paths/invoke"
    "?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=canary9c51-canary_9c51"
)
OK: Reply = (200, {"Content-Type": "text/plain"}, "ok")
TAKEN: Reply = (202, {}, "")
KEY = "w4f2.product.2026-11-26"


@dataclass
class Hook:
    """What it was sent, and what it answers next; a number of seconds is a silence."""

    server: QuietServer
    answers: list[Reply | float] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    usual: Reply = OK

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"


@pytest.fixture
def hook() -> Iterator[Hook]:
    class Handler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - the library's name
            opened.paths.append(self.path)
            opened.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = opened.answers.pop(0) if opened.answers else opened.usual
            if isinstance(answer, float):
                opened.server.over.wait(answer)
                self.close_connection = True
            else:
                send(self, answer)

    opened = Hook(QuietServer(Handler))
    opened.server.serve()
    yield opened
    opened.server.stop()


def slack(hook: Hook, *, secret: str | None = None, waits: list[float] | None = None, **fields: Any) -> SlackSender:
    settings = SlackSenderSettings(hosts=["127.0.0.1"], **fields)
    given = hook.address(SLACK_PATH) if secret is None else secret
    sleep = (waits if waits is not None else []).append
    return SlackSender(Setup(name="team", settings=settings, folder=Path(), secret=lambda: given, sleep=sleep))


def teams(hook: Hook, *, secret: str | None = None, **fields: Any) -> Teams:
    settings = TeamsSettings(**{"hosts": ["127.0.0.1"], **fields})
    given = hook.address(TEAMS_PATH) if secret is None else secret
    return Teams(Setup(name="team", settings=settings, folder=Path(), secret=lambda: given, sleep=lambda _: None))


def a_message(**fields: Any) -> Message:
    return Message(**{"key": KEY, "subject": "What changed", "text": "Two <b>problems</b> & more", **fields})


# -- what is sent -------------------------------------------------------------------------------------------------


def test_slack_gets_the_blocks_with_the_key_under_them(hook: Hook) -> None:
    blocks = slack_blocks(FULL)
    receipt = slack(hook).send(a_message(blocks=blocks))

    (sent,) = hook.bodies
    assert hook.paths == [SLACK_PATH]
    assert sent["blocks"][:-1] == blocks["blocks"] and sent["text"] == blocks["text"]
    assert sent["blocks"][-1]["elements"] == [{"type": "plain_text", "text": KEY, "emoji": False}]
    assert sent["unfurl_links"] is False and sent["unfurl_media"] is False
    assert KEY in receipt


def test_with_the_key_it_is_still_within_slack_s_limits(hook: Hook) -> None:
    slack(hook).send(a_message(blocks=slack_blocks(a_large_story()), key="k" * 300))

    assert len(hook.bodies[0]["blocks"]) <= MOST_BLOCKS + 1 <= 50
    assert sum(map(units, texts(hook.bodies[0]))) <= 10_000


def test_a_text_alone_is_escaped(hook: Hook) -> None:
    slack(hook).send(a_message())

    assert hook.bodies[0]["text"] == f"Two &lt;b&gt;problems&lt;/b&gt; &amp; more\n{KEY}"


def test_teams_gets_a_card_in_the_envelope_of_workflows(hook: Hook) -> None:
    hook.usual = TAKEN
    card = teams_card(FULL)
    teams(hook).send(a_message(blocks=card))

    (sent,) = hook.bodies
    (attached,) = sent["attachments"]
    assert hook.paths == [TEAMS_PATH]  # its signature is over the address as it is
    assert sent["type"] == "message"
    assert attached["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attached["content"]["body"][:-1] == card["body"]
    assert attached["content"]["body"][-1]["inlines"][0]["text"] == KEY


def test_a_card_that_teams_would_not_take_is_not_sent(hook: Hook) -> None:
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "x" * LARGEST}]}
    with pytest.raises(InsightsError, match="too large"):
        teams(hook).send(a_message(blocks=card))

    assert hook.bodies == []


# -- what answers mean --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said", "words", "code"),
    [
        (404, "no_service", "removed or switched off", ExitCode.LOGIN),
        (403, "invalid_token", "not valid", ExitCode.LOGIN),
        (410, "channel_is_archived", "archived", ExitCode.ERROR),
        (404, "channel_not_found", "deleted", ExitCode.ERROR),
        (403, "action_prohibited", "administrator", ExitCode.ERROR),
        (400, "invalid_blocks", "no message of this form", ExitCode.ERROR),
        (400, "invalid_payload", "no message of this form", ExitCode.ERROR),
    ],
)
def test_slack_s_refusals_are_told_in_words(hook: Hook, status: int, said: str, words: str, code: ExitCode) -> None:
    hook.answers.append((status, {"Content-Type": "text/plain"}, said))
    with pytest.raises(InsightsError) as refused:
        slack(hook).send(a_message())

    assert words in refused.value.message and said in refused.value.message
    assert refused.value.exit_code is code
    assert refused.value.remedy and not isinstance(refused.value, Unanswered)
    assert len(hook.bodies) == 1


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        (401, "its workflow is gone", ExitCode.LOGIN),
        (404, "its workflow is gone", ExitCode.LOGIN),
        (400, "switched off or takes no card", ExitCode.ERROR),
        (413, "too large", ExitCode.ERROR),
    ],
)
def test_teams_refusals_are_told_in_words(hook: Hook, status: int, words: str, code: ExitCode) -> None:
    hook.answers.append((status, {}, {"error": {"message": "no"}}))
    with pytest.raises(InsightsError) as refused:
        teams(hook).send(a_message())

    assert words in refused.value.message
    assert refused.value.exit_code is code
    assert "run history" in refused.value.remedy


def test_where_it_has_no_time_it_is_waited_for_as_long_as_it_asks(hook: Hook) -> None:
    hook.answers += [(429, {"Retry-After": "7"}, "rate_limited")]
    waits: list[float] = []
    slack(hook, waits=waits).send(a_message())

    assert waits == [7.0]
    assert len(hook.bodies) == 2


def test_where_it_never_has_time_nothing_was_sent(hook: Hook) -> None:
    hook.usual = (429, {}, "rate_limited")
    with pytest.raises(InsightsError) as refused:
        slack(hook).send(a_message())

    assert not isinstance(refused.value, Unanswered)
    assert "could not be reached: it is busy (429)" in refused.value.message
    assert refused.value.remedy.startswith("Nothing was sent")


@pytest.mark.parametrize("make", [slack, teams])
@pytest.mark.parametrize("answer", [(500, {}, "oops"), (503, {}, ""), (502, {}, "<html>")])
def test_a_server_s_own_failure_leaves_it_unknown_and_it_is_sent_once(hook: Hook, make: Any, answer: Reply) -> None:
    hook.answers.append(answer)
    with pytest.raises(Unanswered) as unknown:
        make(hook).send(a_message())

    assert len(hook.bodies) == 1
    assert "not known" in unknown.value.message


@pytest.mark.parametrize("make", [slack, teams])
def test_silence_leaves_it_unknown(hook: Hook, make: Any) -> None:
    hook.answers.append(5.0)
    with pytest.raises(Unanswered):
        make(hook, timeout=0.2).send(a_message())

    assert len(hook.bodies) == 1


@pytest.mark.parametrize("said", ["<html>Sign in</html>", "welcome", '{"ok": false}'])
def test_another_answer_than_slack_s_leaves_it_unknown(hook: Hook, said: str) -> None:
    hook.answers.append((200, {}, said))
    with pytest.raises(Unanswered, match="something else"):
        slack(hook).send(a_message())


def test_another_place_is_not_followed(hook: Hook) -> None:
    hook.answers.append((302, {"Location": "https://evil.example/canary9c51canary9c51"}, ""))
    with pytest.raises(InsightsError) as refused:
        slack(hook).send(a_message())

    assert "points to another place" in refused.value.message
    assert "canary" not in refused.value.message


def test_where_nothing_answers_nothing_was_sent(hook: Hook) -> None:
    sender = slack(hook)
    hook.server.stop()
    with pytest.raises(InsightsError) as refused:
        sender.send(a_message())

    assert not isinstance(refused.value, Unanswered)
    assert "nothing answers there" in refused.value.message


# -- logins -------------------------------------------------------------------------------------------------------


def test_slack_s_webhook_is_tried_without_a_message(hook: Hook) -> None:
    hook.answers.append((400, {"Content-Type": "text/plain"}, "no_text"))

    assert slack(hook).check() == "an incoming webhook at 127.0.0.1"
    assert hook.bodies == [{"text": ""}]


def test_a_webhook_that_is_gone_is_a_refused_login(hook: Hook) -> None:
    hook.answers.append((404, {"Content-Type": "text/plain"}, "no_service"))
    with pytest.raises(InsightsError) as refused:
        slack(hook).check()

    assert refused.value.exit_code is ExitCode.LOGIN


def test_a_workflow_s_address_is_looked_at_and_not_tried(hook: Hook) -> None:
    assert "a workflow at 127.0.0.1, untried" in teams(hook).check()
    assert hook.bodies == []


@pytest.mark.parametrize(
    "secret",
    [
        "https://acme.webhook.office.com/webhookb2/canary@canary/IncomingWebhook/canary/canary",
        "https://outlook.office.com/webhook/canary",
    ],
)
def test_an_office_connector_is_told_to_be_retired(hook: Hook, secret: str) -> None:
    for act in (teams(hook, secret=secret).check, lambda: teams(hook, secret=secret).send(a_message())):
        with pytest.raises(InsightsError, match="switched those off") as refused:
            act()
        assert refused.value.exit_code is ExitCode.LOGIN
        assert "Workflows" in refused.value.remedy


@pytest.mark.parametrize(
    "address",
    [
        "",
        "xoxb-canary-9c51",
        "https://hooks.slack.com",
        "https://hooks.slack.com/",
        "http://hooks.slack.com/services/canary",
        "https://hooks.slack.com.evil.example/services/canary",
        "https://evil.example/hooks.slack.com/canary",
        "https://hooks.slack.com@evil.example/canary",
        "https://ann:canary@hooks.slack.com/services/canary",
        "https://hooks.slack.com/services/canary#x",
        "https://hooks.slack.com:0/services/canary",
        "https://hooks.slack.com:no/services/canary",
        "https://hooks.slack.com/services/can ary",
        "https://hooks.slack.com/services/cänary",
        "https://[::1/canary",
        "file:///canary",
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused_without_being_told(address: str) -> None:
    with pytest.raises(InsightsError) as refused:
        split_address(address, name="team", hosts=["hooks.slack.com"])

    assert refused.value.exit_code is ExitCode.LOGIN
    assert "canary" not in refused.value.message + refused.value.remedy
    assert "insights auth team" in refused.value.remedy


def test_addresses_of_all_regions_are_known() -> None:
    for host in ("prod-15.uksouth.logic.azure.com:443", "default0a.b1.environment.api.powerplatform.com"):
        base, path = split_address(
            f"https://{host}{TEAMS_PATH}", name="team", hosts=TeamsSettings.model_validate({}).hosts
        )
        assert (base, path) == (f"https://{host}", TEAMS_PATH)


@pytest.mark.parametrize("make", [slack, teams])
@pytest.mark.parametrize("status", [200, 202, 302, 400, 401, 403, 404, 410, 413, 422, 429, 500])
def test_the_address_is_told_nowhere(hook: Hook, make: Any, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = SLACK_PATH if make is slack else TEAMS_PATH
    echo = f"you asked {hook.address(path)} {path} {path[path.index('canary') :]}"
    hook.usual = (status, {"Location": f"https://evil.example{path}", "X-Echo": path}, {"message": echo, "error": echo})
    sender = make(hook)
    said = [repr(sender), repr(vars(sender))]
    for act in (sender.check, lambda: sender.send(a_message())):
        try:
            said.append(act())
        except InsightsError as error:
            said += [error.message, error.remedy, *traceback.format_exception(error)]

    whole = "\n".join([*said, caplog.text])
    assert "canary" not in whole
    assert len(hook.bodies) >= 1
