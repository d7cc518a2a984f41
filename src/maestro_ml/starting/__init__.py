"""From somebody's own table to a project: what it holds, what looks wrong, and what a project for it can say."""
