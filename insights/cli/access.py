"""Keep keys for models' servers, see that everything works, offer what is here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.logins import forget_login, is_service, keep_login, refuse_nearly, show_login
from insights.cli.output import as_json, can_ask, console, offer, progress_bar, say, secret
from insights.errors import ExitCode, InsightsError


@app.command(epilog="Example: insights auth openai, or: insights auth zendesk < token.txt")
def auth(
    context: typer.Context,
    provider: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Whose: a source, tracker or sender of insights.toml, or a provider of models: openai."
        ),
    ],
    remove: Annotated[bool, typer.Option("--remove", help="Remove it; it is no longer kept.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say where it would come from; keep nothing.")] = False,
    json: AsJson = False,
) -> None:
    """Keep the login of a source, tracker or sender in the workspace, encrypted, and try it; or the key of a provider
    of models in the system's keyring. It is asked for without being shown, or read from standard input, and never
    printed. One in the environment comes first."""
    from insights.embedding.key_keeping import forget_key, provider_called

    if remove and status:
        raise InsightsError("--remove and --status say two things.", remedy="Use one.", exit_code=ExitCode.USAGE)
    if is_service(context.obj, provider):
        _of_service(context.obj, provider, remove=remove, status=status, json=json)
        return
    refuse_nearly(context.obj, provider)
    name = provider_called(provider)
    if status:
        _show_place(name, json=json)
        return
    if remove:
        forget_key(name)
        say(context.obj, f"The key for {name} is no longer in the system's keyring.")
    else:
        _keep(context.obj, name)
    _note_variable(context.obj, name)


def _of_service(options: Globals, name: str, *, remove: bool, status: bool, json: bool) -> None:
    if status:
        show_login(options, name, json=json)
    elif remove:
        forget_login(options, name)
    else:
        keep_login(options, name)


def _keep(options: Globals, provider: str) -> None:
    from insights.embedding.credentials import PROVIDERS
    from insights.embedding.key_keeping import checked_key, keep_key, refuse_without_keyring

    refuse_without_keyring(provider)  # before anybody looks for the key in vain
    remedy = f"Give it on standard input: insights auth {provider} < key.txt"
    keep_key(provider, checked_key(secret(options, f"Key for {provider} (not shown): ", remedy=remedy)))
    say(options, f"The key for {provider} is in the system's keyring. See that it works: insights doctor")
    if provider not in PROVIDERS:
        say(options, f"note: it is used where a model in insights.toml begins with {provider}:")


def _show_place(provider: str, *, json: bool) -> None:
    """Exit code 4 where there is no key."""
    from insights.embedding.credentials import KEYRING, key_place, key_remedy, why_no_keyring

    place = key_place(provider)
    if json:
        as_json({"provider": provider, "place": place, "keyring": why_no_keyring() or "may be used"})
        raise typer.Exit(ExitCode.OK if place else ExitCode.LOGIN)
    why = why_no_keyring()
    if place is None:
        looked = f"The keyring was not asked: {why}." if why else "The keyring holds none."
        raise InsightsError(
            f"There is no key for {provider}. {looked}", remedy=key_remedy(provider), exit_code=ExitCode.LOGIN
        )
    typer.echo(f"The key for {provider} comes from {place}{'' if place == KEYRING else ' in the environment'}.")


def _note_variable(options: Globals, provider: str) -> None:
    from insights.embedding.credentials import KEYRING, key_place

    place = key_place(provider)
    if place not in (None, KEYRING):
        say(options, f"note: {place} is set in the environment and comes first.")


@app.command(epilog="Example: insights doctor, or: insights doctor --offline --json")
def doctor(
    context: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no server, on this machine neither.")] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read everything, too: is the database whole, with vectors, keys, backups?")
    ] = False,
    json: AsJson = False,
) -> None:
    """See whether workspace, sources, embedder and models work, and what to do where not. Each model is asked one tiny
    question, which costs a few tokens. Lists keys and local servers that are here and not used."""
    from insights.bootstrap import find_workspace, now
    from insights.doctor import examine

    with progress_bar(context.obj) as progress:
        folder = find_workspace(context.obj.folder)
        found = examine(folder, now=now(), offline=offline, deep=deep, progress=progress)
    if json:
        from insights.cli.examination import as_data

        as_json(as_data(found))
    else:
        from insights.cli.examination import examination_page

        screen = console()
        for part in examination_page(found):
            screen.print(part)
    raise typer.Exit(found.exit_code)


def offer_model(options: Globals, folder: Path) -> None:
    """After `init`: what is here could describe problems. Asked on a terminal, no by default; without one nothing is
    looked for on the network, and nothing is used."""
    from insights.language.nearby import found_keys, local_servers, offers

    if not can_ask(options):
        say(options, _not_used())
        return
    found = offers(found_keys(), local_servers())
    for one in found:
        if offer(f"Found {one.found}. Use it to describe problems, with {one.model}?"):
            _use(options, folder, one.settings)
            return
    if found:
        say(options, "Not used: words are made offline. language.model in insights.toml names one at any time.")


def _use(options: Globals, folder: Path, settings: Mapping[str, str | float]) -> None:
    from insights.bootstrap import set_language

    set_language(folder, settings)
    say(options, f"insights.toml names it: model = {settings['model']}. See that it works: insights doctor")


def _not_used() -> str:
    """By the environment alone: no keyring is unlocked and no server asked where nobody is there."""
    from insights.language.nearby import found_keys

    keys = found_keys(in_keyring=False)
    what = f"{keys[0].place} is set but not used" if keys else "No language model is used"
    return f"{what}: words are made offline. What could be used: insights doctor"
