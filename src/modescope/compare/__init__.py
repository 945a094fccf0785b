"""The comparison of two revisions: settings that differ, scores paired by seed, stills side by side.

Pure functions from two sides (`sides.Side`) to a view model (`view.Comparison`) and its page.
stages/compare.py finds the revisions and reads their files.
"""
