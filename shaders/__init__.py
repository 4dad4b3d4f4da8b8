"""GLSL programs, one a file; read through phiz.data."""
