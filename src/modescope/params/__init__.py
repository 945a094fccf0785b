"""Parameters: the typed entries of params.yaml, and one-line messages for mistakes in it."""
