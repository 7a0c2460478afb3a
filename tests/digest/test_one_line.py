"""Words on one line that keep the no-break spaces of a language."""

from insights.digest.chat import Words
from insights.digest.mail_words import MailWords
from insights.digest.one_line import shown

NBSP, NARROW = "\u00a0", "\u202f"


def test_no_break_spaces_stay_and_all_others_become_one_space() -> None:
    assert shown(f"12{NARROW}000{NBSP}k€ \n par\tan{NBSP};  x\x1b[31m", 100) == f"12{NARROW}000{NBSP}k€ par an{NBSP}; x"


def test_what_is_too_long_is_cut_at_a_word() -> None:
    assert shown(f"un deux{NBSP}trois quatre", 12) == "un deux…"


def test_mail_and_chats_keep_them() -> None:
    price = f"160{NBSP}k€"

    assert price in MailWords().said(price, "worth")
    assert price in Words(marks=True).said(price, "worth")
