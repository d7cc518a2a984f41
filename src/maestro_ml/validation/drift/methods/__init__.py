"""The statistics that compare a column of the window with the reference."""
