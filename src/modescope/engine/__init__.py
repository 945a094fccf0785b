"""The engine: trains one experiment, many replicas of a model at once."""
