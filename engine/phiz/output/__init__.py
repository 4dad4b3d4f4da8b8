"""Frames, rigs, clips and speech to files."""
