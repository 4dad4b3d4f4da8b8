"""Timed sounds from a recording whose text is not known."""
