"""Property tests draw the same examples in every run and are not timed: the machine may be busy."""

from hypothesis import settings

settings.register_profile("modescope", derandomize=True, deadline=None, max_examples=30)
settings.load_profile("modescope")
