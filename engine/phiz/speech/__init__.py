"""Text or a recording to timed phonemes."""
