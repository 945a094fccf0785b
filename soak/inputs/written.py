"""Files of points for the cases of tables, and the commands that read them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Make = Callable[[Path], Sequence[str]]
POINTS = np.array([[i / 8 + 1, i * i / 16 - 3] for i in range(24)])  # exact in binary, so short in decimal
CHECKED = """\
effort: 1
evaluation: {samples: 20, floor_repeats: 2}
datasets:
  mine: {kind: points, path: FILE, columns: [x, y], window: [0, 9, -9, 99]}
metrics: {moments: {}}
studies: {latent: {title: Latent dimension}}
samplers: {}
classifiers: {}
experiments:
  one:
    study: latent
    dataset: mine
    variant: gan
    steps: 10
    seeds: 1
    latent_dim: 2
    discriminator_batch: 8
    generator_batch: 8
    networks: {generator: {hidden: [4]}, discriminator: {hidden: [4]}}
    optimizers: {generator: {learning_rate: 0.01}, discriminator: {learning_rate: 0.01}}
"""


def score(content: str | bytes, *options: str, name: str = "real.csv", fake: NDArray[np.float64] = POINTS) -> Make:
    """`score` of a file with this content against a plain array."""

    def make(folder: Path) -> Sequence[str]:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        np.save(folder / "fake.npy", fake)
        return ["score", "--real", name, "--fake", "fake.npy", "--metrics", "moments", "--repeats", "1", *options]

    return make


def check(content: str | bytes, name: str) -> Make:
    """`check` of a dataset of the columns x and y."""

    def make(folder: Path) -> Sequence[str]:
        (folder / "own").mkdir()
        (folder / "footage").mkdir()
        file = folder / "own" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        (folder / "params.yaml").write_text(CHECKED.replace("FILE", name), encoding="utf-8")
        return ["check", "params.yaml"]

    return make


def lines(separator: str = ",", decimal: str = ".", names: str = "", points: Iterable[Sequence[float]] = POINTS) -> str:
    """A table in text."""
    rows = [separator.join(repr(float(x)).replace(".", decimal) for x in point) for point in points]
    return "".join(f"{row}\n" for row in ([names] if names else []) + rows)


def numbered(names: str = ",x,y") -> str:
    """A table of which the first column numbers the rows."""
    rows = [f"{i},{line}\n" for i, line in enumerate(lines().splitlines())]
    return "".join([f"{names}\n" if names else "", *rows])


def array(**kept: NDArray[np.generic]) -> bytes:
    """An npz."""
    file = io.BytesIO()
    np.savez_compressed(file, **kept)
    return file.getvalue()


def npy(shape: tuple[int, ...], content: bytes = b"") -> bytes:
    """An npy of double precision that claims this shape."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue() + content


def zipped(name: str, *parts: bytes, times: int = 1) -> bytes:
    """A zip archive of one member: the parts, the last one as often as `times` says."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as member,
    ):
        for part in (*parts, *parts[-1:] * (times - 1)):
            member.write(part)
    return file.getvalue()


class Loud:
    """Writes a file when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (Path("executed"),)
