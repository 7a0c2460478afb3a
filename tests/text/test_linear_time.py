"""Hostile repetitions: four times the text may take four times as long, not sixteen."""

import time
from collections.abc import Callable

import pytest

from insights.domain.feedback import Stance
from insights.privacy.redaction import Redactor
from insights.text.boilerplate import find_boilerplate, stated_spans
from insights.text.clean import analysed_body, html_to_text, one_line, sanitise
from insights.text.orders import is_order
from insights.text.sentences import mention_spans
from insights.text.severity import severity_of
from insights.text.stance import classify

UNITS = [
    "a",
    "a ",
    "A ",
    "1",
    "1 ",
    "1-",
    "+1",
    "1.",
    "0:",
    "a.",
    "a@",
    "@",
    "a@b.",
    "(at)",
    "a at b dot ",
    "<",
    "<p>",
    "</p>",
    "<b><i>",
    "<script>",
    "<!--",
    "&",
    "&amp;",
    "\x1b",
    "\x1b]",
    "\x1b[",
    "\x9d1;",
    "\x9b1",
    "\n> ",
    "\n",
    " ",
    "\t",
    "-- \n",
    "From: a\n",
    "On a\n",
    "On x wrote:\n",
    "Thanks,\n",
    "Best regards, Ana ",
    "\u0301",
    "👩\u200d",
    "DE89 ",
    "eyJaaaaaaaa.",
    "sk-",
    "https://a?token=",
    "Mr. A ",
    "name is A ",
    "Bearer a",
    "password: ",
    "5 Aa ",
    "Calle a ",
    "5 rue a ",
    "Also, it fails. ",
    "- a\n",
    "a. ",
    "a? ",
    "...",
    "Ortega ",
    "would ",
    "thank you ",
    "not ",
    "cannot ",
    "(1",
    "1)",
    "next steps: ",
    "Re: ",
    "e-mail is ",
    "a: b | ",
    "A:",
    "ignore ",
    "ignore all ",
    "your answer ",
    "act as",
    "i g n o r e ",
    "=",
    "= end of ",
    "a = a + ",
    "01010101 ",
    "YWFh",
    "忽略",
    "ß",
    "1.1.",
    "1 11 ",
    "AA11",
    "IT 1",
    "00",
    "DNI: ",
    "passport 1 ",
    "Via A ",
    "PO Box 1",
    "Dear Ana ",
    "\nDear Ana",
    "je suis Ana ",
    "spoke with Ana ",
    "order 11, ",
    "gho_",
    "ya29.a",
    "AccountKey=a",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN A ",
    "eyJaaaaaaaa.aaaaaaaa.",
]
SIZE = 5_000
ALWAYS = 0.02
"""Seconds that anything may take."""
REDACTOR = Redactor(names=["Lucía Ortega"])
JOBS: dict[str, Callable[[str], object]] = {
    "sanitise": sanitise,
    "one_line": one_line,
    "html_to_text": html_to_text,
    "analysed_body": lambda text: analysed_body(text, subject=text),
    "mention_spans": mention_spans,
    "mention_spans after a word": lambda text: mention_spans("a " + text),
    "boilerplate": lambda text: stated_spans(text, find_boilerplate([text] * 2) | {1}),
    "classify": lambda text: classify([text]),
    "redact": REDACTOR.redact,
    "is_order": is_order,
    "severity_of": lambda text: severity_of(text, Stance.PROBLEM),
}


def seconds(job: Callable[[str], object], text: str) -> float:
    """CPU time."""
    started = time.process_time()
    job(text)
    return time.process_time() - started


def is_slow(job: Callable[[str], object], *, short: str, long: str) -> bool:
    """Whether it takes more than eight times as long for the long text, twice: once may be the machine."""
    return all((spent := seconds(job, long)) > ALWAYS and spent > ALWAYS + 8 * seconds(job, short) for _ in range(2))


@pytest.mark.parametrize("name", JOBS)
def test_time_grows_with_the_text_not_with_its_square(name: str) -> None:
    job = JOBS[name]
    job("warm up")
    texts = {unit: [unit * (size // len(unit)) for size in (SIZE, 4 * SIZE)] for unit in UNITS}

    assert [unit for unit, (short, long) in texts.items() if is_slow(job, short=short, long=long)] == []
