"""Speed, measured on this machine: `make bench`, or `python -m benchmarks PART ...` (see `__main__.py`)."""
