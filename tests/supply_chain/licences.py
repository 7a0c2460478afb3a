"""Which licence every installed distribution has, by its own metadata, and whether we take it.

python -m tests.supply_chain.licences requirements.lock docs/licences.md
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from tests.supply_chain.lock import Pin, pins

TAKEN = {
    "0BSD": r"0BSD",
    "Apache-2.0": r"apache",
    "BSL-1.0": r"BSL-1\.0|boost",
    "BSD": r"bsd",
    "CC0-1.0": r"CC0",
    "CNRI-Python": r"CNRI",
    "HPND": r"HPND|historical permission|CMU",
    "ISC": r"\bISC",
    "MIT": r"\bmit\b|\bMIT-",
    "MPL-2.0": r"MPL|mozilla",
    "PSF": r"\bPSF|python software foundation|Python-2",
    "Unicode-3.0": r"unicode",
    "Unlicense": r"unlicense|public domain",
    "Zlib": r"zlib",
}
"""Licence -> how metadata writes it."""
_REFUSED = re.compile(
    r"(?<!L)(?<!lesser )\bA?GPL|affero|(?<!lesser )general public|SSPL|BUSL|proprietary|non-?commercial", re.IGNORECASE
)
_LESSER = re.compile(r"LGPL|lesser general", re.IGNORECASE)
LESSER: dict[str, str] = {"pyte": "an emulated terminal for tests; not shipped and not changed"}
"""Distribution -> why its LGPL binds nothing of ours."""
READ_BY_HAND: dict[str, str] = {}
"""Distribution whose metadata name no licence -> what its licence file says."""
_EXCEPTION = re.compile(r"\s+WITH\s+[\w.-]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Licensed:
    """`told` is what metadata say; `trouble` why it is not taken, empty where it is."""

    name: str
    version: str
    told: str
    trouble: str


def told_by(found: Distribution) -> str:
    """The SPDX expression; without one the classifiers; without any the first line of the licence field."""
    metadata = found.metadata
    expression = _field(found, "License-Expression")
    if expression:
        return expression
    classified = [
        one.rsplit(" :: ", 1)[-1] for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")
    ]
    named = sorted({one for one in classified if one != "OSI Approved"})
    return "; ".join(named) or (_field(found, "License").splitlines() or [""])[0][:120]


def _field(found: Distribution, name: str) -> str:
    return str((found.metadata.get_all(name) or [""])[0]).strip()


def trouble_with(name: str, told: str) -> str:
    """Why it is not taken. Of alternatives (OR) one that is taken suffices."""
    told = _EXCEPTION.sub("", READ_BY_HAND.get(name, told))
    if not told:
        return "its metadata name no licence"
    found = [_of_one(name, choice) for choice in re.split(r"\s+OR\s+", told)]
    return "" if "" in found else found[0]


def _of_one(name: str, told: str) -> str:
    parts = [one for one in re.split(r"\s+AND\s+|;|[()]", told) if one.strip()]
    return next((trouble for one in parts if (trouble := _of_part(name, one.strip()))), "")


def _of_part(name: str, part: str) -> str:
    if _LESSER.search(part):
        return "" if name in LESSER else f"{part}: LGPL, not looked at"
    if _REFUSED.search(part):
        return f"{part}: refused"
    return "" if any(re.search(form, part, re.IGNORECASE) for form in TAKEN.values()) else f"{part}: not on the list"


def licensed(wanted: Iterable[Pin]) -> tuple[list[Licensed], list[Pin]]:
    """Those installed, and those that are not wanted on this platform, or in another version."""
    here, elsewhere = [], []
    for pin in wanted:
        try:
            found = distribution(pin.name)
        except PackageNotFoundError:
            elsewhere.append(pin)
            continue
        if found.version != pin.version:  # the lock has another version for other systems
            elsewhere.append(pin)
            continue
        told = told_by(found)
        here.append(Licensed(name=pin.name, version=found.version, told=told, trouble=trouble_with(pin.name, told)))
    return here, elsewhere


def page(here: Iterable[Licensed], elsewhere: Iterable[Pin]) -> str:
    """docs/licences.md."""
    lines = [
        "# Licences of what insights is built from",
        "",
        "Made by `make licences` from requirements.lock and each distribution's own metadata. "
        f"Taken: {', '.join(TAKEN)}. GPL and AGPL are refused, LGPL is looked at by name.",
        "",
        "| Distribution | Version | Licence |",
        "| --- | --- | --- |",
    ]
    for one in here:
        why = f" ({LESSER[one.name]})" if one.name in LESSER else ""
        told = READ_BY_HAND.get(one.name, one.told).replace("|", "/")
        lines.append(f"| {one.name} | {one.version} | {told}{why} |")
    lines += ["", "Not installed on the machine that made this page (other systems or versions of Python):", ""]
    lines += [f"- {pin.name} {pin.version}{f' ({pin.marker})' if pin.marker else ''}" for pin in elsewhere]
    return "\n".join(lines) + "\n"


def main() -> int:
    """0, or 1 where a licence is not taken."""
    lock, target = map(Path, sys.argv[1:3])
    here, elsewhere = licensed(pins(lock.read_text()))
    target.write_text(page(here, elsewhere))
    troubles = [one for one in here if one.trouble]
    for one in troubles:
        sys.stderr.write(f"{one.name} {one.version}: {one.trouble}\n")
    sys.stdout.write(f"{len(here)} licences read, {len(elsewhere)} not installed here, {len(troubles)} not taken\n")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
