"""The workspace's settings: one TOML file, strictly checked.

Flag > environment (`INSIGHTS_SECTION_KEY`) > file > default; who may do what, and which program gives the key, the file
alone says. Secrets are never here: they come from the environment or the system's keyring. Importing this package reads
nothing.
"""

from insights.config.blocks import (
    DigestSettings,
    FileSettings,
    RetentionSettings,
    SenderSettings,
    SourceSettings,
    TrackerSettings,
)
from insights.config.loading import (
    load_settings,
    own_settings,
)
from insights.config.sections import (
    RANGES,
    Alerts,
    Audit,
    Backups,
    Embedding,
    Export,
    Keys,
    Language,
    Lenses,
    Privacy,
    Product,
    Roles,
    Section,
    TriageSettings,
    Worth,
)
from insights.config.settings import (
    SETTINGS_FILE,
    Settings,
    variable_of,
)
from insights.config.writing import (
    default_file,
    with_settings,
)

__all__ = [
    "RANGES",
    "SETTINGS_FILE",
    "Alerts",
    "Audit",
    "Backups",
    "DigestSettings",
    "Embedding",
    "Export",
    "FileSettings",
    "Keys",
    "Language",
    "Lenses",
    "Privacy",
    "Product",
    "RetentionSettings",
    "Roles",
    "Section",
    "SenderSettings",
    "Settings",
    "SourceSettings",
    "TrackerSettings",
    "TriageSettings",
    "Worth",
    "default_file",
    "load_settings",
    "own_settings",
    "variable_of",
    "with_settings",
]
