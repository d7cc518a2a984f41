"""What Maestro measures and whom it tells."""
