"""The triage application in a browser on this machine: one process of it for each page that is open."""
