"""A workspace whose customers wrote all that may act in a tracker, and readers of what a vendor then holds that tell
whether any of it does. Not a test.

What is looked for is what each vendor's own parser would act on: Markdown with HTML, tables and addresses of any form
switched on, Textile as Redmine reads it, HTML, XML, and Atlassian's documents.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import unescape
from typing import Any
from xml.etree import ElementTree

from markdown_it import MarkdownIt

from insights.privacy.redaction import Redactor
from insights.storage.repository import Repository
from tests.connectors.rendering.hostile import COMMAND, IN_REDMINE, STRINGS, UNSEEN, Page, acting
from tests.connectors.rendering.test_adf import MARKS, nodes
from tests.connectors.rendering.test_html import ASANA, AZURE
from tests.connectors.rendering.test_markdown import TAGS, shown
from tests.connectors.rendering.test_textile import BLOCK, SPAN
from tests.stored import StoredProblem, a_stored_problem, an_account_record, an_estimate, an_item, fill
from tests.text.test_cells import FORMULAS

WORDS = (
    *STRINGS,
    *FORMULAS,
    "<script>alert(1)</script><svg/onload=alert(1)>",
    "[x](data:text/html;base64,PHNjcmlwdD4=) [y](vbscript:x) [z](file:///etc/passwd)",
    "<javascript:alert(1)> <data:text/html,x> <ann@evil.example> <https://evil.example/a>",
    "[ref]\n\n[ref]: https://evil.example 'title'",
    "![ref][p] [^1]\n\n[^1]: a footnote with [x](https://evil.example)",
    "&lt;script&gt; &#60;b&#62; &#x40;org &commat;org &num;1 &sol;close &lbrack;x&rbrack;&lpar;https://evil.example)",
    "\uff20org/team \uff03\uff11 \uff0fclose \uff1cimg\uff1e",
    "@\u200borg #\u200b1 \u202e1# sexif\u202c fi\u200dxes #1 \u2066@all\u2069",
    "line\u2028@everyone\u2029/close\u0085# heading",
    "> quoted\n> > twice\n> > > /close\n>>> @all",
    "| a | b |\n|---|---|\n| @org | fixes #1 |",
    "- [ ] @org\n- [x] fixes #1\n* [ ] /assign",
    ":tada: :+1: :octocat: :emoji:",
    "{{macro}} {{include(Wiki)}} {{>toc}} {{collapse(x)\ny\n}}",
    "[[wiki]] [[wiki|text]] [[project:page]] [[_TOC_]]",
    "{code}x{code} {panel:title=x}y{panel} {noformat} {color:red}r{color} {quote}q{quote}",
    "[~accountid:5b10ac8d82e05b22cc7d4ef5] [~admin] [^file.txt] [link|https://evil.example] !x.png|width=300!",
    '^alert#1 *iteration:1 [cadence:1] $1 %1 %"mile stone" ~label ~"two words" &1 !1 +1 ENG-12',
    "fixes ENG-12, Closes: https://github.com/o/r/issues/1, resolved gh-7; implements o/r#1 and AB#12",
    "a title\r\n/close\r\nBcc: all@evil.example\r\n\r\nbody",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07 \x1b[2J\x9b31m",
    "/label ~bug\n/merge\n/close",
    "<!-- insights:P-1 --> <!-- /insights:P-1 -->",
    "</body></p></blockquote><h1>out</h1> ]]> <![CDATA[x]]> <?xml?> <!DOCTYPE x>",
    "``` \n~~~\n`````\n/close\n@all\n",
    "\\@org \\\\@org \\[x](https://evil.example) \\<b>",
    '*Bold* _soft_ "link":https://evil.example "(class)x":https://evil.example <notextile>x</notextile> <pre><code>',
    "bq. quoted\n\nh1. heading\n\ntable(x).\n|a|b|\n\nfn1. foot",
    "xmpp:a@evil.example tel:+1 ssh://evil.example git://evil.example //evil.example evil.example/x",
    "{+ added +} {- gone -} $`x`$ $$x$$ ```math\nx\n```",
)
"""As customers write them."""

LONG = 300_000
"""Characters of the longest text."""
OWN = "https://ours.example/"
"""Where all that may be linked lies."""
URLS = (
    f"{OWN}a_b?c=1&d=(2)",
    f"{OWN}x) [y](javascript:alert(1)) <b>|[[z]]",
    f"{OWN}'\"><script>alert(1)</script>",
    f"{OWN}@org/#1 fixes",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://ours.example@evil.example/",
    "\x1b]8;;https://evil.example\x07",
)
_AT_ONCE = 6


def hostile_problems(repository: Repository) -> list[int]:
    """The ids of the problems that hold all words: each is a quote, an account, a source and an author, and part of a
    title and of a summary; the last one is long."""
    marker = f"insights-{repository.filings.workspace_marker()}-P-1"
    ours = (f"{marker}: up to here. Write above", f"<!-- /{marker} --> @all", f"{marker}: from here on kept")
    every = [*WORDS, *ours]
    groups = [every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE)]
    problems = [_problem(group) for group in groups] + [_problem([_long()])]
    fill(repository, problems, accounts=[an_account_record(name, revenue=1000) for name in _accounts(problems)])
    return list(range(1, len(problems) + 1))


def _long() -> str:
    whole = " ".join(WORDS)
    return (whole * (LONG // len(whole) + 1))[:LONG]


def _accounts(problems: Sequence[StoredProblem]) -> list[str]:
    return list(dict.fromkeys(item.account for problem in problems for item in problem.items if item.account))


def _problem(words: Sequence[str]) -> StoredProblem:
    items = [
        an_item(
            _redacted(one),
            account=one[:300],
            source=one[:300],
            author=one[:300],
            email="ann@customer.example",
            url=URLS[number % len(URLS)],
        )
        for number, one in enumerate(words)
    ]
    title = " ".join(words)
    return a_stored_problem(title, summary=title, items=items, quotes=len(items), estimate=an_estimate())


@cache
def _redacted(words: str) -> str:
    return Redactor().redact(words, also=["Ann Smith"]).text or "nothing"


# -- readers ----------------------------------------------------------------------------------------------------


def assert_title_is_inert(title: str) -> None:
    assert title.strip() and "\n" not in title and "\r" not in title
    assert not UNSEEN.search(title), title
    assert not acting([title]) and not COMMAND.search(title), title


def assert_markdown_is_inert(markdown: str) -> None:
    page = Page(shown(markdown))
    assert_page_is_inert(page, tags=TAGS)
    assert not COMMAND.search(markdown) and not UNSEEN.search(markdown)


def assert_file_is_inert(markdown: str) -> None:
    """In a file of a repository nothing looks for keys and bare names of servers, but for HTML, addresses, mentions and
    numbers."""
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False})
    parser.linkify.add("//", None)  # GitHub takes none for an address
    page = Page(parser.render(markdown))
    assert_only_ours(page, tags=TAGS)
    found = [text for text in page.texts if re.search(r"(?<![A-Za-z0-9])@\w|#\d|https?://|www\.\w", text)]
    assert not found, found[:5]


def assert_page_is_inert(page: Page, *, tags: set[str]) -> None:
    """Nothing but what is ours, and nothing in the words acts."""
    assert_only_ours(page, tags=tags)
    assert not acting(page.texts), acting(page.texts)
    assert not COMMAND.search(page.text) and not UNSEEN.search(page.text)


def assert_only_ours(page: Page, *, tags: set[str]) -> None:
    """Nothing but these elements, no comment, and no link but to our own address."""
    assert {tag for tag, _ in page.elements} <= tags, {tag for tag, _ in page.elements} - tags
    assert not page.comments, page.comments
    assert all(set(attributes) <= {"href"} for _, attributes in page.elements)
    assert_links_are_ours(page.links())


def assert_links_are_ours(links: Iterator[str]) -> None:
    for link in links:
        assert link.startswith(OWN) and not re.search(r"[\s<>\"'()\[\]|\\`{}]", link), link


def assert_azure_html_is_inert(html: str) -> None:
    assert_page_is_inert(Page(html), tags=AZURE)


def assert_asana_xml_is_inert(xml: str) -> None:
    root = ElementTree.fromstring(xml)
    assert {element.tag for element in root.iter()} <= ASANA
    assert_page_is_inert(Page(xml), tags=ASANA)


def assert_adf_is_inert(document: dict[str, Any]) -> None:
    """Words in text nodes are never mark-up; mentions, cards and media are nodes of their own, of which there are
    none."""
    texts = [node for node in nodes(document) if node["type"] == "text"]
    marks = [mark for node in texts for mark in node.get("marks", ())]
    assert {mark["type"] for mark in marks} <= MARKS
    assert_links_are_ours(mark["attrs"]["href"] for mark in marks if mark["type"] == "link")
    assert not UNSEEN.search("".join(node["text"] for node in texts))


def assert_textile_is_inert(text: str) -> None:
    links = re.findall(r'"[^"\n]*":(\S+)', text)
    assert_links_are_ours(iter(links))
    lines = [_without_ours(line) for line in text.split("\n")]
    assert not [line for line in lines if SPAN.search(line) or BLOCK.match(line)]
    assert not re.search(r'[<>@|{}\[\]"\\]|(?<!&)#|!\S|:\S', "\n".join(lines))
    assert not acting(map(unescape, lines)), acting(map(unescape, lines))
    assert not [line for line in lines if IN_REDMINE.search(line)]
    assert not COMMAND.search("\n".join(lines)) and not UNSEEN.search(text)


def _without_ours(line: str) -> str:
    """Without what our template formats: marks of lists and quotations, words in bold that end a label, links."""
    line = re.sub(r'"[^"\n]*":https://ours\.example/\S*', "link", re.sub(r"^(?:[*#] |> ?)", "", line))
    return re.sub(r"(?:^|(?<= ))\*([A-Z][a-z ]+:?)\*(?=[. ]|$)", r"\1", line)


READERS: dict[str, Callable[[Any], None]] = {
    "github": assert_markdown_is_inert,
    "gitlab": assert_markdown_is_inert,
    "linear": assert_markdown_is_inert,
    "redmine": assert_textile_is_inert,
    "azuredevops": assert_azure_html_is_inert,
    "asana": assert_asana_xml_is_inert,
    "jira": assert_adf_is_inert,
}
