"""Scores and floors in long form: which runs, points and random numbers they use, whatever the number of workers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic_digits
import tiny
from scipy.spatial import KDTree

from modescope import datasets, evaluation, executors, metrics
from modescope.evaluation import evaluate, progress
from modescope.metrics.common import neighbours
from modescope.metrics.digits import counts
from modescope.metrics.modes import Modes
from modescope.seeding import stream
from modescope.store.runs import Runs

SPEC = {"kind": "gaussian", "dim": 2, "n_test": 60}
FAMILIES = {
    "moments": {},
    "encoding": {"k": 3},
    "prdc": {"k": 3},
    "distances": {"mmd_points": 30, "w2_points": 30, "projections": 5},
}
METRICS = ["mean_error", "std_ratio", "precision", "recall", "density", "coverage", "mmd2", "sliced_w2", "w2"]
ARMS, SEEDS = ["latent_dim=1", "latent_dim=1", "latent_dim=2", "latent_dim=2"], [0, 1, 0, 1]


def runs_of(name="tiny", diverged_at=(-1, -1, -1, -1), n_test=60):
    """Four runs of 80 samples, each with a different centre; NaN where diverged."""
    rng = np.random.default_rng(0)
    samples = rng.normal(np.arange(4)[:, None, None] / 4, 1, (4, 80, 2)).astype(np.float32)
    samples[np.array(diverged_at) >= 0] = np.nan
    return Runs(
        experiment=name,
        settings=tiny.experiment(),
        dataset=datasets.build(SPEC),
        real=rng.normal(size=(n_test, 2)).astype(np.float32),
        arm=ARMS,
        seed=SEEDS,
        samples=samples,
        snapshot_steps=np.array([0]),
        snapshots=samples[:, None, :3],
        diverged_at=list(diverged_at),
        data_sha256="",
        samples_sha256="",
    )


@pytest.fixture
def in_process(monkeypatch):
    """Runs comparisons in this process and returns the list of them."""
    asked = []

    def run(function, tasks, **_):
        asked.extend(tasks)
        return [function(task, lambda n: None) for task in tasks]

    monkeypatch.setattr(executors, "run", run)
    return asked


def evaluated(*runs, n_samples=50, floor_repeats=2, specs=None):
    specs = {"blob": SPEC} if specs is None else specs
    return evaluate("latent", runs, specs, FAMILIES, n_samples=n_samples, floor_repeats=floor_repeats)


def test_tables_have_a_row_for_each_run_and_metric(in_process):
    scores, floors = evaluated(runs_of("one"), runs_of("two"), floor_repeats=3)
    assert list(scores) == ["study", "experiment", "arm", "seed", "metric", "value"]
    assert list(floors) == ["study", "dataset", "repeat", "metric", "value"]
    assert list(scores[["experiment", "arm", "seed", "metric"]].itertuples(index=False, name=None)) == [
        (name, arm, seed, metric)
        for name in ("one", "two")
        for arm, seed in zip(ARMS, SEEDS, strict=True)
        for metric in METRICS
    ]
    assert list(floors[["dataset", "repeat", "metric"]].itertuples(index=False, name=None)) == [
        ("blob", repeat, metric) for repeat in range(3) for metric in METRICS
    ]
    assert set(scores["study"]) == set(floors["study"]) == {"latent"}
    assert np.isfinite(scores["value"]).all()


def test_scores_are_those_of_the_run_against_the_test_set(in_process):
    runs = runs_of()
    scores, _ = evaluated(runs)
    dataset, families = datasets.build(SPEC), metrics.build(FAMILIES)
    for row, (arm, seed) in enumerate(zip(ARMS, SEEDS, strict=True)):
        real, fake = runs.real[:50].astype(np.float64), runs.samples[row, :50].astype(np.float64)
        expected = metrics.score_all(families, real, fake, dataset, ("tiny", arm, seed, "evaluate"))
        found = scores[(scores["arm"] == arm) & (scores["seed"] == seed)]
        assert dict(zip(found["metric"], found["value"], strict=True)) == expected
    # each run is farther from the data than the one before
    assert scores.loc[scores["metric"] == "mean_error", "value"].is_monotonic_increasing


def test_diverged_runs_have_no_scores(in_process):
    scores, _ = evaluated(runs_of(diverged_at=(-1, 7, 1, -1)))
    assert list(dict.fromkeys(scores[["arm", "seed"]].itertuples(index=False, name=None))) == [
        ("latent_dim=1", 0),
        ("latent_dim=2", 1),
    ]
    scores, floors = evaluated(runs_of(diverged_at=(1, 1, 1, 1)))
    assert scores.empty
    assert list(scores) == ["study", "experiment", "arm", "seed", "metric", "value"]
    assert len(floors) == 2 * len(METRICS)


def test_a_run_is_scored_the_same_beside_others(in_process):
    alone, _ = evaluated(runs_of("one"))
    beside, _ = evaluated(runs_of("zero"), runs_of("one"))
    pd.testing.assert_frame_equal(beside[beside["experiment"] == "one"].reset_index(drop=True), alone)


def test_floors_are_repeated_draws_of_the_dataset(in_process):
    _, floors = evaluated(runs_of(), floor_repeats=4)
    by_repeat = floors[floors["metric"] == "mean_error"].set_index("repeat")["value"]
    assert by_repeat.nunique() == 4
    rng, dataset = stream("floor", "blob", 2, "points"), datasets.build(SPEC)
    a, b = dataset.sample(50, rng), dataset.sample(50, rng)
    spread = np.sqrt(np.mean(np.var(a, axis=0)))
    assert by_repeat[2] == pytest.approx(np.linalg.norm(a.mean(0) - b.mean(0)) / spread, rel=1e-12)
    # more repeats do not change the first ones
    pd.testing.assert_frame_equal(evaluated(floor_repeats=2)[1], floors[floors["repeat"] < 2])


@pytest.mark.parametrize(("n_samples", "n"), [(50, 50), (200, 60)])
def test_runs_and_floors_are_measured_on_equally_many_points(in_process, n_samples, n):
    """Neighbour and transport scores depend on the number of points; here the test set has 60 of them."""
    evaluated(runs_of(), n_samples=n_samples)
    sizes = {
        (comparison.n, comparison.n) if comparison.real is None else (len(comparison.real), len(comparison.fake))
        for comparison in in_process
    }
    assert sizes == {(n, n)}


def test_each_dataset_has_its_floor(in_process):
    specs = {"blob": SPEC, "wide": SPEC | {"std": 3.0}}
    _, floors = evaluated(runs_of(), specs=specs)
    assert list(dict.fromkeys(floors["dataset"])) == ["blob", "wide"]


def test_the_floor_of_data_from_files_is_one_half_of_the_test_set_against_the_other(in_process):
    spec = {"kind": "points", "path": "mine.csv", "columns": ["x", "y"], "window": [0, 1, 0, 1]}
    runs = runs_of()
    _, floors = evaluated(runs, floor_repeats=3, specs={"blob": spec})
    pairs = [(c.real, c.fake) for c in in_process if c.names[0] == "floor"]
    assert len(pairs) == 3
    for real, fake in pairs:
        both = np.concatenate([real, fake])
        assert len(real) == len(fake) == 30
        np.testing.assert_array_equal(both[np.lexsort(both.T)], runs.real[np.lexsort(runs.real.T)])
    assert not np.array_equal(pairs[0][0], pairs[1][0])
    assert floors[floors["metric"] == "mean_error"]["value"].gt(0).all()


ENCODING = ["code_coverage", "reconstruction_error", "recode_error"]


def with_views(**changes):
    """The four runs with views of 80 points, worse from run to run; the first test points repeat."""
    runs, rng = runs_of(**changes), np.random.default_rng(1)
    real, z = runs.real[np.arange(80) % len(runs.real)], rng.normal(size=(4, 80, 2)).astype(np.float32)
    worse = np.arange(4, dtype=np.float32)[:, None, None] / 4
    views = {"z": z, "codes": z[:, ::-1], "reconstructions": real + worse, "recodes": z + worse}
    return replace(runs, views=views)


def test_views_have_scores_of_their_own(in_process):
    runs = with_views()
    scores, floors = evaluated(runs)
    assert list(scores["metric"].unique()) == [*METRICS[:2], *ENCODING, *METRICS[2:]]
    assert set(floors["metric"]) == set(METRICS)
    for metric, x in (("reconstruction_error", runs.real[:50]), ("recode_error", None)):
        found = scores.loc[scores["metric"] == metric, "value"].to_numpy()
        against = [x if x is not None else runs.views["z"][row, :50] for row in range(4)]
        spread = [np.sqrt(np.var(points.astype(float), axis=0).mean()) for points in against]
        np.testing.assert_allclose(found, np.arange(4) / 4 / spread, rtol=1e-5, atol=1e-6)
    rest = scores[~scores["metric"].isin(ENCODING)].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, evaluated(runs_of())[0])


def test_runs_that_generate_nothing_have_only_the_scores_of_their_views(in_process):
    runs = with_views(diverged_at=(-1, 5, -1, -1))
    silent = replace(runs, samples=np.empty((4, 0, 2), np.float32))
    scores, _ = evaluated(silent)
    assert [*scores[["arm", "seed", "metric"]].itertuples(index=False, name=None)] == [
        (ARMS[row], SEEDS[row], metric) for row in (0, 2, 3) for metric in ENCODING
    ]
    both, _ = evaluated(runs)
    same = both[both["metric"].isin(ENCODING)].reset_index(drop=True)
    pd.testing.assert_frame_equal(scores, same)


def test_one_or_two_workers_give_the_same_tables(monkeypatch):
    tables = []
    for n_cores in (1, 2):
        monkeypatch.setattr(executors, "cores", lambda n=n_cores: n)
        tables.append(evaluated(runs_of(diverged_at=(-1, 3, -1, -1))))
    for one, two in zip(*tables, strict=True):
        pd.testing.assert_frame_equal(one, two, check_exact=True)
    monkeypatch.setattr(executors, "run", lambda function, tasks, **_: [function(t, lambda n: None) for t in tasks])
    for pooled, here in zip(tables[0], evaluated(runs_of(diverged_at=(-1, 3, -1, -1))), strict=True):
        pd.testing.assert_frame_equal(pooled, here, rtol=1e-9)  # here NumPy has AVX-512, if the processor has


def test_what_concerns_the_test_set_alone_is_computed_once(in_process, monkeypatch):
    """Four runs and two floors: the tree of the test set, and one for each generated or drawn set."""
    evaluation._shared.cache_clear()
    built = []
    monkeypatch.setattr(neighbours, "KDTree", lambda points: built.append(points) or KDTree(points))
    evaluated(runs_of())
    assert len(built) == 1 + 4 + 2 * 2
    evaluated(runs_of(), n_samples=40)  # other points, other trees
    assert len(built) == 2 * (1 + 4 + 2 * 2)


def test_score_reports_one_comparison_done():
    told = []
    evaluation.score(evaluation.Comparison(("a",), SPEC, {"moments": {}}, None, None, 20), told.append)
    assert told == [1]


# While a run trains

LINE = {"kind": "line", "n_modes": 5, "low": -0.5, "high": 0.5, "std": 0.005, "n_test": 60}  # sharp


def course(steps=(0, 10, 20, 30), **changes):
    """Four runs on a line of five modes; after every ten steps one more mode has a fifth of the points."""
    dataset = datasets.build(LINE)
    points = np.full((len(steps), 50, *dataset.shape), 9.0, np.float32)  # far from every mode
    for k in range(len(steps)):
        for mode in range(k):
            points[k, 10 * mode : 10 * mode + 10] = dataset.centres[mode]
    runs = replace(runs_of(), dataset=dataset, snapshot_steps=np.array(steps), snapshots=np.stack([points] * 4))
    return replace(runs, **changes)


def progressed(runs, families=None):
    spec = {runs.settings.dataset: LINE}
    return progress([runs], spec, {"moments": {}, "modes": {}} if families is None else families, "tiny")


def test_every_snapshot_is_scored_like_final_samples(in_process):
    runs = course()
    found = progressed(runs)
    assert list(found) == ["experiment", "arm", "seed", "step", *evaluation.PROGRESS["modes"]]
    keys = [(arm, seed, step) for arm, seed in zip(ARMS, SEEDS, strict=True) for step in (0, 10, 20, 30)]
    assert list(found[["arm", "seed", "step"]].itertuples(index=False, name=None)) == keys
    assert found["modes_covered"].tolist() == [0, 1, 2, 3] * 4
    assert found["high_quality_fraction"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6] * 4)
    assert set(found["experiment"]) == {"tiny"}
    last = Modes().score(None, runs.snapshots[2, 3].astype(np.float64), runs.dataset, None)
    for name in evaluation.PROGRESS["modes"]:
        assert found[name].iloc[-1] == last[name]


def test_the_settings_of_the_metric_are_those_of_the_final_score(in_process):
    assert progressed(course(), {"modes": {"share": 1.0}})["modes_covered"].tolist() == [0, 1, 2, 3] * 4
    strict = course(snapshots=course().snapshots[:, :, :49])  # the last mode has 9 of 49 points, less than a fifth
    strict.snapshots[:, -1, 20:] = 9.0
    strict.snapshots[:, -1, 20:29] = strict.dataset.centres[2]
    assert progressed(strict, {"modes": {"share": 1.0}})["modes_covered"].tolist()[3::4] == [2] * 4
    assert progressed(strict)["modes_covered"].tolist()[3::4] == [3] * 4


def test_a_diverged_run_is_scored_until_then(in_process):
    runs = course()
    runs.snapshots[1, 2:] = np.nan
    found = progressed(runs)
    assert found.groupby(["arm", "seed"], sort=False).size().tolist() == [4, 2, 4, 4]
    assert np.isfinite(found[evaluation.PROGRESS["modes"]]).all(axis=None)


def test_only_sharp_modes_are_resolved(in_process):
    broad = LINE | {"std": 0.1}
    runs = course(dataset=datasets.build(broad))
    found = progress([runs], {runs.settings.dataset: broad}, {"modes": {}}, "tiny")
    assert found["modes_resolved"].isna().all()
    assert found["modes_covered"].notna().all()


@pytest.mark.parametrize(
    ("changes", "families"),
    [
        ({"snapshot_steps": np.array([0, 30]), "snapshots": course().snapshots[:, :2]}, None),
        ({"snapshots": np.empty((4, 4, 0, 2), np.float32)}, None),  # nothing is generated
        ({"dataset": datasets.build(SPEC)}, None),  # no modes
        ({}, {"moments": {}}),  # modes are not among the metrics
    ],
)
def test_without_modes_or_snapshots_there_is_nothing_to_score(in_process, changes, families):
    found = progressed(course(**changes), families)
    assert found.empty
    assert list(found) == ["experiment", "arm", "seed", "step", *evaluation.PROGRESS["modes"]]


# Stacks of digits, which a classifier reads

STACKS, POINTS = {"kind": "stacked_digits", "n_test": 60}, 24


def on_stacks(snapshots=4, **changes):
    """Four runs on stacks: in run r all combinations below 10 (r + 1); a snapshot k has k of them."""
    samples = np.stack([synthetic_digits.stacks(np.arange(80) % (10 * (run + 1))) for run in range(4)])
    course = np.stack([synthetic_digits.stacks(np.arange(POINTS) % max(k, 1)) for k in range(snapshots)])
    course[0] = 0.0  # grey: the most probable digit is the first, with a probability of 0.1
    return replace(
        runs_of(),
        dataset=datasets.build(STACKS),
        real=synthetic_digits.stacks(np.arange(60)).astype(np.float32),
        samples=samples.astype(np.float32),
        snapshot_steps=np.arange(snapshots) * 10,
        snapshots=np.stack([course] * 4).astype(np.float32),
        classifier=synthetic_digits.classifier(),
        **changes,
    )


def evaluated_stacks(*runs, families=None, **options):
    families = {"moments": {}, "digits": {"points": 30}} if families is None else families
    return evaluate("modes", runs, {"blob": STACKS}, families, n_samples=50, floor_repeats=2, **options)


def test_stacks_are_scored_by_the_classifier_of_their_study(in_process):
    scores, floors = evaluated_stacks(on_stacks())
    found = scores[scores["metric"] == "modes_recognised"]["value"]
    assert found.tolist() == [10, 20, 30, 40]
    assert scores[scores["metric"] == "confident_fraction"]["value"].tolist() == [1.0] * 4
    assert set(floors["metric"]) > set(scores["metric"]) - {"rare_ratio"}


def test_other_metrics_of_stacks_do_not_depend_on_the_classifier(in_process):
    with_it, without = (evaluated_stacks(runs)[0] for runs in (on_stacks(), replace(on_stacks(), classifier=None)))
    assert set(without["metric"]) == {"mean_error", "std_ratio"}
    kept = with_it[with_it["metric"].isin(without["metric"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, without)


def test_there_is_a_floor_at_the_number_of_points_of_the_snapshots(in_process):
    _, floors = evaluated_stacks(on_stacks())
    wide = floors.pivot(index="repeat", columns="metric", values="value")
    names = evaluation.PROGRESS["digits"]
    assert {f"{name}_{POINTS}" for name in names} < set(wide)
    rng, dataset = stream("floor", "blob", 1, "points"), datasets.build(STACKS)
    _, fake = dataset.sample(50, rng), dataset.sample(50, rng)
    expected = counts(synthetic_digits.classifier().recognise(fake[:POINTS]), dataset)
    assert [wide.loc[1, f"{name}_{POINTS}"] for name in names] == [expected[name] for name in names]
    without = evaluated_stacks(on_stacks(), families={"moments": {}})[1]
    assert set(without["metric"]) == {"mean_error", "std_ratio"}


def test_no_floor_bears_a_number_of_points_that_it_does_not_have(in_process):
    options = {"n_samples": POINTS - 1, "floor_repeats": 1}
    _, floors = evaluate("modes", [on_stacks()], {"blob": STACKS}, {"digits": {"points": 30}}, **options)
    assert "modes_recognised" in set(floors["metric"])
    assert not floors["metric"].str.contains(str(POINTS)).any()


def test_snapshots_of_stacks_are_counted(in_process):
    found = progress([on_stacks()], {"blob": STACKS}, {"modes": {}, "digits": {}}, "tiny")
    assert list(found) == ["experiment", "arm", "seed", "step", *evaluation.PROGRESS["digits"]]
    assert found["modes_recognised"].tolist() == [1, 1, 2, 3] * 4
    assert found["modes_confident"].tolist() == [0, 1, 2, 3] * 4
    assert found["confident_fraction"].tolist() == [0, 1, 1, 1] * 4


def test_a_diverged_run_on_stacks_is_counted_until_then(in_process):
    runs = on_stacks()
    runs.snapshots[2, 1:] = np.nan
    found = progress([runs], {"blob": STACKS}, {"digits": {}}, "tiny")
    assert found.groupby(["arm", "seed"], sort=False).size().tolist() == [4, 4, 1, 4]


def test_stacks_beside_a_mixture_have_columns_of_their_own(in_process):
    specs = {"blob": STACKS, "line": LINE}
    line = replace(course(), experiment="line", settings=tiny.experiment(dataset="line"))
    found = progress([on_stacks(), line], specs, {"modes": {}, "digits": {}}, "tiny")
    of_modes, of_digits = evaluation.PROGRESS["modes"], evaluation.PROGRESS["digits"]
    assert list(found) == ["experiment", "arm", "seed", "step", *of_modes, *of_digits]
    stacked, mixed = found[found["experiment"] == "tiny"], found[found["experiment"] == "line"]
    assert stacked[of_modes].isna().all(axis=None)
    assert stacked[of_digits].notna().all(axis=None)
    assert mixed[of_digits].isna().all(axis=None)
    assert mixed[of_modes].notna().all(axis=None)


@pytest.mark.parametrize(
    ("runs", "families"),
    [
        (on_stacks(), {"modes": {}}),  # digits are not among the metrics
        (replace(on_stacks(), classifier=None), {"modes": {}, "digits": {}}),
        (on_stacks(snapshots=2), {"digits": {}}),
    ],
)
def test_without_a_classifier_or_snapshots_no_stacks_are_counted(in_process, runs, families):
    assert progress([runs], {"blob": STACKS}, families, "tiny").empty


def test_what_ties_void_has_no_rows_and_is_said(in_process, capsys):
    """The second run's real points pile up, so no mean over that dataset takes in what means nothing there."""
    tied = replace(runs_of("tied"), settings=tiny.experiment(dataset="tied"), real=np.zeros((60, 2), np.float32))
    scores, floors = evaluated(runs_of("one"), tied, specs={"blob": SPEC, "tied": SPEC})
    found = scores.groupby("experiment")["metric"].agg(set)
    assert found["one"] - found["tied"] == {"precision", "density", "coverage", "recall"} - found["tied"]
    assert {"precision", "density", "coverage"} <= found["one"] - found["tied"]
    assert "coverage" not in set(floors[floors["dataset"] == "tied"]["metric"])
    assert not scores["value"].isna().any()
    said = capsys.readouterr().err
    assert "latent: coverage is left out for tied: 50 of 50 real points coincide with another one" in said
    assert said.count("\n") == len(found["one"] - found["tied"])


def test_training_points_reach_the_families_that_need_them(in_process):
    train = np.random.default_rng(3).normal(size=(300, 2)).astype(np.float32)
    for training, expected in (({"blob": train}, {"c_t", "copied_share", "copied_z"}), ({}, set())):
        families = {"memorisation": {}, "moments": {}}
        scores, floors = evaluate(
            "latent", [runs_of()], {"blob": SPEC}, families, n_samples=50, floor_repeats=2, training=training
        )
        for table in (scores, floors):
            assert set(table["metric"]) == {"mean_error", "std_ratio"} | expected
    run = runs_of()
    copies = replace(run, samples=np.tile(train[:80], (4, 1, 1)))
    scores, _ = evaluate(
        "latent", [copies], {"blob": SPEC}, families, n_samples=50, floor_repeats=1, training={"blob": train}
    )
    assert set(scores[scores["metric"] == "copied_share"]["value"]) == {1.0}
