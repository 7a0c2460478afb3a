"""What is built in is pinned by hash, under licences that we take, and can be listed and audited."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.loopback import QuietHandler, QuietServer, send
from tests.supply_chain.audit import Unreachable, known, main
from tests.supply_chain.licences import LESSER, licensed, trouble_with
from tests.supply_chain.lock import LOCK, Pin, pins
from tests.supply_chain.sbom import bill

A_PIN = Pin(name="some-thing", version="1.0", marker="", hashes=("0" * 64,))


@pytest.fixture(scope="module")
def locked() -> list[Pin]:
    return pins(LOCK.read_text())


def test_every_line_of_the_lock_has_hashes(locked: list[Pin]) -> None:
    assert len(locked) > 100
    assert [pin.name for pin in locked if not pin.hashes] == []


def test_a_line_without_a_version_is_refused() -> None:
    with pytest.raises(ValueError, match="no pin"):
        pins("some-thing>=1.0\n")


def test_every_licence_is_taken(locked: list[Pin]) -> None:
    here, elsewhere = licensed(locked)
    assert [(one.name, one.trouble) for one in here if one.trouble] == []
    assert len(elsewhere) < len(here) / 10
    assert set(LESSER) <= {pin.name for pin in locked}


@pytest.mark.parametrize(
    "told", ["MIT", "Apache-2.0 WITH LLVM-exception", "BSD License; MIT License", "GPL-3.0 OR MIT"]
)
def test_free_licences_are_taken(told: str) -> None:
    assert trouble_with("some-thing", told) == ""


@pytest.mark.parametrize(
    "told", ["", "GPL-3.0-only", "AGPL-3.0", "LGPL-3.0", "MIT AND GPL-2.0", "Commercial", "SSPL-1.0"]
)
def test_others_are_refused(told: str) -> None:
    assert trouble_with("some-thing", told) != ""


def test_the_bill_of_materials_keeps_to_its_schema(locked: list[Pin]) -> None:
    made = json.dumps(bill(locked))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made) is None
    assert len(json.loads(made)["components"]) == len(locked)


def test_the_bill_says_what_asks_for_what(locked: list[Pin]) -> None:
    made = bill(locked)
    asked = {one["ref"]: one["dependsOn"] for one in made["dependencies"]}
    root = made["metadata"]["component"]["bom-ref"]
    assert any(one.startswith("pkg:pypi/sqlalchemy@") for one in asked[root])
    there = {one["bom-ref"] for one in made["components"]}
    assert {ref for some in asked.values() for ref in some} <= there


@pytest.fixture
def database() -> Iterator[str]:
    class Handler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - the library's name
            length = int(self.headers["Content-Length"])
            asked = json.loads(self.rfile.read(length))["queries"]
            send(
                self,
                (200, {}, {"results": [{"vulns": [{"id": "OSV-1"}]} if q["version"] == "1.0" else {} for q in asked]}),
            )

    server = QuietServer(Handler)
    server.serve()
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop()


def test_what_is_known_of_a_version_is_told(database: str) -> None:
    other = Pin(name="other", version="2.0", marker="", hashes=())
    assert known([A_PIN, other], database) == {"some-thing 1.0": ["OSV-1"]}


def test_a_database_that_is_away_is_said_and_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("OSV_URL", "http://127.0.0.1:9")
    (tmp_path / "lock").write_text(f"some-thing==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    for more in ([], ["--probe"]):
        assert main([str(tmp_path / "lock"), *more]) == 0
        assert capsys.readouterr().out.count("cannot be reached") == 1
    with pytest.raises(Unreachable):
        known([A_PIN], "http://127.0.0.1:9")
