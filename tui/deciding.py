"""What a person decides in a session: each shows at once, and is written behind."""

from collections.abc import Mapping, Sequence

from insights.domain.estimate import Revision
from insights.domain.figures import counted
from insights.domain.intent import Intent
from insights.domain.problem import PAST, Action, Column, Movement, Problem, problem_ref
from insights.triage import snooze_until
from tui.cells import shown
from tui.keys import Choice
from tui.models.board import NAMES
from tui.pages.frame import Status
from tui.recording import RecordingApp
from tui.writing import Job, Versions, decision


class DecidingApp(RecordingApp):
    """The part of the application that knows what decisions and corrections there are."""

    def decide(self, problems: Sequence[Problem], action: Action, choice: Choice | None = None) -> None:
        """Decide on these: at once on the desk, and behind it in storage."""
        if not problems:
            return
        intents = [self._intent(problem, action, choice) for problem in problems]
        self._decide(intents, Status(_decided(problems, action, choice), hint="u undo"))

    def arrange(self, places: Mapping[int, tuple[Column, float | None]], words: str) -> None:
        """Put accepted problems elsewhere on the board, as one."""
        intents = [
            Intent(problem_id=number, action=Action.PLACE, column=column, place=place)
            for number, (column, place) in places.items()
        ]
        if intents:
            self._decide(intents, Status(words, hint="u undo"))

    def _intent(self, problem: Problem, action: Action, choice: Choice | None) -> Intent:
        value = choice.value if choice else None
        is_growing = problem.movement is Movement.GROWING
        is_snooze = action is Action.SNOOZE and value is not None
        until = snooze_until(value or "", today=self.today(), is_growing=is_growing) if is_snooze else None
        column = Column(value or Column.NEXT) if action is Action.ACCEPT else None
        why = value if action is Action.DISMISS else None
        return Intent(problem_id=problem.id, action=action, why=why, until=until, column=column)

    def _decide(self, intents: Sequence[Intent], status: Status) -> None:
        before = [self.desk.problems[intent.problem_id] for intent in intents]
        self.desk.decide(intents)
        self.say(status, is_drawn=True)
        self.write(decision(self.triage, intents, before))
        self.look()

    def merge(self, parts: Sequence[Problem], whole: Problem) -> None:
        """These go into another one, which the next run describes anew."""
        numbers = [part.id for part in parts]

        def do(versions: Versions) -> list[int]:
            self.office.corrections.merge_all(numbers, whole.id, seen_versions=versions)
            return [*numbers, whole.id]

        def show() -> None:
            self.desk.take_out(parts, Action.MERGE)
            self.desk.expect({whole.id: len(parts)})

        before = (*parts, whole)
        show()
        what = f"“{shown(parts[0].title, 200)}”" if len(parts) == 1 else counted(len(parts), "problem")
        self.say(Status(f"merged {what} into {whole.ref} “{shown(whole.title, 200)}”", hint="u undo"))
        self.write(Job(write=do, before=before, show=show, rises={whole.id: len(parts)}))
        self.look()

    def split(self, problem: Problem, items: Sequence[int]) -> None:
        """These items become a problem of their own, in the Inbox."""
        made: list[int] = []

        def do(versions: Versions) -> list[int]:
            done = self.office.corrections.split(problem.id, items, seen_version=versions[problem.id])
            made.append(done.other_id or problem.id)
            return [problem.id, made[-1]]

        def told() -> Status:
            self.desk.list_below(made[-1], problem.id)
            what = f"split {counted(len(items), 'item')} off {problem.ref} as {problem_ref(made[-1])}"
            return Status(f"{what}, below it: r names it, N figures it", hint="u undo")

        self.change(problem, do, told)

    def rename(self, problem: Problem, title: str) -> None:
        def do(versions: Versions) -> list[int]:
            self.office.corrections.rename(problem.id, title, seen_version=versions[problem.id])
            return [problem.id]

        self.change(problem, do, Status(f"{problem.ref} is called “{shown(title, 200)}” now", hint="u undo"))

    def move_item(self, item: int, source: Problem, target: Problem | None) -> None:
        """One item belongs to another problem, or to none; later runs keep to it."""

        def do(versions: Versions) -> list[int]:
            to = target.id if target else None
            to_version = versions[target.id] if target else None
            self.office.corrections.move(
                item, source.id, to=to, seen_version=versions[source.id], to_version=to_version
            )
            return [source.id, *([target.id] if target else [])]

        where = f"to {target.ref}" if target else "out of it"
        words = f"moved an item of {source.ref} {where}; later runs keep to it"
        others = () if target is None else (target,)
        self.change(source, do, Status(words, hint="u undo"), others=others)

    def set_figures(self, problem: Problem, revision: Revision) -> None:
        """What a person says of a problem's worth; all are estimated anew, the order stays until R."""

        def do(versions: Versions) -> list[int]:
            self.office.set_figures(problem.id, revision, seen_version=versions[problem.id])
            return [problem.id]

        done = Status(f"estimated {problem.ref} “{shown(problem.title, 200)}”", hint="u undo")
        self.change(problem, do, done, then=self.rank_anew)


def _decided(problems: Sequence[Problem], action: Action, choice: Choice | None) -> str:
    what = f"“{shown(problems[0].title, 200)}”" if len(problems) == 1 else counted(len(problems), "problem")
    if action is Action.ACCEPT:
        return f"accepted {what} to {NAMES[choice.value if choice and choice.value else Column.NEXT.value]}"
    if action is Action.SNOOZE and choice and choice.value == "growth" and _all_grow(problems):
        return f"{PAST[action]} {what} (it grows already: for four weeks)"
    how = f" ({choice.words})" if choice and choice.value else ""
    return f"{PAST[action]} {what}{how}"


def _all_grow(problems: Sequence[Problem]) -> bool:
    return all(problem.movement is Movement.GROWING for problem in problems)
