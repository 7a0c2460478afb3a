"""A login by OAuth's client credentials (RFC 6749, 4.4): a client's id and secret become a token that ends."""

from collections.abc import Callable
from typing import Any, TypeVar

from connectors.http import Forbidden, Refused, Service
from insights.errors import ExitCode, InsightsError
from insights.ports import Setup

Got = TypeVar("Got")


class ClientCredentials:
    """The token lives in memory alone. `client_id` empty: the secret is a token itself, which cannot be renewed.
    `path` is where the service gives tokens, `form` whether it is asked by a form rather than JSON; `remedy` says what
    to look at where it gives none."""

    def __init__(
        self,
        setup: Setup[Any],
        *,
        url: str,
        path: str,
        client_id: str,
        remedy: str,
        scope: str = "",
        form: bool = False,
    ) -> None:
        self._setup = setup
        self._path = path
        self._client_id = client_id
        self._remedy = remedy
        self._scope = scope
        self._form = form
        self._token: str | None = None
        self._known: list[str] = []
        self._service = Service(name=setup.name, base_url=url, secrets=self.secrets, sleep=setup.sleep)

    def token(self) -> str:
        if not self._client_id:
            return self._setup.secret()
        if self._token is None:
            self._token = self._new()
            self._known = [*self._known[-1:], self._token]
        return self._token

    def renewed(self, ask: Callable[[], Got]) -> Got:
        """What `ask` gives; asked once more with a new token where the login was refused and another may be had. What
        one may not do (Forbidden) another may not do either."""
        try:
            return ask()
        except Forbidden:
            raise
        except InsightsError as error:
            if error.exit_code is not ExitCode.LOGIN or not self._forget():
                raise
        return ask()

    def secrets(self) -> tuple[str, ...]:
        return (self._setup.secret(), *self._known)

    def _forget(self) -> bool:
        """Whether another token may be had."""
        if not self._client_id or self._token is None:
            return False
        self._token = None
        return True

    def _new(self) -> str:
        body = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._setup.secret(),
            **({"scope": self._scope} if self._scope else {}),
        }
        try:
            data = self._service.ask(self._path, body, form=self._form).data
        except Refused as error:
            remedy = f"{self._remedy}: insights auth {self._setup.name}"
            bare = error.unquoted[0]
            raise InsightsError(error.message, remedy=remedy, exit_code=ExitCode.LOGIN).quoting(bare, remedy) from None
        return str(data["access_token"])
