"""phiz makes a still face talk without a neural network."""

__version__ = "0.1.0"
