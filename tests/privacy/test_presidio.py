"""Presidio looks beside our own rules where it is installed; without it, a plain error says how to get it."""

import builtins
import sys

import pytest

from insights.errors import InsightsError
from insights.privacy.presidio import finders_of, presidio_finder
from insights.privacy.redaction import Redactor


def test_rules_need_no_other_finder() -> None:
    assert finders_of("rules", regions=("US",)) == ()


def test_what_is_missing_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.partition(".")[0] in ("presidio_analyzer", "spacy"):
            raise ModuleNotFoundError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    for name in [name for name in sys.modules if name.partition(".")[0] in ("presidio_analyzer", "spacy")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(InsightsError) as raised:
        finders_of("presidio", regions=("US",))

    assert raised.value.message == "Presidio is not installed."
    assert "feedback-insights[presidio]" in raised.value.remedy


def test_further_finders_are_united_with_our_own() -> None:
    text = "badge QX-7 of a@b.example"
    redactor = Redactor(finders=[lambda text: [(at, at + 4, "ID")] if (at := text.find("QX-7")) >= 0 else []])

    assert redactor.redact(text).text == "badge <ID> of <EMAIL>"


def test_presidio_finds_by_form_without_a_model_or_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("presidio_analyzer", reason="the extra presidio is not installed")
    import socket

    def refused(*_: object) -> None:
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refused)
    find = presidio_finder(regions=("US",))

    text = "mail ann.lee@firm.com, card 4111111111111111"
    assert {(text[start:end], label) for start, end, label in find(text)} >= {
        ("ann.lee@firm.com", "EMAIL"),
        ("4111111111111111", "CARD"),
    }
    assert Redactor(finders=[find]).redact("<EMAIL_7KQ2M4XA> wrote").text == "<EMAIL_7KQ2M4XA> wrote"
