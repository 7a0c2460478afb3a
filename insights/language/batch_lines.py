"""A batch's two files: the questions as lines that a server takes, and its lines as answers. Pure.

A line of theirs is not believed: what has another shape counts as strange, and nothing is raised for it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from insights.language.chat import Said, response_format
from insights.language.faults import Fault, fault_of
from insights.language.models import Model

ENDPOINT = "/v1/chat/completions"
_NEVER_RUN = ("batch_expired", "batch_cancelled")
"""Codes of lines that the server did not come to."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What became of one question: what the model said, or None and why."""

    key: str
    said: Said | None
    fault: Fault = Fault.STRANGE


class _RefusedLine(Exception):
    """A line's error in the shape of a client's exception, to be told by the same rules."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(str(body)[:2000])
        self.status_code = status


def question_line(key: str, prompt: str, output: type[BaseModel], *, model: Model, answer_tokens: int) -> bytes:
    """One question as one line, its body the same that `Chat` sends."""
    whole = prompt.encode("utf-8", errors="replace").decode()  # half a surrogate pair is no JSON that servers take
    body = {
        "model": model.model,
        "messages": [{"role": "user", "content": whole}],
        "response_format": response_format(output),
        # Servers of others know max_tokens, OpenAI's newer models only max_completion_tokens.
        "max_tokens" if model.base_url else "max_completion_tokens": answer_tokens,
    }
    line = {"custom_id": key, "method": "POST", "url": ENDPOINT, "body": body}
    return json.dumps(line).encode() + b"\n"


def in_parts(lines: Mapping[str, bytes], *, most: int, most_bytes: int) -> Iterator[dict[str, bytes]]:
    """Parts of at most so many lines and bytes, in order. A line too long for any part is in none."""
    part: dict[str, bytes] = {}
    size = 0
    for key, line in lines.items():
        if len(line) > most_bytes:
            continue
        if part and (len(part) == most or size + len(line) > most_bytes):
            yield part
            part, size = {}, 0
        part[key] = line
        size += len(line)
    if part:
        yield part


def answer_lines(files: Sequence[str]) -> Iterator[AnswerLine]:
    """The lines of the output and error files; what is no line of either is passed over."""
    for text in files:
        # Not splitlines(): a line may hold U+2028 or U+0085 within a string.
        for line in text.split("\n"):
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict) and isinstance(found.get("custom_id"), str):
                yield _answer_line(found["custom_id"], found.get("response"), found.get("error"))


def _answer_line(key: str, response: object, error: object) -> AnswerLine:
    match response, error:
        case {"status_code": 200, "body": dict(body)}, _:
            return AnswerLine(key, _said(body))
        case {"status_code": int(status), "body": body}, _ if status >= 400:
            return AnswerLine(key, None, fault_of(_RefusedLine(status, body)))
        case _, {"code": code} if code in _NEVER_RUN:
            return AnswerLine(key, None, Fault.SLOW)
        case _, dict(refusal):
            return AnswerLine(key, None, fault_of(_RefusedLine(400, refusal)))
    return AnswerLine(key, None)


def _said(body: Mapping[str, Any]) -> Said | None:
    match body:
        case {"choices": [{"message": dict(message), **choice}, *_]}:
            used = body.get("usage")
            return Said(
                text=str(message.get("content") or ""),
                tokens_in=_tokens(used, "prompt_tokens"),
                tokens_out=_tokens(used, "completion_tokens"),
                why_ended=str(choice.get("finish_reason") or ""),
                refusal=str(message.get("refusal") or ""),
            )
    return None


def _tokens(used: object, name: str) -> int:
    """What was used, 0 where the server does not tell."""
    number = used.get(name) if isinstance(used, dict) else 0
    return max(number, 0) if isinstance(number, int) else 0
