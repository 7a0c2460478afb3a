"""One target under atheris, which follows the branches an input takes: `python -m benchmarks.fuzz.guided NAME …`."""

import sys

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

with atheris.instrument_imports(include=["insights", "connectors"]):
    from benchmarks.fuzz.targets import TARGETS


def main() -> None:
    """The name, then libFuzzer's own arguments."""
    target = TARGETS[sys.argv[1]]

    def feed(content: bytes) -> None:
        target.run(content if target.is_binary else content.decode("utf-8", "surrogateescape"))

    atheris.Setup([sys.argv[0], *sys.argv[2:]], feed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
