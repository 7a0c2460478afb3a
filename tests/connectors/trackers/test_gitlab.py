"""GitLab as a tracker: what is particular to it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from insights.errors import InsightsError
from insights.ports import Tracker
from tests.hostile.trackers.gitlab import GitLabTrackerDialect
from tests.hostile.tracking import TrackerServer, an_issue, serving, sought, tracker_on


@dataclass
class Desk:
    server: TrackerServer
    dialect: GitLabTrackerDialect
    tracker: Tracker

    def by_somebody_else(self, number: int) -> None:
        self.server.office.issues[number].more["is_others"] = True


@pytest.fixture
def desk() -> Iterator[Desk]:
    dialect = GitLabTrackerDialect()
    with serving(dialect) as server:
        yield Desk(server, dialect, tracker_on(dialect, server.base, sleep=lambda _: None))


def test_an_issue_of_ours_is_found_though_the_search_sees_no_hidden_comment(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())

    assert desk.tracker.find(sought()) == made


def test_an_issue_that_another_login_filed_is_found_where_the_search_sees_it(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())
    desk.by_somebody_else(1)
    desk.dialect.search_sees_comments = True

    assert desk.tracker.find(sought()) == made


def test_one_issue_that_both_ways_find_counts_once_and_two_are_said(desk: Desk) -> None:
    desk.dialect.search_sees_comments = True
    made = desk.tracker.create(an_issue())
    assert desk.tracker.find(sought()) == made

    desk.tracker.create(an_issue())
    desk.by_somebody_else(1)
    with pytest.raises(InsightsError, match="P-12 has 2 issues in board"):
        desk.tracker.find(sought())
