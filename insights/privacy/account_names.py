"""Names of accounts as they may leave the machine. Pure."""

import re

_PARTING = r"\s<>()\[\],;:\"@"
_LOCAL_PART = re.compile(rf"(?<![^{_PARTING}])[^{_PARTING}]+(?=@[^{_PARTING}])")


def without_person(account: str) -> str:
    """The name, where it is a person's e-mail address without that person: ann@acme.example is …@acme.example. Files
    often have no other name of an account."""
    return _LOCAL_PART.sub("…", account) if "@" in account else account
