"""Checks of Soda: SodaCL, and its contracts."""
