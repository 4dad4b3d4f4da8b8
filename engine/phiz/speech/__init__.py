"""Text or a recording to timed phonemes.

`synthesis`: text to `Speech`. `recording`: a recording, with or without its text, to `Speech`. `formats`:
files of its times.
"""
