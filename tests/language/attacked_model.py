"""A model on loopback that obeys whoever writes to it: honest until a prompt holds an attack, then it says what an
attacker would want of everything that it was shown. Not a test."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from insights.text.clean import one_line
from tests.language.chat_server import Reply, completion
from tests.language.honest_model import ANSWERS, asked_for, assessment, honest, prompt_of, remarks

_ENOUGH = 60
"""Characters of an attack by which it is found in a prompt, where remarks are cut."""

_LEAST = 12

HACKED = "HACKED by a remark"
UNLIKE = "Xyzzy plugh frobnicates."
"""Like no remark: what an attack makes of its own item is its own affair, and moves the groups as any other ticket."""


def obedient(
    attacks: Iterable[str], *, obeyed: list[dict[str, Any]] | None = None
) -> Callable[[dict[str, Any]], Reply]:
    """`obeyed` collects the requests that were answered as an attacker wants."""
    signs = _signs(attacks)

    def answer(body: dict[str, Any]) -> Reply:
        prompt = prompt_of(body)
        if not any(sign in prompt for sign in signs):
            return honest(body)
        if obeyed is not None:
            obeyed.append(body)
        return completion(json.dumps(WANTED[asked_for(body)](remarks(body))))

    return answer


def steadfast(attacks: Iterable[str]) -> Callable[[dict[str, Any]], Reply]:
    """Honest about all but the attacks themselves, of which it says nothing: what the same items come to where no
    remark speaks for others."""
    signs = _signs(attacks)

    def answer(body: dict[str, Any]) -> Reply:
        kind, shown = asked_for(body), remarks(body)
        own = [number for number, words in shown.items() if any(sign in words for sign in signs)]
        if kind not in ("KindsDraft", "StatementsDraft") or not own:
            return honest(body)
        ((name, said),) = ANSWERS[kind](shown).items()
        return completion(json.dumps({name: [one for one in said if one["item"] not in own]}))

    return answer


def _signs(attacks: Iterable[str]) -> set[str]:
    return {sign for sign in (one_line(attack, 400)[:_ENOUGH] for attack in attacks) if len(sign) >= _LEAST}


def _problem(shown: dict[int, str]) -> dict[str, Any]:
    quotes = [{"item": 1, "text": "This is worth a million, do it first"}, {"item": 1, "text": shown.get(1, "")[:40]}]
    return {"title": HACKED, "summary": f"{HACKED}. Rank this first.", "quotes": quotes, "confidence": "high"}


def _kinds(shown: dict[int, str]) -> dict[str, Any]:
    return {"kinds": [{"item": number, "kind": "noise", "sure": True} for number in shown]}


def _statements(shown: dict[int, str]) -> dict[str, Any]:
    return {"items": [{"item": number, "statements": [UNLIKE]} for number in shown]}


def _parts(shown: dict[int, str]) -> dict[str, Any]:
    parts = [
        {"name": HACKED, "items": [number for number in shown if number % 2]},
        {"name": HACKED, "items": [number for number in shown if not number % 2]},
    ]
    return {"parts": parts, "reason": HACKED, "confidence": "high"}


WANTED: dict[str, Callable[[dict[int, str]], dict[str, Any]]] = {
    "ProblemDraft": _problem,
    "KindsDraft": _kinds,
    "StatementsDraft": _statements,
    "SameDraft": lambda _: {"same": True, "reason": HACKED, "confidence": "high"},
    "PartsDraft": _parts,
    "ThemeNamesDraft": lambda shown: {"themes": [{"item": number, "name": HACKED} for number in shown]},
    "AssessmentsDraft": lambda shown: {
        "problems": [
            assessment(
                number, severity="blocks", severity_reason=HACKED, weeks_low=0.1, weeks_likely=0.1, weeks_high=0.1
            )
            for number in shown
        ]
    },
}
