"""Work that goes on beside the application, as the line that stands at the bottom. Pure."""

from rich.cells import cell_len

from insights.domain.figures import clock
from tui.cells import cut, shown
from tui.models.following import GOES_ON, Phase, WorkState

_GAP = " · "


def work_words(state: WorkState, *, at: float, width: int) -> str:
    """analyze 6/12 group · 1,240/4,900 · 0:42 left · $0.21 · ^C keeps what is done

    In at most `width` cells; what matters least is left out first. `at` is on the clock of the state.
    """
    if state.phase is Phase.RUNNING:
        return _fitting(_parts(state, at=at), width)
    return cut(_ended(state) if state.is_over else f"{_name(state)}: stopping; what is done is kept", width)


def _parts(state: WorkState, *, at: float) -> list[tuple[str, int]]:
    """Words in their order, each with how early it is left out; 0: never."""
    step = state.step
    if step is None:
        return [(f"{_name(state)} is starting", 0), ("^C stops it", 1)]
    left = state.seconds_left(at=at)
    return [
        (f"{_name(state)} {_stage(state)}".rstrip(), 0),
        (_pieces(step.done, step.of), 1),
        ("" if left is None else f"{clock(left)} left", 2),
        (f"${step.spent_usd:.2f}" if step.spent_usd else "", 3),
        ("^C keeps what is done", 4),
    ]


def _fitting(parts: list[tuple[str, int]], width: int) -> str:
    kept = [part for part in parts if part[0]]
    while kept and cell_len(_GAP.join(text for text, _ in kept)) > width:
        first_out = max(kept, key=lambda part: part[1])
        if not first_out[1]:
            break
        kept.remove(first_out)
    return cut(_GAP.join(text for text, _ in kept), width)


def _stage(state: WorkState) -> str:
    """Empty for work of one stage: its name says it all."""
    step = state.step
    if step is None or step.stages <= 1:
        return ""
    return f"{step.stage:,}/{step.stages:,} {shown(step.name, 40)}"


def _pieces(done: int, of: int | None) -> str:
    return f"{done:,}/{of:,}" if of else f"{done:,}" if done else ""


def _ended(state: WorkState) -> str:
    name = _name(state)
    spent = f", ${state.spent_usd:.2f}" if state.spent_usd else ""
    if state.phase is Phase.DONE:
        return f"{name} is done, in {clock((state.ended or state.began) - state.began)}{spent}"
    if state.phase is Phase.STOPPED:
        place = f" at {_stage(state)}" if _stage(state) else ""
        return f"{name} was stopped{place}{spent}. {GOES_ON}"
    return f"{name} failed. {state.fault} {state.remedy}".rstrip()


def _name(state: WorkState) -> str:
    return shown(state.name, 40)
