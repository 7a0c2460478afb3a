"""Have the night run by itself: as a systemd timer of this user, a line of their crontab, or a GitHub Actions file.

What would be written is made first, so that it can be shown; only then it is written. Several workspaces stand beside
each other: each has a name of its own, made of its folder.
"""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from insights.bootstrap import write_whole
from insights.domain.access import Act, Actor, use_case
from insights.errors import ExitCode, InsightsError
from insights.text.clean import one_line

_WORKFLOWS = Path(".github/workflows")
_TIMEOUT = 30


class Scheduler(StrEnum):
    """What calls us."""

    SYSTEMD = "systemd"
    CRON = "cron"
    GITHUB = "github"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What scheduling means here: files as they will be, or the whole crontab as it will be; commands that follow, and
    notes for the person."""

    scheduler: Scheduler
    files: tuple[tuple[Path, str], ...] = ()
    crontab: str | None = None
    line: str = ""
    commands: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


Run = Callable[[Sequence[str], str | None], str]
"""Called as run(command, stdin); gives what it printed. Raises InsightsError."""


@dataclass(frozen=True, kw_only=True)
class Scheduling:
    """A workspace's schedule. `program` is how insights is called, `at` the local time of day as HH:MM."""

    actor: Actor
    folder: Path
    program: Path
    home: Path
    at: str = "05:00"
    repository: Path = Path()
    """Where a GitHub Actions file goes."""

    # -- what would be ----------------------------------------------------------------------------------------

    @use_case(Act.MANAGE)
    def plan(self, scheduler: Scheduler, *, run: Run | None = None) -> Plan:
        """Nothing is changed by this. Raises InsightsError for a time that is none, and for a folder whose name no line
        of such a file can hold."""
        hour, minute = _time(self.at)
        if not f"{self.folder}{self.program}".isprintable():
            raise InsightsError(
                f"{one_line(str(self.folder), 200)} has a line break or the like in its name.",
                remedy="Rename the folder; no scheduler can name it.",
                exit_code=ExitCode.USAGE,
            )
        if scheduler is Scheduler.SYSTEMD:
            return self._timer()
        if scheduler is Scheduler.GITHUB:
            return self._actions(hour, minute)
        line = self._cron_line(hour, minute)
        before = _crontab(run or call)
        return Plan(
            scheduler=scheduler,
            crontab=_joined([*self._others(before), line]),
            line=line,
            notes=("cron mails what the night prints, where a mail program is set up.",),
        )

    def _timer(self) -> Plan:
        units = self.home / ".config/systemd/user"
        service, timer = units / f"{self.name}.service", units / f"{self.name}.timer"
        call_ = " ".join(_unit_word(word) for word in (str(self.program), "-C", str(self.folder), "nightly"))
        return Plan(
            scheduler=Scheduler.SYSTEMD,
            files=(
                (service, _SERVICE.format(folder=_unit_text(str(self.folder)), call=call_)),
                (timer, _TIMER.format(folder=_unit_text(str(self.folder)), at=self.at)),
            ),
            commands=(
                ("systemctl", "--user", "daemon-reload"),
                ("systemctl", "--user", "enable", "--now", timer.name),
            ),
            notes=(
                "It runs while you are logged in; also when you are not: loginctl enable-linger",
                f"What it printed: journalctl --user -u {service.name}",
            ),
        )

    def _cron_line(self, hour: int, minute: int) -> str:
        words = (str(self.program), "-C", str(self.folder), "--quiet", "nightly")
        called = shlex.join(words).replace("%", "\\%")
        return f"{minute} {hour} * * * {called}  {self._mark}"

    def _actions(self, hour: int, minute: int) -> Plan:
        """Raises InsightsError outside of a git repository."""
        inside = os.path.relpath(self.folder.resolve(), self.repository.resolve())
        if not (self.repository / ".git").exists():
            raise InsightsError(
                f"{self.repository.resolve()} is no git repository.",
                remedy="Run this in the repository that holds the workspace's insights.toml.",
                exit_code=ExitCode.USAGE,
            )
        if inside.startswith(".."):
            raise InsightsError(
                f"{self.folder} is not inside {self.repository.resolve()}.",
                remedy="Run this in the repository that holds the workspace's insights.toml.",
                exit_code=ExitCode.USAGE,
            )
        # Named by its place in the repository, which is the same in each clone.
        name = "insights-nightly" if inside == "." else f"insights-nightly-{_readable(inside)}-{_digits(inside)}"
        text = _WORKFLOW.replace("@CRON@", f"{minute} {hour} * * *").replace("@NAME@", name)
        text = text.replace("@FOLDER@", _yaml(inside))
        return Plan(
            scheduler=Scheduler.GITHUB,
            files=((self.repository / _WORKFLOWS / f"{name}.yml", text),),
            notes=(
                "Times are UTC there. Commit the file, and put the workspace's key into the secret INSIGHTS_KEY.",
                "Each login goes into a secret, and from there into the job's env as INSIGHTS_SECRET_NAME.",
            ),
        )

    # -- doing it ---------------------------------------------------------------------------------------------

    @use_case(Act.MANAGE)
    def install(self, plan: Plan, *, run: Run | None = None) -> list[str]:
        """Write it; what could not be started by itself is returned as commands to be run by hand."""
        called = run or call
        for path, text in plan.files:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text)
        if plan.crontab is not None:
            called(("crontab", "-"), plan.crontab)
        left = []
        for command in plan.commands:
            try:
                called(command, None)
            except InsightsError:
                left.append(shlex.join(command))
        return left

    @use_case(Act.LOOK)
    def installed(self, *, run: Run | None = None) -> list[tuple[Scheduler, str]]:
        """What is there of this workspace: each scheduler with its lines."""
        found = [
            (plan.scheduler, path.read_text(encoding="utf-8", errors="replace"))
            for plan in (self._timer(), *self._workflow())
            for path, _ in plan.files
            if path.is_file()
        ]
        lines = [line for line in _crontab(run or call).splitlines() if line.rstrip().endswith(self._mark)]
        return [*found, *((Scheduler.CRON, line) for line in lines)]

    @use_case(Act.MANAGE)
    def remove(self, *, run: Run | None = None) -> list[str]:
        """Take all of it away; what was removed, in words."""
        called, gone = run or call, []
        timer = self._timer()
        if any(path.is_file() for path, _ in timer.files):
            _try(called, ("systemctl", "--user", "disable", "--now", f"{self.name}.timer"))
        for plan in (timer, *self._workflow()):
            for path, _ in plan.files:
                if path.is_file():
                    path.unlink()
                    gone.append(str(path))
        if any(plan.endswith(".timer") for plan in gone):
            _try(called, ("systemctl", "--user", "daemon-reload"))
        before = _crontab(called)
        others = self._others(before)
        if others != before.splitlines():
            called(("crontab", "-"), _joined(others))
            gone.append("the line of the crontab")
        return gone

    # -- its name ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """insights-acme-1a2b3c: readable, and another for each folder."""
        folder = self.folder.resolve()
        return f"insights-{_readable(folder.name)}-{_digits(str(folder))}"

    @property
    def _mark(self) -> str:
        return f"# {self.name}"

    def _others(self, crontab: str) -> list[str]:
        return [line for line in crontab.splitlines() if not line.rstrip().endswith(self._mark)]

    def _workflow(self) -> list[Plan]:
        try:
            return [self._actions(0, 0)]
        except InsightsError:
            return []


def usable() -> Scheduler:
    """What this machine has: systemd for this user, else cron. Raises InsightsError where it has neither."""
    if shutil.which("systemctl") and _works(("systemctl", "--user", "show-environment")):
        return Scheduler.SYSTEMD
    if shutil.which("crontab"):
        return Scheduler.CRON
    raise InsightsError(
        "There is neither systemd for this user nor cron here.",
        remedy="Have your scheduler call `insights -C FOLDER nightly` once a night, or use --with github.",
    )


def program(called: str) -> Path:
    """The absolute path of this program, which a scheduler needs."""
    found = shutil.which(called)
    return Path(found or called).absolute()


def call(command: Sequence[str], stdin: str | None) -> str:
    """Run a program. Raises InsightsError with the last line that it said."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs; no shell
            command, input=stdin, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InsightsError(f"{command[0]} cannot be run: {error}.", remedy="Is it installed?") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise InsightsError(
            f"{shlex.join(command)} failed: {said[-1] if said else done.returncode}", remedy="Do it by hand."
        )
    return done.stdout


def _works(command: Sequence[str]) -> bool:
    try:
        call(command, None)
    except InsightsError:
        return False
    return True


def _try(called: Run, command: Sequence[str]) -> None:
    try:
        called(command, None)
    except InsightsError:
        return  # it is going away all the same


def _crontab(called: Run) -> str:
    """As it is; empty where there is none, or no cron."""
    if not shutil.which("crontab"):
        return ""
    try:
        return called(("crontab", "-l"), None)
    except InsightsError as error:
        if "no crontab" in error.message.lower():
            return ""
        raise


def _readable(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "workspace"


def _digits(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:6]


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _time(text: str) -> tuple[int, int]:
    found = re.fullmatch("([01]?[0-9]|2[0-3]):([0-5][0-9])", text)
    if found is None:
        raise InsightsError(f"{text!r} is no time of day.", remedy="Write it as 05:00.", exit_code=ExitCode.USAGE)
    return int(found[1]), int(found[2])


def _unit_word(word: str) -> str:
    """A word of ExecStart: quoted, with systemd's own escapes (systemd.service(5), "Command lines")."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$").replace("%", "%%")
    return f'"{escaped}"'


def _unit_text(text: str) -> str:
    """In a description: no line end, no specifier."""
    return re.sub(r"\s+", " ", text).replace("%", "%%")


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_SERVICE = """\
[Unit]
Description=insights, the night of {folder}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={call}
Nice=10
"""

_TIMER = """\
[Unit]
Description=insights, every night: {folder}

[Timer]
OnCalendar=*-*-* {at}:00
RandomizedDelaySec=300
Persistent=true

[Install]
WantedBy=timers.target
"""

_WORKFLOW = """\
# The nightly run of insights. The workspace's data is kept between nights in this repository's cache: customers' words
# in it are encrypted with INSIGHTS_KEY, accounts' names are not, so the repository must be private. A cache may be
# dropped after a week without use; a database server (storage.database_url) is safer.
name: @NAME@
on:
  schedule:
    - cron: '@CRON@'
  workflow_dispatch:
concurrency: @NAME@
permissions:
  contents: read
jobs:
  nightly:
    runs-on: ubuntu-latest
    timeout-minutes: 120
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: '3.12'
      - run: pip install feedback-insights
      - uses: actions/cache/restore@v4
        with:
          path: ${{ env.WORKSPACE }}/.insights
          key: insights-${{ github.run_id }}-${{ github.run_attempt }}
          restore-keys: insights-
      - name: Make the data of the first night
        run: |
          if [ ! -d "$WORKSPACE/.insights" ]; then
            mv "$WORKSPACE/insights.toml" kept.toml
            insights init "$WORKSPACE"
            mv kept.toml "$WORKSPACE/insights.toml"
          fi
      - run: insights -C "$WORKSPACE" nightly
      # Also after a night in which something failed: what was sent is not to be sent again.
      - uses: actions/cache/save@v4
        if: always()
        with:
          path: ${{ env.WORKSPACE }}/.insights
          key: insights-${{ github.run_id }}-${{ github.run_attempt }}
    env:
      INSIGHTS_KEY: ${{ secrets.INSIGHTS_KEY }}
      WORKSPACE: @FOLDER@
"""
