"""Make customer text safe to show and fit to analyse.

Pure: strings in, strings out. Nothing here trusts the text: every pattern is linear in its length, and what cannot
be parsed is stripped, never raised.
"""

import html
import re
import unicodedata

from insights.text import mail
from insights.text.words import word_set

_LARGEST_PARSED_HTML = 300_000
"""Characters; beyond it the tags are stripped without laying the page out."""
_DEEPEST_PARSED_HTML = 120
"""Levels of nesting; inscriptis recurses."""
_MOST_COMBINING_MARKS = 8

_STRING_BODY = r"[^\x07\x1b\x90\x98\x9c-\x9f]*"
_STRING_END = r"(?:\x07|\x1b\\|\x9c)"
_ESCAPE_SEQUENCE = re.compile(
    rf"\x1b[\]PX^_]{_STRING_BODY}{_STRING_END}"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"
    # Eight-bit introducers also turn up in wrongly decoded text: their payload goes only where it is plainly one.
    rf"|\x9d[0-9]{{1,4}};{_STRING_BODY}{_STRING_END}"
    r"|\x9b[0-?]+[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
)
_LINE_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17)
)
_FORBIDDEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 and C1; the line breaks among them are gone by then
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # invisible fillers, joiners, selectors
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero-width, bidi, annotation
    "\ufe00-\ufe0e\U000e0000-\U000e0fff\U0001d173-\U0001d17a"  # selectors, tags, musical controls
    "\ud800-\udfff" + _NONCHARACTERS + "]+"
)
_EMOJI = (
    "[\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_EMOJI_UNIT = f"{_EMOJI}\ufe0f?[\U0001f3fb-\U0001f3ff]?"
_JOINED_EMOJI = re.compile(f"({_EMOJI_UNIT}(?:\u200d{_EMOJI_UNIT})*|[0-9#*]\ufe0f\u20e3)|[\u200d\ufe0f]")
_STACKED = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_COMBINING_MARKS + 1},}}")

_TAG_NAMES = (
    "a|abbr|article|b|big|blockquote|body|br|center|code|dd|del|div|dl|dt|em|font|footer|form|h[1-6]|head|header|hr"
    "|html|i|iframe|img|ins|li|link|main|meta|nav|object|ol|p|pre|s|script|section|small|span|strike|strong|style"
    "|sub|sup|svg|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|video"
)
_HTML_SIGN = re.compile(
    rf"</(?:{_TAG_NAMES})\s?>|<(?:br|hr|p|div|html|body|table)(?:\s[^<>]*)?/?>|<!doctype html|<!--",
    re.IGNORECASE,
)
_TAG = re.compile(r"(<!--|-->|<[^<>]*>)")
_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_VOID_TAGS = word_set("area base br col embed hr img input link meta p li td tr th param source wbr")
_UNREAD_TAGS = frozenset(("script", "style", "head", "title", "noscript", "template", "svg"))
_BLOCK_TAGS = word_set("br p div li tr table ul ol h1 h2 h3 h4 h5 h6 hr blockquote section article")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_WHITESPACE = re.compile(r"\s+")


def sanitise(text: str) -> str:
    """The text without anything that acts on a terminal or hides from a reader; NFC. Idempotent, linear."""
    if text.isascii() and text.isprintable():
        return text
    text = _ESCAPE_SEQUENCE.sub("", text)
    text = _FORBIDDEN.sub("", _LINE_BREAK.sub("\n", text))
    if text.isascii():
        return text
    if "\u200d" in text or "\ufe0f" in text:  # most texts have neither, and looking for emoji is a quarter of the time
        text = _JOINED_EMOJI.sub(lambda found: found[1] or "", text)
    text = unicodedata.normalize("NFC", text)
    return _STACKED.sub(lambda found: _unstacked(found[0]), text)


def _unstacked(run: str) -> str:
    """The run with at most eight combining marks in a row."""
    kept: list[str] = []
    marks = 0
    for char in run:
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        if marks <= _MOST_COMBINING_MARKS:
            kept.append(char)
    return "".join(kept)


def one_line(text: str, limit: int = 200) -> str:
    """Sanitised, on one line, at most `limit` characters; cut at a word, with an ellipsis."""
    line = _WHITESPACE.sub(" ", sanitise(text)).strip()
    if len(line) <= limit:
        return line
    if limit < 1:
        return ""
    head = line[: limit - 1]
    space = head.rfind(" ")
    if line[limit - 1] != " " and space >= limit // 2:
        head = head[:space]
    return head.rstrip(" ,;:-") + "…"


def looks_like_html(text: str) -> bool:
    """Whether the text holds mark-up that a mail program or rich-text field wrote, not a stray angle bracket."""
    return "<" in text and _HTML_SIGN.search(text) is not None


def html_to_text(text: str) -> str:
    """Words and line breaks of an HTML text; plain text comes back with its entities decoded. Never raises."""
    if not looks_like_html(text):
        return sanitise(_ENTITY.sub(lambda found: html.unescape(found[0]), text)) if "&" in text else text
    laid_out = _layout(text) if _is_modest(text) else None
    if laid_out is None:
        laid_out = _without_tags(text)
    lines = (_SPACES.sub(" ", line).strip() for line in sanitise(laid_out).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _is_modest(text: str) -> bool:
    """Whether the page is small and flat enough to be laid out."""
    if len(text) > _LARGEST_PARSED_HTML:
        return False
    depth = 0
    for found in _TAG_NAME.finditer(text):
        if found[2].lower() not in _VOID_TAGS:
            depth += -1 if found[1] else 1
        if depth > _DEEPEST_PARSED_HTML:
            return False
    return True


def _layout(text: str) -> str | None:
    """The page as inscriptis lays it out, or None where it cannot."""
    from inscriptis import get_text
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        return str(get_text(text, ParserConfig(css=CSS_PROFILES["strict"].copy())))
    except (LxmlError, ValueError, RecursionError, AssertionError, IndexError, KeyError, AttributeError):
        # Each was seen on mangled mark-up inside the parser; the plain strip reads such pages well enough.
        return None


def _without_tags(text: str) -> str:
    """The page with its tags taken out, linear however broken it is."""
    kept: list[str] = []
    unread = ""
    for piece in _TAG.split(text):
        name = _TAG_NAME.match(piece)
        if piece in ("<!--", "-->"):
            unread = "<!--" if piece == "<!--" and not unread else "" if unread == "<!--" else unread
        elif name is not None:
            tag = name[2].lower()
            if unread:
                unread = "" if name[1] and tag == unread else unread
            elif tag in _UNREAD_TAGS:
                unread = "" if name[1] else tag
            elif tag in _BLOCK_TAGS:
                kept.append("\n")
        elif not unread:
            kept.append(piece)
    return html.unescape("".join(kept))


def analysed_body(text: str, *, subject: str | None = None) -> str:
    """The copy that is analysed: no mark-up, quoted replies, greeting, signature or disclaimer; a telling subject comes
    first. Holds words wherever the text or the subject did."""
    whole = html_to_text(sanitise(text)).strip()
    body = mail.own_words(whole)
    if not mail.has_words(body):
        body = whole if mail.has_words(whole) else sanitise(text).strip()
    title = mail.telling_subject(html_to_text(sanitise(subject or "")), body=body)
    if not title:
        return body
    return f"{title}\n{body}" if body else title
