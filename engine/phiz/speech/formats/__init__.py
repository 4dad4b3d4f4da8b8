"""Timing files of other programs, read and written."""
