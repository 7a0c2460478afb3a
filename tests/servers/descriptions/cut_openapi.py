"""Cut a vendor's OpenAPI description down to some calls: what they refer to stays as it is, less the prose and the
vendor's extensions.

    python cut_openapi.py WHOLE.yaml CALLS.txt > CUT.yaml

CALLS.txt has one call a line: `post /tasks`.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

PROSE = {"description", "summary", "title", "externalDocs", "tags"}
DATA = {"example", "examples", "default", "enum", "value"}
NAMED = {"properties", "patternProperties", "schemas", "parameters", "responses", "headers", "requestBodies"}


def main() -> None:
    whole = yaml.safe_load(Path(sys.argv[1]).read_text())
    lines = Path(sys.argv[2]).read_text().splitlines()
    cut = cut_to([(line.split()[0], line.split()[1]) for line in lines if line.strip()], whole)
    yaml.dump(cut, sys.stdout, Dumper=_WithoutAnchors, sort_keys=False, allow_unicode=True, width=120)


def cut_to(calls: list[tuple[str, str]], whole: dict[str, Any]) -> dict[str, Any]:
    """The description of these (method, path) alone. KeyError for a call that is not in the whole."""
    paths: dict[str, Any] = {}
    for method, path in calls:
        item = whole["paths"][path]
        kept = paths.setdefault(path, {name: item[name] for name in ("parameters",) if name in item})
        kept[method] = item[method]
    paths = {path: _plain(item) for path, item in paths.items()}
    info = {name: whole["info"][name] for name in ("title", "version", "license")}
    return {
        "openapi": whole["openapi"],
        "info": info,
        "servers": whole.get("servers", []),
        "security": whole.get("security", []),
        "paths": paths,
        "components": _components(paths, whole),
    }


def _components(paths: Any, whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"securitySchemes": _plain(whole["components"]["securitySchemes"])}
    wanted = _references(paths)
    while wanted:
        kind, name = wanted.pop()
        part = found.setdefault(kind, {})
        if name not in part:
            part[name] = _plain(whole["components"][kind][name])
            wanted |= _references(part[name])
    return {kind: dict(sorted(part.items())) for kind, part in sorted(found.items())}


def _references(node: Any) -> set[tuple[str, str]]:
    if isinstance(node, list):
        return set().union(*map(_references, node))
    if not isinstance(node, dict):
        return set()
    found = set().union(*map(_references, node.values()))
    if isinstance(node.get("$ref"), str):
        _, _, kind, name = node["$ref"].split("/")
        found.add((kind, name))
    return found


def _plain(node: Any, below: str = "") -> Any:
    """Without prose and extensions; what is below `properties` and the like has names of its own."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    if below:
        kept = {name: _plain(value) for name, value in node.items()}
        return {name: _answer(value) for name, value in kept.items()} if below == "responses" else kept
    return {
        name: value if name in DATA else _plain(value, name if name in NAMED else "")
        for name, value in node.items()
        if name not in PROSE and not str(name).startswith("x-")
    }


def _answer(answer: dict[str, Any]) -> dict[str, Any]:
    return answer if "$ref" in answer else {"description": "", **answer}  # which it must have


class _WithoutAnchors(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


if __name__ == "__main__":
    main()
