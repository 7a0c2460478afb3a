"""Choose in a tap's catalog the streams that are mapped, with all of their fields, and no others. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from connectors.sources.singer_streams import StreamSettings
from insights.errors import ExitCode, InsightsError
from insights.text.clean import one_line


def names_in(catalog: Any) -> list[str]:
    """The streams that a tap offers."""
    return [name for entry in _streams(catalog) if (name := _name(entry))]


def read_catalog(text: bytes, *, source: str) -> dict[str, Any]:
    """What a tap wrote when it was asked for its streams. Raises InsightsError."""
    try:
        catalog = json.loads(text)
    except (ValueError, RecursionError):
        catalog = None
    if not isinstance(catalog, dict) or not _streams(catalog):
        raise InsightsError(
            f"The tap of {source} named no streams.",
            remedy='Check its config; where it has no --discover, set select = "none".',
        )
    return catalog


def selected(catalog: dict[str, Any], streams: Mapping[str, StreamSettings], *, source: str) -> dict[str, Any]:
    """The catalog with the mapped streams chosen, in both of the ways that taps know. Raises InsightsError where one is
    not in it."""
    known = names_in(catalog)
    missing = [name for name in streams if name not in known]
    if missing:
        raise InsightsError(
            f"The tap of {source} has no stream {missing[0]!r}.",
            remedy=f"It has: {one_line(', '.join(known), 300)}.",
            exit_code=ExitCode.USAGE,
        )
    return {**catalog, "streams": [_chosen(entry, streams.get(_name(entry))) for entry in _streams(catalog)]}


def _streams(catalog: Any) -> list[dict[str, Any]]:
    found = catalog.get("streams") if isinstance(catalog, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("stream") or entry.get("tap_stream_id") or "")


def _chosen(entry: dict[str, Any], settings: StreamSettings | None) -> dict[str, Any]:
    schema = entry.get("schema") if isinstance(entry.get("schema"), dict) else {}
    return {
        **entry,
        **({} if settings is None else _replication(settings, "_")),
        "selected": settings is not None,
        "schema": {**(schema or {}), "selected": settings is not None},
        "metadata": _metadata(entry, schema or {}, settings),
    }


def _metadata(entry: Mapping[str, Any], schema: Mapping[str, Any], settings: StreamSettings | None) -> list[Any]:
    """The tap's own words on each field, with our choice put in; the stream itself is the empty path."""
    given = entry.get("metadata") if isinstance(entry.get("metadata"), list) else []
    known = {tuple(one.get("breadcrumb") or ()): dict(one.get("metadata") or {}) for one in given or []}
    properties = schema.get("properties") if isinstance(schema.get("properties"), dict) else {}
    for place in [(), *(("properties", str(name)) for name in properties or {})]:
        known.setdefault(place, {})
    if settings is not None:
        known[()].update(_replication(settings, "-"))
    for words in known.values():
        if words.get("inclusion") != "unsupported":
            words["selected"] = settings is not None
    return [{"breadcrumb": list(place), "metadata": words} for place, words in known.items()]


def _replication(settings: StreamSettings, sign: str) -> dict[str, str]:
    """Metadata spell it with a dash, older catalogs with an underscore."""
    said = {"method": settings.replication_method, "key": settings.replication_key}
    return {f"replication{sign}{name}": value for name, value in said.items() if value}
