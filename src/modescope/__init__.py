"""modescope: which modes does a GAN lose, and what fixes it?"""

__version__ = "0.1.0"
