"""The nightly run: pull, analyse, sync, make digests, deliver them. What cron, systemd or a CI job calls."""
