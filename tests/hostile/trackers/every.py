"""All trackers over HTTP: what `insights export` and `insights sync` rely on is tested through each of them."""

from tests.hostile.trackers.asana import AsanaTrackerDialect
from tests.hostile.trackers.azure_devops import AzureDevOpsTrackerDialect
from tests.hostile.trackers.github import GitHubTrackerDialect
from tests.hostile.trackers.gitlab import GitLabTrackerDialect
from tests.hostile.trackers.jira import JiraTrackerDialect
from tests.hostile.trackers.linear import LinearTrackerDialect
from tests.hostile.trackers.redmine import RedmineTrackerDialect
from tests.hostile.tracking import TrackerDialect

EVERY: tuple[type[TrackerDialect], ...] = (
    GitHubTrackerDialect,
    GitLabTrackerDialect,
    RedmineTrackerDialect,
    JiraTrackerDialect,
    AzureDevOpsTrackerDialect,
    AsanaTrackerDialect,
    LinearTrackerDialect,
)
