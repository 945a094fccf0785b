"""Whether the simplest GAN learned its data, one constant, and how far off its generator is."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric, Views


class Point(Metric):
    """For generators y = w z + b of constant data; the ideal is w = 0 and b equal to the constant."""

    tolerance: float = Field(0.1, gt=0, description="success means that both errors are below it, in data units")

    about: ClassVar[dict[str, About]] = {
        "success": About(
            "Success",
            "1 when the generator y = w z + b ends with both |w| and the distance of b from the data’s constant below "
            "0.1 (by default), else 0.",
            "0 or 1",
            "higher",
        ),
        "final_weight": About("Final w", "Slope w of the generator at the end; 0 is right.", "any", "neither"),
        "final_bias": About(
            "Final b", "Offset b of the generator at the end; the data’s constant is right.", "any", "neither"
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for data that are one constant number."""
        return dataset.degenerate and dataset.shape == (1,)

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of `line`, (w, b), against real points (n, 1), which are all equal; empty without a line."""
        if "line" not in views:
            return {}
        weight, bias = (float(part) for part in views["line"])
        error = np.abs([weight, bias - float(real[0, 0])])
        return {"success": float((error < self.tolerance).all()), "final_weight": weight, "final_bias": bias}
