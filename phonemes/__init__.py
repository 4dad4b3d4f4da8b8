"""Tables of phonemes, visemes and blendshapes; read through phiz.data."""
