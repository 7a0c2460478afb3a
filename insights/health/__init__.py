"""How a workspace stands, by what is known here: sources and their freshness, the last run, key, backup, disk, models.

Quick: no server is asked, no model loaded, no keyring unlocked. What only an attempt can tell is for `insights.doctor`.
"""

from insights.domain.access import Act, use_case
from insights.domain.health import Check, wrong
from insights.errors import InsightsError
from insights.health.digests import digest_checks
from insights.health.erasures import erasure_checks
from insights.health.kept import backup_check, database_check, disk_check, key_check, run_check
from insights.health.models import known_models, model_checks
from insights.health.sources import source_checks, source_troubles, trouble_of
from insights.health.standing import Standing


@use_case(Act.LOOK)
def known_checks(standing: Standing) -> list[Check]:
    """All quick checks, those on which the others rest first. Raises nothing that a person can mend."""
    try:
        return [
            database_check(standing),
            *kept_checks(standing),
            disk_check(standing.data),
            *known_models(standing),
        ]
    except InsightsError as error:
        return [wrong("database", error), disk_check(standing.data)]


@use_case(Act.LOOK)
def kept_checks(standing: Standing) -> list[Check]:
    """Key, sources, last run and backup: what the database and the folder tell. Raises InsightsError where the database
    does not answer."""
    return [
        key_check(standing),
        *source_checks(standing),
        run_check(standing),
        *digest_checks(standing),
        backup_check(standing),
        *erasure_checks(standing),
    ]


__all__ = [
    "Standing",
    "database_check",
    "digest_checks",
    "disk_check",
    "kept_checks",
    "known_checks",
    "model_checks",
    "run_check",
    "source_checks",
    "source_troubles",
    "trouble_of",
]
