"""A model on loopback that answers every kind of question as a plain, honest reader would. Not a test.

It knows no language: it copies, counts and compares words. Quotes are real, groups stay as they are.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from insights.domain.feedback import Stance
from insights.language.controls import CONTROLS
from insights.text.meaning import meaning_of
from tests.language.chat_server import Reply, completion

Count = Callable[[str], int]

_WORD = re.compile(r"[^\W\d_]{3,}")


def remarks(body: dict[str, Any]) -> dict[int, str]:
    """The remarks that a request shows, by number."""
    found = re.findall(r"^\[(\d+)\] (.*)$", prompt_of(body), re.MULTILINE)
    return {int(number): words for number, words in found}


def prompt_of(body: dict[str, Any]) -> str:
    return str(body["messages"][-1]["content"] if len(body["messages"]) == 1 else body["messages"][0]["content"])


def asked_for(body: dict[str, Any]) -> str:
    """The name of the type that the answer has to be."""
    return str(body["response_format"]["json_schema"]["name"])


def honest(body: dict[str, Any], *, count: Count = lambda text: len(text) // 4) -> Reply:
    """The answer, with as many tokens as `count` says."""
    answer = json.dumps(ANSWERS[asked_for(body)](remarks(body)))
    return completion(answer, tokens_in=count(prompt_of(body)), tokens_out=count(answer))


def plain(words: str) -> str:
    """The first words of a remark, without figures."""
    return " ".join(_WORD.findall(meaning_of(words))[:10]) or "Something is wrong"


def _problem(shown: dict[int, str]) -> dict[str, Any]:
    first = shown[min(shown)]
    quotes = [{"item": number, "text": words} for number, words in list(shown.items())[:2]]
    title = " ".join(_WORD.findall(first)[:6]) or "Untold"
    return {"title": title, "summary": f"{plain(first)}.", "quotes": quotes, "confidence": "high"}


def _kinds(shown: dict[int, str]) -> dict[str, Any]:
    kinds = {number: CONTROLS.get(words, Stance.PROBLEM).value for number, words in shown.items()}
    return {"kinds": [{"item": number, "kind": kind, "sure": True} for number, kind in kinds.items()]}


def _statements(shown: dict[int, str]) -> dict[str, Any]:
    return {"items": [{"item": number, "statements": [plain(words)]} for number, words in shown.items()]}


def _same(_: dict[int, str]) -> dict[str, Any]:
    return {"same": False, "reason": "They differ.", "confidence": "high"}


def _parts(shown: dict[int, str]) -> dict[str, Any]:
    return {"parts": [{"name": "One", "items": list(shown)}], "reason": "They are alike.", "confidence": "high"}


def assessment(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "item": number,
        "severity": "hurts",
        "urgency": "soon",
        "severity_reason": "Work takes longer.",
        "weeks_low": 1,
        "weeks_likely": 2,
        "weeks_high": 4,
        "effort_reason": "The cause is not known.",
        "confidence": "high",
    } | changes


def _assessments(shown: dict[int, str]) -> dict[str, Any]:
    return {"problems": [assessment(number) for number in shown]}


def _answer(shown: dict[int, str]) -> dict[str, Any]:
    return {
        "answers": True,
        "sentences": [{"text": f"{plain(words)}.", "items": [n]} for n, words in shown.items()][:3],
    }


def brief_of(words: str, *, item: int = 3, **changes: Any) -> dict[str, Any]:
    """A brief that says of everything what one remark says."""
    said = [{"text": f"{plain(words)}.", "items": [item]}]
    return {
        "who_hurts": said,
        "wasted": [],
        "bottleneck": said,
        "outcome": [],
        "simple_rule": [],
        "enough_evidence": True,
        "evidence_reason": "The remarks agree.",
        "risks": [],
        "competitors": [],
        "by_when": [],
    } | changes


def _names(shown: dict[int, str]) -> dict[str, Any]:
    return {"themes": [{"item": n, "name": " ".join(plain(words).split()[:3])} for n, words in shown.items()]}


def _opening(shown: dict[int, str]) -> dict[str, Any]:
    titles = [words.split(":")[1] for words in shown.values() if re.match(r"(New|Growing|Fading): P-", words)]
    return {"sentence": f"{plain(titles[0]) if titles else 'Nothing new'}.", "problems": []}


ANSWERS: dict[str, Callable[[dict[int, str]], dict[str, Any]]] = {
    "ProblemDraft": _problem,
    "KindsDraft": _kinds,
    "StatementsDraft": _statements,
    "SameDraft": _same,
    "PartsDraft": _parts,
    "AssessmentsDraft": _assessments,
    "AnswerDraft": _answer,
    "BriefDraft": lambda shown: brief_of(shown[min(3, max(shown))], item=min(3, max(shown))),
    "ThemeNamesDraft": _names,
    "OpeningDraft": _opening,
}
