"""Voices turn text into sound with timed phonemes; a voice is a module with `say(text, language, variant)`."""
