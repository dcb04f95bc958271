"""The model: all that can change a number. Its digest is the model's version."""
