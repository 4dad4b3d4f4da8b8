"""Scores and words become a sung voice."""
