"""Voices: programs and libraries that turn text into speech."""
