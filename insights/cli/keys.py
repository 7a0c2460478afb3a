"""Look at the workspace's keys, and change them."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, progress_bar, say
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.bootstrap import Workspace
    from insights.key_rotation import KeyState, Rotated

keys = typer.Typer(
    help="The keys that the stored text is encrypted with: where they are, and change them.",
    epilog="Example: insights keys rotate",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(keys, name="keys")


@keys.command(epilog="Example: insights keys status")
def status(context: typer.Context, json: AsJson = False) -> None:
    """Say where the key is, how old the data keys are, and whether a rotation is under way."""
    from insights.domain.access import Act
    from insights.key_rotation import key_state

    workspace = context.obj.open(Act.MANAGE)
    state = key_state(workspace.key_bench())
    notes = _notes(workspace)
    if json:
        as_json(_state_as_data(state, notes))
        return
    for line in [*_state_lines(state), *(f"note: {note}" for note in notes)]:
        typer.echo(line)


@keys.command(epilog="Example: insights keys rotate; a day later: insights keys rotate --finish")
def rotate(
    context: typer.Context,
    finish: Annotated[
        bool, typer.Option("--finish", help="Delete the former data key, once its time is over; the night does so too.")
    ] = False,
    now: Annotated[
        bool,
        typer.Option("--now", help="Delete former keys at once: for a compromised key, while nothing else runs."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Take new keys, and seal all that is stored anew with them. Others may read and write meanwhile.

    The former data key is kept for [keys] grace_hours, for what a program has sealed and not written yet. A rotation
    that was stopped goes on when this is run again.
    """
    from insights import key_rotation
    from insights.domain.access import Act

    if finish and now:
        raise InsightsError(
            "--finish and --now do not go together.", remedy="Give one of them.", exit_code=ExitCode.USAGE
        )
    workspace = context.obj.open(Act.MANAGE)
    with progress_bar(context.obj) as progress, workspace.run_lock() if now else nullcontext():
        bench = workspace.key_bench(progress=progress)
        done = key_rotation.finish(bench) if finish else key_rotation.rotate(bench, at_once=now)
    if json:
        as_json(_done_as_data(done))
        return
    say(context.obj, _done_in_words(done, is_finish=finish))
    if not finish and not bench.holder.is_kept_here:
        say(
            context.obj,
            f"The workspace's own key comes from {bench.holder.place} and is the same as before: insights keys rewrap",
        )


@keys.command(epilog="Example: INSIGHTS_NEW_KEY=$(my-kms new-key) insights keys rewrap")
def rewrap(context: typer.Context, json: AsJson = False) -> None:
    """Wrap the data keys by another key, which INSIGHTS_NEW_KEY holds: where the key comes from INSIGHTS_KEY or a
    command, or is to come from there."""
    from insights import key_rotation
    from insights.domain.access import Act
    from insights.storage.keys import key_in

    workspace = context.obj.open(Act.MANAGE)
    key = key_in(key_rotation.NEW_KEY)
    if key is None:
        raise InsightsError(
            f"{key_rotation.NEW_KEY} holds no key.",
            remedy=f"Put 32 random bytes in URL-safe base64 into it: {key_rotation.NEW_KEY}="
            "$(openssl rand -base64 32 | tr '+/' '-_') insights keys rewrap",
            exit_code=ExitCode.USAGE,
        )
    fingerprint = key_rotation.rewrap(workspace.key_bench(), key)
    if json:
        as_json({"fingerprint": fingerprint})
        return
    say(
        context.obj,
        f"The data keys are wrapped by the key {fingerprint} now. From now on INSIGHTS_KEY, or the command of [keys], "
        "must give it: the former key opens nothing but former backups.",
    )


def _notes(workspace: "Workspace") -> list[str]:
    import os
    import stat

    path = workspace.data / "insights.db"
    if os.name != "posix" or not path.exists():
        return []
    is_open = path.stat().st_mode & stat.S_IROTH and workspace.data.stat().st_mode & stat.S_IXOTH
    return [f"everybody on this machine can read {path}, whose text is encrypted: chmod 600 {path}"] if is_open else []


def _state_as_data(state: "KeyState", notes: list[str]) -> dict[str, Any]:
    return {
        "place": state.place,
        "fingerprint": state.keys.fingerprint,
        "data_keys": list(state.keys.columns),
        "former_fingerprints": list(state.keys.former),
        "under_way": state.keys.is_under_way,
        "waiting": state.waiting,
        "former_kept_until": state.next_end,
        "notes": notes,
    }


def _state_lines(state: "KeyState") -> list[str]:
    from insights.domain.figures import counted

    lines = [f"The key is in {state.place}, fingerprint {state.keys.fingerprint}."]
    for key in state.keys.columns:
        until = f", retired {key.retired_at:%Y-%m-%d %H:%M} UTC" if key.retired_at else ""
        lines.append(f"data key {key.id}: made {key.made_at:%Y-%m-%d %H:%M} UTC{until}")
    if state.keys.is_under_way:
        waits = counted(state.waiting, "value")
        lines.append(f"A rotation is under way, {waits} to be sealed anew. Go on with: insights keys rotate")
    elif state.next_end:
        lines.append(_kept(state.next_end) + f" Written with it since: {counted(state.waiting, 'value')}.")
    if state.keys.former:
        lines.append(f"former keys, for backups of their time: {', '.join(state.keys.former)}")
    return lines


def _kept(until: object) -> str:
    return f"The former data key is kept until {until:%Y-%m-%d %H:%M} UTC; then: insights keys rotate --finish."


def _done_as_data(done: "Rotated") -> dict[str, Any]:
    return {
        "data_key": done.key,
        "sealed_anew": done.resealed.values,
        "unreadable": done.resealed.unreadable,
        "deleted": done.deleted,
        "wrapped_anew": done.is_wrapped_anew,
        "former_kept_until": done.kept_until,
    }


def _done_in_words(done: "Rotated", *, is_finish: bool) -> str:
    from insights.domain.figures import counted

    words = [] if is_finish else [f"{counted(done.resealed.values, 'value')} sealed anew with data key {done.key}."]
    words += ["The workspace's own key was changed, too."] if done.is_wrapped_anew else []
    words += [f"{counted(done.deleted, 'former data key')} deleted."] if done.deleted else []
    words += [_kept(done.kept_until)] if done.kept_until else []
    if done.resealed.unreadable:
        words.append(f"{counted(done.resealed.unreadable, 'value')} opened with no key and stayed as they were.")
    return " ".join(words) or "There is no former data key to delete."
