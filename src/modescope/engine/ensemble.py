"""Trains many replicas of a variant together, although its losses are written for a single model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import stack_module_state, vmap
from torch.optim import Adam, Optimizer, RMSprop

from modescope.engine.binding import adam_state, bound
from modescope.engine.tracing import Traced
from modescope.networks.dense import Network
from modescope.params.settings import Adam as AdamSpec
from modescope.params.settings import Ema
from modescope.params.settings import RMSprop as RMSpropSpec
from modescope.variants import Batch, Losses, Nets, Parameters, Variant

SIDES = ("discriminator", "generator")


class Ensemble:
    """R replicas of a variant's networks, each with its own parameters.

    Every parameter is one tensor (R, ...). Losses run under `vmap` over the replica axis, and one
    optimiser steps all replicas; this is exact, as both treat each replica separately. A single
    replica uses its plain modules, as `vmap` gains nothing there.

    An update differentiates the sum of the losses over replicas with respect to the parameters of one
    side. Every network but the discriminator, such as an encoder, belongs to the generator's side.
    """

    def __init__(self, variant: Variant, rngs: Sequence[np.random.Generator], device: torch.device) -> None:
        self.variant, self.n_replicas, self.device = variant, len(rngs), device
        replicas = [self._initialised(rng) for rng in rngs]
        self.modules = replicas[0]
        self.sides = [side for side in SIDES if any(_side(name) == side for name in self.modules)]
        # network -> parameter -> (R, ...), or (...) of the module itself for one replica; the same for buffers
        self.state: dict[str, Parameters] = {}
        self.buffers: dict[str, Parameters] = {}
        for name, module in self.modules.items():
            if self.n_replicas == 1:
                self.state[name], self.buffers[name] = dict(module.named_parameters()), dict(module.named_buffers())
            else:
                parameters, self.buffers[name] = stack_module_state([r[name] for r in replicas])
                self.state[name] = {key: value.detach() for key, value in parameters.items()}
        # The parameters of a side are views of one vector, so the optimiser has one tensor instead of a dozen.
        self.vectors = {side: self._flatten(side) for side in self.sides}
        settings = variant.settings
        self.optimizers = {
            side: _optimizer(self.vectors[side], getattr(settings.optimizers, side)) for side in self.sides
        }
        self.traced = {side: Traced(self._total(side)) for side in self.sides}
        self.average = None if settings.ema is None else self.vectors["generator"].detach().clone()

    def update(self, side: str, batch: Batch, noise: Tensor | None = None) -> Losses:
        """One optimiser step of `side` on the sum of the variant's loss terms.

        `batch` and `noise` have the replica axis first, (R, batch, ...); `noise` is added to the generator's
        output. Returns the terms, each (R,), detached.
        """
        gradients, terms = (self._alone if self.n_replicas == 1 else self._together)(side, batch, noise)
        torch.cat([gradient.reshape(-1) for gradient in gradients], out=self.vectors[side].grad)
        self.optimizers[side].step()
        with torch.no_grad():
            self.variant.after_update(side, {name: self.state[name] | self.buffers[name] for name in self.modules})
            if self.average is not None and side == "generator":
                self.average.lerp_(self.vectors["generator"], 1 - self._ema().decay)
        return {name: term.detach().reshape(self.n_replicas) for name, term in terms.items()}

    def _alone(self, side: str, batch: Batch, noise: Tensor | None) -> tuple[Sequence[Tensor], Losses]:
        """(gradients, terms) of a single replica."""
        for name, parameters in self.state.items():
            for parameter in parameters.values():
                parameter.requires_grad_(_side(name) == side)
        terms = self._over_replicas(self._loss(side), batch, noise)
        return torch.autograd.grad(self._minimised(terms), self._leaves(side), materialize_grads=True), terms

    def _together(self, side: str, batch: Batch, noise: Tensor | None) -> tuple[Sequence[Tensor], Losses]:
        """(gradients, terms) of all replicas; they share no parameters, so the sum's gradient is that of each."""
        others = {name: ps for name, ps in self.state.items() if _side(name) != side}
        extra, step = self._extra(noise)
        key = (noise is None, *(part.shape for part in batch))
        return self.traced[side](key, self._leaves(side), others, self.buffers, batch, extra, step)

    def _total(self, side: str) -> Callable[..., tuple[Tensor, Losses]]:
        """The loss of `side` summed over replicas, as a function of its parameters, for the tracer."""
        own = [(name, key) for name, ps in self.state.items() if _side(name) == side for key in ps]

        def total(
            leaves: Sequence[Tensor],
            others: Mapping[str, Parameters],
            buffers: Mapping[str, Parameters],
            batch: Batch,
            extra: Mapping[str, Any],
            step: Tensor | None,
        ) -> tuple[Tensor, Losses]:
            state = {name: dict(buffers[name]) | dict(others.get(name, {})) for name in self.modules}
            for (name, key), leaf in zip(own, leaves, strict=True):
                state[name][key] = leaf
            terms = self._stacked(self._loss(side), state, batch, extra, step)
            return self._minimised(terms), terms

        return total

    def _loss(self, side: str) -> Callable[[Nets, Batch], Losses]:
        return self.variant.discriminator_loss if side == "discriminator" else self.variant.generator_loss

    def _minimised(self, terms: Losses) -> Tensor:
        return torch.stack([term for name, term in terms.items() if name not in self.variant.logged]).sum()

    def views(self, batch: Batch, *, averaged: bool = False) -> dict[str, Tensor]:
        """The variant's views, each (R, n, ...), without gradients; `averaged`: with the averaged weights (EMA)."""
        with torch.no_grad():
            vector = self.vectors["generator"]
            live = vector.clone()
            if averaged and self.average is not None:
                vector.copy_(self.average)
            views = self._over_replicas(self.variant.views, batch)
            vector.copy_(live)
        return views if self.n_replicas > 1 else {name: view.unsqueeze(0) for name, view in views.items()}

    def field(self, points: Tensor) -> Tensor:
        """D's output at points (n, dim), (R, n), without gradients."""
        with torch.no_grad():
            shared = points.expand(self.n_replicas, *points.shape)
            batch = Batch(shared, shared, shared)
            logits = self._over_replicas(lambda nets, batch: {"d": nets["discriminator"](batch.x_real)}, batch)["d"]
        return logits.reshape(self.n_replicas, len(points))

    def finite(self) -> Tensor:
        """Whether all parameters of each replica are finite, (R,) of bool."""
        parts = [p.reshape(self.n_replicas, -1).isfinite().all(1) for ps in self.state.values() for p in ps.values()]
        return torch.stack(parts).all(0)

    def weights(self) -> dict[str, Tensor]:
        """A detached copy of every parameter and buffer by `network.name`, each (R, ...), on the CPU."""
        return {
            f"{name}.{key}": (value if self.n_replicas > 1 else value.unsqueeze(0)).detach().cpu().clone()
            for name in self.modules
            for key, value in (self.state[name] | self.buffers[name]).items()
        }

    def state_dict(self) -> dict[str, Any]:
        """Everything that training changes, for `load_state_dict`."""
        return {
            "parameters": self.vectors,
            "buffers": self.buffers,
            "average": self.average,
            "optimizers": {side: optimizer.state_dict() for side, optimizer in self.optimizers.items()},
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Restore the state of `state_dict` exactly."""
        with torch.no_grad():
            for side, vector in self.vectors.items():
                vector.copy_(saved["parameters"][side])
            for name, buffers in self.buffers.items():
                for key, buffer in buffers.items():
                    buffer.copy_(saved["buffers"][name][key])
            if self.average is not None:
                self.average.copy_(saved["average"])
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

    def _leaves(self, side: str) -> list[Tensor]:
        return [p for name, ps in self.state.items() if _side(name) == side for p in ps.values()]

    def _ema(self) -> Ema:
        assert self.variant.settings.ema is not None
        return self.variant.settings.ema

    def _over_replicas(
        self, function: Callable[[Nets, Batch], Losses], batch: Batch, noise: Tensor | None = None
    ) -> Losses:
        """`function` for every replica. Outputs have the replica axis first, except with a single replica."""
        extra, step = self._extra(noise)
        if self.n_replicas == 1:
            first = extra if noise is None else extra | {"noise": noise[0]}
            own = self.state if self.variant.imagines_updates else None
            return function(bound(self.modules, own, step, first), Batch(*(part[0] for part in batch)))
        state = {name: self.state[name] | self.buffers[name] for name in self.modules}
        return self._stacked(function, state, batch, extra, step)

    def _stacked(
        self,
        function: Callable[[Nets, Batch], Losses],
        state: Mapping[str, Parameters],
        batch: Batch,
        extra: Mapping[str, Any],
        step: Tensor | None,
    ) -> Losses:
        def single(state: Mapping[str, Parameters], batch: Batch, extra: Mapping[str, Any]) -> Losses:
            return function(bound(self.modules, state, step, extra), batch)

        result: Losses = vmap(single)(state, batch, extra)
        return result

    def _extra(self, noise: Tensor | None) -> tuple[dict[str, Any], Tensor | None]:
        """Further inputs of a loss, with the replica axis first, and the number of D's updates so far."""
        extra: dict[str, Any] = {} if noise is None else {"noise": noise}
        if not self.variant.imagines_updates:
            return extra, None
        side = "discriminator"
        step, moments = adam_state(self.optimizers[side], self.vectors[side], self.state[side])
        return extra | {"moments": moments}, step


def _side(network: str) -> str:
    return "discriminator" if network == "discriminator" else "generator"


def _optimizer(vector: Tensor, spec: AdamSpec | RMSpropSpec) -> Optimizer:
    if isinstance(spec, RMSpropSpec):
        return RMSprop([vector], lr=spec.learning_rate, alpha=spec.alpha, eps=spec.eps)
    beta1, beta2 = spec.betas
    return Adam(
        [vector], lr=spec.learning_rate, betas=(beta1, beta2), eps=spec.eps, weight_decay=spec.weight_decay, fused=True
    )
