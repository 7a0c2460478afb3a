"""What customers may write so that it acts in a tracker, and how to tell that it does not."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser

from hypothesis import strategies as st

from insights.text.clean import one_line
from insights.text.markdown import literal

JOINER = "\u2060"
NOTHING = "nothing"
OURS = "https://ours.example/a_b?c=1&d=(2)"

STRINGS = (
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "@everyone",
    "@org/team",
    "fixes #1",
    "/close",
    "/assign",
    "<!-- hidden -->",
    "<details>",
    "```\nbreak out\n```",
    "{html}<b>x</b>{html}",
    "[~admin]",
    "!http://evil/x.png!",
    "a title\r\nwith CR LF",
    "closes org/repo#1, resolves GH-1, fixes https://github.com/o/r/issues/1",
    "ABC-123 fixes ENG-12, see !1 $1 %1 &1 ~label *iteration:2 ^alert#1 [vulnerability:3]",
    "see [[wiki]] [[_TOC_]] {{toc}} {{macro_list}} r12 commit:abc user:admin version:1.0 attachment:x.png ##12",
    "https://evil.example www.evil.com evil.com mailto:a@evil.com a@evil.com ftp://evil.com",
    "![x](https://evil.com/x.png) [x](https://evil.com) <https://evil.com> [a]: https://evil.com",
    '"x":http://evil.com h1. Big *bold* _soft_ -gone- +new+ ^up^ ~down~ %span% ??cite?? @code@ |a|b|',
    "- [ ] task [x] done :tada: {+ in +} [- out -] $x^2$ ==mark== +++ :::",
    "\u202egnirts\u2066 \u200bzero\ufeff\u2028line\u2029\x85 \x1b[31mred\x07",
    "&lt;b&gt; &#64;all \\* C:\\new &copy",
    "# heading",
    "> quotation",
    "1. list",
    "---",
    "+++ Folded",
    "p(x y). class",
    "<pre>",
    "'; DROP TABLE issues; --",
)

WORDS = (
    st.text(alphabet="aB1 #-+=*_`~<>[](){}!@$%^&;:/\\|.?\n\r\t\"'GHwxr\u202e\u2060")
    | st.text()
    | st.sampled_from(STRINGS)
)

ACTIVE = re.compile(
    r"(?<![A-Za-z0-9])@[A-Za-z0-9_]|@(?:all|everyone)"  # mentions
    r"|#\d|##?\d|(?i:GH)-\d|[A-Za-z][A-Za-z0-9]{1,9}-\d"  # issues, keys
    r'|[!$&]\d|[%~](?:\w|")|\*iteration|\^alert|\[[a-z_]+:\d'  # GitLab
    r"|\[\[|\{\{|:\w+:(?!\w)|\[[ xX]\]"  # wikis, emoji, tasks
    r"|https?://|ftp://|www\.\w|mailto:\w|\w@\w"  # addresses
)
IN_REDMINE = re.compile(r"(?:^|(?<=[\s(,\[>-]))(?:r\d|(?:attachment|commit|document|source|user|version):\S)")
COMMAND = re.compile(r"(?m)^[\s>*-]*/\w")
COMMAND_SEEN = re.compile(r"(?m)^\s*/\w")
"""The same in what a reader sees, where a mark before it is a word."""


def acting(texts: Iterable[str]) -> list[str]:
    """What of each text a tracker would look up."""
    return [found[0] for text in texts for found in ACTIVE.finditer(text)]


UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def body_with(words: str) -> str:
    """Outside words wherever a template may put them: a paragraph, bold, a list, a quotation, a heading, a link."""
    put_in = literal(words, limit=400_000) or NOTHING
    return "\n\n".join(
        [
            put_in,
            f"**Who:** {put_in}.",
            f"**{put_in}**",
            f"- {put_in}\n- b {put_in}",
            f"> {put_in}\n>\n> — [it]({OURS})",
            f"## {put_in}",
            f"1. {put_in}",
        ]
    )


def as_said(words: str) -> str:
    """The words as a reader is to see them."""
    return one_line(words, 400_000) or NOTHING


def seen(text: str) -> str:
    """Without what cannot be seen of ours."""
    return text.replace(JOINER, "")


class Page(HTMLParser):
    """What a browser would make of HTML: elements with their attributes, comments, and texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.comments: list[str] = []
        self.texts = [""]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.texts.append("")

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.comments.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.comments.append(data)

    def handle_pi(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def links(self) -> Iterator[str]:
        for tag, attributes in self.elements:
            if tag == "a" and "href" in attributes:
                yield unescape(attributes["href"] or "")


def assert_only_ours(html: str, *, tags: set[str], links: int = 1) -> Page:
    """Nothing but these elements, and no link but to our address."""
    page = Page(html)
    assert {tag for tag, _ in page.elements} <= tags
    assert not page.comments
    assert [*page.links()] == ["https://ours.example/a_b?c=1&d=%282%29"] * links
    assert all(set(attributes) <= {"href"} for _, attributes in page.elements)
    return page
