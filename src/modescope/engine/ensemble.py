"""Trains many replicas of a variant together, although its losses are written for a single model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import grad, stack_module_state, vmap

from modescope.engine import optimisers
from modescope.engine.binding import bound
from modescope.engine.replay import Call
from modescope.engine.tracing import Traced, calls
from modescope.networks.dense import Network
from modescope.params.settings import Ema
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
        # network -> parameter -> (R, ...), or (...) for one replica; the same for buffers
        self.state: dict[str, Parameters] = {}
        self.buffers: dict[str, Parameters] = {}
        for name, module in self.modules.items():
            if self.n_replicas == 1:
                parameters, buffers = dict(module.named_parameters()), dict(module.named_buffers())
            else:
                parameters, buffers = stack_module_state([r[name] for r in replicas])
            self.state[name] = {key: value.detach() for key, value in parameters.items()}
            self.buffers[name] = buffers
        # The parameters of a side are views of one vector, so the optimiser has one tensor instead of a dozen.
        self.vectors = {side: self._flatten(side) for side in self.sides}
        settings = variant.settings
        self.optimizers = {
            side: optimisers.build(vector, getattr(settings.optimizers, side)) for side, vector in self.vectors.items()
        }
        self.average = None if settings.ema is None else self.vectors["generator"].detach().clone()
        self.traced = {
            side: Traced(
                partial(self.gradient, side), self._split(vector.grad, side), device, partial(self._step, side)
            )
            for side, vector in self.vectors.items()
        }
        self.afterwards = {side: self._afterwards(side) for side in self.sides}

    def update(self, side: str, batch: Batch, noise: Tensor | None = None) -> Losses:
        """One optimiser step of `side` on the sum of the variant's loss terms.

        `batch` and `noise` have the replica axis first, (R, batch, ...); `noise` is added to the generator's
        output. Returns the terms, each (R,), detached.
        """
        terms = self.traced[side](*batch, noise)
        return {name: term.reshape(self.n_replicas) for name, term in terms.items()}

    def gradient(self, side: str, *inputs: Tensor | None) -> tuple[list[Tensor], Losses]:
        """(gradients, terms) of all replicas for (x_real, z, uniform, noise), each (R, batch, ...), by autograd.

        Replicas share no parameters, so the gradient of the sum over replicas is that of each.
        """
        *parts, noise = inputs
        own = [(name, key) for name, ps in self.state.items() if _side(name) == side for key in ps]
        batch = Batch(*(part for part in parts if part is not None))

        def total(leaves: Sequence[Tensor]) -> tuple[Tensor, Losses]:
            state = {name: self.state[name] | self.buffers[name] for name in self.modules}
            for (name, key), leaf in zip(own, leaves, strict=True):
                state[name][key] = leaf
            terms = self._over_replicas(self._loss(side), batch, noise, state)
            return torch.stack([term for name, term in terms.items() if name not in self.variant.logged]).sum(), terms

        found: tuple[list[Tensor], Losses] = grad(total, has_aux=True)(self._leaves(side))
        return found

    def _step(self, side: str) -> None:
        """What an update does with the gradients; on tensors that stay where they are, as it may be captured."""
        self.optimizers[side].step()
        for call in self.afterwards[side]:
            call()
        if self.average is not None and side == "generator":
            self.average.lerp_(self.vectors["generator"], 1 - self._ema().decay)

    def _loss(self, side: str) -> Callable[[Nets, Batch], Losses]:
        return self.variant.discriminator_loss if side == "discriminator" else self.variant.generator_loss

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

    def finite(self) -> dict[str, Tensor]:
        """By network, whether all its parameters are finite in each replica, (R,) of bool."""
        return {
            name: torch.stack([p.reshape(self.n_replicas, -1).isfinite().all(1) for p in parameters.values()]).all(0)
            for name, parameters in self.state.items()
        }

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
            "optimizers": {side: optimizer.state for side, optimizer in self.optimizers.items()},
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
                optimizer.load(saved["optimizers"][side])

    def _initialised(self, rng: np.random.Generator) -> dict[str, Network]:
        networks = self.variant.networks()
        for module in networks.values():
            module.initialise(rng)
            module.to(self.device)
        return networks

    def _flatten(self, side: str) -> Tensor:
        leaves = self._leaves(side)
        vector = torch.cat([leaf.reshape(-1) for leaf in leaves])
        vector.grad = torch.zeros_like(vector)
        for leaf, part in zip(leaves, self._split(vector, side), strict=True):
            leaf.data = part
        return vector

    def _split(self, vector: Tensor | None, side: str) -> list[Tensor]:
        """The parts of a vector that belong to each parameter of a side, in its shape."""
        assert vector is not None
        leaves = self._leaves(side)
        parts = torch.split(vector, [leaf.numel() for leaf in leaves])
        return [part.view(leaf.shape) for leaf, part in zip(leaves, parts, strict=True)]

    def _afterwards(self, side: str) -> list[Call]:
        """The variant's `after_update`, recorded."""
        state = {name: self.state[name] | self.buffers[name] for name in self.modules}
        tensors = [tensor for named in state.values() for tensor in named.values()]
        before = [tensor.clone() for tensor in tensors]  # it changes them when it is recorded
        found = calls(partial(self.variant.after_update, side, state), self.device)
        for tensor, value in zip(tensors, before, strict=True):
            tensor.copy_(value)
        return found

    def _leaves(self, side: str) -> list[Tensor]:
        return [p for name, ps in self.state.items() if _side(name) == side for p in ps.values()]

    def _ema(self) -> Ema:
        assert self.variant.settings.ema is not None
        return self.variant.settings.ema

    def _over_replicas(
        self,
        function: Callable[[Nets, Batch], Losses],
        batch: Batch,
        noise: Tensor | None = None,
        state: Mapping[str, Parameters] | None = None,
    ) -> Losses:
        """`function` for every replica. Outputs have the replica axis first, except with a single replica."""
        extra, step = self._extra(noise)

        def single(state: Mapping[str, Parameters], batch: Batch, extra: Mapping[str, Any]) -> Losses:
            return function(bound(self.modules, state, step, extra), batch)

        if state is None:
            state = {name: self.state[name] | self.buffers[name] for name in self.modules}
        if self.n_replicas == 1:
            first = extra if noise is None else extra | {"noise": noise[0]}
            return single(state, Batch(*(part[0] for part in batch)), first)
        result: Losses = vmap(single)(state, batch, extra)
        return result

    def _extra(self, noise: Tensor | None) -> tuple[dict[str, Any], Tensor | None]:
        """Further inputs of a loss, with the replica axis first, and the number of D's updates so far."""
        extra: dict[str, Any] = {} if noise is None else {"noise": noise}
        if not self.variant.imagines_updates:
            return extra, None
        saved, own = self.optimizers["discriminator"].state, self.state["discriminator"]
        moments = {
            part: dict(zip(own, self._split(saved[part], "discriminator"), strict=True)) if part in saved else {}
            for part in ("m", "v")
        }
        return extra | {"moments": moments}, saved["step"]


def _side(network: str) -> str:
    return "discriminator" if network == "discriminator" else "generator"
