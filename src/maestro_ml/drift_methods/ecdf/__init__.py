"""Empirical distribution functions: their largest distance, and how likely it is by chance."""
