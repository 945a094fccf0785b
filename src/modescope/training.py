"""The one training loop: discriminator step, generator step, snapshots, divergence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from modescope import variants
from modescope.checkpoint import Checkpoint
from modescope.ensemble import SIDES, Ensemble
from modescope.seeding import stream
from modescope.tasks import Task
from modescope.variants import Batch

CHUNK = 64  # steps whose random numbers are drawn at once; part of what determines the numbers
LOG_POINTS = 100  # history rows a run, up to twice as many where the steps are few
SAVE_EVERY_S = 20.0


@dataclass(frozen=True)
class Trained:
    """What a task leaves; R = len(task.seeds), arrays on the CPU."""

    samples: NDArray[np.float32]  # (R, n, *shape), NaN where diverged
    snapshots: NDArray[np.float32]  # (R, snapshots, points, *shape)
    weights: dict[str, NDArray[np.float32]]  # network.parameter -> (R, ...)
    history: dict[str, NDArray[np.float64]]  # step (T,), and every loss term (T, R)
    diverged_at: list[int]  # (R,), -1 if never


def train(
    task: Task,
    train_set: NDArray[np.float32],
    *,
    device: torch.device | str = "cpu",
    checkpoint: Checkpoint | None = None,
    save_every_s: float = SAVE_EVERY_S,
    report: Callable[[int], None] = lambda steps: None,
) -> Trained:
    """Train every seed of a task on `train_set` (n, *shape) and sample from the result.

    The result is the same whether it ran through or was resumed from `checkpoint`; a finished task
    leaves its last checkpoint, so that asking again costs only the sampling. `report` is told the
    number of model-steps done since its last call.
    """
    run = _Run(task, train_set, torch.device(device))
    if checkpoint is not None and (saved := checkpoint.load()) is not None:
        run.load_state_dict(saved)
        report(run.step * len(task.seeds))
    saved_at = time.monotonic()
    while run.step < task.steps:
        done = run.advance()
        report(done * len(task.seeds))
        if checkpoint is not None and (time.monotonic() - saved_at > save_every_s or run.step == task.steps):
            checkpoint.save(run.state_dict())
            saved_at = time.monotonic()
    return run.result()


class _Run:
    """The state of a task between two chunks of steps."""

    def __init__(self, task: Task, train_set: NDArray[np.float32], device: torch.device) -> None:
        self.task, self.device = task, device
        self.data = torch.from_numpy(train_set).to(device)
        self.variant = variants.find(task.settings.variant)(task.settings, train_set.shape[1:])
        self.ensemble = Ensemble(self.variant, [self._stream(seed, "init") for seed in task.seeds], device)
        self.schedule = task.settings.snapshots.schedule(task.steps)
        self.log_every = max(1, task.steps // LOG_POINTS)
        self.z_fixed = self._latents("snapshots", task.settings.snapshots.points)
        self.step = 0
        self.snapshots: list[Tensor] = [self.ensemble.sample(self.z_fixed).cpu()]
        self.logged_steps: list[int] = []
        self.logged: dict[str, list[Tensor]] = {}
        self.diverged_at = [-1] * len(task.seeds)

    def advance(self) -> int:
        """Run the steps up to the next multiple of CHUNK, or to the end; returns how many."""
        start = self.step
        for discriminator_batch, generator_batch in self._batches(start):
            terms = {
                "discriminator": self.ensemble.update(
                    "discriminator", self.variant.discriminator_loss, discriminator_batch
                ),
                "generator": self.ensemble.update("generator", self.variant.generator_loss, generator_batch),
            }
            self.step += 1
            if self.step % self.log_every == 0 or self.step == self.task.steps:
                self._log(terms)
            if self.step == self.schedule[len(self.snapshots)]:
                self.snapshots.append(self.ensemble.sample(self.z_fixed).cpu())
        return self.step - start

    def result(self) -> Trained:
        """Sample from the trained networks and bring everything to the CPU."""
        n = self.task.n_samples
        samples = self.ensemble.sample(self._latents("samples", n)).cpu().numpy()
        # The last update can leave weights that are finite and samples that overflow.
        self._note_diverged(np.isfinite(samples.reshape(len(samples), -1)).all(1).tolist())
        samples[[at >= 0 for at in self.diverged_at]] = np.nan
        history = {"step": np.array(self.logged_steps, dtype=np.float64)}
        history |= {name: torch.stack(values).double().numpy() for name, values in self.logged.items()}
        return Trained(
            samples=samples,
            snapshots=torch.stack(self.snapshots, 1).numpy(),
            weights={name: value.numpy() for name, value in self.ensemble.weights().items()},
            history=history,
            diverged_at=self.diverged_at,
        )

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run needs; random numbers are functions of the step and need no state."""
        return {
            "step": self.step,
            "ensemble": self.ensemble.state_dict(),
            "snapshots": self.snapshots,
            "logged_steps": self.logged_steps,
            "logged": self.logged,
            "diverged_at": self.diverged_at,
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken."""
        self.step = saved["step"]
        self.ensemble.load_state_dict(saved["ensemble"])
        self.snapshots, self.logged_steps, self.logged = saved["snapshots"], saved["logged_steps"], saved["logged"]
        self.diverged_at = saved["diverged_at"]

    def _log(self, terms: dict[str, dict[str, Tensor]]) -> None:
        """Keep each side's terms and their sum, and note which replicas have diverged."""
        self.logged_steps.append(self.step)
        for side in SIDES:
            self.logged.setdefault(f"{side}_loss", []).append(torch.stack(list(terms[side].values())).sum(0).cpu())
            for name, value in terms[side].items():
                self.logged.setdefault(f"{side}_{name}", []).append(value.cpu())
        losses = torch.stack([value.isfinite() for side in SIDES for value in terms[side].values()]).all(0)
        self._note_diverged((self.ensemble.finite() & losses).tolist())

    def _note_diverged(self, finite: list[bool]) -> None:
        """Keep the step for each replica that is not finite for the first time."""
        for row, is_finite in enumerate(finite):
            if not is_finite and self.diverged_at[row] < 0:
                self.diverged_at[row] = self.step

    def _batches(self, start: int) -> Iterator[tuple[Batch, Batch]]:
        """(discriminator's batch, generator's batch) of each step up to the next multiple of CHUNK."""
        settings, chunk = self.task.settings, start // CHUNK
        stop = min((chunk + 1) * CHUNK, self.task.steps)
        drawn = []
        for seed in self.task.seeds:
            rng = self._stream(seed, "batches", chunk)
            sizes = (settings.discriminator_batch, settings.generator_batch)
            # (CHUNK, batch) and (CHUNK, batch, latent_dim), always for a whole chunk, so that no number
            # depends on where training stops
            drawn.append(
                [rng.integers(len(self.data), size=(CHUNK, size), dtype=np.int32) for size in sizes]
                + [self._draw_z(rng, (CHUNK, size)) for size in sizes]
            )
        # (CHUNK, R, batch, ...)
        i_d, i_g, z_d, z_g = (
            torch.from_numpy(np.stack(arrays, 1)).to(self.device) for arrays in zip(*drawn, strict=True)
        )
        for t in range(start % CHUNK, stop - chunk * CHUNK):
            yield Batch(self.data[i_d[t]], z_d[t]), Batch(self.data[i_g[t]], z_g[t])

    def _latents(self, purpose: str, n: int) -> Tensor:
        """Latent points for `purpose`, (R, n, latent_dim)."""
        z = [self._draw_z(self._stream(seed, purpose), (n,)) for seed in self.task.seeds]
        return torch.from_numpy(np.stack(z)).to(self.device)

    def _draw_z(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float32]:
        """(*size, latent_dim) from the experiment's latent distribution."""
        latent, shape = self.task.settings.latent, (*size, self.task.settings.latent_dim)
        if latent.kind == "normal":
            return rng.standard_normal(shape, dtype=np.float32)
        return np.float32(latent.low) + rng.random(shape, dtype=np.float32) * np.float32(latent.high - latent.low)

    def _stream(self, seed: int, *purpose: str | int) -> np.random.Generator:
        return stream(self.task.experiment, self.task.arm, seed, *purpose)
