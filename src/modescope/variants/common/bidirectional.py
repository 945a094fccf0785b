"""Networks, logits and views of all variants with an encoder and a discriminator of pairs (x, z)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor

from modescope.networks.dense import Network
from modescope.variants import Batch, Nets, Variant

Pairs = tuple[Tensor, Tensor]  # x (batch, *data shape) and z (batch, latent_dim)


class Bidirectional(Variant):
    """A generator z -> x, an encoder x -> z, and a discriminator of pairs D(x, z) -> logit."""

    needs: ClassVar[tuple[str, ...]] = ("generator", "encoder", "discriminator")

    def networks(self) -> dict[str, Network]:
        """G, E and D, uninitialised; D joins x and z at its input, or z to the last feature maps of an image."""
        latent, data = (self.settings.latent_dim,), self.data_shape
        return {
            "generator": self.network("generator", [latent], data),
            "encoder": self.network("encoder", [data], latent),
            "discriminator": self.network("discriminator", [data, latent], ()),
        }

    def views(self, nets: Nets, batch: Batch) -> dict[str, Tensor]:
        """G(z), E(x), and the reconstructions of both: G(E(x)), E(G(z))."""
        samples, codes = nets["generator"](batch.z), nets["encoder"](batch.x_real)
        return {
            "samples": samples,
            "codes": codes,
            "reconstructions": nets["generator"](codes),
            "recodes": nets["encoder"](samples),
        }


def real_and_fake_pairs(discriminator: Callable[..., Tensor], real: Pairs, fake: Pairs) -> tuple[Tensor, Tensor]:
    """D(x, E(x)) and D(G(z), z), (batch,) each, from one pass, as `real_and_fake` for points."""
    logits = discriminator(torch.cat([real[0], fake[0]]), torch.cat([real[1], fake[1]]))
    logits_real, logits_fake = torch.split(logits, [len(real[0]), len(fake[0])])
    return logits_real, logits_fake
