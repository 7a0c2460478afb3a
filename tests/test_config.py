"""Settings are strictly checked: what is wrong is named with its line, and every setting says what it does."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from insights.config import SETTINGS_FILE, Settings, SourceSettings, default_file, load_settings
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
        ("\n[[sources]]\nname = 'a'\nkind = 'nps'\n", 2, "sources.0.path"),
        ("[triage]\nmouse = true\nkeys = {undo = 'z', accept = 5}\n", 3, "triage.keys.accept"),
        ("[triage]\nmouse = true\nkeys.accept = 5\n", 3, "triage.keys.accept"),
        ("[triage]\n[triage.keys]\nundo = 'z'\naccept = 5\n", 4, "triage.keys.accept"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_its_line(tmp_path: Path, text: str, line: int, key: str) -> None:
    error = refused(tmp_path, text)

    assert error.message.startswith(f"insights.toml, line {line}: {key} is not usable: ")
    assert key in error.remedy


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

    assert error.message.startswith("insights.toml or the environment: worth.hourly_cost is not usable")


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
    found = [*fields_of(Settings), *fields_of(SourceSettings, "sources.")]

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
        if name != "sources":
            assert description is not None
            assert description in text
    assert all(description in text for _, description in fields_of(SourceSettings) if description)


def test_every_default_that_the_file_shows_can_be_switched_on() -> None:
    lines = default_file("our product").split("\n# What `insights pull` reads")[0].splitlines()
    switched_on = [line.removeprefix("# ") if " = " in line and line[2:3].islower() else line for line in lines]

    assert Settings.model_validate(tomllib.loads("\n".join(switched_on))) == Settings()


def test_settings_do_not_change_after_loading(tmp_path: Path) -> None:
    worth = load(tmp_path, "").worth

    with pytest.raises(ValueError, match="frozen"):
        setattr(worth, "hourly_cost", 1)  # noqa: B010  mypy refuses the assignment, which is the point
