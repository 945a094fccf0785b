"""What is kept of a training: views of the networks at fixed points while it runs, and of fresh points at its end."""

from __future__ import annotations

import torch
from torch import Tensor

from modescope.engine.draws import Draws
from modescope.engine.ensemble import Ensemble
from modescope.params.settings import Lattice, Snapshots, Walk
from modescope.variants import Batch

# "live", and "averaged" where an average of the weights is kept -> name -> (R, ...)
Seen = dict[str, dict[str, Tensor]]


class Watch:
    """Looks at an ensemble; R replicas, each with its own fixed points."""

    def __init__(self, ensemble: Ensemble, draws: Draws, settings: Snapshots, held_out: Tensor) -> None:
        self.ensemble, self.draws, self.held_out = ensemble, draws, held_out
        n = settings.points
        self.fixed = Batch(draws.reals("snapshots x", n), draws.latents("snapshots", n), torch.zeros(self._size(n)))
        self.settings = settings
        self.grid = None if settings.field is None else grid(settings.field).to(held_out.device)

    def look(self) -> Seen:
        """A snapshot on the CPU: the views at the fixed points, which stand beside codes, and D's field."""
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
        """All views at n fresh latent points and the first n held-out points, which repeat where they are fewer.

        With a walk also `walk`, what G makes along straight lines from one latent point to another, and
        `sums`, what it makes of the two added: (R, lines, points, *shape) and (R, lines, *shape). With an
        encoder also `between`: along lines from the codes of the first held-out points to those of the next.
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
        """Latent points (R, n, latent_dim) beside the first n held-out points, which repeat where they are fewer."""
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
    """`points` points from start to end, (R, lines, dim) each, line after line: (R, lines * points, dim)."""
    share = torch.linspace(0, 1, points, device=start.device)[:, None]  # (points, 1)
    return torch.lerp(start[:, :, None], end[:, :, None], share).flatten(1, 2)


def grid(field: Lattice) -> Tensor:
    """Points from edge to edge, (cells^dim, dim): rows upwards, the first coordinate fastest."""
    axes = [torch.linspace(low, high, field.cells) for low, high in zip(field.low, field.high, strict=True)]
    return torch.stack(torch.meshgrid(*reversed(axes), indexing="ij"), -1).flatten(0, -2).flip(1)
