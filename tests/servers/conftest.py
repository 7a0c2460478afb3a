"""Servers that this project did not write: `make test-servers` starts them and names them in variables. A test on one
that is not there is skipped."""

import os

import pytest

from tests.servers.others import Described, Redmine, RequestTracker, ask


def _variable(name: str) -> str:
    value = os.environ.get(f"INSIGHTS_TEST_{name}", "")
    if not value:
        pytest.skip(f"no server of others is named in INSIGHTS_TEST_{name}: make test-servers starts it")
    return value


@pytest.fixture(scope="session")  # as anything dear that a test needs besides, which is then not made in vain
def request_tracker() -> RequestTracker:
    return RequestTracker(url=_variable("RT"))


@pytest.fixture(scope="session")
def redmine() -> Redmine:
    url, key = _variable("REDMINE"), _variable("REDMINE_KEY")
    _, answer = ask("GET", f"{url}/custom_fields.json", headers={"X-Redmine-API-Key": key})
    named = {one["name"]: one["id"] for one in answer["custom_fields"]}
    return Redmine(url=url, key=key, field_id=named["External ID"])


def _described(vendor: str) -> Described:
    url = _variable(vendor)
    return Described(url=url, before=len(Described(url=url).calls()))


@pytest.fixture
def intercom() -> Described:
    return _described("INTERCOM")


@pytest.fixture
def asana() -> Described:
    return _described("ASANA")


@pytest.fixture
def linear() -> Described:
    """Its GraphQL, at any path."""
    return _described("LINEAR")


@pytest.fixture
def github() -> Described:
    """Its REST API."""
    return _described("GITHUB")


@pytest.fixture
def github_graphql() -> Described:
    """Its GraphQL, at any path."""
    return _described("GITHUB_GRAPHQL")
