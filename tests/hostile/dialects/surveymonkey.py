"""SurveyMonkey's responses to one survey; replies are words beside its other question."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from connectors.sources.surveymonkey import SURVEYMONKEY
from insights.ports import SourceKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.world import Item, World

SURVEY = "314014029"
_PARAMS = {"start_modified_at", "sort_by", "sort_order", "per_page", "page"}
_LABELS = ["Not at all likely - 0", *map(str, range(1, 10)), "Extremely likely - 10"]
_CHOICES = [
    {"id": f"9{number:02}", "text": text, "visible": True, "position": number} for number, text in enumerate(_LABELS)
]
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "70",
        "family": "single_choice",
        "subtype": "vertical",
        "answers": {"choices": [{"id": "1", "text": "Yes"}]},
    },
    {
        "id": "71",
        "family": "matrix",
        "subtype": "rating",
        "answers": {"rows": [{"id": "5", "text": ""}], "choices": _CHOICES},
    },
    {"id": "72", "family": "open_ended", "subtype": "essay"},
    {"id": "73", "family": "open_ended", "subtype": "single"},
]


class SurveyMonkeyDialect:
    kind: ClassVar[SourceKind[Any]] = SURVEYMONKEY
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = False
    tells_deleted: ClassVar[bool] = False

    questions: ClassVar[list[dict[str, Any]]] = QUESTIONS

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "surveys": [SURVEY]}

    def source_id(self, item: Item) -> str:
        return f"{SURVEY}:{item.number}"

    def is_listing(self, call: Call) -> bool:
        return call.path in (f"/v3/surveys/{SURVEY}/responses/bulk", f"/v3/surveys/{SURVEY}/responses")

    def answer(self, world: World, call: Call) -> Reply:
        if call.headers.get("authorization") != f"bearer {SECRET}":
            said = f"The authorization token was not provided: {call.headers.get('authorization')}"
            return _error(401, "1010", said)
        if call.path == "/v3/users/me":
            return Reply({"id": "1", "username": "ana", "email": "ana@acme.example"})
        if call.path == f"/v3/surveys/{SURVEY}":
            return Reply({"id": SURVEY, "title": "How are we doing?"})
        if call.path == f"/v3/surveys/{SURVEY}/details":
            return Reply(
                {"id": SURVEY, "title": "How are we doing?", "pages": [{"id": "7", "questions": self.questions}]}
            )
        if self.is_listing(call):
            return self._list(world, call)
        number = call.path.removeprefix(f"/v3/surveys/{SURVEY}/responses/")
        item = world.items.get(int(number)) if number.isdecimal() else None
        return (
            _error(404, "1020", "Resource not found")
            if item not in world.visible() or item is None
            else Reply(_row(item))
        )

    def _list(self, world: World, call: Call) -> Reply:
        if set(call.query) - _PARAMS or call.query.get("sort_order", "ASC") != "ASC":
            return NOT_FOUND
        begin = datetime.fromisoformat(call.query.get("start_modified_at", "1970-01-01T00:00:00")).replace(tzinfo=UTC)
        later = [item for item in world.visible() if item.changed.replace(microsecond=0) > begin]
        ordered = sorted(later, key=lambda item: (item.changed.replace(microsecond=0), item.number))
        size, page = min(int(call.query["per_page"]), self.page), int(call.query["page"])
        some = ordered[(page - 1) * size : page * size]
        # Where it leads is not followed.
        links = {"self": call.base} | ({"next": "https://elsewhere.example/"} if page * size < len(ordered) else {})
        rows = [_row(item) if call.path.endswith("bulk") else {"id": str(item.number), "href": ""} for item in some]
        return Reply({"data": rows, "per_page": size, "page": page, "total": len(ordered), "links": links})


def _error(status: int, number: str, message: str) -> Reply:
    return Reply({"error": {"id": number, "name": "Error", "message": message, "http_status_code": status}}, status)


def _row(item: Item) -> dict[str, Any]:
    more = "\n".join(reply.text for reply in item.replies if reply.is_customer)
    score = {"choice_id": _CHOICES[item.number % 11]["id"], "row_id": "5"}
    asked: list[dict[str, Any]] = [
        {"id": "70", "answers": [{"choice_id": "1"}]},
        {"id": "72", "answers": [{"text": item.text}]},
        {"id": "71", "answers": [score, *([{"other_id": "6", "text": more}] if more else [])]},
        {"id": "73", "answers": [{"text": "blue"}]},
    ]
    return {
        "id": str(item.number),
        "recipient_id": "",
        "collector_id": "1",
        "custom_value": "",
        "custom_variables": {"account_id": f"a-{item.number % 7}"},
        "metadata": {"contact": {"email": {"type": "string", "value": item.author}}},
        "response_status": "partial" if item.number % 3 == 0 else "completed",
        "date_created": f"{item.created:%Y-%m-%dT%H:%M:%S+00:00}",
        "date_modified": f"{item.changed:%Y-%m-%dT%H:%M:%S+00:00}",
        "analyze_url": f"https://www.surveymonkey.com/analyze/browse/?respondent_id={item.number}",
        "ip_address": "192.0.2.1",
        "total_time": 12,
        "pages": [{"id": "7", "questions": asked}],
    }
