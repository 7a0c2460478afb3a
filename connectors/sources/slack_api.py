"""Slack's Web API: calls within its limits, and its own way to say no (HTTP 200 with ok=false).

slack_sdk would do the calls, too, but not their rates, nor keep a key out of errors.
"""

from typing import Any

from connectors.http import Answer, Budget, NotThere, Rate, Refused, Service
from insights.errors import ExitCode, InsightsError
from insights.ports import Setup

_BUSY = ("ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout")
_NO_LOGIN = (
    "not_authed",
    "invalid_auth",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "no_permission",
    "org_login_required",
    "access_denied",
    "ekm_access_denied",
    "not_allowed_token_type",
)
_NOT_THERE = ("thread_not_found", "message_not_found", "user_not_found", "user_not_visible", "users_not_found")
_NOT_SEEN = ("channel_not_found", "not_in_channel", "is_archived")


class NoScope(InsightsError):
    """The token may not do this; `scope` is what it lacks."""

    def __init__(self, message: str, *, remedy: str, scope: str) -> None:
        super().__init__(message, remedy=remedy, exit_code=ExitCode.LOGIN)
        self.scope = scope


class SlackApi:
    """Methods by name. Slack counts the calls of each method by themselves."""

    def __init__(self, setup: Setup[Any], *, url: str, calls_a_minute: int) -> None:
        self._setup = setup
        self._url = url
        self._calls_a_minute = calls_a_minute
        self._services: dict[str, Service] = {}

    def call(self, method: str, **given: str | int) -> Answer:
        """A whole answer with ok=true. Raises NotThere, NoScope or another InsightsError."""
        service = self._service(method)
        answer = service.get(method, given)
        data = answer.data if isinstance(answer.data, dict) else {}
        if data.get("ok") is not True:
            raise _refusal(service, method, data)
        return answer

    def _service(self, method: str) -> Service:
        if method not in self._services:
            self._services[method] = Service(
                name=self._setup.name,
                base_url=self._url,
                headers=lambda: {"Authorization": f"Bearer {self._setup.secret()}"},
                secrets=lambda: (self._setup.secret(),),
                budget=Budget(Rate(self._calls_a_minute, 60)),
                sleep=self._setup.sleep,
                is_busy=_is_busy,
            )
        return self._services[method]


def _is_busy(data: Any) -> bool:
    return isinstance(data, dict) and data.get("ok") is False and data.get("error") in _BUSY


def _refusal(service: Service, method: str, data: dict[str, Any]) -> InsightsError:
    error, name = service.clean(str(data.get("error") or "no reason")), service.name
    if error == "missing_scope":
        scope = service.clean(str(data.get("needed") or "unknown"))
        remedy = f"Add it to the app in Slack, install the app again, then: insights auth {name}"
        lacks = NoScope(f"{name} lacks the scope {scope}, which {method} needs.", remedy=remedy, scope=scope)
        return lacks.quoting(f"{name} lacks a scope, which {method} needs.", remedy)
    if error in _NO_LOGIN:
        return InsightsError(
            f"{name} refused the login ({error}).",
            remedy=f"Give it a token that may do this: insights auth {name}",
            exit_code=ExitCode.LOGIN,
        )
    if error in _NOT_THERE:
        return NotThere(f"{name} has no such thing ({error}).", remedy="It may have been deleted.")
    if error in _NOT_SEEN:
        return Refused(
            f"{name} may not read one of its channels ({error}).",
            remedy="Invite the app into the channel (/invite), or take the channel out of insights.toml.",
            status=200,
        )
    remedy = "Check its settings in insights.toml."
    refused = Refused(f"{name} refused {method}: {error}.", remedy=remedy, status=200)
    return refused.quoting(f"{name} refused {method}.", remedy)
