"""Timed phonemes to animation curves."""
