"""The largest distance of two empirical distributions, for rows that are not held in memory."""
