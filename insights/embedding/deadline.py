"""A call that ends in time, whatever the other side does."""

from collections.abc import Callable
from threading import Event, Thread
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What `call` gives, or TimeoutError after so many seconds: a client's own time-out begins anew with every byte,
    and a server that sends one a second is never late. The call is left to end in a thread that nothing waits for."""
    done = Event()
    results: list[Result] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:  # raised again in the thread that waits
            failures.append(error)
        finally:
            done.set()

    Thread(target=work, daemon=True).start()
    if not done.wait(seconds):
        raise TimeoutError(f"no whole answer in {seconds:g} s")
    if failures:
        raise failures[0]
    return results[0]
