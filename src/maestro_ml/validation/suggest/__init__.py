"""Proposals for the project file, from the rows of a window."""
