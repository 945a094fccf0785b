"""Figures: arrays in, PNG and GIF bytes out. No files are read; equal arrays give equal bytes."""
