"""The training loop of all variants: discriminator updates, generator update, snapshots, divergence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from modescope import variants
from modescope.engine import graphs
from modescope.engine.checkpoint import Checkpoint
from modescope.engine.draws import Draws
from modescope.engine.ensemble import Ensemble
from modescope.engine.tasks import Task
from modescope.engine.watch import Watch
from modescope.seeding import stream

LOG_POINTS = 100  # history rows of a run; up to twice as many if the steps are few
SAVE_EVERY_S = 5.0


@dataclass(frozen=True)
class Trained:
    """The result of a task; R = len(task.seeds), arrays on the CPU."""

    views: dict[str, NDArray[np.float32]]  # samples and the variant's other views, (R, n, ...); NaN where diverged
    snapshots: dict[str, NDArray[np.float32]]  # the same at fixed points, (R, snapshots, points, ...), and D's field
    averaged: tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]] | None  # both, from EMA weights
    weights: dict[str, NDArray[np.float32]]  # network.parameter -> (R, ...)
    history: dict[str, NDArray[np.float64]]  # step (T,), and every loss term (T, R)
    diverged_at: list[int]  # (R,), the step, -1 if never
    non_finite: list[str]  # (R,), what became non-finite then: a column of the history, parameters or samples; or ""


def train(
    task: Task,
    train_set: NDArray[np.float32],
    *,
    held_out: NDArray[np.float32] | None = None,
    device: torch.device | str = "cpu",
    checkpoint: Checkpoint | None = None,
    save_every_s: float = SAVE_EVERY_S,
    report: Callable[[int], None] = lambda steps: None,
) -> Trained:
    """Train every seed of a task on `train_set` (n, *shape) and sample from the result.

    After training, an encoder is applied to the points of `held_out` (m, *shape) in their order, or to those
    of the train set if it is None.

    A run that was resumed from `checkpoint` has the same result as an uninterrupted one. A finished task keeps
    its last checkpoint, so a second call costs only the sampling. `report` gets the number of model-steps since
    its last call.
    """
    run = _Run(task, train_set, train_set if held_out is None else held_out, torch.device(device))
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

    def __init__(
        self, task: Task, train_set: NDArray[np.float32], held_out: NDArray[np.float32], device: torch.device
    ) -> None:
        self.task, self.device = task, device
        graphs.prepare(device)
        self.data = torch.from_numpy(train_set).to(device)
        self.variant = variants.find(task.settings.variant)(task.settings, train_set.shape[1:])
        self.ensemble = Ensemble(self.variant, [self._stream(seed, "init") for seed in task.seeds], device)
        self.draws = Draws(task, self.data)
        self.watch = Watch(self.ensemble, self.draws, task.settings.snapshots, torch.from_numpy(held_out).to(device))
        self.schedule = task.settings.snapshots.schedule(task.steps)
        self.log_every = max(1, task.steps // LOG_POINTS)
        self.step = 0
        self.snapshots = [self.watch.look()]
        self.logged_steps: list[int] = []
        self.logged: dict[str, list[Tensor]] = {}
        self.recent: list[Tensor] = []  # since the last log, a step each: the terms of all updates, (terms, R)
        self.diverged_at = [-1] * len(task.seeds)
        self.non_finite = [""] * len(task.seeds)

    def advance(self) -> int:
        """Train to the next multiple of CHUNK steps, or to the end; returns the number of steps."""
        start = self.step
        for rounds, (generator_batch, noise) in self.draws.steps(start, self.variant.n_critic):
            terms, values = {}, list[Tensor]()
            if "discriminator" in self.ensemble.sides:
                for round_batch, round_noise in rounds:
                    terms["discriminator"] = self.ensemble.update("discriminator", round_batch, round_noise)
                    values += terms["discriminator"].values()
            terms["generator"] = self.ensemble.update("generator", generator_batch, noise)
            self.step += 1
            self.recent.append(torch.stack([*values, *terms["generator"].values()]))
            if self.step % self.log_every == 0 or self.step == self.task.steps:
                self._log(terms)
            if self.step == self.schedule[len(self.snapshots)]:
                self.snapshots.append(self.watch.look())
        return self.step - start

    def result(self) -> Trained:
        """Sample from the trained networks and collect everything on the CPU."""
        final = self.watch.finish(self.task.n_samples)
        # After the last update, samples can overflow although the weights are finite.
        parts = [view.reshape(len(view), -1).isfinite().all(1) for view in final["live"].values()]
        self._note_diverged("samples", torch.stack(parts).all(0))
        diverged = [at >= 0 for at in self.diverged_at]
        views, snapshots = {}, {}
        for whose, seen in final.items():
            views[whose] = {name: view.cpu().numpy() for name, view in seen.items()}
            for view in views[whose].values():
                view[diverged] = np.nan
            kept = [look[whose] for look in self.snapshots]
            snapshots[whose] = {name: torch.stack([k[name] for k in kept], 1).numpy() for name in kept[0]}
        history = {"step": np.array(self.logged_steps, dtype=np.float64)}
        history |= {name: torch.stack(values).double().numpy() for name, values in self.logged.items()}
        return Trained(
            views=views["live"],
            snapshots=snapshots["live"],
            averaged=(views["averaged"], snapshots["averaged"]) if "averaged" in views else None,
            weights={name: value.numpy() for name, value in self.ensemble.weights().items()},
            history=history,
            diverged_at=self.diverged_at,
            non_finite=self.non_finite,
        )

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to resume; random numbers are functions of the step and have no state."""
        return {
            "step": self.step,
            "ensemble": self.ensemble.state_dict(),
            "snapshots": self.snapshots,
            "logged_steps": self.logged_steps,
            "logged": self.logged,
            "recent": self.recent,
            "diverged_at": self.diverged_at,
            "non_finite": self.non_finite,
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Restore the state of `state_dict`."""
        self.step = saved["step"]
        self.ensemble.load_state_dict(saved["ensemble"])
        self.snapshots, self.logged_steps, self.logged = saved["snapshots"], saved["logged_steps"], saved["logged"]
        self.recent = saved["recent"]
        self.diverged_at, self.non_finite = saved["diverged_at"], saved["non_finite"]

    def _log(self, terms: dict[str, dict[str, Tensor]]) -> None:
        """Log each side's terms and its minimised loss, and note which replicas have diverged."""
        self.logged_steps.append(self.step)
        for side, found in terms.items():
            minimised = [value for name, value in found.items() if name not in self.variant.logged]
            self.logged.setdefault(f"{side}_loss", []).append(torch.stack(minimised).sum(0).cpu())
            for name, value in found.items():
                self.logged.setdefault(f"{side}_{name}", []).append(value.cpu())
        times = {"discriminator": self.variant.n_critic, "generator": 1}
        names = [f"{side}_{name}" for side, found in terms.items() for _ in range(times[side]) for name in found]
        finite = torch.stack(self.recent).isfinite().cpu()  # (steps, terms, R)
        if not finite.all():
            for step, row in enumerate(finite, self.step - len(finite) + 1):
                for name, replicas in zip(names, row, strict=True):
                    self._note_diverged(name, replicas, step)
        self.recent.clear()
        for side, replicas in self.ensemble.finite().items():
            self._note_diverged(f"{side} parameters", replicas)

    def _note_diverged(self, what: str, finite: Tensor, step: int | None = None) -> None:
        """Keep the step, or the current one, and what it was for each replica that is not finite for the first time."""
        for row in (~finite).nonzero().flatten().tolist():
            if self.diverged_at[row] < 0:
                self.diverged_at[row] = self.step if step is None else step
                self.non_finite[row] = what

    def _stream(self, seed: int, *purpose: str | int) -> np.random.Generator:
        return stream(self.task.experiment, self.task.arm, seed, *purpose)
