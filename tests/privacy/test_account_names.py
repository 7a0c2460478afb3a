"""What an account is called outside of the machine."""

import pytest

from insights.privacy.account_names import without_person


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("jane.roe@acme.example", "…@acme.example"),
        ("Jane <jane@acme.example>, bo@acme.example", "Jane <…@acme.example>, …@acme.example"),
        ("…@acme.example", "…@acme.example"),
        ("Acme @ Berlin", "Acme @ Berlin"),
        ("@acme", "@acme"),
        ("", ""),
    ],
)
def test_the_person_before_a_domain_is_left_out(name: str, told: str) -> None:
    assert without_person(name) == told


def test_a_long_name_takes_no_time() -> None:
    assert without_person("a" * 300_000) == "a" * 300_000
    assert without_person("a@" * 150_000 + "b").count("a") == 0
