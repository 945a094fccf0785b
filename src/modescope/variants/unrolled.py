"""Unrolled GAN: the generator trains against the discriminator a few updates ahead (Metz et al. 2017)."""

from __future__ import annotations

from functools import partial

import torch
from pydantic import Field
from torch import Tensor
from torch.func import grad
from torch.nn.functional import softplus

from modescope.params.config import Experiment
from modescope.params.settings import Adam, Sgd
from modescope.variants import Batch, Bound, Losses, Nets, Parameters, Variant
from modescope.variants.common.logits import real_and_fake


class Unrolled(Variant):
    """D minimises sp(-D(x)) + sp(D(g)), G minimises sp(-D_K(g)); D is a logit, sp is softplus, g = G(z).

    D_K is D after K unrolled updates on G's batch, by D's own optimiser from its current state. The gradient for G
    goes through D_K(g) and through the updates, which also depend on g (section 2 of the paper). D itself is updated
    as in a GAN. The authors train with Adam, D at 1e-4 and G at 1e-3, beta_1 0.5.
    """

    source = "Metz et al. 2017"
    title = "Unrolled GAN"
    idea = (
        "G trains against D as it will be a few updates ahead, and the gradient also goes through these updates. A "
        "generator that moves all points to one mode sees D react in time, so collapsing does not pay."
    )
    link = "https://arxiv.org/abs/1611.02163"
    discriminator_tex = r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g))"
    generator_tex = r"\operatorname{sp}(-D_K(g)) \\ g = G(z)"
    imagines_updates = True

    class Hyperparameters(Variant.Hyperparameters):
        """The number of unrolled updates."""

        steps: int = Field(
            5, ge=0, le=10_000, description="K, unrolled updates: 5 on their ring of Gaussians; 0 is the GAN"
        )

    hyperparameters: Hyperparameters

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Raises ValueError unless D is trained by Adam without weight decay, or by plain gradient descent."""
        super().__init__(settings, data_shape)
        optimizer = settings.optimizers.discriminator
        if not isinstance(optimizer, Adam | Sgd):
            raise ValueError(
                "optimizers.discriminator.kind must be adam or sgd: variant unrolled unrolls updates of these"
            )
        if isinstance(optimizer, Adam) and optimizer.weight_decay:
            raise ValueError(
                f"optimizers.discriminator.weight_decay ({optimizer.weight_decay}) must be 0: variant unrolled unrolls "
                "updates without it"
            )
        self.optimizer = optimizer

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x)) + sp(D(g))."""
        logits_real, logits_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D_K(g))."""
        discriminator, x_fake = nets["discriminator"], nets["generator"](batch.z)
        assert isinstance(discriminator, Bound)
        for _ in range(self.hyperparameters.steps):
            discriminator = self.imagined(discriminator, batch.x_real, x_fake)
        return {"fake": softplus(-discriminator(x_fake)).mean()}

    def imagined(self, discriminator: Bound, x_real: Tensor, x_fake: Tensor) -> Bound:
        """D one update of its optimiser later, differentiable with respect to real and generated points."""

        def loss(parameters: Parameters) -> Tensor:
            logits_real, logits_fake = real_and_fake(partial(discriminator.function, parameters), x_real, x_fake)
            return softplus(-logits_real).mean() + softplus(logits_fake).mean()

        gradient: Parameters = grad(loss)(discriminator.parameters)
        if isinstance(self.optimizer, Sgd):
            rate = self.optimizer.learning_rate
            after = {key: old - rate * gradient[key] for key, old in discriminator.parameters.items()}
            return discriminator.after(after, discriminator.exp_avg, discriminator.exp_avg_sq)
        return self._adam(self.optimizer, discriminator, gradient)

    def _adam(self, adam: Adam, discriminator: Bound, gradient: Parameters) -> Bound:
        """D after an update of Adam with this gradient."""
        beta1, beta2 = adam.betas
        # in double precision, as in torch.optim.Adam: in single, 1 - 0.999 is wrong in the fifth digit
        t = discriminator.step.double() + 1
        bias1, bias2 = 1 - beta1**t, 1 - beta2**t
        # on one vector of all parameters, as the arithmetic is the same for each
        old, g = joined(discriminator.parameters), joined(gradient)
        m = torch.lerp(joined(discriminator.exp_avg), g, 1 - beta1)
        v = torch.addcmul(beta2 * joined(discriminator.exp_avg_sq), g, g, value=1 - beta2)
        rate, correction = (adam.learning_rate / bias1).to(old.dtype), bias2.rsqrt().to(old.dtype)
        new = old - rate * m / (root(v) * correction + adam.eps)
        return discriminator.after(*(parted(vector, discriminator.parameters) for vector in (new, m, v)))


def joined(parameters: Parameters) -> Tensor:
    """All parameters one after the other, as a vector."""
    return torch.cat([parameter.flatten() for parameter in parameters.values()])


def parted(vector: Tensor, like: Parameters) -> Parameters:
    """The parts of a vector by the names and shapes of the parameters in `like`."""
    parts = torch.split(vector, [parameter.numel() for parameter in like.values()])
    return {key: part.view_as(parameter) for (key, parameter), part in zip(like.items(), parts, strict=True)}


def root(v: Tensor) -> Tensor:
    """The square root, with derivative 0 instead of infinity at 0.

    v is 0 where a parameter has never had a gradient, for example behind a dead unit. There the chain rule would
    multiply infinity by 0, which is NaN. The outer `where` alone would not prevent that, as it differentiates both
    of its branches; so the root is taken of 1 there.
    """
    some = v > 0
    return torch.where(some, torch.sqrt(torch.where(some, v, 1.0)), 0.0)
