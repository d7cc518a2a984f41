"""Feast: repo checks, materialization, availability, point-in-time training sets."""
