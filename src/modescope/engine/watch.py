"""Views of the networks: at fixed points during training (snapshots), at fresh points after it."""

from __future__ import annotations

import torch
from torch import Tensor

from modescope.engine.draws import Draws
from modescope.engine.ensemble import Ensemble
from modescope.params.settings import Lattice, Snapshots, Walk
from modescope.variants import Batch

# "live", and "averaged" with averaged weights (EMA) -> name -> (R, ...)
Seen = dict[str, dict[str, Tensor]]


class Watch:
    """Takes views of an ensemble of R replicas, each at its own fixed points."""

    def __init__(self, ensemble: Ensemble, draws: Draws, settings: Snapshots, held_out: Tensor) -> None:
        self.ensemble, self.draws, self.held_out = ensemble, draws, held_out
        n = settings.points
        self.fixed = Batch(draws.reals("snapshots x", n), draws.latents("snapshots", n), torch.zeros(self._size(n)))
        self.settings = settings
        self.grid = None if settings.field is None else grid(settings.field).to(held_out.device)

    def look(self) -> Seen:
        """A snapshot on the CPU: D's field and the views at the fixed points; with codes also the points themselves."""
        seen = self._views(self.fixed)
        for views in seen.values():
            shown = {name: view.cpu() for name, view in views.items() if name in self.ensemble.variant.watched}
            if "codes" in shown:
                shown |= {"x": self.fixed.x_real.cpu(), "z": self.fixed.z.cpu()}
            if self.grid is not None and self.settings.field is not None:
                cells = [self.settings.field.cells] * self.grid.shape[1]
                shown["field"] = self.ensemble.field(self.grid).reshape(-1, *cells).cpu()
            views.clear()
            views |= shown
        return seen

    def finish(self, n: int) -> Seen:
        """All views at n fresh latent points and the first n held-out points, repeated if there are fewer.

        With a walk also `walk`, G's output along straight lines between two latent points, (R, lines, points,
        *shape), and `sums`, its output at the sum of the two, (R, lines, *shape). With an encoder also `between`,
        G's output along lines from the codes of the first held-out points to the codes of the next ones.
        """
        batch = self._fresh(self.draws.latents("samples", n))
        seen = self._views(batch)
        for views in seen.values():
            if "codes" in views:
                views["z"] = batch.z
        if self.settings.walk is not None:
            for whose, views in self._walk(self.settings.walk).items():
                seen[whose] |= views
        return seen

    def _walk(self, walk: Walk) -> Seen:
        start, end = self.draws.latents("walk", 2 * walk.lines).chunk(2, 1)  # (R, lines, latent_dim) each
        seen = self._views(self._fresh(torch.cat([_lines(start, end, walk.points), start + end], 1)))
        found: Seen = {}
        for whose, views in seen.items():
            made, shape = views["samples"], (-1, walk.lines, walk.points, *views["samples"].shape[2:])
            found[whose] = {"walk": made[:, : -walk.lines].reshape(shape), "sums": made[:, -walk.lines :]}
            if "codes" in views:
                start, end = views["codes"][:, : 2 * walk.lines].chunk(2, 1)
                between = self._fresh(_lines(start, end, walk.points))
                made = self.ensemble.views(between, averaged=whose == "averaged")["samples"]
                found[whose]["between"] = made.reshape(shape)
        return found

    def _fresh(self, z: Tensor) -> Batch:
        """Latent points (R, n, latent_dim) with the first n held-out points, repeated if there are fewer."""
        n = z.shape[1]
        rows = torch.arange(n, device=self.held_out.device) % len(self.held_out)
        x = self.held_out[rows].expand(self.ensemble.n_replicas, n, *self.held_out.shape[1:])
        return Batch(x, z, torch.zeros(self._size(n)))

    def _views(self, batch: Batch) -> Seen:
        seen = {"live": self.ensemble.views(batch)}
        if self.ensemble.average is not None:
            seen["averaged"] = self.ensemble.views(batch, averaged=True)
        return seen

    def _size(self, n: int) -> tuple[int, int]:
        return self.ensemble.n_replicas, n


def _lines(start: Tensor, end: Tensor, points: int) -> Tensor:
    """`points` points along each line from start to end, (R, lines, dim) each -> (R, lines * points, dim)."""
    share = torch.linspace(0, 1, points, device=start.device)[:, None]  # (points, 1)
    return torch.lerp(start[:, :, None], end[:, :, None], share).flatten(1, 2)


def grid(field: Lattice) -> Tensor:
    """Grid points including both edges, (cells^dim, dim): rows from low to high, the first coordinate fastest."""
    axes = [torch.linspace(low, high, field.cells) for low, high in zip(field.low, field.high, strict=True)]
    return torch.stack(torch.meshgrid(*reversed(axes), indexing="ij"), -1).flatten(0, -2).flip(1)
