"""Settings are strictly checked: what is wrong is named with its line, and every setting says what it does."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from insights.config import (
    SETTINGS_FILE,
    DigestSettings,
    FileSettings,
    Section,
    SenderSettings,
    Settings,
    SourceSettings,
    TrackerSettings,
    default_file,
    load_settings,
    own_settings,
)
from insights.errors import InsightsError


def load(folder: Path, text: str, **environment: str) -> Settings:
    (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
    return load_settings(folder / SETTINGS_FILE, environment=environment)


def refused(folder: Path, text: str, **environment: str) -> InsightsError:
    with pytest.raises(InsightsError) as caught:
        load(folder, text, **environment)
    return caught.value


def fields_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """(name, description) of every setting, sections too."""
    for name, field in model.model_fields.items():
        yield prefix + name, field.description
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields_of(field.annotation, f"{prefix}{name}.")


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Settings()


@pytest.mark.parametrize(
    ("text", "line", "key", "nearest"),
    [
        ("[worth]\nhourly_costs = 50\n", 2, "worth.hourly_costs", "worth.hourly_cost"),
        ("# words\n\n[language]\nmodell = 'x'\n", 4, "language.modell", "language.model"),
        ("[product]\nname = 'x'\n\n[storag]\ndatabase_url = ''\n", 4, "storag", "storage"),
        (
            "[[sources]]\nname='a'\npath='a.csv'\nkind='nps'\n[[sources]]\nname='b'\npath='b'\nkind='nps'\nkindd='x'\n",
            9,
            "sources.1.kindd",
            "sources.kind",
        ),
        ("[[digests]]\nname='a'\nchanel='stdout'\n", 3, "digests.0.chanel", "Did you mean digests.channel or "),
    ],
)
def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known(
    tmp_path: Path, text: str, line: int, key: str, nearest: str
) -> None:
    error = refused(tmp_path, text)

    assert error.message == f"insights.toml, line {line}: there is no setting {key}."
    assert nearest in error.remedy


def test_a_key_that_is_like_nothing_gets_the_list_of_sections(tmp_path: Path) -> None:
    error = refused(tmp_path, "[qqqq]\nzzzz = 1\n")

    assert "product" in error.remedy
    assert "worth" in error.remedy


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("[worth]\n\nloss_high = 3\n", 3, "worth.loss_high"),
        ("[worth]\nweek_cost = 'much'\n", 2, "worth.week_cost"),
        ("[worth]\nweeks_low = 0\n", 2, "worth.weeks_low"),
        ("[language]\nconcurrency = 0\n", 2, "language.concurrency"),
        ("[embedding]\nembedder = 'magic'\n", 2, "embedding.embedder"),
        ("[product]\ncurrency = 'dollars'\n", 2, "product.currency"),
        ("[[sources]]\nname = 'a b'\npath = 'x'\nkind = 'nps'\n", 2, "sources.0.name"),
        ("[[sources]]\nname = 'a'\npath = 'x'\nkind = 'chat'\n", 4, "sources.0.kind"),
        ("[triage]\nmouse = true\nkeys = {undo = 'z', accept = 5}\n", 3, "triage.keys.accept"),
        ("[triage]\nmouse = true\nkeys.accept = 5\n", 3, "triage.keys.accept"),
        ("[triage]\n[triage.keys]\nundo = 'z'\naccept = 5\n", 4, "triage.keys.accept"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_its_line(tmp_path: Path, text: str, line: int, key: str) -> None:
    error = refused(tmp_path, text)

    assert error.message.startswith(f"insights.toml, line {line}: {key} is not usable: ")
    assert key in error.remedy


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("\n[[sources]]\nname = 'a'\nkind = 'nps'\n", 2, "sources.0.path"),
        ("[[sources]]\n[[sources]]\ntype = 'zendesk'\n", 1, "sources.0.name"),
        ("[[sources]]\nname = 'a'\ntype = 'zendesk'\n\n[[sources]]\ntype = 'zendesk'\n", 5, "sources.1.name"),
        ("[[trackers]]\nname = 'a'\n", 1, "trackers.0.type"),
    ],
)
def test_a_key_that_is_missing_is_to_be_added_at_its_block(tmp_path: Path, text: str, line: int, key: str) -> None:
    error = refused(tmp_path, text)

    assert error.message == f"insights.toml, line {line}: {key} is missing."
    assert "Add it" in error.remedy


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("[[sources]]\nname = 'a'\ntype = 'zendesk'\nsince = 'soon'\n", 4, "sources.0.since"),
        ("[[sources]]\nname = 'a'\ntype = 'zendesk'\noverlap_minutes = -1\n", 4, "sources.0.overlap_minutes"),
        ("[[sources]]\nname = 'a'\ntype = 5\n", 3, "sources.0.type"),
        ("[[trackers]]\nname = 'a'\ntype = 'b c'\n", 3, "trackers.0.type"),
        ("[[trackers]]\nname = 'a'\ntype = 'github'\n\n[[trackers]]\nname = 'b/c'\n", 6, "trackers.1.name"),
    ],
)
def test_what_is_wrong_in_a_block_of_a_service_is_named_as_it_is_written(
    tmp_path: Path, text: str, line: int, key: str
) -> None:
    """The tags that tell files from services were written by nobody, and stand in no message."""
    error = refused(tmp_path, text)

    assert error.message.startswith(f"insights.toml, line {line}: {key} is not usable: ")
    assert "service" not in error.message and ".file." not in error.message


@pytest.mark.parametrize(
    "text",
    [
        "[[sources]]\nname = 'desk'\ntype = 'zendesk'\n[[trackers]]\nname = 'desk'\ntype = 'github'\n",
        "[[sources]]\nname = 'desk'\npath = 'a'\nkind = 'nps'\n[[sources]]\nname = 'desk'\ntype = 'zendesk'\n",
        "[[trackers]]\nname = 'desk'\ntype = 'github'\n[[trackers]]\nname = 'desk'\ntype = 'gitlab'\n",
    ],
)
def test_no_two_sources_and_trackers_have_one_name(tmp_path: Path, text: str) -> None:
    error = refused(tmp_path, text)

    assert "are called 'desk'" in error.message and "name of its own" in error.remedy


def test_names_that_would_share_one_variable_for_their_secrets_are_refused(tmp_path: Path) -> None:
    blocks = "[[sources]]\nname = 'desk-eu'\ntype = 'zendesk'\n[[trackers]]\nname = 'DESK.eu'\ntype = 'github'\n"

    error = refused(tmp_path, blocks)

    assert "'desk-eu' and 'DESK.eu'" in error.message and "INSIGHTS_SECRET_DESK_EU" in error.message


def test_files_whose_names_differ_by_a_sign_have_no_secrets_to_share(tmp_path: Path) -> None:
    file = "[[sources]]\nname = 'desk{}eu'\npath = 'a.csv'\nkind = 'nps'\n"

    assert len(load(tmp_path, file.format("-") + file.format(".")).sources) == 2


@pytest.mark.parametrize("text", ["[sources]\nname = 'a'\n", "sources = 5\n", "[trackers]\nname = 'a'\n"])
def test_blocks_that_are_written_as_a_table_are_told_how_to_begin(tmp_path: Path, text: str) -> None:
    assert "Begin each block with [[" in refused(tmp_path, text).remedy


def test_sources_are_files_unless_they_say_otherwise(tmp_path: Path) -> None:
    text = "[[sources]]\nname = 'a'\npath = 'a.csv'\nkind = 'nps'\n[[sources]]\nname = 'b'\ntype = 'desk'\nurl = 'x'\n"

    file, service = load(tmp_path, text).sources

    assert isinstance(file, FileSettings) and not isinstance(service, FileSettings)
    assert service.own == {"url": "x"}
    assert load(tmp_path, text).services == {"b": "desk"}


class DeskSettings(Section):
    url: str = Field(description="Address of the desk.")
    calls: int = Field(5, ge=1, description="Calls a minute.")


@pytest.mark.parametrize(
    ("own", "message", "remedy"),
    [
        ({"url": "x", "cals": 3}, "there is no setting cals", "calls"),
        ({"calls": 3}, "has no url", "Add url = … to it. Address of the desk"),
        ({"ulr": "x"}, "there is no setting ulr", "Did you mean url?"),
        ({"url": "x", "calls": 0}, "calls is not usable", "Correct calls"),
        ({"url": "x", "token": "canary-77"}, "there is no setting token", "insights auth desk"),
        ({"url": "x", "qqqq": "canary-77"}, "there is no setting qqqq", "url, calls"),
    ],
)
def test_settings_of_a_service_are_checked_by_its_connector_and_never_shown(
    own: dict[str, Any], message: str, remedy: str
) -> None:
    settings = SourceSettings.model_validate({"name": "desk", "type": "acme", **own})

    with pytest.raises(InsightsError) as caught:
        own_settings(settings, DeskSettings)

    assert "desk (type acme) in insights.toml" in caught.value.message and message in caught.value.message
    assert remedy in caught.value.remedy
    assert "canary" not in f"{caught.value.message}{caught.value.remedy}"


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_what_is_no_amount_is_refused(tmp_path: Path, number: str) -> None:
    error = refused(tmp_path, f"[worth]\nweek_cost = {number}\n")

    assert "worth.week_cost is not usable" in error.message


@pytest.mark.parametrize("name", ["loss", "win", "share_avoided", "weeks"])
def test_a_low_above_its_high_is_refused(tmp_path: Path, name: str) -> None:
    error = refused(tmp_path, f"[worth]\n{name}_low = 0.9\n{name}_likely = 0.5\n{name}_high = 0.2\n")

    assert "low" in error.message


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    text = "[worth]\nhourly_cost = 50\nweek_cost = 3000\n"

    found = load(tmp_path, text, INSIGHTS_WORTH_HOURLY_COST="60.5", INSIGHTS_PRIVACY_PHONE_REGIONS="AT,CH")

    assert (found.worth.hourly_cost, found.worth.week_cost) == (60.5, 3000)
    assert found.privacy.phone_regions == ["AT", "CH"]


def test_a_bad_value_in_the_environment_does_not_blame_a_line(tmp_path: Path) -> None:
    error = refused(tmp_path, "", INSIGHTS_WORTH_HOURLY_COST="much")

    assert error.message.startswith("INSIGHTS_WORTH_HOURLY_COST is not usable")
    assert "Correct that variable" in error.remedy


def test_other_variables_of_the_environment_are_left_alone(tmp_path: Path) -> None:
    assert load(tmp_path, "", INSIGHTS_KEY="secret", INSIGHTS_WORTH="x", WORTH_HOURLY_COST="1") == Settings()


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, "[product]\nname = \ncurrency = '$'\n")

    assert "not valid TOML" in error.message
    assert "line 2" in error.message


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match=r"There is no insights\.toml") as caught:
        load_settings(tmp_path / SETTINGS_FILE, environment={})

    assert "insights init" in caught.value.remedy


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(b"name = '\xff\xfe'")

    with pytest.raises(InsightsError, match="cannot be read"):
        load_settings(tmp_path / SETTINGS_FILE, environment={})


def test_every_setting_says_what_it_does() -> None:
    found = [*fields_of(Settings), *fields_of(FileSettings, "sources."), *fields_of(TrackerSettings, "trackers.")]

    assert len(found) > 40
    assert [name for name, description in found if not description] == []


def test_the_file_that_init_writes_is_read_as_the_defaults(tmp_path: Path) -> None:
    found = load(tmp_path, default_file('Say "Pro"\nüber'))

    assert found.product.name == 'Say "Pro"\nüber'
    assert found.model_copy(update={"product": Settings().product}) == Settings()


def test_the_file_that_init_writes_names_and_describes_every_setting() -> None:
    text = default_file("our product")

    for name, description in fields_of(Settings):
        assert name.rpartition(".")[2] in text
        if name not in ("sources", "trackers", "senders", "digests", "retention"):
            assert description is not None
            assert description in text
    described = {**FileSettings.model_fields, "type": SourceSettings.model_fields["type"]}
    blocks = (described, TrackerSettings.model_fields, SenderSettings.model_fields, DigestSettings.model_fields)
    assert all(str(field.description) in text for fields in blocks for field in fields.values())


def test_every_default_that_the_file_shows_can_be_switched_on() -> None:
    lines = default_file("our product").split("\n# What `insights pull` reads")[0].splitlines()
    switched_on = [line.removeprefix("# ") if " = " in line and line[2:3].islower() else line for line in lines]

    assert Settings.model_validate(tomllib.loads("\n".join(switched_on))) == Settings()


def test_settings_do_not_change_after_loading(tmp_path: Path) -> None:
    worth = load(tmp_path, "").worth

    with pytest.raises(ValueError, match="frozen"):
        setattr(worth, "hourly_cost", 1)  # noqa: B010  mypy refuses the assignment, which is the point
