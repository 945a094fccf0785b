"""What the explorer of the page plays: snapshots of runs in the plane as small files, one a run.

    writing.write(root, "modes")  # media/modes/explorer.json and media/modes/explorer/*.js

Every entry of a leaderboard on data in the plane is there whose runs have snapshots: its first `index.SEEDS` seeds, at
most `frames.MOST` snapshots of each, and the first `index.POINTS` points of each snapshot, in the order of their latent
points. A run has about 45 kB, all studies together less than 25 MB.
"""
