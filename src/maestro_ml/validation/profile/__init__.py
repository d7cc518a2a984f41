"""What a report shows of each column."""
