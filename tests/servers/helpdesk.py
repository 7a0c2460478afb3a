"""A helpdesk on the real Request Tracker: what customers and people of ours do there, and what must be read of it."""

import json
import re
import secrets
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.cookiejar import CookieJar
from itertools import count
from typing import Any

from tests.servers.others import RequestTracker

ZONE = "America/Los_Angeles"
"""Of the user who reads: RT reads times in queries as that zone's."""
_EVERYONE, _PRIVILEGED = 3, 4
_RIGHTS = {_EVERYONE: ["CreateTicket", "ReplyToTicket"], _PRIVILEGED: ["ShowTicket", "SeeQueue", "ShowTicketComments"]}


@dataclass
class Truth:
    """What customers wrote: ticket -> (place in the order of all that was said, words)."""

    said: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    subjects: dict[int, str] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    merged: dict[int, int] = field(default_factory=dict)
    unwanted: list[str] = field(default_factory=list)
    """What our own people wrote."""

    def wanted(self) -> dict[str, tuple[str, list[str]]]:
        """Id -> subject, and what its text must contain in this order, each once."""
        whole = {number: self._whole_of(number) for number in self.said}
        found: dict[int, list[tuple[int, str]]] = {}
        for number, messages in self.said.items():
            found.setdefault(whole[number], []).extend(messages)
        return {
            str(number): (self.subjects[number], [text for _, text in sorted(messages)])
            for number, messages in found.items()
            if number not in self.deleted
        }

    def differences(self, stored: Mapping[str, str]) -> list[str]:
        """What of the stored texts is lost, doubled, old or not wanted."""
        wanted = self.wanted()
        found = [f"{name} is lost" for name in sorted(wanted.keys() - stored.keys())]
        found += [f"{name} should be gone" for name in sorted(stored.keys() - wanted.keys())]
        for name in wanted.keys() & stored.keys():
            subject, words = wanted[name]
            text = stored[name]
            places = [text.find(one) for one in words]
            if not text.startswith(subject) or places != sorted(places) or {text.count(one) for one in words} != {1}:
                found.append(f"{name}: {text!r} is not {subject!r} and {words}")
        every = "\n".join(stored.values())
        return found + [f"{words!r} is our own" for words in self.unwanted if words in every]

    def _whole_of(self, number: int) -> int:
        while number in self.merged:
            number = self.merged[number]
        return number


class Helpdesk:
    """A queue of its own, with the rights that customers need, and another one; `reader` is a user of ours in another
    time zone, who sees these two queues."""

    def __init__(self, server: RequestTracker) -> None:
        self.name = secrets.token_hex(4)
        self.queue = f"Help {self.name}"
        self.truth = Truth()
        self._order = count(1)
        self._browser = _Browser(server)
        self.elsewhere = f"Elsewhere {self.name}"
        for queue in (self.queue, self.elsewhere):
            number = int(self._ask("POST", "/queue", {"Name": queue})["id"])
            for group, rights in _RIGHTS.items():
                self._browser.grant(group, rights, queue=number)
        self.reader = replace(server, user=f"reader-{self.name}", password=secrets.token_hex(8))
        user = {"Name": self.reader.user, "Password": self.reader.password, "Privileged": 1, "Timezone": ZONE}
        self._ask("POST", "/user", user | {"EmailAddress": f"{self.reader.user}@acme.example"})

    @contextmanager
    def without_mails(self) -> Iterator[None]:
        """RT writes no mails of what happens, which takes half of its time."""
        self._browser.enable_scrips(False)
        try:
            yield
        finally:
            self._browser.enable_scrips(True)

    # -- customers -----------------------------------------------------------------------------------------------

    def open(self, how_many: int) -> list[int]:
        """New tickets, each of some customer."""
        tickets = []
        for _ in range(how_many):
            place = next(self._order)
            text = f"The export x{place}x hangs."
            tickets.append((place, text, {
                "Queue": self.queue, "Subject": f"Subject s{place}s", "Requestor": customer(place),
                "Content": f"<p>{text}</p>" if place % 3 == 0 else text,
                "ContentType": "text/html" if place % 3 == 0 else "text/plain",
            }))  # fmt: skip
        numbers = [int(one["id"]) for one in self._ask("POST", "/tickets/bulk", [ticket for _, _, ticket in tickets])]
        for number, (place, text, ticket) in zip(numbers, tickets, strict=True):
            self.truth.said[number] = [(place, text)]
            self.truth.subjects[number] = ticket["Subject"]
        return numbers

    def answer_by_mail(self, number: int) -> None:
        """A requester's mail, with the words of ours that it answers."""
        [(place, _), *_] = self.truth.said[number]
        order = next(self._order)
        text = f"It x{order}x stops again."
        self.truth.said[number].append((order, text))
        quoted = "On Tue, Nov 24, 2026 at 10:00 AM Support <help@acme.example> wrote:\n> our old words\n"
        mail = (
            f"From: Some One <{customer(place)}>\nTo: help@acme.example\nSubject: Re: [insights #{number}] s\n"
            f"Message-ID: <{self.name}.{order}@example.org>\n\n{text}\n\n{quoted}"
        )
        form = {"queue": self.queue, "action": "correspond", "message": mail}
        said = self._browser.post("/REST/1.0/NoAuth/mail-gateway", form)
        assert said.startswith("ok"), said

    # -- our people ----------------------------------------------------------------------------------------------

    def reply(self, numbers: Iterable[int]) -> None:
        self._write("correspond", numbers)

    def comment(self, numbers: Iterable[int]) -> None:
        self._write("comment", numbers)

    def rename(self, numbers: Sequence[int]) -> None:
        names = {number: f"Renamed s{next(self._order)}s" for number in numbers}
        self._ask("PUT", "/tickets/bulk", [{"id": number, "Subject": name} for number, name in names.items()])
        self.truth.subjects |= names

    def resolve(self, numbers: Iterable[int]) -> None:
        self._ask("PUT", "/tickets/bulk", [{"id": number, "Status": "resolved"} for number in numbers])

    def delete(self, numbers: Iterable[int]) -> None:
        chosen = list(numbers)
        self._ask("PUT", "/tickets/bulk", [{"id": number, "Status": "deleted"} for number in chosen])
        self.truth.deleted |= set(chosen)

    def merge(self, number: int, into: int) -> None:
        said = self._ask("PUT", f"/ticket/{number}", {"MergeInto": into})
        assert said == ["Merge Successful"], said
        self.truth.merged[number] = into

    def move_away(self, numbers: Iterable[int]) -> None:
        """To another queue, which is not read."""
        chosen = list(numbers)
        self._ask("PUT", "/tickets/bulk", [{"id": number, "Queue": self.elsewhere} for number in chosen])
        self.truth.deleted |= set(chosen)

    def _write(self, kind: str, numbers: Iterable[int]) -> None:
        words = {number: f"Of ours y{next(self._order)}y." for number in numbers}
        body = [{"id": number, "Content": text, "ContentType": "text/plain"} for number, text in words.items()]
        self._ask("POST", f"/tickets/bulk/{kind}", body)
        self.truth.unwanted += words.values()

    def _ask(self, method: str, path: str, body: Any) -> Any:
        status, answer = self._browser.ask(method, path, body)
        assert status < 300, (method, path, status, answer)
        return answer


def customer(number: int) -> str:
    return f"person{number % 40}@firm{number % 7}.example"


class _Browser:
    """RT as it is to somebody who logged in once: checking a password takes it half a second, each time. With what its
    REST does not offer."""

    def __init__(self, server: RequestTracker) -> None:
        self._url = server.url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.post("/NoAuth/Login.html", {"user": server.user, "pass": server.password})

    def post(self, path: str, form: Mapping[str, Any]) -> str:
        data = urllib.parse.urlencode(form, doseq=True).encode()
        request = urllib.request.Request(f"{self._url}{path}", data, {"Referer": f"{self._url}{path}"})
        with self._opener.open(request, timeout=60) as answer:
            text: str = answer.read().decode("utf-8", "replace")
        return text

    def ask(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Status and answer of a call of REST."""
        data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._url}/REST/2.0{path}", data, headers, method=method)
        with self._opener.open(request, timeout=60) as answer:
            text = answer.read()
        return answer.status, json.loads(text) if text.strip() else None

    def grant(self, group: int, rights: Sequence[str], *, queue: int) -> None:
        who = f"{group}-RT::Queue-{queue}"
        form = {"id": queue, "CheckACL": who, f"SetRights-{who}": list(rights), "SaveChanges": "1"}
        said = self.post("/Admin/Queues/GroupRights.html", form)
        assert "Granted right" in said, re.sub(r"<[^>]*>|\s+", " ", said)[:2000]

    def enable_scrips(self, on: bool) -> None:
        listed = self.post("/Admin/Scrips/", {"Rows": "100", "FindDisabledScrips": "1"})
        for number in sorted(set(re.findall(r"Scrips/Modify\.html\?id=(\d+)", listed))):
            form = {"id": number, "Update": "1", "SetEnabled": "1"}
            self.post("/Admin/Scrips/Modify.html", form | ({"Enabled": "1"} if on else {}))
