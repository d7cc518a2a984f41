"""The checks a dataset declares: one file each."""
