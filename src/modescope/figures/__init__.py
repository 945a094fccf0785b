"""Figures: arrays in, PNG and GIF bytes out; no files are read and equal arrays give equal bytes."""
