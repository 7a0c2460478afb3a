import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.text.clean import analysed_body, html_to_text, looks_like_html, one_line, sanitise

PIECES = [
    "\x1b]52;c;aGk=\x07",
    "\x1b[31m",
    "\x1b[2J",
    "\x1bP1$q\x1b\\",
    "\x9b31m",
    "\x9d0;title\x07",
    "\x1b",
    "\x9d",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufe0f",
    "\U000e0041",
    "\ud800",
    "\ufffe",
    "e\u0301",
    "\u0301" * 12,
    "👩",
    "👍🏽",
    "❤\ufe0f",
    "1\ufe0f\u20e3",
    "\r\n",
    "\r",
    "\x85",
    "\u2028",
    "\t",
    "word",
    "<p>",
    "</p>",
    "<script>",
    "&amp;",
    "&#27;",
    "&lt;",
    "> ",
    "\n",
    "-- \n",
    "Thanks,\n",
    "Hi team,\n",
    "On Tue, Ana wrote:\n",
    "From: a\nSent: b\n",
    "ㅤ",
    "\u1100",
    "\u1161",
    "[/]",
    "[@click=app.quit]",
    "Re: ",
    "confidential",
    "not the intended recipient",
]
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=14).map("".join)


def is_forbidden(char: str) -> bool:
    code = ord(char)
    if char in "\n\t":
        return False
    return (
        unicodedata.category(char) in ("Cc", "Cs")
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or code in (0x200B, 0x200C, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x61C, 0x2028, 0x2029)
        or 0xE0000 <= code <= 0xE0FFF
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )


@given(hostile)
def test_sanitised_text_is_clean_normal_and_stays_as_it_is(text: str) -> None:
    clean = sanitise(text)

    assert not [char for char in clean if is_forbidden(char)]
    assert unicodedata.is_normalized("NFC", clean)
    assert sanitise(clean) == clean


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "M", "Zl", "Zp")), max_size=40))
def test_visible_characters_are_kept(text: str) -> None:
    visible = unicodedata.normalize("NFC", "".join(char for char in text if char not in "\u3164\uffa0\u115f\u1160"))

    assert sanitise(visible) == visible


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x1b]52;c;cm0gLXJm\x07b", "ab"),
        ("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x1b]0;owned\x9cb", "ab"),
        ("a\x1b[2J\x1b[1;31mred\x1b[0m", "ared"),
        ("a\x1bP+q544e\x1b\\b", "ab"),
        ("a\x9b31mred", "ared"),
        ("a\x1b[c b", "a b"),
        ("unfinished \x1b]52;c;text", "unfinished ]52;c;text"),
        ("wrongly decoded â\x80\x9d and â\x80\x9c", "wrongly decoded â and â"),
        ("one\r\ntwo\rthree\x85four", "one\ntwo\nthree\nfour"),
        ("gpj\u202eexe.\u2069", "gpjexe."),
        ("tag\U000e0068\U000e0069s", "tags"),
        ("pass\u200bword", "password"),
        ("half \ud83d surrogate", "half  surrogate"),
    ],
)
def test_what_acts_on_a_terminal_or_hides_is_gone(raw: str, clean: str) -> None:
    assert sanitise(raw) == clean


@pytest.mark.parametrize("emoji", ["👩‍👩‍👧", "👍🏽", "❤️", "🏳️‍🌈", "1️⃣", "👩🏽‍💻"])
def test_joined_emoji_stay_whole(emoji: str) -> None:
    assert sanitise(f"so {emoji}!") == f"so {emoji}!"


def test_joiners_outside_emoji_go() -> None:
    assert sanitise("a\u200db x\ufe0f 👩\u200d 👩\ufe0f\ufe0f") == "ab x 👩 👩\ufe0f"


def test_stacked_marks_are_cut_to_eight() -> None:
    assert len(sanitise("z" + "\u0335" * 40 + "!")) == 10


def test_letters_and_marks_are_composed() -> None:
    assert sanitise("Cafe\u0301") == "Café"


@given(hostile, st.integers(1, 80))
def test_one_line_is_one_line_of_at_most_the_limit(text: str, limit: int) -> None:
    line = one_line(text, limit=limit)

    assert len(line) <= limit
    assert not set(line) & set("\n\t\r")
    assert line == line.strip()


def test_one_line_cuts_at_a_word() -> None:
    assert one_line("the export fails every Monday", limit=20) == "the export fails…"
    assert one_line("  the \n export\tfails ") == "the export fails"


def test_html_becomes_words_and_lines() -> None:
    page = "<html><head><title>x</title><style>p{}</style></head><body>"
    page += "<p>Export <b>fails</b> &amp; hangs</p><p>Twice.<br>Today.</p><script>evil()</script></body></html>"

    assert html_to_text(page) == "Export fails & hangs\n\nTwice.\nToday."


@pytest.mark.parametrize(
    "plain",
    [
        "if a < b and c > d",
        "the <NAME> of <EMAIL>",
        "use <b> for bold",
        "List<String> x",
        "stock <5 & >3",
        "arr [/usr/bin]",
    ],
)
def test_angle_brackets_alone_are_not_html(plain: str) -> None:
    assert not looks_like_html(plain)
    assert html_to_text(plain) == plain


def test_entities_in_plain_text_are_decoded_once() -> None:
    assert html_to_text("fish &amp; chips &lt;b&gt; &amp;lt; ?a=1&copy=2") == "fish & chips <b> &lt; ?a=1&copy=2"


def test_entities_do_not_bring_controls_back() -> None:
    assert html_to_text("a&#27;[31mb&#x202e;c&#8203;") == "a[31mbc"


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 50_000 + "deep words",
        "<p" * 5_000 + " words",
        "<table><tr><td>words" * 500,
        "<b>words</i></p></div></html><br>",
        "<!-- <p> --><p>words</p><!--",
        "<?xml version='1.0' encoding='utf-8'?><p>words</p>",
        "<br>" + "x" * 400_000 + " words",
        "<p><script>if (a < b) {</script>words",
    ],
)
def test_broken_html_still_gives_its_words(page: str) -> None:
    assert "words" in html_to_text(page)


def test_a_page_too_large_to_lay_out_loses_scripts_too() -> None:
    page = "<style>p {color: red}</style><p>" + "many words " * 40_000 + "</p><script>evil()</script>end"

    text = html_to_text(page)

    assert text.endswith("end")
    assert "evil" not in text
    assert "color" not in text


@given(hostile)
@settings(max_examples=150)
def test_html_to_text_never_raises_and_leaves_no_controls(text: str) -> None:
    assert not [char for char in html_to_text(sanitise(text)) if is_forbidden(char)]


SAID = "The export stops at 50k rows."


@pytest.mark.parametrize(
    "mail",
    [
        f"{SAID}\n\nOn Tue, 3 Mar 2026 at 10:12, Crateline Support wrote:\n> did you try\n> turning it off",
        f"{SAID}\n\nOn Tue, 3 Mar 2026 at 10:12, Crateline Support <help@c.example>\nwrote:\n> did you",
        f"{SAID}\n\nAm Di., 3. März 2026 um 10:12 Uhr schrieb Crateline Support:\n> Haben Sie",
        f"{SAID}\n\nEl mar, 3 mar 2026 a las 10:12, Crateline escribió:\n> ha probado",
        f"{SAID}\n\nLe mar. 3 mars 2026 à 10:12, Crateline a écrit :\n> avez-vous",
        f"{SAID}\n\n-----Original Message-----\nFrom: Support\nSent: Monday\nTo: Ana\n\nDid you try it?",
        f"{SAID}\n\n-----Ursprüngliche Nachricht-----\nVon: Support\nGesendet: Montag\n\nHaben Sie es versucht?",
        f"{SAID}\n\nFrom: Support <a@b.example>\nSent: Monday, 3 March\nTo: Ana\nSubject: Export\n\nDid you try it?",
        f"On Tue, Ana wrote:\n> did you try\n> it\n\n{SAID}",
        f"> did you try\n{SAID}",
        f"##- Please type your reply above this line -##\n{SAID}",
        f"Hi team,\n\n{SAID}\n\nBest regards,\nAna Ortega\nWarehouse Lead | Foo GmbH\n+49 30 1234567",
        f"Hallo zusammen,\n{SAID}\nMit freundlichen Grüßen\nAna Ortega",
        f"Hola:\n{SAID}\nUn saludo,\nLucía",
        f"{SAID}\n-- \nAna Ortega\nHead of Stock",
        f"{SAID}\n\nAna Ortega\nBrightwater Foods",
        f"{SAID}\nThanks, Ana",
        f"{SAID}\n\nSent from my iPhone",
        f"{SAID}\n\nVon meinem iPhone gesendet",
        f"{SAID}\n\nThis e-mail and any attachments are confidential and intended solely for the use of the addressee.",
        f"{SAID}\n\nDiese E-Mail enthält vertrauliche Informationen. Bitte löschen Sie sie sonst.",
        f"<p>Hi,</p><p>{SAID}</p><div>On Tue, Ana wrote:<blockquote>did you try</blockquote></div>",
    ],
)
def test_only_the_writers_own_words_are_analysed(mail: str) -> None:
    assert analysed_body(mail) == SAID


@pytest.mark.parametrize(
    "text",
    [
        "We need:\n- roles\n- an audit log\n- approvals",
        "Thanks for the fix.\nNow the import fails with the same message as in March, for every file.",
        "> 50k rows fail",
        "On Monday I wrote: nothing works. Still nothing.",
        "From: the warehouse we cannot reach the server at all.",
        "It says this.\nConnection refused",
    ],
)
def test_what_only_looks_like_mail_furniture_stays(text: str) -> None:
    assert analysed_body(text) == text


@pytest.mark.parametrize(
    "text", ["Thanks!", "> quoted only", "-- \nAna", "Sent from my iPhone", "On Tue, Ana wrote:\n> hello"]
)
def test_a_text_of_furniture_alone_stays_whole(text: str) -> None:
    assert analysed_body(text) == text.strip()


def test_a_forwarded_message_without_comment_keeps_its_words() -> None:
    header = "---------- Forwarded message ---------\nFrom: Ana <a@b.example>\nDate: Tue\nSubject: Export\nTo: x"
    mail = f"{header}\n\nIt stops at 50k rows."

    assert analysed_body(mail) == "It stops at 50k rows."


@pytest.mark.parametrize(
    ("subject", "first"),
    [
        ("CSV export", "CSV export.\n"),
        ("Re: AW: [External] CSV export", "CSV export.\n"),
        ("Why so slow?", "Why so slow?\n"),
        ("Re: Re: issue", ""),
        ("URGENT!!", ""),
        ("Help", ""),
        ("(no subject)", ""),
        ("Re:", ""),
        ("", ""),
        (None, ""),
        ("the export stops", ""),
        ("Frage", ""),
        ("sin asunto", ""),
    ],
)
def test_a_telling_subject_comes_first(subject: str | None, first: str) -> None:
    assert analysed_body(SAID, subject=subject) == first + SAID


@given(hostile, st.one_of(st.none(), hostile))
@settings(max_examples=150)
def test_words_are_never_lost_altogether(text: str, subject: str | None) -> None:
    if any(char.isalnum() for char in html_to_text(sanitise(text))):
        assert any(char.isalnum() for char in analysed_body(text, subject=subject))
