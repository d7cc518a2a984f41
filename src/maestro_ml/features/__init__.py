"""Feast: preflight, materialization, availability, point-in-time training sets."""
