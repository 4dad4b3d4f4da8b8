"""The demo portrait (see CREDITS.md)."""
