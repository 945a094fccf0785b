"""A small synthetic study in the form the pipeline produces: runs, scores and plan, without any training."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import synthetic_modes
from playwright.sync_api import Page

from modescope import datasets, studies
from modescope.evaluation import Course, score_course
from modescope.explorer import index, script, writing
from modescope.params.config import Experiment
from modescope.report import media, view
from modescope.report import site as site_files
from modescope.store import artifacts
from modescope.store.plan import RemedyPage
from modescope.store.runs import Runs, Scores

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES, STATIC = ROOT / "reports" / "templates", ROOT / "reports" / "static"

Open = Callable[..., Page]  # of the fixture `visit`: (page, width, **preferences) -> tab

DIMS = (1, 2, 3, 10, 100)
KINDS: dict[str, dict[str, Any]] = {
    "gaussian": {"kind": "gaussian"},
    "eight_gaussians": {"kind": "ring"},
    "spiral": {"kind": "spiral"},
}
MODES = {"modes_covered": 8.0, "modes_hit": 8.0, "high_quality_fraction": 0.99, "mode_kl": 0.0004, "mode_tv": 0.02}
COMMON = {"kl_qp": 0.0, "kl_qp_smoothed": 0.0, "nll_median": 2.5, "coverage": 0.969, "mean_error": 0.01, "mmd2": 0.0}
REMEDIES = {
    "bigan_pgp": RemedyPage(
        title="BiGAN + penalty",
        idea="D has a slope. G follows it.",
        source="Somebody 2018",
        link="https://example.org/paper",
        discriminator_tex=r"\operatorname{sp}(-D(x)) + \tfrac{\gamma}{2} \lVert \nabla D(x) \rVert^2 \\ g = G(z)",
        generator_tex=r"\operatorname{sp}(-D(g))",
        path="src/modescope/variants/bigan_pgp.py",
        line=3,
    )
}
LOST = {1: 5, 2: 0, 3: 1, 10: 1, 100: 2}
STEPS = 900
# Titles may be anything: markup, a formula of a spreadsheet, and what matplotlib would take for mathematics.
HOSTILE = '=$\\x$<b onclick="x()">\'&lt;</script><!--'
EXPLORED = ("eight_gaussians", "spiral")  # of these the site has runs in the explorer


def experiment(name: str) -> Experiment:
    """Settings of one experiment."""
    network = {"hidden": [256, 256, 256]}
    adam = {"learning_rate": 1e-3}
    return Experiment.model_validate(
        {
            "study": "latent",
            "dataset": name,
            "variant": "gan",
            "steps": 30_000,
            "seeds": 3,
            "discriminator_batch": 256,
            "generator_batch": 512,
            "networks": {"generator": network, "discriminator": network},
            "optimizers": {"generator": adam, "discriminator": adam},
            "snapshots": {"points": 400, "dense_until": 600, "dense_every": 20, "rest": 20},
            "sweep": {"latent_dim": list(DIMS)},
        }
    )


def runs(name: str, seeds: int = 3, steps: int = STEPS, samples: int = 1_000) -> Runs:
    """Runs whose points move in straight lines from the origin to the data; one latent dimension gives a curve."""
    rng = np.random.default_rng(len(name))
    dataset = datasets.build(KINDS[name])
    settings = experiment(name)
    schedule = np.array(settings.snapshots.schedule(steps))
    arm, seed, after, during = [], [], [], []
    for dim in DIMS:
        for repeat in range(seeds):
            arm.append(f"latent_dim={dim}")
            seed.append(repeat)
            points = dataset.sample(samples, rng)
            if dim == 1:
                angle = np.sort(rng.uniform(0, 2 * np.pi, samples))
                points = 1.2 * np.stack([np.cos(angle), np.sin(2 * angle)], axis=1)
            after.append(points)
            share = (schedule / steps)[:, None, None] ** 0.5
            during.append(share * points[: settings.snapshots.points] + 0.05 * rng.normal(size=(len(schedule), 1, 2)))
    diverged = [-1] * len(arm)
    diverged[-1] = 400  # the last seed with a hundred dimensions
    after[-1] = np.full_like(after[-1], np.nan)
    during[-1][schedule >= 400] = np.nan
    return Runs(
        experiment=f"latent_{name}",
        settings=settings,
        dataset=dataset,
        real=dataset.sample(2_000, rng).astype(np.float32),
        arm=arm,
        seed=seed,
        samples=np.array(after, dtype=np.float32),
        snapshot_steps=schedule,
        snapshots=np.array(during, dtype=np.float32),
        diverged_at=diverged,
        data_sha256="d" * 64,
        samples_sha256="5" * 64,
    )


def scores(names: tuple[str, ...] = tuple(KINDS), seeds: int = 3) -> Scores:
    """Scores in which two latent dimensions are best, one covers little, and more lose one or two modes."""
    rng = np.random.default_rng(0)
    rows, floors, diverged = [], [], {}
    for name in names:
        right = {**COMMON, "std_ratio": 1.0} | (
            {**MODES, "invalid_fraction": 0.011} if name == "eight_gaussians" else {}
        )
        floors += [
            ("latent", name, repeat, metric, value + (0 if metric.startswith("modes_") else 0.003 * rng.normal()))
            for repeat in range(20)
            for metric, value in right.items()
        ]
        for dim in DIMS:
            for seed in range(seeds):
                if dim == 100 and seed == 2:
                    diverged[(f"latent_{name}", f"latent_dim={dim}", seed)] = 400
                    continue
                off = {"kl_qp": 0.06, "kl_qp_smoothed": 0.04, "mean_error": 0.08, "invalid_fraction": 0.02 * LOST[dim]}
                found = {m: v + off.get(m, 0) * rng.uniform(0.5, 1.5) for m, v in right.items()}
                if dim == 1:
                    found |= {"kl_qp": np.inf if seed == 0 else 8 + rng.normal(), "coverage": 0.2 + 0.02 * rng.normal()}
                if "modes_covered" in found:
                    found |= {"modes_covered": 8.0 - LOST[dim], "all_modes_covered": float(LOST[dim] == 0)}
                rows += [("latent", f"latent_{name}", f"latent_dim={dim}", seed, m, v) for m, v in found.items()]
    return Scores(
        pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"]),
        pd.DataFrame(floors, columns=["study", "dataset", "repeat", "metric", "value"]),
        diverged,
        {f"latent_{name}": name for name in names},
        settings={f"latent_{name}": experiment(name).model_dump(mode="json") for name in names},
    )


def explored(name: str) -> Scores:
    """The scores with what the explorer needs besides: settings, and the modes of every snapshot."""
    found, made = scores((name,)), runs(name)
    table = []
    for row, (arm, seed) in enumerate(zip(made.arm, made.seed, strict=True)):
        course = score_course(Course(KINDS[name], {"modes": {}}, made.snapshots[row]), lambda n: None)
        table += [
            (made.experiment, arm, seed, int(step), covered)
            for step, covered in zip(made.snapshot_steps, course["modes_covered"], strict=True)
        ]
    columns = ["experiment", "arm", "seed", "step", "modes_covered"]
    settings = {made.experiment: experiment(name).model_dump(mode="json")}
    return replace(found, settings=settings, progress=pd.DataFrame(table, columns=columns))


def explore(folder: Path, name: str) -> dict[str, Any]:
    """Write the scripts of the explorer for a dataset; returns its item of explorer.json."""
    made, found, described = runs(name), explored(name), []
    counted = index.counting(plan(), found, name, made.dataset)
    scripts = {name: writing.real(made.real, made.dataset, counted)}
    for one in index.shown(found, name):
        entry, more = writing.entry(one, made, found, counted)
        described.append(entry)
        scripts |= more
    for file, content in scripts.items():
        artifacts.write_bytes(folder / script.FOLDER / f"{file}.js", script.write(f"latent/{file}", content))
    return index.field(plan(), found, name, made.dataset, described)


def plan(names: tuple[str, ...] = tuple(KINDS)) -> dict[str, Any]:
    """The plan of the study."""
    return {
        "study": "latent",
        "title": "Latent dimensions",
        "effort": 0.03,
        "evaluation": {"samples": 10_000, "floor_repeats": 20},
        "metrics": {"modes": {}, "divergence": {"k": 5}, "prdc": {"k": 5}, "distances": {}, "moments": {}},
        "experiments": {
            f"latent_{name}": {
                "settings": experiment(name).model_dump(mode="json"),
                "steps": STEPS,
                "arms": [f"latent_dim={dim}" for dim in DIMS],
            }
            for name in names
        },
        "datasets": {name: KINDS[name] for name in names},
    }


def modes_titled() -> Scores:
    """The made-up scores of `modes`, in which a remedy and a dataset have a title of markup."""
    modes = synthetic_modes.everything()
    titles = {**modes.experiment_titles, "modes_ring8_heavy_unrolled": HOSTILE}
    return replace(modes, experiment_titles=titles, dataset_titles={"swiss_roll": HOSTILE})


def site(folder: Path, names: tuple[str, ...] = tuple(KINDS)) -> Path:
    """Write the pages of this study and of `modes` (without pictures), with the media, and return index.html."""
    study, made_up = studies.build("latent"), replace(scores(names), dataset_titles={"gaussian": HOSTILE})
    described = []
    for figure in itertools.chain.from_iterable(
        study.figures({f"latent_{name}": runs(name) for name in names}, made_up)
    ):
        for name, content in media.files(figure):
            artifacts.write_bytes(folder / "media" / "latent" / name, content)
        described.append(media.describe(figure))
    shown = [explore(folder / "media" / "latent", name) for name in EXPLORED if name in names]
    artifacts.write_json(folder / "media" / "latent" / script.INDEX, shown)
    run = {"data_sha256": "d" * 64, "samples_sha256": "5" * 64}
    material = view.Material(plan(names), study, made_up, described, {f"latent_{name}": run for name in names})
    compared = view.Material(synthetic_modes.plan(), studies.build("modes"), modes_titled(), [], {})
    made = view.Provenance("0123abc", {"python": "3.12.0", "numpy": "2.4.6"}, "dvc repro")
    page = view.build([material, compared], REMEDIES, made, folder / "media")
    for path, content in site_files.files(page, TEMPLATES, STATIC, folder / "media"):
        artifacts.write_bytes(folder / "html" / path, content)
    return first_page(folder)


def first_page(folder: Path) -> Path:
    """Of the site in the folder."""
    return folder / "html" / "index.html"
