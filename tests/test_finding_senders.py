"""Where a channel leads: a sender that the settings name, stdout, a file or a folder, and nowhere else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.senders.files import FileSender, StdoutSender
from insights.config import SenderSettings, Settings
from insights.connecting import ContainedSender, Credentials, find_sender, form_of, login_of, make_sender
from insights.errors import ExitCode, InsightsError
from insights.ports import Form, Message, Unanswered
from insights.storage.repository import Repository
from tests.stored import a_workspace

MAIL = SenderSettings.model_validate(
    {"name": "mail", "type": "smtp", "host": "smtp.acme.example", "sender": "insights@acme.example"}
)
CHAT = SenderSettings(name="chat", type="slack")
TEAM = SenderSettings(name="team", type="teams")
SETTINGS = Settings(senders=[MAIL, CHAT, TEAM, SenderSettings(name="odd", type="nowhere")])
MESSAGE = Message(key="k.1", subject="s", text="t")


@pytest.fixture
def logins(tmp_path: Path):
    repository: Repository = a_workspace(tmp_path)
    yield Credentials(repository.credentials)
    repository.close()


def found(channel: str, logins: Credentials, folder: Path) -> ContainedSender:
    return find_sender(channel, settings=SETTINGS, folder=folder, credentials=logins)


def test_names_lead_to_the_senders_of_the_settings_without_a_login(logins: Credentials, tmp_path: Path) -> None:
    forms = {name: found(name, logins, tmp_path).form for name in ("mail", "chat", "team")}

    assert forms == {"mail": Form.MAIL, "chat": Form.SLACK, "team": Form.TEAMS}
    assert forms == {name: form_of(name, settings=SETTINGS) for name in forms}


def test_files_folders_and_stdout_need_no_settings(logins: Credentials, tmp_path: Path) -> None:
    assert isinstance(found("stdout", logins, tmp_path).inner, StdoutSender)
    assert found("file:digest.html", logins, tmp_path).inner == FileSender(tmp_path / "digest.html")
    assert found("file: digests/ ", logins, tmp_path).inner == FileSender(tmp_path / "digests", is_folder=True)
    assert found("file:/srv/d.md", logins, tmp_path).inner == FileSender(Path("/srv/d.md"))
    assert form_of("file:digests/", settings=SETTINGS) is form_of("stdout", settings=SETTINGS) is Form.TEXT


@pytest.mark.parametrize("channel", ["", "file:", "none", "STDOUT", "odd", "slack:general", "file:x.exe"])
def test_what_leads_nowhere_is_refused(logins: Credentials, tmp_path: Path, channel: str) -> None:
    with pytest.raises(InsightsError) as refused:
        found(channel, logins, tmp_path)

    assert refused.value.exit_code is ExitCode.USAGE and refused.value.remedy


def test_a_login_is_wanted_where_the_settings_ask_for_one() -> None:
    with_user = SenderSettings.model_validate({"name": "other", "type": "smtp", **MAIL.own, "user": "insights"})
    settings = Settings(senders=[MAIL, CHAT, with_user])

    assert login_of("mail", settings) == ""
    assert "password" in (login_of("other", settings) or "")
    assert "webhook" in (login_of("chat", settings) or "")
    assert login_of("none", settings) is None


@dataclass
class Broken:
    name: str = "odd"

    def send(self, message: Message) -> str:
        raise ValueError("canary")

    def check(self) -> str:
        raise KeyError("canary")


def test_after_a_defect_in_sending_it_is_not_known_whether_it_arrived() -> None:
    with pytest.raises(Unanswered, match="odd has a defect: ValueError") as unknown:
        ContainedSender(Broken()).send(MESSAGE)

    assert "canary" not in unknown.value.message + repr(unknown.value.__cause__)


def test_a_defect_in_checking_is_told_without_its_words() -> None:
    with pytest.raises(InsightsError, match="odd has a defect") as defect:
        ContainedSender(Broken()).check()

    assert not isinstance(defect.value, Unanswered) and "canary" not in str(defect.value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"host": "smtp.acme.example"}, "has no sender"),
        ({"host": "smtp.acme.example", "sender": "nobody"}, "no address of one mailbox"),
        ({**MAIL.own, "security": "none"}, "insecure = true"),
        ({**MAIL.own, "password": "canary-9c51"}, "no setting password"),
    ],
)
def test_settings_that_are_not_usable_are_said(
    logins: Credentials, tmp_path: Path, fields: dict[str, Any], words: str
) -> None:
    settings = SenderSettings.model_validate({"name": "mail", "type": "smtp", **fields})
    with pytest.raises(InsightsError) as refused:
        make_sender(settings, folder=tmp_path, credentials=logins)

    assert words in refused.value.message
    assert "canary" not in refused.value.message + refused.value.remedy
