"""Erase a person or an account from a workspace, prove it by the bytes of its files, and see that nothing comes back.

What is to be done is put down first, sealed; the database changes in one transaction; the rest follows from what was
put down, step by step, and each step may be done twice. Whoever is killed goes on with `resume`.
"""

import base64
import re
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.data_rights.cleaning import Cleaned
from insights.data_rights.files import FilesDone, clean_files
from insights.data_rights.proof import (
    PSEUDONYM,
    SEALED,
    VALUE,
    VECTOR,
    WORDS,
    Hits,
    Needle,
    Search,
    files_in,
    text_needles,
    vector_needles,
)
from insights.data_rights.receipt import FOLDER, signed, write_receipt
from insights.data_rights.whose import Several, Subject, account, account_of, person
from insights.domain.access import Act, use_case
from insights.domain.problem import problem_ref
from insights.language.describer import OfflineDescriber
from insights.ports import Embedder, Progress
from insights.stages.describe import describe_problems
from insights.stages.embed import vectors_of
from insights.storage.erasing import SEALED_SHOWN, Survey, Target
from insights.storage.erasures import ACCOUNT, PERSON
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY, VectorStore
from insights.text.meaning import meaning_of
from insights.text.personal import EMAIL, NAME, PHONE, Value, digits_of, normal
from insights.text.pieces import pieces_of, without_shared, words_in

_PAGE = 5_000
_MOST_PIECES = 60_000
"""Pieces that are looked for in files; of more, every second, third … is: a longer run holds one of them."""
COMMENT = (
    "Somebody whose words this issue rests on has asked for them to be deleted. Please delete quotes, names and "
    "addresses of theirs from its text, comments and attachments; how many customers have the problem may stay."
)

BEGUN, DATABASE, VECTORS, FILES = "begun", "database", "vectors", "files"
"""The steps, named by the last that is done."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What erasing needs of a workspace. `sources` are files that its settings read, `run_lock` keeps others
    from bringing in or analysing meanwhile."""

    repository: Repository
    folder: Path
    data: Path
    vectors: Callable[[], VectorStore]
    run_lock: Callable[[], AbstractContextManager[object]]
    now: Callable[[], datetime]
    progress: Progress
    sources: tuple[Path, ...] = ()
    keep_backups: int = 0
    embedder: Embedder | None = None
    """Where it is on this machine: what it makes of a text is looked for, too, since a store keeps a rounded vector."""
    has_vectors: bool = True
    vectors_on_server: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an erasure would do; counts by where."""

    kind: str
    gone: dict[str, int]
    values: int
    yours: tuple[str, ...]
    issues: tuple[str, ...]
    backups: int
    batches: int
    shared: int
    untelling: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """A finished one: what its receipt says, and where that is."""

    receipt: dict[str, Any]
    path: Path


@use_case(Act.ERASE)
def find_person(repository: Repository, identity: str) -> Subject:
    """Whose e-mail address, name or number that is. Raises Several, or InsightsError."""
    return person(repository, identity)


@use_case(Act.ERASE)
def find_account(repository: Repository, name: str) -> Subject:
    """An account with its people. Raises InsightsError."""
    return account(repository, name)


@use_case(Act.ERASE)
def preview(bench: Bench, subject: Subject) -> Preview:
    """Look through everything, and change nothing."""
    plan = _plan(bench, subject)
    found, _ = _survey(bench, plan)
    files = _clean_files(bench, plan, dry=True)
    gone = (
        dict(found.counts) | {"vectors": len(plan["mentions"]), "pseudonyms": len(subject.tokens)} | dict(files.counts)
    )
    return Preview(
        kind=subject.kind,
        gone=_ordered(gone),
        values=len(subject.values),
        yours=tuple(files.yours),
        issues=tuple(one["url"] for one in _issues(bench, found.problems)),
        backups=len(_backups(bench)),
        batches=len(bench.repository.erasing.batches()),
        shared=subject.shared,
        untelling=subject.untelling,
    )


@use_case(Act.ERASE)
def erase(bench: Bench, subject: Subject) -> Erasure:
    """Do it. One that is half-way is ended first. Raises InsightsError; what was put down is ended by `resume`."""
    with bench.run_lock():
        if (waiting := bench.repository.erasures.under_way()) is not None:
            _finish(bench, _renewed(bench, waiting))
        return _finish(bench, _begin(bench, subject))


def resume(bench: Bench) -> Erasure | None:
    """End an erasure that was cut off; None where there is none. Whoever may open the workspace may do it: what is done
    was put down, sealed, by somebody who was allowed to, and half of it helps nobody."""
    if not bench.repository.erasures.is_under_way():
        return None
    with bench.run_lock():
        waiting = bench.repository.erasures.under_way()
        return _finish(bench, _renewed(bench, waiting)) if waiting is not None else None


@use_case(Act.ERASE)
def erase_again(bench: Bench, digests: Collection[str]) -> list[Erasure]:
    """Erase whoever these digests stand for: a backup that was restored may hold them."""
    wanted, done = set(digests), []
    while (found := _known_by(bench.repository, wanted)) is not None:
        done.append(erase(bench, found))
    return done


def _known_by(repository: Repository, wanted: set[str]) -> Subject | None:
    """The next that is still there."""
    digest = repository.erasures.digest
    for row in repository.erasing.accounts():
        if digest(ACCOUNT, f"{row.source}\n{row.source_id}") in wanted:
            return account_of(repository, row.id)
    passed: set[str] = set()
    for item in repository.erasing.items():
        identity = item.author_email or item.author_name
        if identity and identity not in passed and digest(PERSON, normal(identity)) in wanted:
            if (found := _certainly(repository, identity, wanted)) is not None:
                return found
            passed.add(identity)
    return None


def _certainly(repository: Repository, identity: str, wanted: set[str]) -> Subject | None:
    """None where the name is, or may be, somebody else's by now: nobody looks at what would go."""
    try:
        found = person(repository, identity)
    except Several:
        return None
    addresses = {repository.erasures.digest(PERSON, normal(one.text)) for one in found.values if one.label == EMAIL}
    return found if found.items and addresses <= wanted else None


# -- what is to be done -----------------------------------------------------------------------------------------------


def _begin(bench: Bench, subject: Subject) -> dict[str, Any]:
    """Put down what is to be done, and how often its bytes are found before."""
    plan = _plan(bench, subject)
    found, _ = _survey(bench, plan)
    plan |= {
        "id": f"{bench.now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}",
        "at": bench.now().isoformat(),
        "by": bench.repository.actor.who,
        "step": BEGUN,
        "sealed": [base64.b64encode(one).decode() for one in [*found.sealed, *_keys(bench.repository, subject)]],
        "vectors": [base64.b64encode(one.content).decode() for one in _vectors(bench, plan["mentions"])],
        "problems": sorted(found.problems),
    }
    hits, search = _search(bench, plan)
    plan |= {"before": dict(hits.by_kind), "needles": search.needles}
    bench.repository.erasures.keep(plan)
    return plan


def _renewed(bench: Bench, plan: dict[str, Any]) -> dict[str, Any]:
    """Until the database is changed, items of theirs may come in: what is to be done is found anew."""
    if plan["step"] != BEGUN:
        return plan
    named = plan["digests"]
    subject = _known_by(bench.repository, {*named.get(ACCOUNT, ()), *(named.get(PERSON, ()))})
    if subject is None:
        return plan
    return _kept(bench, {**_begin(bench, subject), **{name: plan[name] for name in ("id", "by", "at")}})


def _plan(bench: Bench, subject: Subject) -> dict[str, Any]:
    repository = bench.repository
    mentions = repository.erasing.mentions_of(subject.items)
    pieces = _pieces(repository, subject, mentions)
    return {
        "kind": subject.kind,
        "items": sorted(subject.items),
        "accounts": sorted(subject.accounts),
        "values": [[one.label, one.text] for one in subject.values],
        "tokens": list(subject.tokens),
        "audited": sorted(repository.erasing.audited(subject.tokens)),
        "persons": list(subject.persons),
        "digests": {kind: list(some) for kind, some in subject.digests.items()},
        "mentions": mentions,
        "pieces": pieces,
        "paid": _paid_keys(repository, mentions),
        "shared": subject.shared,
        "untelling": subject.untelling,
    }


def _keys(repository: Repository, subject: Subject) -> list[bytes]:
    """How the keys and values behind their pseudonyms begin."""
    return [one[:SEALED_SHOWN] for one in repository.persons.sealed(subject.persons)]


def _pieces(repository: Repository, subject: Subject, mentions: Sequence[int]) -> list[str]:
    """As they stand in what they wrote; none that others wrote, too. Titles made of their words count."""
    texts = list(_texts(repository, subject, mentions))
    own = [" ".join(word for _, _, word in words_in(text)) for text in texts]
    pieces = {key: raw for text in texts for key, raw in pieces_of(text).items()}
    for title in repository.erasing.titles_of(repository.erasing.problems_of(subject.items)):
        pieces |= {key: raw for key, raw in pieces_of(title).items() if any(f" {key} " in f" {text} " for text in own)}
    others = (item.text for item in repository.erasing.items() if item.id not in subject.items)
    return sorted(without_shared(pieces, others).values())


def _texts(repository: Repository, subject: Subject, mentions: Sequence[int]) -> Iterator[str]:
    for item in repository.feedback.get(sorted(subject.items)).values():
        yield item.text
        yield item.redacted or ""
    yield from (mention.statement or "" for mention in repository.mentions.get(mentions))


def _paid_keys(repository: Repository, mentions: Sequence[int]) -> list[str]:
    """Under which a server's vectors of these texts are kept."""
    embedders = repository.erasing.embedders() | {repository.get_meta(VECTORS_BY) or ""}
    texts = {
        text for one in repository.mentions.get(mentions) for text in (meaning_of(one.text), one.text, one.statement)
    }
    return sorted(repository.paid_vectors.key(by, text) for by in embedders for text in texts if by and text)


def _vectors(bench: Bench, mentions: Sequence[int]) -> list[Needle]:
    """Bytes of their vectors; a text that others wrote, too, has one vector, which is not theirs."""
    if not mentions or not bench.has_vectors:
        return []
    with bench.vectors() as store:
        rows = store.matrix(mentions)
        shared = _shared(bench, store, mentions, {row.tobytes() for row in rows})
    own = [place for place, row in enumerate(rows) if row.tobytes() not in shared]
    needles = list(vector_needles(rows[own]))
    if bench.embedder is not None and own:
        texts = {one.id: one for one in bench.repository.mentions.get([mentions[place] for place in own])}
        needles += vector_needles(vectors_of(list(texts.values()), bench.embedder))
    return needles


def _shared(bench: Bench, store: VectorStore, mentions: Sequence[int], rows: Collection[bytes]) -> set[bytes]:
    """Those of the rows that mentions of others have, too."""
    others = sorted(set(bench.repository.erasing.mentions()) - set(mentions))
    found: set[bytes] = set()
    for start in range(0, len(others), _PAGE):
        found |= {row.tobytes() for row in store.matrix(others[start : start + _PAGE])} & set(rows)
        bench.progress("looking for vectors of others", min(start + _PAGE, len(others)), len(others))
    return found


def _cleaner(plan: Mapping[str, Any]) -> Cleaned:
    keys = (" ".join(word for _, _, word in words_in(raw)) for raw in plan["pieces"])
    return Cleaned.of((Value(*one) for one in plan["values"]), pieces=keys, tokens=plan["tokens"])


def _target(plan: Mapping[str, Any]) -> Target:
    return Target(items=frozenset(plan["items"]), accounts=frozenset(plan["accounts"]), paid_keys=tuple(plan["paid"]))


def _survey(bench: Bench, plan: Mapping[str, Any]) -> tuple[Survey, Cleaned]:
    cleaned = _cleaner(plan)
    return bench.repository.erasing.survey(_target(plan), cleaned), cleaned


# -- doing it ---------------------------------------------------------------------------------------------------------


def _finish(bench: Bench, plan: dict[str, Any]) -> Erasure:
    """Do the steps that are not done yet."""
    if plan["step"] == BEGUN:
        plan = _in_database(bench, plan)
    if plan["step"] == DATABASE:
        plan = _in_vectors(bench, plan)
    if plan["step"] == VECTORS:
        files = _clean_files(bench, plan)
        plan = _kept(bench, {**plan, "step": FILES, "files": dict(files.counts), "yours": files.yours})
    bench.progress("writing the database anew", 0, 0)
    bench.repository.erasures.vacuum()
    done = _receipt(bench, plan)
    bench.repository.erasures.done()
    return done


def _kept(bench: Bench, plan: dict[str, Any]) -> dict[str, Any]:
    bench.repository.erasures.keep(plan)
    return plan


def _in_database(bench: Bench, plan: dict[str, Any]) -> dict[str, Any]:
    """All of the database, what is remembered and what the log says of it: one transaction."""
    repository = bench.repository
    bench.progress("erasing in the database", 0, 0)
    with repository.writing() as connection:
        found = repository.erasing.erase(_target(plan), _cleaner(plan), connection=connection)
        gone = Counter(found.counts)
        gone["pseudonyms"] = repository.persons.forget(plan["persons"], connection=connection)
        for kind, digests in plan["digests"].items():
            repository.erasures.add(digests, kind=kind, at=datetime.fromisoformat(plan["at"]), connection=connection)
        repository.audit.record(
            f"{plan['kind']}.erase",
            _subject_of(plan)[:32],
            facts=_facts(_ordered(gone), asked_by="" if plan["by"] == repository.actor.who else plan["by"]),
            connection=connection,
        )
        # Problems may have gained evidence of theirs since: what is cleaned is what is there now.
        plan = {
            **plan,
            "step": DATABASE,
            "gone": _ordered(gone),
            "problems": sorted({*plan["problems"], *found.problems}),
        }
        repository.erasures.keep(plan, connection=connection)
    return plan


def _facts(gone: Mapping[str, int], *, asked_by: str) -> dict[str, int | str]:
    """For the log: how much of what went, and who began it where somebody else ends it."""
    counts: dict[str, int | str] = {re.sub(r"[^a-z0-9]+", "_", name)[:40]: count for name, count in gone.items()}
    return counts | ({"asked_by": asked_by} if asked_by else {})


def _in_vectors(bench: Bench, plan: dict[str, Any]) -> dict[str, Any]:
    """The files of the vectors anew, and words for the problems that lost theirs, offline."""
    if bench.has_vectors:
        with bench.vectors() as store:
            store.rewrite({*plan["mentions"], *bench.repository.mentions.gone_vectors()}, progress=bench.progress)
            describe_problems(
                bench.repository, describer=OfflineDescriber(), vectors=store, run_id=0, progress=bench.progress
            )
    return _kept(bench, {**plan, "step": VECTORS})


def _clean_files(bench: Bench, plan: Mapping[str, Any], *, dry: bool = False) -> FilesDone:
    return clean_files_of(bench, _cleaner(plan), dry=dry)


def clean_files_of(bench: Bench, cleaned: Cleaned, *, dry: bool = False) -> FilesDone:
    """Free the files of a workspace of what is taken out; receipts stay as they were signed."""
    return clean_files(
        bench.folder,
        bench.data,
        cleaned,
        sources=bench.sources,
        backlogs=_backlogs(bench),
        keep=(bench.data / FOLDER,),
        dry=dry,
    )


def _backlogs(bench: Bench) -> list[Path]:
    """Files that problems were filed in, also where the workspace stood elsewhere then."""
    trackers = {link.tracker for link in bench.repository.filings.links()}
    paths = [Path(one.removeprefix("file:")) for one in sorted(trackers) if one.startswith("file:")]
    return [*paths, *(bench.folder / path.name for path in paths)]


# -- proof ------------------------------------------------------------------------------------------------------------


def _needles(plan: Mapping[str, Any]) -> Iterator[Needle]:
    for label, text in plan["values"]:
        for form in _written(label, text):
            yield from text_needles(VALUE, form, is_word=True)
    for token in set(plan["tokens"]).difference(plan["audited"]):
        yield from text_needles(PSEUDONYM, token)
    step = -(-len(plan["pieces"]) // _MOST_PIECES) or 1
    for piece in plan["pieces"][::step]:
        yield from text_needles(WORDS, piece, is_word=True)
    for kind, name in ((SEALED, "sealed"), (VECTOR, "vectors")):
        yield from (Needle(kind, base64.b64decode(one), is_text=False) for one in plan[name])


def _written(label: str, text: str) -> set[str]:
    if label == NAME:
        first, *rest = text.split()
        last = " ".join(rest)
        return {text, normal(text), f"{last} {first}", f"{last}, {first}"}
    return {text, digits_of(text)} if label == PHONE else {text}


def _search(bench: Bench, plan: Mapping[str, Any]) -> tuple[Hits, Search]:
    search = Search(_needles(plan))
    return search.files(files_in(bench.folder), base=bench.folder, progress=bench.progress), search


def _receipt(bench: Bench, plan: Mapping[str, Any]) -> Erasure:
    hits, search = _search(bench, plan)
    cleaned = _cleaner(plan)
    yours = {*plan["yours"], *(name for name in hits.by_file if _is_yours(name, plan))}
    left = {name: count for name, count in hits.by_file.items() if name not in yours}
    receipt = signed(
        bench.repository,
        {
            "id": plan["id"],
            "kind": plan["kind"],
            "subject": _subject_of(plan),
            "by": plan["by"],
            "asked_at": plan["at"],
            "done_at": bench.now().isoformat(),
            "gone": {**plan["gone"], "vectors": len(plan["mentions"]), **plan["files"]},
            "proof": {
                "before": plan["before"],
                "after": _after(bench, plan, yours, hits),
                "left": {cleaned.words(name): count for name, count in sorted(left.items())},
                "files": hits.files,
                "bytes": hits.bytes,
                "needles": search.needles,
            },
            "yours": sorted(map(cleaned.words, yours)),
            "issues": _issues(bench, plan["problems"]),
            "backups": _backups(bench),
            "batches": [
                {"server": server, "model": model, "sent_at": sent.isoformat()}
                for server, model, sent in bench.repository.erasing.batches()
            ],
            "notes": list(_notes(bench, plan)),
        },
    )
    return Erasure(receipt, write_receipt(bench.data / FOLDER, receipt))


def _is_yours(name: str, plan: Mapping[str, Any]) -> bool:
    return name in plan["yours"] or ".git" in Path(name).parts


def _after(bench: Bench, plan: Mapping[str, Any], yours: Collection[str], hits: Hits) -> dict[str, int]:
    """Hits by kind in all files but those that are their owner's."""
    if not any(name in yours for name in hits.by_file):
        return dict(hits.by_kind)
    paths = [path for path in files_in(bench.folder) if str(path.relative_to(bench.folder)) not in yours]
    return dict(Search(_needles(plan)).files(paths, base=bench.folder).by_kind)


def _subject_of(plan: Mapping[str, Any]) -> str:
    """The digest that stands for whom it was about."""
    digests = plan["digests"].get(ACCOUNT if plan["kind"] == "account" else PERSON) or [""]
    return str(digests[0])


def _issues(bench: Bench, problems: Collection[int]) -> list[dict[str, str]]:
    """Issues that were filed of these problems, with what to ask for."""
    return [
        {"problem": problem_ref(link.problem_id), "url": link.url or link.external_id, "comment": COMMENT}
        for link in bench.repository.filings.links()
        if link.problem_id in set(problems) and not link.is_gone
    ]


def _backups(bench: Bench) -> list[dict[str, str]]:
    until = (
        f"it is deleted once {bench.keep_backups} newer ones are there" if bench.keep_backups else "delete it by hand"
    )
    return [
        {"made_at": one.made_at.isoformat(), "place": one.place, "until": until}
        for one in bench.repository.backups.all()
    ]


def _notes(bench: Bench, plan: Mapping[str, Any]) -> Iterator[str]:
    yield "All answers of models that were kept are gone: which of them spoke of one person, nobody can tell."
    if plan["shared"]:
        yield f"{plan['shared']} of their names are others' too: where somebody else wrote them, they stay."
    if plan["untelling"]:
        yield f"{plan['untelling']} of their names are one word: where somebody else wrote it, it stays."
    if plan["audited"]:
        count = len(plan["audited"])
        yield f"The audit log, which nobody may change, names {count} of their pseudonyms, which stand for nobody now."
    if bench.repository.erasing.is_on_server:
        yield "The database is on a server: its tables were written anew, its files and backups are not here to search."
    if bench.vectors_on_server:
        yield "The vectors were deleted on their server: whether its files still hold them is not known here."
    yield "Free space of the disk is not overwritten; snapshots of file systems are not known here."


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}
