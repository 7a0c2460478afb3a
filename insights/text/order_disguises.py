"""Find orders to a language model that are not told by words alone: marks of a chat, letters apart, codes, floods.

Pure; every pattern is linear in the length of the text.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from functools import cache

from insights.text.folding import fold

_MOST_TOLD = 80
_SPELT_LEAST = 6
_CODED = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_BITS = re.compile(r"(?<!\d)(?:[01]{8} ?){5,}")
_HIDDEN_RUN = re.compile("[\u200b-\u200d\u2060\ufeff\U000e0020-\U000e007f]{12,}")
"""What comes in is cleaned of these before it is looked at; a flag of England has six."""
_FLOOD, _FLOOD_KINDS = 100, 8

SHAPES = re.compile(
    r"<\|(?:im_start|im_end|endoftext|end|system|user|assistant|eot_id|begin_of_text|start_header_id)\|>"
    r"|\[/?inst\]|<</?sys>>|###? ?(?:instruction|system|assistant|human)s?:"
    r"|</?(?:system|assistant|user_input|instructions?|prompt)>|</(?:remarks|quotes|feedback|context)>"
    r"|(?<![%=#*~_-])[%=#*~_-]{3,}+ ?(?:end|begin|start)"
    r"(?: (?:of|the|user|untrusted|customer|login|access|system)){0,4}"
    r" (?:input|prompt|ambiguity|instructions?|data|feedback|user|context|remarks?|quotes?|attempt|code|simulation)\b"
    r"|\bend(?: of)?(?: the)? (?:untrusted|user|customer) (?:input|prompt|message|text|data)\b"
    r"|-{5} ?[0-9a-f]{16}\b"
    r"|\b[a-z] ?= ?[a-z](?: ?\+ ?[a-z]){2,}\b"
)
"""Marks of a chat's turns, of the end of a fence such as our prompts have, and of pieces to be put together; against
folded text."""

SPELT = re.compile(
    "(?:ignore|disregard|forget)(?:all|any|the|your|my|of|these)*(?:previous|prior|above|instruction)"
    "|systemprompt|previousinstruction|yourprompt|yourinstruction"
)
"""Orders whose letters stand apart."""

ELSEWHERE = """
忽略 (之前|以上|先前|上述|前面|所有) (指令|指示|说明|提示)
无视 (之前|以上|先前|上述|所有) (指令|指示|说明|提示)
(告诉|分享|提供|透露) 你的(密码|系统提示|提示词|口令)
你的密码是(什么|多少)
(以前|これまで|前|上記|上|すべて)の (指示|命令|プロンプト) (無視|忘れ)
上記を(無視|忘れ)
あなたのパスワード(は何|を教え|を共有)
(이전|위의|앞의|모든|지금까지의) (지시|명령|지침) (무시|잊)
(당신|너|네|귀하)의 (비밀번호|암호|프롬프트) (뭐|무엇|알려|공유|말해)
(पिछल|पूर्व|ऊपर) (अनदेख|अवहेलना|भूल|उपेक्षा)
आपका पासवर्ड क्या
(আগের|পূর্ববর্তী|উপরের) (উপেক্ষা|ভুলে)
আপনার পাসওয়ার্ড ক
(تجاهل|انس) (التعليمات|الأوامر|ما سبق|أعلاه)
(ما هي|شارك|أخبرني) كلمة (المرور الخاصة بك|السر الخاصة بك|مرورك|سرك)
(เพิกเฉย|ไม่สนใจ|ละเว้น|ลืม) (ข้างต้น|คำสั่งก่อนหน้า|คำแนะนำก่อนหน้า)
รหัสผ่านของคุณคืออะไร
(bỏ qua|quên|phớt lờ) (hướng dẫn|chỉ dẫn|lệnh|chỉ thị) (trước|trên)
mật khẩu của bạn là gì
(αγνόησε|αγνοήστε|ξέχνα|ξεχάστε) (προηγούμεν|παραπάνω) οδηγίες
(önceki|yukarıdaki|tüm) (talimat|komut|yönerge) (yok say|görmezden|dikkate alma|unut)
şifren(iz)? ne
(apa|berikan|bagikan|beritahu) (kata sandi|password) (anda|kamu)
(kalimutan|huwag pansinin|balewalain) (naunang|nakaraang|nasa itaas)
(ano|sabihin) (iyong password|password mo)
"""
"""The plainest orders in languages of which the rules know no more: to drop what was said, to tell a password. A blank
lets twenty characters stand between."""


def disguised_in(text: str, *, folded: str, words: Sequence[str]) -> str | None:
    """What gives a disguised order away, in words; None where nothing does."""
    return _by_shape(folded) or _spelt(words) or _by_code(text) or _by_flood(folded)


def _by_shape(folded: str) -> str | None:
    found = SHAPES.search(folded) or (None if folded.isascii() else _elsewhere().search(folded))
    return found[0][:_MOST_TOLD] if found else None


@cache
def _elsewhere() -> re.Pattern[str]:
    lines = (fold(line).split(" ") for line in ELSEWHERE.strip().splitlines())
    return re.compile("|".join(".{0,20}".join(line) for line in lines))


def _spelt(words: Sequence[str]) -> str | None:
    """An order whose letters stand apart: i g n o r e."""
    letters: list[str] = []
    for word in (*words, "end"):
        if len(word) == 1:
            letters.append(word if word.isalnum() else "")
        elif letters:
            found = SPELT.search("".join(letters)) if len(letters) >= _SPELT_LEAST else None
            if found:
                return found[0][:_MOST_TOLD]
            letters.clear()
    return None


def _by_code(text: str) -> str | None:
    """Prose in Base64 or in bits, or a run of characters that nobody sees."""
    if any(_is_prose(_decoded(found[0])) for found in _CODED.finditer(text)):
        return "text in base64"
    if any(_is_prose(_from_bits(found[0])) for found in _BITS.finditer(text)):
        return "text in bits"
    return "hidden characters" if not text.isascii() and _HIDDEN_RUN.search(text) else None


def _decoded(blob: str) -> str:
    whole = blob.rstrip("=")
    try:
        return base64.b64decode(whole[: len(whole) // 4 * 4]).decode("utf-8", errors="replace")
    except binascii.Error:
        return ""


def _from_bits(bits: str) -> str:
    whole = bits.replace(" ", "")
    return bytes(int(whole[at : at + 8], 2) for at in range(0, len(whole) - 7, 8)).decode("utf-8", errors="replace")


def _is_prose(text: str) -> bool:
    """Words and blanks, mostly: a picture, a key or a token in JSON is none."""
    letters = sum(char.isalpha() or char == " " for char in text)
    return text.count(" ") >= 2 and letters >= 0.85 * len(text)


def _by_flood(folded: str) -> str | None:
    """A few marks, letters or numbers over and over, to push what stands before them out of a model's sight. Words do
    not count: people who are angry repeat them."""
    pieces = folded.split(" ")
    for start in range(0, len(pieces) - _FLOOD + 1, _FLOOD):
        kinds = set(pieces[start : start + _FLOOD])
        if len(kinds) <= _FLOOD_KINDS and not any(len(kind) > 1 and kind.isalpha() for kind in kinds):
            return "the same marks over and over"
    return None
