"""What a text asks a voice to say: SSML, sentences, numbers, languages, marks."""
