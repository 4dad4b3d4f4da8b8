"""Text or a recording to timed phonemes.

`speak`: text to `Speech`. `stretch`: a recording, with or without its text, to `Speech`. `timing`: its file.
"""
