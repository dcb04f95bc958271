"""What a paper needs besides the results: the model, its parameters and equations, references, and an archive."""
