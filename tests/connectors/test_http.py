"""One service over HTTP: limits kept, half answers not believed, writes sent once, the key let out nowhere."""

import base64
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import http
from connectors.addresses import checked_url
from connectors.http import LONGEST_WAIT, Answer, Budget, Forbidden, NotThere, Rate, Refused, Service
from insights.errors import ExitCode, InsightsError
from insights.ports import Unanswered
from tests.loopback import QuietHandler, QuietServer, Reply, send

SECRET = "canary-1f6b"


class Answering:
    """A server that gives these replies in turn, the last one again and again; text breaks off in the middle."""

    def __init__(self, *replies: Reply | str) -> None:
        self.replies, self.seen = list(replies), list[tuple[str, str, dict[str, str]]]()

        class Handler(QuietHandler):
            def answer(handler: QuietHandler) -> None:  # noqa: N805 - `self` is the server's
                self.seen.append((handler.command, handler.path, dict(handler.headers.items())))
                found = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                if isinstance(found, str):
                    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + found.encode())
                else:
                    status, headers, content = found
                    if "Date" in headers:
                        handler.date_time_string = lambda *_: headers["Date"]  # type: ignore[method-assign]
                    send(handler, (status, {k: v for k, v in headers.items() if k != "Date"}, content))

            do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the library's names

        self.server = QuietServer(Handler)
        self.server.serve()
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"


Ready = Callable[..., tuple[Service, Answering, list[float]]]


@pytest.fixture
def ready() -> Iterator[Ready]:
    """A service on a server with these replies, and the waits that it asked for."""
    opened: list[Answering] = []

    def make(*replies: Reply | str) -> tuple[Service, Answering, list[float]]:
        server = Answering(*replies)
        opened.append(server)
        slept: list[float] = []
        headers = {"Authorization": f"Bearer {SECRET}"}
        service = Service(
            name="desk",
            base_url=f"{server.base}/api",
            headers=lambda: headers,
            secrets=lambda: (SECRET,),
            sleep=slept.append,
        )
        return service, server, slept

    yield make
    for one in opened:
        one.server.stop()


def test_what_is_read_is_parsed_with_the_servers_time(ready: Ready) -> None:
    service, server, _ = ready((200, {"Date": "Sun, 01 Mar 2026 08:00:00 GMT"}, {"a": [1]}))

    answer = service.get("things", {"page": 2})

    assert answer.data == {"a": [1]} and answer.moment == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert server.seen[0][1] == "/api/things?page=2"
    assert server.seen[0][2]["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "Sun, 01 Mar 2020 08:00:30 GMT"}, 0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000000000"}, 1),
        ({"X-Ratelimit-App-Global-Minute-Remaining": "0", "X-Ratelimit-App-Global-Minute-Reset": "41"}, 41),
        ({}, 1),
    ],
)
def test_it_waits_as_long_as_the_service_says(ready: Ready, headers: dict[str, str], waits: float) -> None:
    service, _, slept = ready((429, headers, {}), (200, {}, 1))

    assert service.get("x").data == 1
    assert slept == [waits]


def test_a_budget_that_is_told_with_403_is_waited_for_and_no_refused_login(ready: Ready) -> None:
    service, _, slept = ready((403, {"Retry-After": "3"}, {"message": "secondary rate limit"}), (200, {}, 1))

    assert service.get("x").data == 1
    assert slept == [3]


def test_a_limit_that_is_told_by_words_alone_is_waited_for_a_minute(ready: Ready) -> None:
    service, _, slept = ready((403, {}, {"message": "You have exceeded a secondary rate limit."}), (200, {}, 1))

    assert service.write("POST", "x", {}).data == 1
    assert slept == [60]


def test_a_spent_day_is_left_for_another_time(ready: Ready) -> None:
    spent = {"X-Ratelimit-App-Global-Day-Remaining": "0", "X-Ratelimit-App-Global-Day-Reset": "36000"}
    service, _, slept = ready((429, spent, {}))

    with pytest.raises(InsightsError, match="left alone for 600 minutes"):
        service.get("x")
    assert slept == []


def test_one_that_asks_for_too_long_a_wait_is_left_for_another_time(ready: Ready) -> None:
    service, _, slept = ready((429, {"Retry-After": str(LONGEST_WAIT + 1)}, {}))

    with pytest.raises(InsightsError, match="left alone for 15 minutes"):
        service.get("x")
    assert slept == []


@pytest.mark.parametrize("half", ['{"a": ', "<html>"])
def test_half_an_answer_is_asked_for_again_and_never_believed(ready: Ready, half: str) -> None:
    service, server, _ = ready(half, (200, {}, half), (200, {}, {"a": 1}))

    assert service.get("x").data == {"a": 1}
    assert len(server.seen) == 3


def test_a_write_is_sent_once_where_its_answer_is_lost(ready: Ready) -> None:
    service, server, _ = ready("half", (200, {}, {}))

    with pytest.raises(Unanswered):
        service.write("POST", "issues", {"title": "x"})
    assert len(server.seen) == 1


def test_a_write_is_sent_again_where_it_was_surely_not_taken(ready: Ready) -> None:
    service, server, _ = ready((429, {"Retry-After": "2"}, {}), (201, {}, {"id": 1}))

    assert service.write("POST", "issues", {"title": "half \ud800 pair"}).data == {"id": 1}
    assert len(server.seen) == 2


def test_a_write_with_no_connection_is_tried_again_and_then_said(ready: Ready) -> None:
    service, server, slept = ready((200, {}, {}))
    server.server.stop()

    with pytest.raises(InsightsError, match="no connection"):
        service.write("POST", "issues", {})
    assert len(slept) > 2


@pytest.mark.parametrize(
    ("status", "kind"), [(401, InsightsError), (404, NotThere), (410, NotThere), (422, Refused), (301, Refused)]
)
def test_a_refusal_is_told_in_the_services_words_without_the_key(
    ready: Ready, status: int, kind: type[InsightsError]
) -> None:
    said = {"errors": [{"message": f"no: {SECRET}\x1b[31m"}]}
    service, server, _ = ready((status, {"Location": "/elsewhere"}, said))

    with pytest.raises(kind) as caught:
        service.get("x")

    words = f"{caught.value.message} {caught.value.remedy}"
    assert SECRET not in words and "\x1b" not in words and "desk" in words
    assert (caught.value.exit_code is ExitCode.LOGIN) == (status == 401)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "link", ["http://evil.example/next", "http://127.0.0.1:1/next", "//evil.example/x", "http://[bad", "ftp://x/y"]
)
def test_the_key_goes_to_no_other_server_even_where_a_link_leads_there(ready: Ready, link: str) -> None:
    service, server, _ = ready((200, {}, {}))

    if link.startswith("//"):
        assert service.get(link).data == {}
        assert server.seen[0][1].startswith("/api/")
        return
    with pytest.raises(InsightsError, match="another server"):
        service.get(link)
    assert server.seen == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://desk.example", "ftp://x", "desk.example", "https://ann:pw@desk.example", ""),
        *("https://[::1", "https://desk.example:99999", "https://desk.example?key=pw", "https://desk.example/#pw"),
    ],
)
def test_an_address_that_would_let_the_key_out_is_refused(url: str) -> None:
    with pytest.raises(InsightsError) as caught:
        checked_url(url, name="desk")
    assert "pw" not in caught.value.message


def test_a_link_to_the_next_page_is_found_among_others() -> None:
    header = '<https://x/1?a=b,c>; rel="prev", <https://x/3?a=b,c>; rel="next", <https://x/9>; rel="last"'

    assert Answer(200, None, {"link": header}).next_link == "https://x/3?a=b,c"
    assert Answer(200, None, {"link": '<https://x/1>; rel="prev"'}).next_link is None


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60), st.integers(1, 5), st.floats(0.5, 20))
def test_no_window_of_time_ever_sees_more_calls_than_its_rate(gaps: list[float], calls: int, seconds: float) -> None:
    now, made = 0.0, list[float]()
    budget = Budget(Rate(calls, seconds), Rate(100, 3600), clock=lambda: now)

    for gap in gaps:
        now += gap
        now += budget.wait_time()
        made.append(now)

    assert all(later - made[place] > seconds * (1 - 1e-9) for place, later in enumerate(made[calls:]))


def test_a_budget_lets_all_its_calls_through_at_once_and_no_more_also_after_a_rest() -> None:
    now = 0.0
    budget = Budget(Rate(3, 60), clock=lambda: now)

    assert [budget.wait_time() for _ in range(5)] == [0, 0, 0, 60, 60]
    now = 1000.0
    assert [budget.wait_time() for _ in range(4)] == [0, 0, 0, 60]


def test_times_are_told_in_utc(ready: Ready) -> None:
    service, server, _ = ready((200, {}, {}))
    moment = service.get("x").moment

    assert moment is not None and abs((datetime.now(UTC) - moment).total_seconds()) < 5
    assert server.seen


@pytest.mark.parametrize("shown", ["{sent}", "{quoted}"])
def test_a_login_is_not_told_in_the_form_in_which_it_was_sent_either(ready: Ready, shown: str) -> None:
    sent = base64.b64encode(f"ann:{SECRET}".encode()).decode()
    service, _, _ = ready(
        (401, {}, {"message": shown.format(sent=f"Basic {sent}", quoted=quote("pass word+" + SECRET))})
    )
    service.headers, service.auth = dict, lambda: ("ann", SECRET)
    service.secrets = lambda: (SECRET, "pass word+" + SECRET)

    with pytest.raises(InsightsError) as caught:
        service.get("x")

    assert sent not in caught.value.message and quote("pass word+") not in caught.value.message
    assert "…" in caught.value.message


@pytest.mark.parametrize("secret", ["k\u00e9y", "two\nlines", "smart\u201dquote"])
def test_a_login_that_no_header_can_hold_is_named_at_once_and_not_shown(ready: Ready, secret: str) -> None:
    service, server, slept = ready((200, {}, {}))
    service.headers = lambda: {"Authorization": f"Bearer {secret}"}

    with pytest.raises(InsightsError) as caught:
        service.get("x")

    assert caught.value.exit_code is ExitCode.LOGIN and "insights auth desk" in caught.value.remedy
    assert secret not in f"{caught.value.message}{caught.value.remedy}" and caught.value.__cause__ is None
    assert slept == [] and server.seen == []


def test_an_empty_answer_to_a_question_is_half_an_answer(ready: Ready) -> None:
    service, server, _ = ready((200, {}, ""), (200, {}, {"a": 1}))

    assert service.get("x").data == {"a": 1}
    assert len(server.seen) == 2


def test_an_answer_that_says_it_has_no_content_is_whole(ready: Ready) -> None:
    service, server, _ = ready((204, {}, ""))

    assert service.get("x").data is None
    assert len(server.seen) == 1


def test_a_write_may_be_answered_by_nothing(ready: Ready) -> None:
    service, server, _ = ready((200, {}, ""))

    assert service.write("PATCH", "issues/1", {}).data is None
    assert len(server.seen) == 1


def test_what_is_on_this_machine_is_reached_by_no_proxy(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address begins with http: a proxy would see the key."""
    proxy = Answering((200, {}, "proxied"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.base)
    service, _, _ = ready((200, {}, {"a": 1}))

    assert service.get("x").data == {"a": 1}
    proxy.server.stop()
    assert proxy.seen == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "Fri, 31 Dec 9999 23:59:59 -2359"},
        {"Date": "Fri, 31 Dec 9999 23:59:59 -2359"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"},
    ],
)
def test_a_time_that_cannot_be_is_no_time(ready: Ready, headers: dict[str, str]) -> None:
    service, _, slept = ready((429, headers, {}), (200, {}, 1))

    assert service.get("x").data == 1
    assert slept == [1]


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror("secret.example"), "no server has this name"),
        (ssl.SSLCertVerificationError("x"), "certificate"),
        (ConnectionRefusedError("x"), "nothing answers there"),
        (OSError("x"), "ConnectError"),
    ],
)
def test_why_there_is_no_connection_is_said_in_words(ready: Ready, cause: Exception, words: str) -> None:
    service, _, slept = ready((200, {}, {}))

    def refuse(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("to secret.example") from cause

    service._made = httpx2.Client(transport=httpx2.MockTransport(refuse))

    with pytest.raises(InsightsError, match=words) as caught:
        service.get("x")
    assert "secret.example" not in caught.value.message and slept == [1, 2, 4, 8, 16]
    assert "address in insights.toml" in caught.value.remedy


def test_where_a_service_points_to_is_told_by_its_server_alone(ready: Ready) -> None:
    service, _, _ = ready((302, {"Location": "https://new.example/login?key=1"}, {}))

    with pytest.raises(Refused) as caught:
        service.get("x")
    assert "https://new.example" in caught.value.message and "key" not in caught.value.message


def test_every_call_is_within_the_budget_and_every_write_within_that_of_writes_too(ready: Ready) -> None:
    service, _, slept = ready((200, {}, 1))
    service.budget, service.write_budget = Budget(Rate(1, 600)), Budget(Rate(1, 9000))

    service.get("x")
    assert slept == []
    service.get("x")
    assert [round(wait / 100) for wait in slept] == [6]
    service.write("POST", "x")
    service.write("POST", "x")
    assert max(slept) > 8000


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_write_that_a_broken_server_may_have_done_is_not_sent_again(ready: Ready, status: int) -> None:
    service, server, _ = ready((status, {}, {}), (200, {}, {}))

    with pytest.raises(Unanswered, match="whether it did what it was asked is not known"):
        service.write("POST", "issues", {})
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [200, 400])
def test_what_says_in_its_own_words_that_it_is_busy_is_asked_again(ready: Ready, status: int) -> None:
    service, server, slept = ready((status, {"Retry-After": "4"}, {"error": "slow"}), (200, {}, {"ok": 1}))
    service.is_busy = lambda data: isinstance(data, dict) and data.get("error") == "slow"

    assert service.get("x").data == {"ok": 1}
    assert (len(server.seen), slept) == (2, [4])


def test_waits_are_told_by_the_services_clock_and_not_by_ours(ready: Ready) -> None:
    dated = {"Date": "Sun, 01 Mar 2020 08:00:00 GMT", "Retry-After": "Sun, 01 Mar 2020 08:00:30 GMT"}
    reset = {"Date": "Sun, 01 Mar 2020 08:00:00 GMT", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1583049610"}
    service, _, slept = ready((429, dated, {}), (429, reset, {}), (200, {}, 1))

    service.get("x")

    assert slept == [30, 11]


def test_an_answer_without_end_is_given_up(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_MOST_BYTES", 1000)
    service, _, _ = ready((200, {}, ["x" * 2000]))

    with pytest.raises(InsightsError, match="its answer has no end"):
        service.get("x")


def test_what_the_login_may_not_do_is_told_apart_from_a_login_that_is_not_known(ready: Ready) -> None:
    service, _, _ = ready((403, {}, {"message": "no"}), (401, {}, {"message": "no"}))

    with pytest.raises(Forbidden):
        service.get("x")
    with pytest.raises(InsightsError) as caught:
        service.get("x")
    assert not isinstance(caught.value, Forbidden)


def test_a_page_to_sign_in_is_a_refused_login_and_its_markup_is_not_shown(ready: Ready) -> None:
    service, server, _ = ready((203, {"Content-Type": "text/html"}, " <html>Sign in</html>"))

    with pytest.raises(InsightsError, match=r"refused the login \(401\)\.") as caught:
        service.get("x")
    assert caught.value.exit_code is ExitCode.LOGIN and len(server.seen) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error_description": "too old"}, ": too old."),
        ({"errors": {"detail": "no such field"}}, ": no such field."),
        ({"errorMessages": ["a", "b"]}, ": a; b."),
        ("plain words", ": plain words."),
        ("<html>markup</html>", "(400)."),
        ("", "(400)."),
    ],
)
def test_why_it_refused_is_taken_from_any_of_the_usual_places(ready: Ready, body: object, said: str) -> None:
    service, _, _ = ready((400, {}, body))

    with pytest.raises(Refused) as caught:
        service.get("x")
    assert caught.value.message.endswith(said) and caught.value.status == 400


def test_of_two_secrets_one_of_which_holds_the_other_neither_is_left_in_part(ready: Ready) -> None:
    service, _, _ = ready((200, {}, {}))
    service.secrets = lambda: ("key", "key-and-more", "", "a/b c")

    assert service.clean("a key-and-more b key c a%2Fb%20c d a/b%20c") == "a … b … c … d …"
