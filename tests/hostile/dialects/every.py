"""All dialects: what shares the core is tested through each of them."""

from tests.hostile.dialects.freshdesk import FreshdeskDialect
from tests.hostile.dialects.github import GitHubDialect, GitHubDiscussionsDialect
from tests.hostile.dialects.gong import GongDialect
from tests.hostile.dialects.hubspot import HubSpotDialect
from tests.hostile.dialects.intercom import IntercomDialect
from tests.hostile.dialects.request_tracker import RequestTrackerDialect
from tests.hostile.dialects.salesforce import SalesforceDialect
from tests.hostile.dialects.slack import SlackDialect
from tests.hostile.dialects.surveymonkey import SurveyMonkeyDialect
from tests.hostile.dialects.typeform import TypeformDialect
from tests.hostile.dialects.zendesk import ZendeskDialect
from tests.hostile.server import Dialect

EVERY: tuple[type[Dialect], ...] = (
    FreshdeskDialect,
    GitHubDialect,
    GitHubDiscussionsDialect,
    GongDialect,
    HubSpotDialect,
    IntercomDialect,
    RequestTrackerDialect,
    SalesforceDialect,
    SlackDialect,
    SurveyMonkeyDialect,
    TypeformDialect,
    ZendeskDialect,
)
