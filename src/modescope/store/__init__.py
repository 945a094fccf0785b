"""The store: where each output of the pipeline lies, and how it is written and read."""
