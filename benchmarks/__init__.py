"""Speed: every row of `make bench` compares two ways of doing the same work, measured in turn in one run."""
