"""The engine: how one experiment is trained, as many replicas of one model at once."""
