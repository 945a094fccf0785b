"""Bad input, kills, full disks: what a user's bad day does to modescope, tried on real processes."""
