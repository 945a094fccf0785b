"""Ordinary single-model code -> many replicas that step together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.optim import Adam

from modescope import config
from modescope.networks import Network
from modescope.variants import Batch, Losses, Nets, Variant

SIDES = ("discriminator", "generator")


class Ensemble:
    """R replicas of a variant's networks, each with its own parameters.

    Every parameter is one tensor (R, ...): losses run under `vmap` over the replica axis and one
    optimiser steps all replicas, which is exact because both act on each replica alone. A single
    replica keeps its plain modules, as `vmap` gains nothing there.

    Gradients are taken outside the `vmap`, of the sum of the losses, for the side that is being
    updated; the other side's parameters do not require gradients meanwhile.
    """

    def __init__(self, variant: Variant, rngs: Sequence[np.random.Generator], device: torch.device) -> None:
        self.variant, self.n_replicas, self.device = variant, len(rngs), device
        replicas = [self._initialised(rng) for rng in rngs]
        self.modules = replicas[0]
        # network -> parameter -> (R, ...), or (...) of the module itself for one replica
        self.state: dict[str, dict[str, Tensor]] = {
            name: dict(module.named_parameters())
            if self.n_replicas == 1
            else {key: value.detach() for key, value in stack_module_state([r[name] for r in replicas])[0].items()}
            for name, module in self.modules.items()
        }
        # Each side's parameters are views of one vector: one tensor for the optimiser instead of a dozen.
        self.vectors = {side: self._flatten(side) for side in SIDES}
        self.optimizers = {
            side: _adam(self.vectors[side], getattr(variant.settings.optimizers, side)) for side in SIDES
        }

    def update(self, side: str, loss: Callable[[Nets, Batch], Losses], batch: Batch) -> dict[str, Tensor]:
        """One optimiser step of `side` on the sum of the loss's terms.

        `batch` has the replica axis first, (R, batch, ...). Returns the terms, each (R,), detached.
        """
        for name, parameters in self.state.items():
            for parameter in parameters.values():
                parameter.requires_grad_(self._side(name) == side)
        terms = self._over_replicas(loss, *batch)
        total = torch.stack(list(terms.values())).sum()
        gradients = torch.autograd.grad(total, self._leaves(side), materialize_grads=True)
        torch.cat([gradient.reshape(-1) for gradient in gradients], out=self.vectors[side].grad)
        self.optimizers[side].step()
        return {name: term.detach().reshape(self.n_replicas) for name, term in terms.items()}

    def sample(self, z: Tensor) -> Tensor:
        """Generated points, (R, n, latent_dim) -> (R, n, *data shape), without gradients."""
        with torch.no_grad():
            x: Tensor = self._over_replicas(lambda nets, batch: {"x": self.variant.sample(nets, batch.z)}, z, z)["x"]
        return x if self.n_replicas > 1 else x.unsqueeze(0)

    def finite(self) -> Tensor:
        """Whether all parameters of each replica are finite, (R,) of bool."""
        parts = [p.reshape(self.n_replicas, -1).isfinite().all(1) for ps in self.state.values() for p in ps.values()]
        return torch.stack(parts).all(0)

    def weights(self) -> dict[str, Tensor]:
        """A detached copy of every parameter by `network.parameter`, each (R, ...), on the CPU."""
        return {
            f"{name}.{key}": value.detach().cpu().clone().reshape(self.n_replicas, *module.get_parameter(key).shape)
            for name, module in self.modules.items()
            for key, value in self.state[name].items()
        }

    def state_dict(self) -> dict[str, Any]:
        """Parameters and optimiser states, to be saved and given back to `load_state_dict`."""
        return {
            "parameters": self.vectors,
            "optimizers": {side: optimizer.state_dict() for side, optimizer in self.optimizers.items()},
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Continue exactly where `state_dict` was taken."""
        with torch.no_grad():
            for side, vector in self.vectors.items():
                vector.copy_(saved["parameters"][side])
        for side, optimizer in self.optimizers.items():
            optimizer.load_state_dict(saved["optimizers"][side])

    def _initialised(self, rng: np.random.Generator) -> dict[str, Network]:
        networks = self.variant.networks()
        for module in networks.values():
            module.initialise(rng)
            module.to(self.device)
        return networks

    def _flatten(self, side: str) -> Tensor:
        leaves = self._leaves(side)
        vector = torch.cat([leaf.detach().reshape(-1) for leaf in leaves])
        vector.grad = torch.zeros_like(vector)
        for leaf, part in zip(leaves, torch.split(vector, [leaf.numel() for leaf in leaves]), strict=True):
            leaf.data = part.view_as(leaf)
        return vector

    def _side(self, network: str) -> str:
        return "discriminator" if network == "discriminator" else "generator"

    def _leaves(self, side: str) -> list[Tensor]:
        return [p for name, ps in self.state.items() if self._side(name) == side for p in ps.values()]

    def _over_replicas(self, function: Callable[[Nets, Batch], Losses], x_real: Tensor, z: Tensor) -> Losses:
        """`function` for every replica; tensors in and out have the replica axis first, except for one replica."""
        if self.n_replicas == 1:
            return function(self.modules, Batch(x_real[0], z[0]))

        def single(state: dict[str, dict[str, Tensor]], x_real: Tensor, z: Tensor) -> Losses:
            nets = {name: _bind(module, state[name]) for name, module in self.modules.items()}
            return function(nets, Batch(x_real, z))

        result: Losses = vmap(single)(self.state, x_real, z)
        return result


def _adam(vector: Tensor, spec: config.Adam) -> Adam:
    beta1, beta2 = spec.betas
    return Adam([vector], lr=spec.learning_rate, betas=(beta1, beta2), eps=spec.eps, fused=True)


def _bind(module: nn.Module, parameters: dict[str, Tensor]) -> Callable[..., Tensor]:
    def call(*inputs: Tensor) -> Tensor:
        output: Tensor = functional_call(module, parameters, inputs)
        return output

    return call
