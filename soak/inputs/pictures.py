"""Pictures and films as people have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from soak.case import Case

PARAMS = """\
effort: 0.01
evaluation: {{samples: 20, floor_repeats: 2}}
datasets:
  mine: {entry}
metrics: {{moments: {{}}}}
studies: {{latent: {{title: Latent}}}}
experiments:
  one:
    study: latent
    dataset: mine
    variant: gan
    seeds: 1
    steps: 10
    latent_dim: 2
    discriminator_batch: 8
    generator_batch: 8
    networks: {{generator: {{hidden: [4]}}, discriminator: {{hidden: [4]}}}}
    optimizers: {{generator: {{learning_rate: 0.01}}, discriminator: {{learning_rate: 0.01}}}}
samplers: {{}}
classifiers: {{}}
"""


def check(entry: str, fill: Callable[[Path], object]) -> Callable[[Path], Sequence[str]]:
    """`check` of a dataset `entry`, after `fill` has put files into the folder footage/."""

    def make(folder: Path) -> Sequence[str]:
        (folder / "footage").mkdir()
        (folder / "own").mkdir()
        fill(folder / "footage")
        (folder / "params.yaml").write_text(PARAMS.format(entry=entry), encoding="utf-8")
        return ["check", "params.yaml"]

    return make


def empty(path: str) -> Callable[[Path], object]:
    """An empty file of this name."""
    return lambda folder: (folder / path).write_bytes(b"")


FILM = "{kind: video, path: film.mp4, crop: {x: 0, y: 0, width: 32, height: 32}, size: 16, period: 0.5}"

CASES = [
    Case("a film without content", check(FILM, empty("film.mp4")), "film.mp4"),
]
