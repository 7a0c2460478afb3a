"""Write the settings' file: all of it for a new workspace, or single settings of one that is there."""

import re
from collections.abc import Mapping

from insights.config.blocks import (
    DigestSettings,
    FileSettings,
    RetentionSettings,
    SenderSettings,
    SourceSettings,
    TrackerSettings,
)
from insights.config.sections import Section
from insights.config.settings import SETTINGS_FILE, Settings
from insights.errors import InsightsError


def default_file(product: str) -> str:
    """A settings file that says everything: each setting commented out at its default, with its description."""
    lines = [
        "# Settings of this insights workspace. A line without # overrides the default it shows.",
        "# A variable INSIGHTS_SECTION_KEY overrides the file; keys and passwords never belong here.",
    ]
    for section, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            lines += ["", f"# {field.description}", f"[{section}]"]
            lines += _default_lines(field.annotation, product if section == "product" else None)
    lines += ["", "# What `insights pull` reads; one block for each file or service.", "# [[sources]]"]
    for key, setting in {**FileSettings.model_fields, "type": SourceSettings.model_fields["type"]}.items():
        lines.append(f"# {key} = …  # {setting.description}")
    lines += ["", "# Where `insights export --to NAME` files problems; one block for each service.", "# [[trackers]]"]
    for key, setting in TrackerSettings.model_fields.items():
        lines.append(f"# {key} = …  # {setting.description}")
    lines += ["", "# What digests are sent with, besides files and stdout; one block for each.", "# [[senders]]"]
    for key, setting in SenderSettings.model_fields.items():
        lines.append(f"# {key} = …  # {setting.description}")
    lines += ["", "# When old words go; one block for each rule.", "# [[retention]]"]
    for key, setting in RetentionSettings.model_fields.items():
        lines.append(f"# {key} = …  # {setting.description}")
    lines += ["", "# Who gets which digest of `insights nightly`; one block for each.", "# [[digests]]"]
    for key, setting in DigestSettings.model_fields.items():
        lines.append(f"# {key} = …  # {setting.description}")
    return "\n".join(lines) + "\n"


def _default_lines(model: type[Section], product: str | None) -> list[str]:
    lines = []
    for key, setting in model.model_fields.items():
        lines.append(f"# {setting.description}")
        if key == "name" and product is not None:
            lines.append(f"name = {_toml(product)}")
        else:
            lines.append(f"# {key} = {_toml(setting.default)}")
    return lines


def with_settings(text: str, *, section: str, values: Mapping[str, object]) -> str:
    """The file's text with these settings of one section set, where it has a line for each, commented out or not."""
    lines, current, missing = [], "", dict(values)
    for line in text.splitlines():
        header = re.match(r"\s*\[\s*([\w.-]+)\s*\]", line)
        current = header.group(1) if header else current
        setting = re.match(r"\s*(?:#\s*)?(\w+)\s*=", line)
        key = setting.group(1) if setting and current == section else ""
        lines.append(f"{key} = {_toml(missing.pop(key))}" if key in missing else line)
    if missing:
        unsaid = ", ".join(f"{key} = {_toml(value)}" for key, value in missing.items())
        raise InsightsError(f"{SETTINGS_FILE} has no line for {unsaid}.", remedy=f"Write it under [{section}].")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
