"""All that is kept about a person, with the original words: to be handed to them."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.config import RetentionSettings
from insights.data_rights.retain import rule_for
from insights.data_rights.whose import Subject, person
from insights.domain.access import Act, use_case
from insights.domain.feedback import Feedback
from insights.storage.repository import Repository
from insights.text.personal import Value, normal

NAME = "person-export"
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonExport:
    """`items` are what they wrote, `named_in` what others wrote that names them, both in the original words."""

    made_at: datetime
    values: tuple[str, ...]
    pseudonyms: tuple[str, ...]
    items: tuple[dict[str, Any], ...]
    named_in: tuple[dict[str, Any], ...]
    accounts: tuple[dict[str, Any], ...]
    deals: tuple[dict[str, Any], ...]
    decisions: tuple[dict[str, Any], ...]
    problems: tuple[dict[str, Any], ...]
    issues: tuple[dict[str, Any], ...]
    model_calls: dict[str, Any]
    retention: tuple[dict[str, Any], ...]


@use_case(Act.PERSONS)
def export_person(
    repository: Repository, identity: str, *, rules: Sequence[RetentionSettings], now: Callable[[], datetime]
) -> PersonExport:
    """Gather it, and note in the audit log that it was. Raises Several for a name of several persons, and InsightsError
    for what is no name and no address."""
    subject = person(repository, identity)
    found = _gathered(repository, subject, rules, now())
    digest = next(iter(subject.persons), "") or repository.persons.digest_of(normal(identity))
    facts = {"items": len(found.items), "named_in": len(found.named_in), "deals": len(found.deals)}
    repository.audit.record("person.export", digest, facts=facts)
    return found


def as_document(found: PersonExport) -> str:
    """JSON."""
    return json.dumps(asdict(found), default=_plain, ensure_ascii=True, indent=2)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def as_markdown(found: PersonExport) -> str:
    """For a reader: whatever came from outside stands in code blocks, where nothing of it acts."""
    parts = [f"# What is kept about a person\n\nMade {found.made_at:%Y-%m-%d %H:%M} UTC."]
    for title, rows in _sections(found):
        parts.append(f"## {title}\n\n" + ("\n\n".join(_block(row) for row in rows) if rows else "Nothing."))
    return "\n\n".join(parts) + "\n"


def _sections(found: PersonExport) -> list[tuple[str, Sequence[Any]]]:
    return [
        ("What names them", found.values),
        ("Pseudonyms", found.pseudonyms),
        ("What they wrote", found.items),
        ("What others wrote that names them", found.named_in),
        ("Accounts", found.accounts),
        ("Deals", found.deals),
        ("Decisions and corrections that name them", found.decisions),
        ("Problems that rest on their words", found.problems),
        ("Issues filed of these problems", found.issues),
        ("Language models and embedding servers", [found.model_calls]),
        ("How long it is kept", found.retention),
    ]


def _block(row: Any) -> str:
    """A fence longer than any in the text."""
    from insights.text.clean import sanitise

    lines = [f"{name}: {_plain(value)}" for name, value in row.items()] if isinstance(row, Mapping) else [str(row)]
    text = sanitise("\n".join(lines))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def write_export(found: PersonExport, folder: Path) -> list[Path]:
    """Both forms, readable by their owner alone; what was there is replaced."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = []
    for suffix, text in ((".json", as_document(found)), (".md", as_markdown(found))):
        path = folder / f"{NAME}{suffix}"
        temporary = folder / f".{NAME}{suffix}.tmp"
        temporary.unlink(missing_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        temporary.replace(path)
        written.append(path)
    return written


# -- gathering --------------------------------------------------------------------------------------------------------


def _gathered(
    repository: Repository, subject: Subject, rules: Sequence[RetentionSettings], now: datetime
) -> PersonExport:
    names = _Names(subject.values)
    own = repository.feedback.get(sorted(subject.items))
    others = [one.id for one in repository.erasing.items() if one.id not in subject.items and names.are_in(one.text)]
    named = repository.feedback.get(others)
    problems = repository.erasing.problems_of(subject.items | set(others))
    kinds = sorted({(one.source, one.kind.value) for one in own.values()})
    return PersonExport(
        made_at=now,
        values=tuple(one.text for one in subject.values),
        pseudonyms=subject.tokens,
        items=tuple(_item(one) for _, one in sorted(own.items())),
        named_in=tuple(_item(one) for _, one in sorted(named.items())),
        accounts=tuple(_accounts(repository, subject, own)),
        deals=tuple(_deals(repository, names)),
        decisions=tuple(_decisions(repository, names)),
        problems=tuple(_problems(repository, problems, subject.items)),
        issues=tuple(_issues(repository, problems)),
        model_calls=_model_calls(repository, own),
        retention=tuple(_rule(source, kind, rules) for source, kind in kinds),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    values: Sequence[Value]

    def are_in(self, text: str) -> bool:
        folded = normal(text)
        return any(re.search(rf"(?<!\w){re.escape(normal(one.text))}(?!\w)", folded) for one in self.values)


def _item(one: Feedback) -> dict[str, Any]:
    return {
        "ref": f"{one.source}/{one.source_id}",
        "kind": one.kind.value,
        "written_at": one.created_at,
        "author_name": one.author_name,
        "author_email": one.author_email,
        "account": one.account_hint,
        "score": one.score,
        "url": one.url,
        "text": one.text,
    }


def _accounts(repository: Repository, subject: Subject, own: Mapping[int, Feedback]) -> list[dict[str, Any]]:
    wanted = {*subject.accounts, *(one.account_id for one in own.values())}
    rows = repository.erasing.accounts()
    return [{"source": row.source, "id": row.source_id, "name": row.name} for row in rows if row.id in wanted]


def _deals(repository: Repository, names: _Names) -> list[dict[str, Any]]:
    found = []
    for deal in repository.customers.deals():
        content = asdict(deal)
        if names.are_in(json.dumps(content, default=_plain, ensure_ascii=False)):
            found.append(content)
    return found


def _decisions(repository: Repository, names: _Names) -> list[dict[str, Any]]:
    texts = repository.retaining.decided_texts()
    return [row for row in texts if names.are_in(str(row["words"]))]


def _problems(repository: Repository, problems: frozenset[int], items: frozenset[int]) -> list[dict[str, Any]]:
    titles = repository.problems.titles(problems)
    found = []
    for number in sorted(problems):
        quotes = [one for one in repository.problems.quotes(number) if one.feedback_id in items]
        found.append({"problem": f"P-{number}", "title": titles.get(number, ""), "quotes_of_theirs": len(quotes)})
    return found


def _issues(repository: Repository, problems: frozenset[int]) -> list[dict[str, Any]]:
    links = repository.retaining.issues_of(problems)
    return [{"problem": f"P-{one.problem_id}", "tracker": one.tracker, "url": one.url} for one in links]


def _model_calls(repository: Repository, own: Mapping[int, Feedback]) -> dict[str, Any]:
    """Which call held whose words is not kept: all since they first wrote may."""
    since = min((one.created_at for one in own.values()), default=None)
    count, first, last = repository.retaining.model_calls(since) if since else (0, None, None)
    told = "Only redacted words are sent. Which call held whose words is not kept: these are all that may."
    return {"told": told, "calls": count, "first": first, "last": last}


def _rule(source: str, kind: str, rules: Sequence[RetentionSettings]) -> dict[str, Any]:
    rule = rule_for(source, kind, rules)
    return {"source": source, "kind": kind, "days": rule.days if rule else None}
