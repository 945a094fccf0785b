"""The line that the simplest GAN ends with: whether it is the number that the data are, and how far off."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric, Views


class Point(Metric):
    """For generators y = w z + b of data that are one number; the ideal is w = 0 and b that number."""

    tolerance: float = Field(0.1, gt=0, description="of success, in data units; not reached by it")

    about: ClassVar[dict[str, About]] = {
        "success": About(
            "Success",
            "1 when the generator’s line y = w z + b ends with both |w| and the distance of b from the data’s one "
            "number below 0.1, unless params.yaml says otherwise; 0 when it does not.",
            "0 or 1",
            "higher",
        ),
        "final_weight": About("Final w", "Slope of the generator’s line at the end; 0 is right.", "any", "neither"),
        "final_bias": About(
            "Final b", "The generator’s line at z = 0 at the end; the data’s one number is right.", "any", "neither"
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """To one number."""
        return dataset.degenerate and dataset.shape == (1,)

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """The scores of `line`, (w, b), against real points (n, 1), which are all alike; none without a line."""
        if "line" not in views:
            return {}
        weight, bias = (float(part) for part in views["line"])
        error = np.abs([weight, bias - float(real[0, 0])])
        return {"success": float((error < self.tolerance).all()), "final_weight": weight, "final_bias": bias}
