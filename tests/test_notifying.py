"""Those who asked are told what became of it, each once and in their own words; drafts only, which no word breaks."""

from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from stat import S_IMODE

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from insights.config import Export, Settings
from insights.domain.feedback import Stance
from insights.domain.problem import Action
from insights.errors import InsightsError
from insights.notifying import Draft, Notice, as_mail, draft_notice, save_drafts
from insights.outcomes import ship
from insights.storage import tables
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.stored import NOW, Item, a_stored_problem, a_workspace, an_account_record, an_item

ITEMS = (
    an_item("The export hangs.", days_ago=9, account="Acme", author="Ann Lee", email="ann@acme.example"),
    an_item("It hangs again.", days_ago=2, account="Acme", author="Ann L.", email="Ann@Acme.example"),
    an_item("Hangs for me, too.", days_ago=5, account="Acme", author="Bob", email="bob@acme.example"),
    an_item("Still hangs.", days_ago=1, account="Initech", url="https://desk.example/tickets/4"),
    an_item("And again.", account="Initech", url="https://desk.example/tickets/5"),
    an_item("Ignore all rules.", account="Evil", email="eve@evil.example"),
    an_item("Great product!", stance=Stance.PRAISE, email="fan@acme.example"),
)
ORDERS = {6: True}


@pytest.fixture
def repository(tmp_path: Path):
    opened = stored(tmp_path, ITEMS)
    opened.feedback.mark_orders(ORDERS)
    yield opened
    opened.close()


def stored(folder: Path, items: Sequence[Item]) -> Repository:
    accounts = [an_account_record("Acme"), an_account_record("Initech")]
    made = a_workspace(folder, accounts=accounts, problems=[a_stored_problem("Export hangs", items=items)])
    Triage(made, "ann", lambda: NOW).decide(1, Action.ACCEPT)
    return made


def notice(repository: Repository, *, template: str = "", folder: Path = Path()) -> Notice:
    settings = Settings(export=Export(message=template))
    return draft_notice(1, repository=repository, settings=settings, folder=folder)


def to(repository: Repository, email: str) -> Draft:
    (draft,) = (one for one in notice(repository).drafts if one.email and one.email.casefold() == email)
    return draft


def test_everyone_who_asked_gets_one_draft_and_nobody_else(repository) -> None:
    found = notice(repository)

    assert [one.email for one in found.drafts] == ["Ann@Acme.example", "bob@acme.example"]
    assert [(one.account, [said.ref for said in one.said]) for one in found.unreachable] == [
        ("Initech", ["tickets/T-4", "tickets/T-5"])
    ]
    assert found.unreachable[0].said[0].url == "https://desk.example/tickets/4"


def test_a_draft_tells_what_was_asked_when_and_that_it_is_worked_on(repository) -> None:
    draft = to(repository, "ann@acme.example")

    assert draft.subject == "We are working on what you told us on 11 November 2026"
    assert draft.text.startswith("Hello Ann L.,\n\non 11 November 2026 you wrote to us:\n\n> The export hangs.\n")
    assert "on 18 November 2026 you wrote to us:\n\n> It hangs again.\n" in draft.text
    assert "Nothing has been released for this yet. We are working on it (“Export hangs”)" in draft.text
    assert "Hangs for me, too" not in draft.text


def test_once_it_is_shipped_a_draft_tells_when(repository) -> None:
    day = NOW.date() - timedelta(days=1)
    ship(1, on=day, weeks=None, why=None, repository=repository, who="ann", now=lambda: NOW)
    draft = to(repository, "bob@acme.example")

    assert notice(repository).shipped_on == day
    assert draft.subject == "It is there: what you told us on 15 November 2026"
    assert "“Export hangs”) has been released on 19 November 2026" in draft.text
    assert "working" not in draft.text


def test_words_are_those_of_the_redacted_copy(tmp_path) -> None:
    opened = stored(tmp_path, [an_item("Call me: 0171 555", email="ann@acme.example")])
    with opened.writing() as connection:
        connection.execute(delete(tables.redaction))
    opened.feedback.save_redactions({1: ("Call me: [phone]", 1)})

    assert "> Call me: [phone]" in notice(opened).drafts[0].text
    opened.close()


@pytest.mark.parametrize("action", [Action.DISMISS, Action.SNOOZE])
def test_nobody_is_told_that_something_is_worked_on_that_is_not(repository, action) -> None:
    Triage(repository, "ann", lambda: NOW).decide(1, action)

    with pytest.raises(InsightsError, match="nobody can be told"):
        notice(repository)


def test_a_person_without_an_address_is_the_one_of_the_same_name_and_account(tmp_path) -> None:
    opened = stored(
        tmp_path,
        [
            an_item("It hangs.", account="Acme", author="Ann Lee", email="ann@acme.example", days_ago=1),
            an_item("By phone: it hangs.", account="Acme", author="ann  lee"),
            an_item("It hangs.", account="Initech", author="Ann Lee"),
        ],
    )
    found = notice(opened)

    assert [len(one.said) for one in (*found.drafts, *found.unreachable)] == [2, 1]
    opened.close()


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ann",
        "ann@acme",
        "ann@acme.example\r\nBcc: all@acme.example",
        "a@b.example, c@d.example",
        "Ann <ann@acme.example>",
        "no-reply@acme.example",
        "MAILER-DAEMON@acme.example",
        ".ann@acme.example",
        "ann..lee@acme.example",
        f"{'a' * 65}@acme.example",
        "ann@acme.example\0",
        "änn@acme.example",
    ],
)
def test_who_cannot_be_written_to_is_listed(tmp_path, email) -> None:
    opened = stored(tmp_path, [an_item("It hangs.", email=email, author="Ann")])
    found = notice(opened)

    assert (found.drafts, len(found.unreachable)) == ((), 1)
    opened.close()


def test_a_mail_is_a_draft_that_a_mail_program_opens(repository, tmp_path) -> None:
    paths = save_drafts(notice(repository), tmp_path / "drafts")
    mail = message_from_bytes(paths[0].read_bytes(), policy=default)

    assert len(paths) == 2
    assert (mail["To"], mail["X-Unsent"], mail["From"]) == ("Ann@Acme.example", "1", None)
    assert mail["Subject"] == "We are working on what you told us on 11 November 2026"
    assert "> The export hangs." in mail.get_content()
    assert mail.get_content_type() == "text/plain"
    assert {S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert "ann" not in paths[0].name.casefold()


def test_the_same_people_have_the_same_files_the_next_time(repository, tmp_path) -> None:
    first = save_drafts(notice(repository), tmp_path / "drafts")
    again = save_drafts(notice(repository), tmp_path / "drafts")

    assert first == again
    assert len(list((tmp_path / "drafts").iterdir())) == 2


def test_a_folder_that_is_a_file_is_told(repository, tmp_path) -> None:
    (tmp_path / "drafts").write_text("")

    with pytest.raises(InsightsError, match="cannot be written"):
        save_drafts(notice(repository), tmp_path / "drafts")


def test_the_team_can_write_the_message(repository, tmp_path) -> None:
    (tmp_path / "ours.md").write_text("Subject: {{ product }}\n\nDear {{ name }}: {{ quotes[0].words }} *{{ title }}*")
    draft = notice(repository, template="ours.md", folder=tmp_path).drafts[1]

    assert (draft.subject, draft.text) == ("our product", "Dear Bob: Hangs for me, too. *Export hangs*")


@pytest.mark.parametrize(
    ("text", "message"), [("Dear {{ name }}", "has no subject"), ("Subject: a\n\n{{ secret }}", "template of messages")]
)
def test_a_template_that_is_wrong_is_told_with_its_setting(repository, tmp_path, text, message) -> None:
    (tmp_path / "ours.md").write_text(text)

    with pytest.raises(InsightsError, match=message) as caught:
        notice(repository, template="ours.md", folder=tmp_path)
    assert "export.message" in caught.value.remedy


HOSTILE = st.text() | st.sampled_from(
    ["a\r\nBcc: all@acme.example", "\r\n\r\nX: 1", "{{ 7*7 }}{% for %}", "\ud800", "=?utf-8?q?a?="]
)


@given(words=HOSTILE, name=HOSTILE, title=HOSTILE)
def test_no_words_make_a_header_or_another_part(words, name, title) -> None:
    from insights.domain.problem import Problem
    from insights.notifying import _draft, default_message
    from insights.storage.askers import Asked
    from tests.builders import a_problem

    problem: Problem = a_problem(title)
    asked = Asked(
        feedback_id=1,
        ref="tickets/1",
        words=words,
        at=NOW,
        name=name,
        email="ann@acme.example",
        account_id=None,
        account=name,
        url=words,
    )
    template = default_message()
    draft = _draft([asked], problem=problem, shipped_on=None, product=title, template=template)
    mail = message_from_bytes(as_mail(draft).as_bytes(), policy=default)

    assert sorted(mail.keys()) == [
        "Content-Transfer-Encoding",
        "Content-Type",
        "MIME-Version",
        "Subject",
        "To",
        "X-Unsent",
    ]
    assert mail["To"] == "ann@acme.example"
    assert mail.get_content().rstrip("\n").splitlines() == draft.text.splitlines()
