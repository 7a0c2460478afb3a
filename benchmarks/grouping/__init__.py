"""How well, how fast and in how much memory mentions are grouped, side by side with peers; see benchmarks/README.md."""
