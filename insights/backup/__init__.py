"""Copies of a workspace: made while it is used, proved by restoring them, and put back."""
