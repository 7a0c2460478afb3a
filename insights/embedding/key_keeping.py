"""Keep a provider's key in the system's keyring, or remove it. The key is never printed, logged or part of an error."""

import os
import re
from collections.abc import Mapping

from insights.embedding.credentials import (
    KEYRING,
    SERVICE,
    kept_key,
    keyring_failures,
    variables_of,
    why_no_keyring,
)
from insights.errors import ExitCode, InsightsError

LONGEST_KEY = 4096
"""Characters; signed tokens of cloud providers have up to about 2,000."""

_PROVIDER = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def provider_called(name: str) -> str:
    """The provider as settings name it. Raises InsightsError for what can be none, such as a key typed in its place."""
    provider = name.strip().lower()
    if not _PROVIDER.fullmatch(provider) or provider.startswith("sk-"):
        raise InsightsError(
            "That is no provider's name.",
            remedy="Write the word that stands before the model in insights.toml: `insights auth openai`. "
            "The key is asked for, or read from standard input.",
            exit_code=ExitCode.USAGE,
        )
    return provider


def checked_key(text: str) -> str:
    """The key without the white space around it. Raises InsightsError that says what is wrong, not what it is."""
    key = text.strip()
    if not key:
        raise _unusable("It is empty.")
    if len(key) > LONGEST_KEY:
        raise _unusable(f"It has more than {LONGEST_KEY:,} characters.")
    if any(character.isspace() for character in key):
        raise _unusable("There is white space in it.")
    if not key.isprintable():
        raise _unusable("There are control or invisible characters in it.")
    if not key.isascii():
        raise _unusable("There are characters in it that no key has, such as typographic marks.")
    return key


def refuse_without_keyring(provider: str, *, environment: Mapping[str, str] = os.environ) -> None:
    """Raises InsightsError where no keyring can be used. A locked one asks to be unlocked."""
    why = why_no_keyring(environment)
    if why:
        raise _no_keyring(provider, why)
    import keyring

    try:
        keyring.get_password(SERVICE, provider)
    except keyring_failures() as error:
        raise _no_keyring(provider, _in_words(error)) from error


def keep_key(provider: str, key: str, *, environment: Mapping[str, str] = os.environ) -> None:
    """Put the key where `known_key` finds it, in place of an older one. Raises InsightsError where it does not stay."""
    refuse_without_keyring(provider, environment=environment)
    import keyring

    try:
        keyring.set_password(SERVICE, provider, key)
    except keyring_failures() as error:
        raise _no_keyring(provider, _in_words(error)) from None
    if kept_key(provider, environment=environment) != key:
        raise _no_keyring(provider, "what is put into it does not stay")


def forget_key(provider: str, *, environment: Mapping[str, str] = os.environ) -> None:
    """Remove the key from the keyring. Raises InsightsError where it holds none or does not let go of it."""
    refuse_without_keyring(provider, environment=environment)
    if kept_key(provider, environment=environment) is None:
        raise InsightsError(
            f"There is no key for {provider} in {KEYRING}.",
            remedy="Look with `insights auth PROVIDER --status`: a key in the environment is removed there.",
        )
    import keyring

    try:
        keyring.delete_password(SERVICE, provider)
    except keyring_failures() as error:
        raise InsightsError(
            f"The key for {provider} could not be removed: {_in_words(error)}.",
            remedy=f"Remove the entry {SERVICE!r}, user {provider!r}, with your system's keyring.",
        ) from error


def _unusable(why: str) -> InsightsError:
    return InsightsError(
        f"This is no key that can be used. {why}",
        remedy="Copy it again, by itself: nothing before or after it. Nothing was kept.",
    )


def _no_keyring(provider: str, why: str) -> InsightsError:
    variables = " or ".join(variables_of(provider))
    return InsightsError(
        f"The system's keyring cannot be used: {why}.",
        remedy=f"Set {variables} in the environment instead. Nothing was kept.",
    )


def _in_words(error: Exception) -> str:
    """By the error's kind: some back ends put what they were given into their messages."""
    from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordDeleteError, PasswordSetError

    words = {
        NoKeyringError: "none is set up",
        KeyringLocked: "it is locked",
        InitError: "it did not start, or was not unlocked",
        PasswordSetError: "it refused the key",
        PasswordDeleteError: "it refused",
    }
    return next(
        (said for kind, said in words.items() if isinstance(error, kind)), f"it failed ({type(error).__name__})"
    )
