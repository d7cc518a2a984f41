"""The drift methods a dataset can name: one file each."""
