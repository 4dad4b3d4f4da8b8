"""Timing files of other programs, read and written.

`files`: read and write any of them. `registry`: which there are. The others know one kind each.
"""
