"""Record the session and the picture that the documents show: docs/triage.svg and docs/inbox.svg.

    make film

On a sample firm of its own, which is removed again, by a fixed clock and name, so that only what changed differs.
"""

import os
from base64 import b64encode
from pathlib import Path
from shutil import rmtree

DOCS = Path(__file__).parents[1] / "docs"
CLOCK = "2026-06-01T08:10:00+00:00"
"""The morning after the sample firm's last day."""
FOLDER = Path("/tmp/crateline")
"""The Health screen shows it, so it has a plain name; where it exists already, nothing is recorded."""


def _record(folder: Path) -> None:
    from insights.bootstrap import open_workspace
    from insights.cli.triage import office_of
    from insights.demo.sample import make_demo
    from tui.film import film_svg, still_svg

    workspace, _ = make_demo(folder, fresh=True, progress=lambda *_: None)
    workspace.close()
    for name, draw in (("inbox.svg", still_svg), ("triage.svg", film_svg)):
        workspace = open_workspace(folder)
        picture = draw(office_of(workspace))
        workspace.close()
        (DOCS / name).write_text(picture, encoding="utf-8")
        print(f"docs/{name}: {len(picture.encode()) / 1000:.0f} KB")


if __name__ == "__main__":
    os.environ.update(INSIGHTS_NOW=CLOCK, INSIGHTS_USER="ana", INSIGHTS_KEY=b64encode(bytes(32)).decode())
    FOLDER.mkdir()
    try:
        _record(FOLDER)
    finally:
        rmtree(FOLDER)
