"""The random numbers of a task: functions of (experiment, arm, seed, purpose, step), drawn many steps at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from modescope.engine.tasks import Task
from modescope.seeding import stream
from modescope.variants import Batch

CHUNK = 64  # steps whose random numbers are drawn at once; another value gives other numbers
GATHERED = 250_000  # numbers of the train set that are gathered at once: a megabyte, which stays in the cache
Drawn = tuple[Batch, Tensor | None]  # (R, batch, ...) each, and the instance noise of the generated points


class Draws:
    """Batches for R replicas; each replica has its own random streams."""

    def __init__(self, task: Task, data: Tensor) -> None:
        self.task, self.data = task, data

    def steps(self, start: int, n_critic: int) -> Iterator[tuple[list[Drawn], Drawn]]:
        """(the discriminator's n_critic batches, the generator's batch) of each step to the next multiple of CHUNK."""
        settings, chunk = self.task.settings, start // CHUNK
        stop = min((chunk + 1) * CHUNK, self.task.steps)
        sides = [(CHUNK, n_critic, settings.discriminator_batch), (CHUNK, 1, settings.generator_batch)]
        drawn = []
        for seed in self.task.seeds:
            # Always a whole chunk, so that the numbers do not depend on where training stops.
            rng = self._stream(seed, "batches", chunk)
            drawn.append(
                [rng.integers(len(self.data), size=size, dtype=np.int32) for size in sides]
                + [self._draw_z(rng, size) for size in sides]
                + [rng.random(size, dtype=np.float32) for size in sides]
            )
        # (CHUNK, rounds, R, batch, ...)
        i_d, i_g, z_d, z_g, u_d, u_g = (
            torch.from_numpy(np.stack(arrays, 2)).to(self.data.device) for arrays in zip(*drawn, strict=True)
        )
        noise_d, noise_g = (self._noise(f"noise {name}", chunk, size) for name, size in zip("dg", sides, strict=True))
        first, end = start % CHUNK, stop - chunk * CHUNK
        x_d, x_g = self._reals(i_d[first:end, :n_critic]), self._reals(i_g[first:end])
        for t in range(first, end):
            std = 0.0 if settings.instance_noise is None else self._std(chunk * CHUNK + t)
            reals = next(x_d)
            rounds = [
                _noisy(Batch(reals[k], z_d[t, k], u_d[t, k]), None if noise_d is None else std * noise_d[:, t, k])
                for k in range(n_critic)
            ]
            batch = Batch(next(x_g)[0], z_g[t, 0], u_g[t, 0])
            yield rounds, _noisy(batch, None if noise_g is None else std * noise_g[:, t, 0])

    def latents(self, purpose: str, n: int) -> Tensor:
        """Latent points for `purpose`, (R, n, latent_dim)."""
        z = [self._draw_z(self._stream(seed, purpose), (n,)) for seed in self.task.seeds]
        return torch.from_numpy(np.stack(z)).to(self.data.device)

    def reals(self, purpose: str, n: int) -> Tensor:
        """Points of the train set for `purpose`, drawn with replacement, (R, n, *shape)."""
        rows = [self._stream(seed, purpose).integers(len(self.data), size=n) for seed in self.task.seeds]
        return self.data[torch.from_numpy(np.stack(rows)).to(self.data.device)]

    def _reals(self, rows: Tensor) -> Iterator[Tensor]:
        """The rows of the train set, (steps, ...) -> (..., *shape) for each step; of many steps at once if small."""
        a_step = rows[0].numel() * self.data[0].numel()
        for some in torch.split(rows, max(1, GATHERED // a_step)):
            yield from self.data.index_select(0, some.flatten()).reshape(*some.shape, *self.data.shape[1:])

    def _noise(self, purpose: str, chunk: int, size: tuple[int, ...]) -> Tensor | None:
        """Standard normal (R, CHUNK, rounds, 2, batch, *shape), or None without instance noise."""
        if self.task.settings.instance_noise is None:
            return None
        shape = (*size[:2], 2, size[2], *self.data.shape[1:])
        drawn = [self._stream(s, purpose, chunk).standard_normal(shape, dtype=np.float32) for s in self.task.seeds]
        return torch.from_numpy(np.stack(drawn)).to(self.data.device)

    def _std(self, step: int) -> float:
        noise = self.task.settings.instance_noise
        return 0.0 if noise is None else noise.at(step / self.task.steps)

    def _draw_z(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float32]:
        """(*size, latent_dim) from the experiment's latent distribution."""
        latent, shape = self.task.settings.latent, (*size, self.task.settings.latent_dim)
        if latent.kind == "normal":
            return rng.standard_normal(shape, dtype=np.float32)
        return np.float32(latent.low) + rng.random(shape, dtype=np.float32) * np.float32(latent.high - latent.low)

    def _stream(self, seed: int, *purpose: str | int) -> np.random.Generator:
        return stream(self.task.experiment, self.task.arm, seed, *purpose)


def _noisy(batch: Batch, noise: Tensor | None) -> Drawn:
    """The batch with noise[:, 0] added to its real points, and noise[:, 1], (R, batch, *shape), for generated ones."""
    if noise is None:
        return batch, None
    return batch._replace(x_real=batch.x_real + noise[:, 0]), noise[:, 1]
