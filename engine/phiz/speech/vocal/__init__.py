"""How a voice goes on in a recording: laughing, whispering, shouting."""
