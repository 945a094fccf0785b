"""What a frame of an animation costs: the same picture by matplotlib, and by writing into an index image.

python benchmarks/frames.py
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from modescope.figures import animation
from modescope.figures.canvas import Panel, draw
from modescope.figures.style import theme

FRAMES, POINTS, REAL = 120, 512, 2_000


def best(work: Callable[[], object], repeats: int = 5) -> float:
    """The least processor time of some repeats, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1e3 * min(times)


def main() -> None:
    """Print a line for one panel and one for five."""
    rng = np.random.default_rng(0)
    points, real = rng.normal(size=(FRAMES, POINTS, 2)) / 3, rng.normal(size=(REAL, 2)) / 3
    for n in (1, 5):
        panels = [Panel((-1, 1, -1, 1), real, "" if n == 1 else "title")] * n
        with theme():
            painter = animation._Painter(draw(panels, "heading"), panels)

        def matplotlib(panels: list[Panel] = panels) -> None:
            file = io.BytesIO()
            with theme():
                canvas = draw(panels, "heading")
                for ax in canvas.axes:
                    ax.scatter(real[:, 0], real[:, 1], s=4, c="grey", alpha=0.45)
                    ax.scatter(points[0, :, 0], points[0, :, 1], s=4, c="red", alpha=0.6)
                canvas.figure.savefig(file, format="png")
            Image.open(file).convert("RGB").quantize(64).save(io.BytesIO(), format="GIF")

        def drawn(painter: animation._Painter = painter, n: int = n) -> list[animation.Indices]:
            return [painter.frame([xy] * n, step) for step, xy in enumerate(points)]

        frames, usual = drawn(), best(matplotlib)
        draw_ms, encode_ms = best(drawn) / FRAMES, best(lambda frames=frames: animation._encode(iter(frames))) / FRAMES
        print(
            f"{n} panel(s): matplotlib {usual:.1f} ms a frame; here {draw_ms:.2f} ms to draw and {encode_ms:.2f} ms "
            f"to encode, {usual / (draw_ms + encode_ms):.0f} times less"
        )


if __name__ == "__main__":
    main()
