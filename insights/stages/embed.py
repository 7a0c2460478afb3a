"""Give every mention but noise a vector; a changed embedder makes all anew instead of mixing two spaces."""

import numpy as np

from insights.domain.feedback import Mention
from insights.embedding.rows import unit_rows
from insights.ports import Embedder, Progress, Vectors
from insights.storage.feedback import day_of
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY, VectorStore
from insights.text.meaning import meaning_of

BATCH = 2000


def embed(repository: Repository, *, embedder: Embedder, vectors: VectorStore, progress: Progress) -> int:
    """Embed what has no vector by this embedder. Returns how many mentions.

    A vector is stored before its mention is marked: after a kill in between it is found and not made (or paid)
    again.
    """
    _begin_anew_if_changed(repository, embedder, vectors)
    _drop_gone(repository, vectors)
    _notice_lost(repository, embedder, vectors)
    total = repository.mentions.count_unembedded(embedder.fingerprint)
    done = 0
    while batch := repository.mentions.unembedded(embedder.fingerprint, limit=BATCH):
        _embed_batch(batch, embedder, vectors)
        repository.mentions.mark_embedded([mention.id for mention in batch], fingerprint=embedder.fingerprint)
        done += len(batch)
        progress("embedding", done, total)
    return done


def _embed_batch(batch: list[Mention], embedder: Embedder, vectors: VectorStore) -> None:
    present = vectors.present([mention.id for mention in batch])
    missing = [mention for mention in batch if mention.id not in present]
    if missing:
        made = vectors_of(missing, embedder)
        vectors.upsert([mention.id for mention in missing], made, filters=[_filters(mention) for mention in missing])


def vectors_of(mentions: list[Mention], embedder: Embedder) -> Vectors:
    """Of the customer's words, or the mean of theirs and the statement's: better than either alone (on 725 reviews in
    211 groups, AMI .41 to .53 by the words, .62 by statements, .64 by the mean)."""
    made = np.asarray(embedder.embed([meaning_of(mention.text) for mention in mentions]), dtype=np.float32)
    stated = [(row, mention.statement) for row, mention in enumerate(mentions) if mention.statement]
    if stated:
        rows = [row for row, _ in stated]
        made[rows] = unit_rows(made[rows] + embedder.embed([statement for _, statement in stated]))
    return made


def _filters(mention: Mention) -> dict[str, int | str]:
    """Opaque facts to search by: no words, no names."""
    return {"kind": mention.kind.value, "day": day_of(mention.created_at), "account": mention.account_id or 0}


def _begin_anew_if_changed(repository: Repository, embedder: Embedder, vectors: VectorStore) -> None:
    known = repository.get_meta(VECTORS_BY)
    if known == embedder.fingerprint:
        return
    repository.mentions.forget_embeddings()
    vectors.clear()
    repository.set_meta(VECTORS_BY, embedder.fingerprint)


def _notice_lost(repository: Repository, embedder: Embedder, vectors: VectorStore) -> None:
    """Vectors that a damaged or deleted folder no longer holds are made anew; those that are there stay."""
    if vectors.count() < repository.mentions.count_embedded(embedder.fingerprint):
        repository.mentions.forget_embeddings()


def _drop_gone(repository: Repository, vectors: VectorStore) -> None:
    gone = repository.mentions.gone_vectors()
    if gone:
        vectors.delete(gone)
        repository.mentions.vectors_deleted(gone)
