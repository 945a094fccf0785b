"""Bias and spread of every metric against its exact value; `python -m benchmarks.calibration` fills docs/metrics.md."""
