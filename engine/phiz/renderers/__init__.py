"""Rig and clip to frames: the same picture from OpenGL and from plain processor code."""
