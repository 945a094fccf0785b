"""Top-k training: the generator learns from its best-scored points only (Sinha et al. 2020)."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import softplus

from modescope.params.config import Experiment
from modescope.params.settings import Adam
from modescope.variants import Batch, Bound, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake


class TopK(Variant):
    """D minimises sp(-D(x)) + sp(D(g)), G minimises the mean of sp(-D(g)) over the k points of highest D(g); g = G(z).

    D is a logit, sp is softplus. With n points in the batch k = n max(share, 0.99^(t / every)) after t updates of D,
    rounded: at first D is a poor judge and all points count. Section 3 of the paper, which has 0.99 an epoch; points
    drawn without end have no epochs, so `every` is a number of updates.
    """

    source = "Sinha et al. 2020"
    title = "Top-k training"
    idea = (
        "G learns only from the points of the batch that D scores highest. The worst points lie between modes, and "
        "their gradient often leads away from the nearest one, so the update without them should not tear modes apart."
    )
    link = "https://arxiv.org/abs/2002.06224"
    discriminator_tex = r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g))"
    generator_tex = r"\operatorname{sp}(-D(g)) \text{ over the } k \text{ points of highest } D(g) \\ g = G(z)"
    imagines_updates = True  # for the number of updates of D so far
    DECAY = 0.99  # of k, in the paper

    class Hyperparameters(Variant.Hyperparameters):
        """How many points G ends with, and how soon."""

        share: float = Field(0.5, gt=0, le=1, description="nu, the least share of the batch: 0.5 to 0.75 in the paper")
        every: int = Field(
            20,
            ge=1,
            le=1_000_000_000,
            description="updates of D in which k falls by a hundredth: with 20 it is halved after 1,379. An epoch in "
            "the paper, whose runs last for hundreds of them",
        )

    hyperparameters: Hyperparameters

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Raises ValueError unless D is trained by Adam, which counts its updates."""
        super().__init__(settings, data_shape)
        if not isinstance(settings.optimizers.discriminator, Adam):
            raise ValueError("optimizers.discriminator.kind must be adam: variant topk reads its number of updates")

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x)) + sp(D(g))."""
        logits_real, logits_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(g)) over the k points of highest D(g)."""
        discriminator = nets["discriminator"]
        assert isinstance(discriminator, Bound)
        losses = softplus(-discriminator(nets["generator"](batch.z)))
        k = self.k(discriminator.step, len(losses))
        best_first, _ = torch.sort(losses)  # the loss falls as the score rises
        counted = torch.arange(len(losses), device=losses.device) < k
        return {"fake": (best_first * counted).sum() / k}

    def k(self, step: Tensor, n: int) -> Tensor:
        """The number of points that count after `step` updates of D, a scalar from 1 to n."""
        share = (self.DECAY ** (step / self.hyperparameters.every)).clamp(min=self.hyperparameters.share)
        return (n * share).round().clamp(min=1)
