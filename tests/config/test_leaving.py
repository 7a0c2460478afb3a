"""The switch `text_may_leave = false`, and fields that a source may keep."""

from pathlib import Path

import pytest

from insights.config import Settings, load_settings
from insights.config.leaving import is_local
from insights.errors import InsightsError

CLOSED = "[privacy]\ntext_may_leave = false\n"


def loaded(folder: Path, text: str, **environment: str) -> Settings:
    path = folder / "insights.toml"
    path.write_text(text)
    return load_settings(path, environment=environment)


@pytest.mark.parametrize(
    "elsewhere",
    [
        '[language]\nmodel = "openai:small"\n',
        '[language]\nmodel = "openai:small"\nbase_url = "https://models.example/v1"\n',
        '[language]\nmodel = "openai:small"\nbase_url = "http://localhost.example/v1"\n',
        '[language]\nmodel = "openai:small"\nbase_url = "http://127.0.0.1@models.example/v1"\n',
        '[language]\nmodel = "ollama:small"\nlarge_model = "openai:large"\n',
        '[embedding]\nembedder = "openai:vectors"\n',
        '[storage]\nvectors_url = "https://vectors.example"\n',
        '[[trackers]]\nname = "jira"\ntype = "jira"\nurl = "https://acme.atlassian.net"\n',
        '[[trackers]]\nname = "hub"\ntype = "github"\nrepository = "acme/app"\n',
        '[[senders]]\nname = "chat"\ntype = "slack"\n',
        '[[senders]]\nname = "mail"\ntype = "smtp"\nhost = "mail.example"\nsender = "a@b.example"\n',
    ],
)
def test_where_no_text_may_leave_settings_that_name_somewhere_else_are_refused(tmp_path: Path, elsewhere: str) -> None:
    with pytest.raises(InsightsError, match="would send text away"):
        loaded(tmp_path, CLOSED + elsewhere)
    assert loaded(tmp_path, elsewhere).privacy.text_may_leave


@pytest.mark.parametrize(
    "here",
    [
        "",
        '[language]\nmodel = "ollama:small"\n',
        '[language]\nmodel = "openai:small"\nbase_url = "http://127.0.0.1:8080/v1"\n',
        '[embedding]\nembedder = "openai:vectors"\nbase_url = "http://[::1]:8080/v1"\n',
        '[[trackers]]\nname = "redmine"\ntype = "redmine"\nurl = "http://localhost:3000"\nproject = "a"\n',
        '[[digests]]\nname = "daily"\nchannel = "file:digests/"\n',
    ],
)
def test_servers_on_this_machine_and_files_are_not_forbidden(tmp_path: Path, here: str) -> None:
    assert not loaded(tmp_path, CLOSED + here).privacy.text_may_leave


def test_a_variable_cannot_get_round_the_switch(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match=r"language\.model"):
        loaded(tmp_path, CLOSED, INSIGHTS_LANGUAGE_MODEL="openai:small")


@pytest.mark.parametrize("address", ["", "localhost.example", "127.0.0.1.example", "http://10.0.0.1", "http://[::1"])
def test_whatever_is_not_loopback_by_its_own_words_is_elsewhere(address: str) -> None:
    assert not is_local(address)


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1:25", "http://127.8.0.1/x", "http://[::1]:80"])
def test_loopback_addresses_are_this_machine(address: str) -> None:
    assert is_local(address)


def test_an_unknown_field_to_keep_is_an_error_that_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match=r"shoe_size.*author_email"):
        loaded(tmp_path, '[[sources]]\nname = "t"\ntype = "zendesk"\nkeep = ["shoe_size"]\n')
