"""`python -m insights` is `insights`."""

from insights.cli.main import main

main()
