"""Scores of generated points against real ones without the pipeline: from arrays or files, as table, JSON or page."""
