"""One thread: on small arrays the threads of a busy machine wait for each other far longer than they work."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    import faiss  # noqa: F401 -- only libraries that are loaded can be limited
    import sklearn  # noqa: F401

    with threadpool_limits(1):
        yield
