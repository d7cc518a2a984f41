"""The decision record: what was decided about a candidate, from which data and code, as JSON and as a page."""
