"""Voices turn text into sound with timed phonemes; each is a module with `say(text, language, variant)`."""
