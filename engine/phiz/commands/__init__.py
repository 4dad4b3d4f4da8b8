"""The verbs of the command line: each module says what its verbs do, which options they take, and does it."""
