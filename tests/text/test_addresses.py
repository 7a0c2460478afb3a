import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.text.addresses import LONGEST_ADDRESS, issue_address, web_address


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://acme.zendesk.com/agent/tickets/12", "https://acme.zendesk.com/agent/tickets/12"),
        (" HTTP://Host.example:8080/a?b=1&c=2#d ", "http://host.example:8080/a?b=1&c=2#d"),
        ("https://x.example/a_(b)|c*'d\"<e>`f^g[h]{i}\\@j", None),
        ("https://x.example/50%/%20", "https://x.example/50%25/%20"),
        ("https://x.example/é", "https://x.example/%C3%A9"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_an_address_of_the_web_stays_with_what_could_be_mark_up_encoded(address, kept):
    found = web_address(address)

    assert found == kept if kept else re.fullmatch(r"https://x\.example/[\w%]+", found)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://x.example",
        "//x.example",
        "https://",
        "https:///path",
        "https://bank.example@evil.example",
        "https://x.example/a b",
        "https://x.example/a\nb",
        "https://x.example/\u202eb",
        "https://x.example:99999/",
        "https://[x/",
        "https://x<y>.example",
        "https://x.example/" + "a" * LONGEST_ADDRESS,
    ],
)
def test_anything_else_is_none(address):
    assert web_address(address) == ""


@given(st.text() | st.text().map(lambda text: f"https://x.example/{text}") | st.text().map("https://{}".format))
def test_no_text_makes_an_address_that_ends_a_link_or_hides_something(text):
    found = web_address(text)

    assert re.fullmatch(r"|https?://[\w.:\[\]-]+[\w\-.~:/?#!$&,;=%+]*", found, re.ASCII)
    assert web_address(found) == found


@pytest.mark.parametrize("address", ["file:///srv/a%20b/backlog.md", "https://x.example/1#c2", "file:///C:/b.csv"])
def test_an_issue_is_in_the_web_or_in_a_file(address):
    assert issue_address(address) == address


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file://evil.example/x", "file:///a\nb", "file:///\x1b]", ""]
)
def test_an_issue_is_nowhere_else(address):
    assert issue_address(address) == ""
