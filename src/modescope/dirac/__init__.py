"""The Dirac-GAN solved exactly: each remedy's vector field, its gradient steps and their eigenvalues; no training."""
