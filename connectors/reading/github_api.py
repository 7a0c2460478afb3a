"""GitHub's REST API, as its source and its tracker ask it."""

from typing import Any

from connectors.http import Budget, Rate, Service
from insights.ports import Setup


def github_service(setup: Setup[Any], url: str) -> Service:
    """Within GitHub's limits: 5,000 calls an hour; one write a second, 80 a minute."""
    return Service(
        name=setup.name,
        base_url=url,
        headers=lambda: {
            "Authorization": f"Bearer {setup.secret()}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        secrets=lambda: (setup.secret(),),
        budget=Budget(Rate(5000, 3600)),
        write_budget=Budget(Rate(1, 1.0), Rate(80, 60)),
        sleep=setup.sleep,
    )
