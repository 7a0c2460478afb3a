"""A server on this machine is asked by no proxy, whatever the environment says; others as before."""

import os

import pytest

from insights.config.unproxied import unproxied


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/v1", "http://localhost:1", "http://[::1]:1", "127.0.0.2"])
def test_around_the_making_of_a_client_its_host_is_excepted(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intra.example")
    monkeypatch.delenv("no_proxy", raising=False)
    with unproxied(address):
        excepted = os.environ["no_proxy"].split(",")
        assert excepted[0] == "intra.example"
        assert excepted[1] in address
    assert os.environ["NO_PROXY"] == "intra.example"
    assert "no_proxy" not in os.environ


@pytest.mark.parametrize("address", ["https://api.example/v1", "http://127.0.0.1.example", ""])
def test_what_is_elsewhere_is_reached_as_the_environment_says(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intra.example")
    with unproxied(address):
        assert os.environ["NO_PROXY"] == "intra.example"


def test_the_environment_is_as_before_where_the_client_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(ValueError, match="refused"), unproxied("localhost"):
        raise ValueError("refused")
    assert "NO_PROXY" not in os.environ
