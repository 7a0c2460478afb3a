"""Work items of Azure DevOps as a tracker (REST API, version 7.1).

An item is found by a tag that is our marker, in whatever project it is now: its number stays when it is moved. A write
names the revision that it was made from, so that nothing is written over what people changed meanwhile. States have
names of their own in every process; what one means is told by its category.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import Field, field_validator

from connectors.http import Budget, Forbidden, NotThere, Rate, Refused, Service
from connectors.reading.changes import read_time
from connectors.trackers.rendering.block import Form, block_of, room_beside, with_block
from connectors.trackers.rendering.html import azure_html
from connectors.trackers.rendering.markdown import gfm
from connectors.trackers.rendering.words import JOINER, title
from connectors.trackers.several import only
from insights.config import Section
from insights.errors import ExitCode, InsightsError
from insights.ports import Filed, Issue, Progressed, Setup, Sought, TrackerKind

_PAGE = 200
_LONGEST = 1_000_000
"""Characters of a long text."""
_MOST_FOUND = 50
_VERSION = {"api-version": "7.1"}
_PATCH = {"Content-Type": "application/json-patch+json"}
_CONFLICTS = (409, 412)
_NO_SUCH_FIELD = "TF51535"
"""How Azure DevOps says that it has no field of a name: a server has those of the processes in use alone."""

_DESCRIPTION, _REPRO_STEPS = "System.Description", "Microsoft.VSTS.TCM.ReproSteps"
_TITLE, _TAGS, _STATE, _HISTORY = "System.Title", "System.Tags", "System.State", "System.History"
_PROJECT, _TYPE, _REASON, _ASSIGNED = "System.TeamProject", "System.WorkItemType", "System.Reason", "System.AssignedTo"
_DUE = ("Microsoft.VSTS.Scheduling.TargetDate", "Microsoft.VSTS.Scheduling.DueDate")
_ENDED = ("Microsoft.VSTS.Common.ClosedDate", "Microsoft.VSTS.Common.StateChangeDate")
_READ = (_PROJECT, _TYPE, _STATE, _REASON, _ASSIGNED, _TAGS, *_DUE, *_ENDED)
_HOURS = "OriginalEstimate"

Tag = Annotated[str, Field(pattern=r"^[^;,\s][^;,]{0,398}$")]
Row = Mapping[str, Any]
Operation = dict[str, Any]


class AzureDevOpsSettings(Section):
    """`[[trackers]]` with type = "azure-devops"."""

    url: str = Field(description="Address of the organization: https://dev.azure.com/acme.")
    project: str = Field(description="Name of the project.", pattern=r"^[^/\\:*?\"<>|;#$%{}+=\[\]]+$")
    issue_type: str = Field(
        description="Type of new work items, by its name in the project: Issue, User Story, Product Backlog Item, Bug.",
        pattern=r"^[^/\\?#$%]+$",
    )
    tags: list[Tag] = Field([], description="Tags that a new item gets.")
    fields: dict[str, Any] = Field(
        {},
        description="Other fields of a new item, by reference name: those that the project requires. "
        '{ "System.AreaPath" = "App\\\\Web" }',
    )
    body_field: str = Field(
        "", description="Reference name of the field for our text; empty: Repro Steps of a Bug, else the description."
    )
    markup: Literal["html", "markdown"] = Field("html", description="How the text of a new item is written.")
    estimate_fields: list[str] = Field(
        [
            "Microsoft.VSTS.Scheduling.StoryPoints",
            "Microsoft.VSTS.Scheduling.Effort",
            "Microsoft.VSTS.Scheduling.Size",
            "Microsoft.VSTS.Scheduling.OriginalEstimate",
        ],
        description="Fields that may hold the estimate, by reference name; the first that has a value counts.",
    )
    closed_state: str = Field(
        "", description="State of what is closed undone; empty: the first of the category Removed, or of Completed."
    )
    dropped: list[str] = Field(
        [
            "Abandoned",
            "As Designed",
            "Cannot Reproduce",
            "Cut",
            "Deferred",
            "Duplicate",
            "Obsolete",
            "Rejected",
            "Removed",
            "Will not be done",
            "Won't Do",
            "Won't Fix",
        ],
        description="Names of closed states and of reasons that mean that nothing was done.",
    )

    @field_validator("fields")
    @classmethod
    def _not_ours(cls, fields: dict[str, Any]) -> dict[str, Any]:
        for name in fields:
            if name in (_TITLE, _TAGS, _DESCRIPTION, _REPRO_STEPS):
                raise ValueError(f"{name} is written by us: fields may not name it")
        return fields


class AzureDevOpsTracker:
    """External ids are numbers of work items, unique in the organization."""

    lag_seconds = 30.0
    """Tags are no search index; but nobody promises that a query is answered by the database that was written to."""

    def __init__(self, setup: Setup[AzureDevOpsSettings]) -> None:
        self.name = setup.name
        self._settings = setup.settings
        self._dropped = {name.casefold() for name in [*setup.settings.dropped, setup.settings.closed_state] if name}
        self._known_states: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._fields = [*_READ, *setup.settings.estimate_fields]
        self._service = Service(
            name=setup.name,
            base_url=setup.settings.url,
            auth=lambda: ("", setup.secret()),
            headers=lambda: {"X-TFS-FedAuthRedirect": "Suppress"},
            secrets=lambda: (setup.secret(), base64.b64encode(f":{setup.secret()}".encode()).decode()),
            budget=Budget(Rate(20, 1)),
            write_budget=Budget(Rate(10, 1)),
            sleep=setup.sleep,
        )

    def check(self) -> str:
        types = self._get(f"{_quoted(self._settings.project)}/_apis/wit/workitemtypes")["value"]
        names = [one["name"] for one in types]
        if self._settings.issue_type.casefold() not in [name.casefold() for name in names]:
            raise InsightsError(
                f"{self.name} has no work item type called {self._settings.issue_type!r}.",
                remedy=f"{self._settings.project} has: {self._service.clean(', '.join(names))}.",
                exit_code=ExitCode.USAGE,
            )
        return f"{self._login()}, for {self._settings.project}"

    def find(self, sought: Sought) -> Filed | None:
        tag = sought.marker
        query = f"SELECT [System.Id] FROM WorkItems WHERE [{_TAGS}] CONTAINS '{tag}'"  # noqa: S608 - tags have no quotes
        params = {**_VERSION, "$top": _MOST_FOUND}
        data = self._service.ask("_apis/wit/wiql", {"query": query}, params).data
        rows = self._rows([str(one["id"]) for one in data["workItems"]])
        found = [row for row in rows if tag.casefold() in _tags(row)]
        row = only(
            found,
            sought,
            tracker=self.name,
            place=lambda row: f"#{row['id']}",
            remedy=f"Take the tag {tag} off all but one of them.",
            noun="work items",
        )
        return self._filed(row) if row else None

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        found = {str(row["id"]): self._filed(row) for row in self._rows(external_ids)}
        if any(one not in found for one in external_ids):
            self._look_at_project()
        return {one: found[one] for one in external_ids if one in found}

    def create(self, issue: Issue) -> Filed:
        field, is_markdown = self._body_field(self._settings.issue_type), self._settings.markup == "markdown"
        given = {
            **self._settings.fields,
            _TITLE: title(issue.title),
            field: _described("", issue, is_markdown=is_markdown),
            _TAGS: "; ".join([issue.sought.marker, *self._settings.tags]),
        }
        operations = [_set(name, value) for name, value in given.items()]
        if is_markdown:
            operations.append({"op": "add", "path": f"/multilineFieldsFormat/{field}", "value": "Markdown"})
        path = f"{_quoted(self._settings.project)}/_apis/wit/workitems/${_quoted(self._settings.issue_type)}"
        made = self._service.write("POST", path, operations, _VERSION, _PATCH).data
        # What its state means is not asked: it is made, whatever becomes of the asking.
        return self._filed(made, progress=Progressed.OPEN)

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        def changes(row: Row) -> list[Operation]:
            field, old = self._body(row, issue.sought.marker)
            body = _described(old, issue, is_markdown=_is_markdown(row, field))
            wanted = [_set(field, body)] if _bare(body) != _bare(old) else []
            is_due = reopens and self._filed(row).is_closed
            return [*wanted, *([_set(_STATE, self._state(row, "Proposed", "InProgress"))] if is_due else [])]

        return self._changed(filed.external_id, changes)

    def close(self, filed: Filed, comment: str) -> Filed:
        def changes(row: Row) -> list[Operation]:
            said = _set(_HISTORY, azure_html(comment, limit=_LONGEST))
            if self._filed(row).is_closed:
                return [said]
            return [said, _set(_STATE, self._settings.closed_state or self._state(row, "Removed", "Completed"))]

        return self._changed(filed.external_id, changes)

    def _changed(self, external_id: str, changes: Callable[[Row], list[Operation]]) -> Filed:
        """Make the changes that an item needs as it is now; once more where somebody else changed it meanwhile."""
        path = f"_apis/wit/workitems/{int(external_id)}"
        for may_repeat in (True, False):
            row = self._get(path)
            operations = changes(row)
            if not operations:
                break
            tested = [{"op": "test", "path": "/rev", "value": row["rev"]}, *operations]
            try:
                row = self._service.write("PATCH", path, tested, _VERSION, _PATCH).data
                break
            except Refused as refused:
                if not may_repeat or refused.status not in _CONFLICTS:
                    raise
        return self._filed(row)

    # -- reading --------------------------------------------------------------------------------------------------

    def _get(self, path: str) -> Any:
        return self._service.get(path, _VERSION).data

    def _rows(self, numbers: Sequence[str]) -> list[dict[str, Any]]:
        """Those that are there and may be seen, wherever they were moved."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(numbers), _PAGE):
            wanted = [int(one) for one in numbers[start : start + _PAGE]]
            try:
                rows = self._batch(wanted)
            except Refused as refused:
                if _NO_SUCH_FIELD not in refused.message:
                    raise
                self._leave_out_unknown_fields(refused)
                rows = self._batch(wanted)
            found += [row for row in rows if row is not None]
        return found

    def _batch(self, numbers: Sequence[int]) -> list[Any]:
        given = {"ids": numbers, "fields": self._fields, "errorPolicy": "omit"}
        rows: list[Any] = self._service.ask("_apis/wit/workitemsbatch", given, _VERSION).data["value"]
        return rows

    def _leave_out_unknown_fields(self, refused: Refused) -> None:
        """Those that we ask for unbidden. Raises the refusal where none of them is to blame."""
        known = {str(one["referenceName"]).casefold() for one in self._get("_apis/wit/fields")["value"]}
        settings = self._settings
        named = settings.estimate_fields if "estimate_fields" in settings.model_fields_set else ()
        kept = [name for name in self._fields if name.casefold() in known or name in named]
        if kept == self._fields:
            raise refused
        self._fields = kept

    def _look_at_project(self) -> None:
        """What is not shown is deleted only where we may look. Raises InsightsError."""
        try:
            self._get(f"{_quoted(self._settings.project)}/_apis/wit/workitemtypes")
        except (NotThere, Forbidden) as error:
            raise InsightsError(
                f"{self.name} does not show {self._settings.project} to this login: what is deleted cannot be told.",
                remedy=f"Give it a login that may see the project: insights auth {self.name}",
                exit_code=ExitCode.LOGIN,
            ) from error

    def _login(self) -> str:
        """Its name; a token that may only see work items may not see that."""
        try:
            data = self._service.get("_apis/connectionData", {"api-version": "7.1-preview"}).data
            return str(data["authenticatedUser"]["providerDisplayName"])
        except (InsightsError, KeyError):
            return "a token"

    def _filed(self, row: Row, *, progress: Progressed | None = None) -> Filed:
        fields = row["fields"]
        state = fields[_STATE]
        progress = progress or self._progress(fields)
        due, ended = _first(fields, _DUE), _first(fields, _ENDED)
        return Filed(
            external_id=str(row["id"]),
            url=f"{self._settings.url.rstrip('/')}/{_quoted(fields[_PROJECT])}/_workitems/edit/{row['id']}",
            progress=progress,
            status=state,
            assignee=(fields.get(_ASSIGNED) or {}).get("displayName") or "",
            estimate=self._estimate(fields),
            due_on=_day(due),
            closed_at=read_time(ended) if progress is not Progressed.OPEN else None,
        )

    def _progress(self, fields: Row) -> Progressed:
        states = self._states(fields[_PROJECT], fields[_TYPE])
        category = next((one["category"] for one in states if one["name"] == fields[_STATE]), "")
        if category not in ("Completed", "Removed"):
            return Progressed.OPEN
        is_dropped = any(str(fields.get(name, "")).casefold() in self._dropped for name in (_STATE, _REASON))
        return Progressed.DROPPED if is_dropped or category == "Removed" else Progressed.DONE

    def _estimate(self, fields: Row) -> str:
        name = next((one for one in self._settings.estimate_fields if fields.get(one)), "")
        value = fields.get(name)
        unit = " h" if name.endswith(_HOURS) else ""
        return f"{value:g}{unit}" if isinstance(value, int | float) else str(value or "")

    # -- where things are -----------------------------------------------------------------------------------------

    def _body_field(self, issue_type: str) -> str:
        """A Bug's form shows no description."""
        return self._settings.body_field or (_REPRO_STEPS if issue_type.casefold() == "bug" else _DESCRIPTION)

    def _body(self, row: Row, marker: str) -> tuple[str, str]:
        """The field that holds our part, else the one that it is for, and its text."""
        usual = self._body_field(row["fields"][_TYPE])
        for field in dict.fromkeys((usual, _DESCRIPTION, _REPRO_STEPS)):
            text = row["fields"].get(field) or ""
            if text and block_of(text, marker, _form(is_markdown=_is_markdown(row, field))) is not None:
                return field, text
        return usual, row["fields"].get(usual) or ""

    def _states(self, project: str, issue_type: str) -> list[dict[str, Any]]:
        key = (project, issue_type)
        if key not in self._known_states:
            path = f"{_quoted(project)}/_apis/wit/workitemtypes/{_quoted(issue_type)}/states"
            self._known_states[key] = self._get(path)["value"]
        return self._known_states[key]

    def _state(self, row: Row, *categories: str) -> str:
        """The first state of the first of these categories that has one. Raises InsightsError."""
        states = self._states(row["fields"][_PROJECT], row["fields"][_TYPE])
        for category in categories:
            for state in states:
                if state["category"] == category:
                    return str(state["name"])
        kind = self._service.clean(row["fields"][_TYPE])
        raise InsightsError(
            f"A {kind} in {self.name} has no state of the category {' or '.join(categories)}.",
            remedy="Add one to the process, or change the state by hand.",
        )


def _described(old: str, issue: Issue, *, is_markdown: bool) -> str:
    form, render = _form(is_markdown=is_markdown), gfm if is_markdown else azure_html
    room = room_beside(old, issue.sought.marker, form, limit=_LONGEST)
    return with_block(old, render(issue.body, limit=room), issue.sought.marker, form)


def _form(*, is_markdown: bool) -> Form:
    return Form.LINES if is_markdown else Form.HTML


def _is_markdown(row: Row, field: str) -> bool:
    """People may turn a text into Markdown, whatever it was made as."""
    return str((row.get("multilineFieldsFormat") or {}).get(field, "")).casefold() == "markdown"


def _bare(text: str) -> str:
    """Without what may differ in a text that was kept: how our joiner is written, and spaces between lines."""
    return " ".join(text.replace(f"&#{ord(JOINER)};", JOINER).split())


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _set(field: str, value: Any) -> Operation:
    return {"op": "add", "path": f"/fields/{field}", "value": value}


def _tags(row: Row) -> list[str]:
    return [tag.strip().casefold() for tag in (row["fields"].get(_TAGS) or "").split(";")]


def _first(fields: Row, names: Sequence[str]) -> Any:
    return next((fields[name] for name in names if fields.get(name)), None)


def _day(moment: Any) -> date | None:
    """A day is kept as its midnight somewhere on Earth, written in UTC: the nearest one."""
    read = read_time(moment)
    return (read + timedelta(hours=12)).date() if read else None


AZURE_DEVOPS = TrackerKind(
    settings=AzureDevOpsSettings,
    make=AzureDevOpsTracker,
    login="personal access token with the scope Work Items (read and write)",
)
