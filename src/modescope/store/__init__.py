"""Files: where each output of the pipeline lies, how it is written whole, how it is read back."""
