"""Text or a recording to timed phonemes.

    text ──> speak ──────────────────┐
    recording (+ text) ──> stretch ──┴──> Speech ──> timing file
"""
