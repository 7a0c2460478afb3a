"""Who writes in Slack: people of our own, customers from other teams, guests, and machines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.http import NotThere
from connectors.sources.slack_api import NoScope, SlackApi
from connectors.sources.slack_text import named_in

_MOST_KNOWN = 50_000
_SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """As far as Slack tells; without the scope users:read nothing but the id."""

    name: str | None = None
    email: str | None = None
    team: str = ""
    enterprise: str = ""
    is_guest: bool = False
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where the token belongs to: the teams that are ours, the enterprise (empty: none), the workspace's address."""

    teams: frozenset[str]
    enterprise: str = ""
    url: str = ""


class People:
    """Each is looked up once, before they are asked about. `lacks` is the scope without which nobody can be."""

    def __init__(self, api: SlackApi, home: Home, *, everyone: bool) -> None:
        self._api = api
        self._home = home
        self._everyone = everyone
        self._known: dict[str, Person] = {}
        self.lacks = ""

    def is_customer(self, message: Mapping[str, Any]) -> bool:
        """Whether a person of the customer's side wrote it: of another team, or a guest; any person where everyone
        counts. A message whose author's team nobody tells is taken for ours."""
        user = message.get("user")
        if not user or user == _SLACKBOT or message.get("bot_id"):
            return False
        person = self.of(user)
        if person.is_bot or self._everyone or person.is_guest:
            return not person.is_bot
        if self._home.enterprise and person.enterprise == self._home.enterprise:
            return False
        team = message.get("user_team") or message.get("team") or person.team
        return bool(team) and team not in self._home.teams

    def meet(self, messages: Sequence[Any]) -> None:
        """Look up who wrote these messages, and who is named in them: nobody is asked for afterwards."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        users = (user for message in messages if isinstance(message, dict) for user in _users_in(message))
        for user in dict.fromkeys(users):
            if user not in self._known:
                self._known[user] = self._looked_up(user)

    def of(self, user: str) -> Person:
        """Who was met."""
        return self._known.get(user) or Person()

    def name_of(self, user: str) -> str | None:
        return self.of(user).name

    def _looked_up(self, user: str) -> Person:
        if self.lacks:
            return Person()
        try:
            row = self._api.call("users.info", user=user).data.get("user") or {}
        except NotThere:
            return Person()
        except NoScope as error:
            self.lacks = error.scope
            return Person()
        profile, enterprise = row.get("profile") or {}, row.get("enterprise_user") or {}
        return Person(
            name=profile.get("real_name") or row.get("real_name") or row.get("name"),
            email=profile.get("email"),
            team=row.get("team_id") or "",
            enterprise=enterprise.get("enterprise_id") or "",
            is_guest=any(row.get(key) for key in ("is_stranger", "is_restricted", "is_ultra_restricted")),
            is_bot=bool(row.get("is_bot")),
        )


def _users_in(message: Mapping[str, Any]) -> Iterator[str]:
    user = message.get("user")
    if isinstance(user, str) and user != _SLACKBOT and not message.get("bot_id"):
        yield user
        yield from named_in(str(message.get("text") or ""))
