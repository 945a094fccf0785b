"""Two revisions of the project beside each other: settings that differ, scores paired by seed, stills in pairs.

Pure functions from two sides (`sides.Side`) to a view model (`view.Comparison`) and its page; which
revision a side is, and where its files lie, is the business of stages/compare.py.
"""
