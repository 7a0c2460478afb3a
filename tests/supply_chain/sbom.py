"""What is built in, as a CycloneDX 1.6 bill of materials.

python -m tests.supply_chain.sbom requirements.lock sbom.cdx.json
"""

import json
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.supply_chain.licences import licensed
from tests.supply_chain.lock import LOCK, Pin, pins


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
    }


def _component(pin: Pin, licence: str | None) -> dict[str, Any]:
    """The lock's hashes are those of all files of a version: properties, for a component's hash is that of one."""
    address = f"pkg:pypi/{pin.name}@{pin.version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"{address}#{pin.marker}" if pin.marker else address,
        "name": pin.name,
        "version": pin.version,
        "purl": address,
        "properties": [{"name": "insights:lock:sha256", "value": one} for one in pin.hashes],
    }
    if licence:
        found["licenses"] = [{"license": {"name": licence}}]
    return found


def main() -> int:
    lock, target = map(Path, sys.argv[1:3])
    made = bill(pins(lock.read_text()))
    target.write_text(json.dumps(made, indent=1) + "\n")
    sys.stdout.write(f"{len(made['components'])} components in {target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
