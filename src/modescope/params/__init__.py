"""Parameters: params.yaml as typed entries, and what is wrong with it in one line."""
