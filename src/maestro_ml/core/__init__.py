"""What every other part builds on: models, windows, findings and errors."""
