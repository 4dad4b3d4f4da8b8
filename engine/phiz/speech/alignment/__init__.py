"""Text and recording laid one on the other: when each word and sound is said."""
