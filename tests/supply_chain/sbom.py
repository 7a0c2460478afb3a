"""What is built in, as a CycloneDX 1.6 bill of materials.

python -m tests.supply_chain.sbom requirements.lock sbom.cdx.json
"""

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from tests.supply_chain.licences import licensed
from tests.supply_chain.lock import LOCK, Pin, canonical, pins


def bill(wanted: Iterable[Pin]) -> dict[str, Any]:
    """The same for the same lock and the same installed metadata: no time and no serial number."""
    wanted = list(wanted)
    licences = {one.name: one.told for one in licensed(wanted)[0] if one.told}
    project = tomllib.loads((LOCK.parent / "pyproject.toml").read_text())["project"]
    root = {
        "type": "application",
        "bom-ref": project["name"],
        "name": project["name"],
        "version": project["version"],
        "licenses": [{"license": {"id": project["license"]}}],
    }
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root},
        "components": [_component(pin, licences.get(pin.name)) for pin in wanted],
        "dependencies": list(_relations(root, wanted)),
    }


def _relations(root: dict[str, Any], wanted: list[Pin]) -> Iterator[dict[str, Any]]:
    """What asks for what, by the metadata of what is installed; of the rest it is not known and not told."""
    refs: dict[str, list[str]] = {}
    for pin in wanted:
        refs.setdefault(pin.name, []).append(_ref(pin))
    for name, own in [(root["name"], [root["bom-ref"]]), *refs.items()]:
        try:
            asked = {canonical(Requirement(one).name) for one in requires(name) or []}
        except PackageNotFoundError:
            continue
        targets = sorted(ref for one in asked - {canonical(name)} for ref in refs.get(one, []))
        yield from ({"ref": ref, "dependsOn": targets} for ref in own)


def _component(pin: Pin, licence: str | None) -> dict[str, Any]:
    """The lock's hashes are those of all files of a version: properties, for a component's hash is that of one."""
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": _ref(pin),
        "name": pin.name,
        "version": pin.version,
        "purl": _address(pin),
        "properties": [{"name": "insights:lock:sha256", "value": one} for one in pin.hashes],
    }
    if licence:
        found["licenses"] = [{"license": {"name": licence}}]
    return found


def _address(pin: Pin) -> str:
    return f"pkg:pypi/{pin.name}@{pin.version}"


def _ref(pin: Pin) -> str:
    return f"{_address(pin)}#{pin.marker}" if pin.marker else _address(pin)


def main() -> int:
    lock, target = map(Path, sys.argv[1:3])
    made = bill(pins(lock.read_text()))
    target.write_text(json.dumps(made, indent=1) + "\n")
    sys.stdout.write(f"{len(made['components'])} components in {target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
