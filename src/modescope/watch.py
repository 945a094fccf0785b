"""What is kept of a training: views of the networks at fixed points while it runs, and of fresh points at its end."""

from __future__ import annotations

import torch
from torch import Tensor

from modescope.config import PlaneField, Snapshots
from modescope.draws import Draws
from modescope.ensemble import Ensemble
from modescope.variants import Batch

IN_SNAPSHOTS = ("samples", "codes")  # of a variant's views; the others are for the evaluation
Seen = dict[
    str, dict[str, Tensor]
]  # "live", and "averaged" where an average of the weights is kept -> name -> (R, ...)


class Watch:
    """Looks at an ensemble; R replicas, each with its own fixed points."""

    def __init__(self, ensemble: Ensemble, draws: Draws, settings: Snapshots, held_out: Tensor) -> None:
        self.ensemble, self.draws, self.held_out = ensemble, draws, held_out
        n = settings.points
        self.fixed = Batch(draws.reals("snapshots x", n), draws.latents("snapshots", n), torch.zeros(self._size(n)))
        self.grid = None if settings.field is None else grid(settings.field).to(held_out.device)

    def look(self) -> Seen:
        """A snapshot on the CPU: the views at the fixed points, which stand beside codes, and D's field."""
        seen = self._views(self.fixed)
        for views in seen.values():
            shown = {name: view.cpu() for name, view in views.items() if name in IN_SNAPSHOTS}
            if "codes" in shown:
                shown |= {"x": self.fixed.x_real.cpu(), "z": self.fixed.z.cpu()}
            if self.grid is not None:
                cells = round(len(self.grid) ** 0.5)
                shown["field"] = self.ensemble.field(self.grid).reshape(-1, cells, cells).cpu()
            views.clear()
            views |= shown
        return seen

    def finish(self, n: int) -> Seen:
        """All views at n fresh latent points and the first n held-out points, which repeat where they are fewer."""
        rows = torch.arange(n, device=self.held_out.device) % len(self.held_out)
        x = self.held_out[rows].expand(self.ensemble.n_replicas, n, *self.held_out.shape[1:])
        batch = Batch(x, self.draws.latents("samples", n), torch.zeros(self._size(n)))
        seen = self._views(batch)
        for views in seen.values():
            if "codes" in views:
                views["z"] = batch.z
        return seen

    def _views(self, batch: Batch) -> Seen:
        seen = {"live": self.ensemble.views(batch)}
        if self.ensemble.average is not None:
            seen["averaged"] = self.ensemble.views(batch, averaged=True)
        return seen

    def _size(self, n: int) -> tuple[int, int]:
        return self.ensemble.n_replicas, n


def grid(field: PlaneField) -> Tensor:
    """A grid of cells x cells points from edge to edge, (cells^2, 2): rows upwards, the first coordinate fastest."""
    first, second = (torch.linspace(low, high, field.cells) for low, high in zip(field.low, field.high, strict=True))
    return torch.cartesian_prod(second, first).flip(1)
