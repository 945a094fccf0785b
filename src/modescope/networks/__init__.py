"""Networks: fully connected and convolutional, and the spectral norm of their layers."""
