"""What is fed with bad input, and what must hold of each: functions of a text or of bytes that raise where not."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.files.fields import KINDS
from connectors.sources.files import FileSource
from connectors.trackers.rendering import adf, html, markdown, plain, textile
from insights.config import load_settings
from insights.digest.mail import mail_of
from insights.domain.query import parse_query
from insights.errors import InsightsError
from insights.language.answers import KindsDraft
from insights.language.completions import without_fence
from insights.language.prompts import load_prompt
from insights.language.questions import fence_mark, fenced
from insights.language.quotes import find_span
from insights.privacy.redaction import Redactor
from insights.report.page import to_html
from insights.text import placeholders
from insights.text.cells import inert_cell
from insights.text.clean import analysed_body, html_to_text, one_line, sanitise
from insights.text.mail import own_words
from insights.text.markdown import literal
from insights.text.orders import is_order
from insights.text.sentences import mention_spans
from tests.digest.stories import a_story_of
from tests.report.test_page import a_report_saying

_ENDINGS = (".csv", ".tsv", ".jsonl", ".json", ".xlsx", ".parquet", ".csv.gz", ".txt")


def read_file(content: bytes) -> None:
    """An importer: any bytes under any ending are records, refused rows or a plain error."""
    ending = _ENDINGS[len(content) % len(_ENDINGS)]
    kind = KINDS[sum(content[:4]) % len(KINDS)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows{ending}"
        path.write_bytes(content)
        try:
            for page in islice(FileSource(name="fuzz", path=path, kind=kind).fetch({}), 20):
                assert len(page.records) + len(page.rejects) <= 5_000
        except InsightsError as error:
            assert error.message
            assert error.remedy


def read_settings(content: bytes) -> None:
    """A settings file: usable, or a plain error that does not repeat a value."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "insights.toml"
        path.write_bytes(content)
        try:
            load_settings(path)
        except InsightsError as error:
            assert error.message
            assert error.remedy


def clean(text: str) -> None:
    """The sanitiser: nothing unseen is left, doing it twice changes nothing."""
    done = sanitise(text)
    assert sanitise(done) == done
    assert not any(ord(char) < 32 and char not in "\n\t" for char in done)
    assert len(one_line(text, 80)) <= 81
    assert "\n" not in one_line(text, 80)


def read_mail(text: str) -> None:
    """Mails and HTML: words come out, or none; never markup that acts."""
    body = analysed_body(text)
    assert sanitise(body) == body
    own_words(text)
    html_to_text(text)
    assert all(0 <= start < end <= len(body) for start, end in mention_spans(body))


@cache
def _redactor() -> Redactor:
    return Redactor(names=["Ann Lee", "Jörg Müller"], addresses=["ann@intern"])


def redact(text: str) -> None:
    """The redactor: doing it twice changes nothing, and what it tells adds up."""
    done = _redactor().redact(text, also=["Ann Lee"])
    assert _redactor().redact(done.text).text == done.text
    assert sum(done.counts.values()) <= len(text) + 1
    assert placeholders.plain(placeholders.plain(done.text)) == placeholders.plain(done.text)


def render_prompt(text: str) -> None:
    """A prompt: what a customer wrote stays between the marks of its fence, and runs no template."""
    lines = [one_line(part, 400) for part in text.split("\n")] or [""]
    values, canary = fenced(lines)
    prompt = load_prompt("tell_kind").render(product="our product", **values)
    mark = fence_mark(lines)
    assert mark not in text
    assert canary in prompt
    begin, end = prompt.index(mark) + len(mark), prompt.rindex(mark)
    assert all(line in prompt[begin:end] for line in lines)


def read_answer(text: str) -> None:
    """A model's answer: what was asked for, or a refusal by validation."""
    from pydantic import ValidationError

    try:
        KindsDraft.model_validate_json(without_fence(text))
    except (ValidationError, ValueError):
        return


def check_quote(text: str) -> None:
    """A quote: the span it is given lies within its source."""
    half = len(text) // 2
    for quoted in (text[half:], text[:half], text[::-1]):
        span = find_span(text, quoted)
        assert span is None or 0 <= span[0] < span[1] <= len(text)


class _Acting(HTMLParser):
    """Elements with their attributes' names, as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))


_PLAIN = "xplain"


@cache
def _plain_report() -> list[tuple[str, tuple[str, ...]]]:
    return _Acting(to_html(a_report_saying(_PLAIN))).elements


@cache
def _plain_mail() -> set[tuple[str, tuple[str, ...]]]:
    return set(_Acting(mail_of(a_story_of(_PLAIN), chart=False)[1]).elements)


def write_report(text: str) -> None:
    """The report: the same elements and attributes whatever somebody wrote."""
    assert _Acting(to_html(a_report_saying(f"x{text.replace('P-', 'P')}"))).elements == _plain_report()


def write_mail(text: str) -> None:
    """A digest as mail: no element or attribute that plain words do not bring."""
    found = set(_Acting(mail_of(a_story_of(f"x{text.replace('P-', 'P')}"), chart=False)[1]).elements)
    assert found <= _plain_mail()


def write_cell(text: str) -> None:
    """A cell of a table: nothing a spreadsheet would run."""
    cell = inert_cell(one_line(text, 2_000))
    first = cell.lstrip(" \t\"'`")[:1]
    assert cell.startswith("'") or first not in "=@" or not first


def write_issue(text: str) -> None:
    """An issue in every tracker's form: size bounded, no raw HTML from outside."""
    body = f"# Title\n\n> {literal(sanitise(text))}\n"
    for written in (html.azure_html(body), html.asana_html(body), markdown.gfm(body), textile.textile(body)):
        assert "<script" not in written.lower()
    plain.plain(body)
    json.dumps(adf.adf(body))


def search_line(text: str) -> None:
    """A typed search: understood or hinted at, never an error."""
    parse_query(text, today=date(2026, 6, 1))


def tell_orders(text: str) -> None:
    """Orders to a machine are told from the text alone, in time."""
    assert is_order(text) in (True, False)


@dataclass(frozen=True, slots=True)
class Target:
    """`run` takes bytes where `is_binary`, else a text."""

    run: Callable[[Any], None]
    is_binary: bool = False


TARGETS: Mapping[str, Target] = {
    "importer": Target(read_file, is_binary=True),
    "settings": Target(read_settings, is_binary=True),
    "sanitiser": Target(clean),
    "mail and HTML in": Target(read_mail),
    "redactor": Target(redact),
    "prompt": Target(render_prompt),
    "answer": Target(read_answer),
    "quote": Target(check_quote),
    "report": Target(write_report),
    "mail": Target(write_mail),
    "cell": Target(write_cell),
    "issue": Target(write_issue),
    "search line": Target(search_line),
    "orders": Target(tell_orders),
}
