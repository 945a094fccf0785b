"""What a user may get wrong in params.yaml: one line that says where, what, and what is allowed."""

import copy
import sys
from pathlib import Path

import pytest
import tiny
from ruamel.yaml import YAML

from modescope import variants
from modescope.params import registry
from modescope.params.config import ConfigError
from modescope.params.reading import read
from modescope.plan.check import check
from modescope.plan.studies import plans

ROOT = Path(__file__).parents[2]
X = "experiments.tiny"
GONE = object()
NAME_RULE = "must be small letters, digits and underscores, beginning with a letter"
MAPPING = "must be a mapping, `key: value`"
NO_NUMBER, NO_INTEGER = "Input should be a valid number", "Input should be a valid integer"


valid = tiny.params


def changed(path, value):
    """The valid parameters with `value` at the path, or with the path gone."""
    content = copy.deepcopy(valid())
    *parents, last = path
    place = content
    for parent in parents:
        place = place[parent]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return content


def bad(path, value, *expected, key=None):
    """A case: path in the valid parameters, new value, and what the line must say; `key` is its path if another."""
    parts = path.split("/") if isinstance(path, str) else path
    shown = [part if part and f"_{part}".isidentifier() else repr(part) for part in parts]
    where = key or ".".join(shown)
    label = "gone" if value is GONE else str(value)[:30]
    return pytest.param(parts, value, where, expected, id=f"{'/'.join(shown)}={label}")


WRONG_NAMES = [
    "<script>",
    "../up",
    "Ring",
    "ring 8",
    "8ring",
    "ring-8",
    "",
    "a\nb",
    "a" * 61,
    "\u00fcber",
    "a/b",
    "\x1b[31m",
]
# Sections of params.yaml whose keys become files, links and headings, each with a valid entry.
ENTRIES = {
    "datasets": {"kind": "ring"},
    "metrics": {},
    "studies": {"title": "x"},
    "experiments": tiny.settings(),
}

CASES = [
    # unknown keys, at every level, and keys that are missing
    bad("efort", 1.0, "allowed: effort, evaluation, datasets, metrics, experiments, samplers, classifiers, studies, "),
    bad("line\nbreak", 1.0, "unknown key; allowed: effort, "),
    bad("evaluation/sample", 10, "unknown key; allowed: samples, floor_repeats"),
    bad("datasets/blob/sigma", 1.0, "unknown key; allowed: kind, title, n_train, n_test, seed, dim, std"),
    bad("metrics/prdc/n", 5, "unknown key; allowed: k"),
    bad("studies/latent/name", "x", "unknown key; allowed: title"),
    bad("experiments/tiny/step", 3, "unknown key; allowed: study, dataset, variant, steps, "),
    bad("experiments/tiny/networks/critic", {"hidden": [3]}, "unknown key; allowed: generator, discriminator, encoder"),
    bad(
        "experiments/tiny/networks/encoder",
        {"hidden": [3]},
        "variant gan has the networks generator, discriminator; networks gives generator, discriminator, encoder",
        key=X,
    ),
    bad("experiments/tiny/variant", "bigan", "variant bigan has the networks generator, encoder, discriminator", key=X),
    bad("experiments/tiny/variant", "gmn", "variant gmn has the networks generator; networks gives generator, ", key=X),
    bad("experiments/tiny/variant", "flow_matching", "has the networks generator; networks gives ", key=X),
    bad("experiments/tiny/networks/discriminator/batch_norm", True, "in one batch", key=f"{X}.networks"),
    bad("experiments/tiny/networks/generator/width", 3, "unknown key; allowed: kind, hidden, activation, "),
    bad("experiments/tiny/optimizers/generator/lr", 0.1, "unknown key; allowed: kind, learning_rate, betas, eps"),
    bad("experiments/tiny/latent", {"std": 1.0}, "unknown key; allowed: kind, low, high", key=f"{X}.latent.std"),
    bad("experiments/tiny/snapshots/every", 3, "unknown key; allowed: points, dense_until, dense_every, rest"),
    bad(
        "experiments/tiny/hyperparameters", {"gp": 1}, "unknown key; allowed: saturating", key=f"{X}.hyperparameters.gp"
    ),
    bad("effort", GONE, "missing; it must be given"),
    bad("datasets", GONE, "missing; it must be given"),
    bad("experiments/tiny/steps", GONE, "missing; it must be given"),
    bad("experiments/tiny/networks/generator", GONE, "networks gives discriminator", key=X),
    bad("experiments/tiny/optimizers/discriminator", GONE, "variant gan has a discriminator", key=X),
    bad("experiments/tiny/optimizers/discriminator/learning_rate", GONE, "missing; it must be given"),
    bad("studies/latent/title", GONE, "missing; it must be given"),
    # names of things that do not exist
    bad(
        "datasets/blob/kind",
        "moebius",
        "'moebius' is unknown; allowed: ",
    ),
    bad("datasets/blob/kind", "_mixture", "'_mixture' is unknown; allowed: bell, constant, gaussian, "),
    bad("datasets/blob/kind", "../ring", "'../ring' is unknown; allowed: bell, constant, gaussian, "),
    bad("datasets/blob/kind", 3, "3 is unknown; allowed: bell, constant, gaussian, "),
    bad("datasets/blob/kind", ["ring"], "['ring'] is unknown; allowed: bell, constant, gaussian, "),
    bad("datasets/blob/kind", GONE, "None is unknown; allowed: bell, constant, gaussian, "),
    bad("datasets/blob/kind", "x" * 500, "... is unknown; allowed: bell, constant, gaussian, "),
    bad("metrics/fid", {}, "'fid' is unknown; allowed: cells, digits, dirac, distances, divergence, encoding, line, "),
    bad("studies/lost", {"title": "Lost"}, "'lost' is unknown; allowed: "),
    bad("experiments/tiny/variant", "wgan_gpp", "'wgan_gpp' is unknown; allowed: "),
    bad("experiments/tiny/variant", "../gan", "'../gan'", NAME_RULE),
    bad("experiments/tiny/variant", "<script>", "'<script>'", NAME_RULE),
    bad("experiments/tiny/dataset", "ring9", "'ring9' is not one of the dataset entries: blob, eight"),
    bad("experiments/tiny/study", "modes", "'modes' is not one of the study entries: latent"),
    bad("datasets", {}, "'blob' is not one of the dataset entries: none", key=f"{X}.dataset"),
    # numbers out of their range
    bad("effort", 0, ": 0: ", "greater than 0"),
    bad("effort", -0.1, ": -0.1: ", "greater than 0"),
    bad("effort", 101, ": 101: ", "less than or equal to 100"),
    bad("effort", float("nan"), ": nan: ", "finite number"),
    bad("effort", float("inf"), ": inf: ", "finite number"),
    bad("evaluation/samples", 19, ": 19: ", "greater than or equal to 20"),
    bad("evaluation/floor_repeats", 1, ": 1: ", "greater than or equal to 2"),
    bad("report", {"source": "git@host:x/{commit}/{path}"}, "must be a link that begins", key="report.source"),
    bad("report", {"source": "https://x/{path}"}, "has {commit} and {path}", key="report.source"),
    bad("report", {"source": "https://x/{commit}/{path}/{0}"}, "and {line} if it can", key="report.source"),
    bad("datasets/blob/std", -1.0, ": -1.0: ", "greater than 0"),
    bad("datasets/blob/std", float("nan"), ": nan: ", "finite number"),
    bad("datasets/blob/n_test", 19, ": 19: ", "greater than or equal to 20"),
    bad("datasets/eight/weights", [1.0], "1 given for 8 modes", key="datasets.eight"),
    bad("metrics/prdc/k", 0, ": 0: ", "greater than or equal to 1"),
    bad("experiments/tiny/steps", 0, ": 0: ", "greater than or equal to 1"),
    bad("experiments/tiny/steps", -5, ": -5: ", "greater than or equal to 1"),
    bad("experiments/tiny/seeds", 0, ": 0: ", "greater than or equal to 1"),
    bad("experiments/tiny/latent_dim", 0, ": 0: ", "greater than or equal to 1"),
    bad("experiments/tiny/generator_batch", 0, ": 0: ", "greater than or equal to 1"),
    bad("experiments/tiny/networks/generator/hidden", [], ": []: ", "at least 1 item"),
    bad(
        "experiments/tiny/networks/generator/hidden",
        [4, 0],
        ": 0: ",
        "equal to 1",
        key=f"{X}.networks.generator.hidden.1",
    ),
    bad("experiments/tiny/optimizers/generator/learning_rate", 0.0, ": 0.0: ", "greater than 0"),
    bad(
        "experiments/tiny/optimizers/generator/betas",
        [0.5, 1.0],
        ": 1.0: ",
        "than 1",
        key=f"{X}.optimizers.generator.betas.1",
    ),
    bad("experiments/tiny/optimizers/generator/betas", [0.5], ": [0.5]: ", "at least 2 items"),
    bad("experiments/tiny/snapshots/rest", 0, ": 0: ", "greater than or equal to 1"),
    bad("experiments/tiny/latent", {"low": 1.0, "high": 0.0}, "low (1.0) must lie below high (0.0)"),
    # values of the wrong type
    bad("effort", "0.1", ": '0.1': ", NO_NUMBER),
    bad("effort", True, ": True: ", NO_NUMBER),
    bad("effort", None, ": None: ", NO_NUMBER),
    bad("evaluation", None, ": None: ", MAPPING),
    bad("evaluation/samples", "100", ": '100': ", NO_INTEGER),
    bad("datasets", [], ": []: ", MAPPING),
    bad("datasets/blob", None, ": None: ", MAPPING),
    bad("datasets/blob/std", True, ": True: ", NO_NUMBER),
    bad("datasets/blob/dim", 2.0, ": 2.0: ", NO_INTEGER),
    bad("metrics/prdc", 5, ": 5: ", MAPPING),
    bad("metrics/prdc/k", "5", ": '5': ", NO_INTEGER),
    bad("studies/latent", "Latent", ": 'Latent': ", MAPPING),
    bad("studies/latent/title", 3, ": 3: ", "valid string"),
    bad("studies/latent/title", "", ": '': ", "at least 1 character"),
    # control characters, and what turns the direction of writing around
    bad("studies/latent/title", "a\nb", "the character U+000A cannot be shown"),
    bad("datasets/blob/title", "a\x07b", "the character U+0007 cannot be shown"),
    bad("experiments/tiny/title", "a\u202eb", "the character U+202E cannot be shown"),
    bad("experiments", {}, ": {}: ", "at least 1 item"),
    bad("experiments/tiny", "x" * 500, "...: ", MAPPING),
    bad("experiments/tiny/steps", 2.5, ": 2.5: ", NO_INTEGER),
    bad("experiments/tiny/steps", 20.0, ": 20.0: ", NO_INTEGER),
    bad("experiments/tiny/steps", True, ": True: ", NO_INTEGER),
    bad("experiments/tiny/steps", "20", ": '20': ", NO_INTEGER),
    bad("experiments/tiny/seeds", [0, 1], ": [0, 1]: ", NO_INTEGER),
    bad(
        "experiments/tiny/networks/generator/activation",
        "gelu",
        ": 'gelu': ",
        "'relu', 'leaky_relu', 'tanh' or 'maxout'",
    ),
    bad("experiments/tiny/networks/generator/hidden", 256, ": 256: ", "valid list"),
    bad(
        "experiments/tiny/networks/generator",
        {"kind": "linear"},
        "a network of kind linear is a discriminator",
        key="experiments.tiny.networks",
    ),
    bad("experiments/tiny/optimizers/generator/kind", "lion", "'lion' is unknown; allowed: adam, rmsprop, sgd"),
    bad("experiments/tiny/optimizers/generator/learning_rate", "5e-3", ": '5e-3': ", NO_NUMBER),
    # what may be added
    bad("experiments/tiny/networks", {}, "networks gives none", key=X),
    bad("experiments/tiny/networks", None, ": None: ", MAPPING),
    bad("experiments/tiny/ema", {"decay": 1.0}, ": 1.0: ", "less than 1", key=f"{X}.ema.decay"),
    bad("experiments/tiny/instance_noise", {}, "missing; it must be given", key=f"{X}.instance_noise.std"),
    bad("experiments/tiny/instance_noise", {"std": 0.0}, ": 0.0: ", "than 0", key=f"{X}.instance_noise.std"),
    bad("experiments/tiny/snapshots/field", {"low": [0.0, 0.0]}, "missing", key=f"{X}.snapshots.field.high"),
    bad("experiments/tiny/snapshots/field", {"low": [0.0, 1.0], "high": [1.0, 1.0]}, "must lie below high"),
    # sweeps
    bad("experiments/tiny/sweep", {"latent_dims": [1]}, "'latent_dims' cannot be swept; allowed: the dotted name"),
    bad("experiments/tiny/sweep", {"steps": [10, 20]}, "'steps' cannot be swept; allowed: "),
    bad("experiments/tiny/sweep", {"latent_dim": []}, ": []: ", "at least 1 item", key=f"{X}.sweep.latent_dim"),
    bad("experiments/tiny/sweep", {"latent_dim": 3}, ": 3: ", "valid list", key=f"{X}.sweep.latent_dim"),
    bad("experiments/tiny/sweep", {"latent_dim": [1, 0]}, ": 0: ", "equal to 1", key=f"{X}.sweep.latent_dim"),
    bad("experiments/tiny/sweep", {"latent_dim": [1, True]}, ": True: ", NO_INTEGER, key=f"{X}.sweep.latent_dim"),
    bad(
        "experiments/tiny/sweep",
        {"latent_dim": [1, 1]},
        "{'latent_dim': [1, 1]} gives the same arm twice",
        "must differ",
    ),
    bad("experiments/tiny/sweep", {"latent.low": [0, 0.0]}, "{'latent.low': [0, 0.0]} gives the same arm twice"),
    bad(
        "experiments/tiny/sweep",
        {"hyperparameters.gp": [1]},
        "unknown key; allowed: saturating",
        key=f"{X}.sweep.hyperparameters.gp",
    ),
    bad("experiments/tiny/sweep", [1], ": [1]: ", MAPPING),
    # what one section asks of another
    bad("metrics/prdc", {"k": 100}, "needs 101 points with these settings; evaluation.samples gives 100"),
    bad("metrics/divergence", {"k": 5_000}, "needs 5,001 points"),
    bad(
        "datasets/blob",
        {"kind": "gaussian", "n_test": 49},
        "49 test points are too few; metrics.prdc needs 51",
        key="datasets.blob.n_test",
    ),
    bad(
        "datasets/blob",
        {"kind": "gaussian", "dim": 3},
        "'blob' has points of shape (3,)",
        "the study 'latent' takes (2,)",
        key=f"{X}.dataset",
    ),
    bad("evaluation", GONE, "missing; it must be given"),
    # names with anything but small letters, digits and underscores, where a file or a page would get them
    *(
        bad((section, name), entry, NAME_RULE if len(name) <= 60 else "at most 60 characters", repr(name)[:20])
        for section, entry in ENTRIES.items()
        for name in WRONG_NAMES
    ),
]


def refusal(content):
    with pytest.raises(ConfigError) as caught:
        check(content)
    return str(caught.value)


@pytest.mark.parametrize(("path", "value", "where", "expected"), CASES)
def test_a_bad_value_is_refused_in_one_line(path, value, where, expected):
    line = refusal(changed(path, value))
    assert line.startswith(where)
    assert line[len(where)] == ":"
    for part in expected:
        assert part in line
    assert line.isprintable()  # neither line breaks nor what a terminal would obey
    assert len(line) < 300


def test_the_valid_parameters_are_valid():
    assert check(valid()).experiments["tiny"].sweep == {"latent_dim": [1, 2]}


FIELD = {"low": [-1.0, -1.0], "high": [1.0, 1.0]}
OWN = """
import modescope.networks.dense
from modescope.variants import Variant

class Own(Variant):
    needs = {needs}

    def networks(self):
        shapes = {{"generator": ((2,), (2,)), "discriminator": ((4,), ())}}
        spec = self.shape("generator")
        return {{name: modescope.networks.dense.MLP(shapes[name][0], spec, shapes[name][1]) for name in self.needs}}

    def generator_loss(self, nets, batch):
        return {{}}
"""


@pytest.mark.parametrize(
    ("name", "needs", "has"),
    [
        ("own_pairs", ("generator", "discriminator"), "a discriminator of 4 input coordinates"),
        ("own_alone", ("generator",), "no discriminator"),
    ],
)
def test_a_field_needs_a_discriminator_of_the_plane(tmp_path, monkeypatch, name, needs, has):
    monkeypatch.setattr(variants, "__path__", [*variants.__path__, str(tmp_path)])
    (tmp_path / f"{name}.py").write_text(OWN.format(needs=needs))
    content = changed(["experiments", "tiny", "variant"], name)
    entry = content["experiments"]["tiny"]
    for section in ("networks", "optimizers"):
        entry[section] = {key: value for key, value in entry[section].items() if key in needs}
    check(content)
    entry["snapshots"]["field"] = FIELD
    assert refusal(content) == (f"{X}.snapshots.field: low gives 2 coordinates, this variant has {has}")
    sys.modules.pop(f"modescope.variants.{name}")


def test_a_field_of_the_plane_and_all_else_that_may_be_added_is_valid():
    content = valid()
    content["experiments"]["tiny"]["snapshots"]["field"] = FIELD
    content["experiments"]["tiny"] |= {"ema": {"decay": 0.9}, "instance_noise": {"std": 0.1}}
    params = check(content)
    ((_, plan),) = plans(params, {})
    assert plan["experiments"]["tiny"]["arms"] == [
        *("latent_dim=1", "latent_dim=2"),
        *("latent_dim=1,ema=0.9", "latent_dim=2,ema=0.9"),
    ]
    assert params.experiments["tiny"].snapshots.field.cells == 48


def with_sampler(name="drawn", **changes):
    """The valid parameters with another study, of a sampler on the line."""
    entry = {"study": "modes", "dataset": "line", "sampler": "inverse_transform", "seeds": 2}
    content = valid()
    content["datasets"]["line"], content["studies"]["modes"] = {"kind": "line"}, {"title": "Modes"}
    content["samplers"] = {name: entry | changes}
    return content


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (with_sampler(dataset="blob"), "samplers.drawn: sampler inverse_transform needs a quantile function; gaussian"),
        (with_sampler(dataset="gone"), "samplers.drawn.dataset: 'gone' is not one of the dataset entries: blob, eight"),
        (with_sampler(study="gone"), "samplers.drawn.study: 'gone' is not one of the study entries: latent, modes"),
        (with_sampler(study="latent"), "samplers.drawn.dataset: 'line' has points of shape (1,); the study 'latent'"),
        (with_sampler(sampler="dice"), "samplers.drawn.sampler: 'dice' is unknown; allowed: "),
        (with_sampler(settings={"speed": 1}), "samplers.drawn.settings.speed: unknown key; allowed: none"),
        (with_sampler(seeds=0), "samplers.drawn.seeds: 0: Input should be greater than or equal to 1"),
        (with_sampler(name="tiny"), "samplers.tiny: there is an experiment of that name; their runs would lie in one"),
        (with_sampler(name="../up"), "samplers.'../up': '../up': must be small letters"),
    ],
)
def test_a_bad_sampler_is_refused_in_one_line(content, line):
    assert refusal(content).startswith(line)


def test_a_sampler_is_in_the_plan_of_its_study():
    plan = dict(plans(check(with_sampler()), {}))["modes"]
    assert list(plan["datasets"]) == ["line"]
    assert plan["experiments"] == {
        "drawn": {
            "settings": {
                "study": "modes",
                "dataset": "line",
                "sampler": "inverse_transform",
                "seeds": 2,
                "settings": {},
            },
            "steps": 0,
            "arms": ["base"],
        }
    }


def test_the_parameters_of_this_repository_are_valid():
    content = read(ROOT / "params.yaml")
    params = check(content)
    assert set(params.experiments) == set(content["experiments"])
    assert {e.variant for e in params.experiments.values()} <= set(registry.names("variants"))


def test_numbers_with_exponents_and_whole_numbers_are_numbers(tmp_path):
    file = tmp_path / "params.yaml"
    content = valid()
    content["experiments"]["tiny"]["optimizers"]["generator"]["learning_rate"] = "RATE"
    with file.open("w") as stream:
        YAML(typ="safe", pure=True).dump(content, stream)
    file.write_text(file.read_text().replace("RATE", "5e-3").replace("effort: 0.5", "effort: 1"))
    params = check(read(file))
    assert params.experiments["tiny"].optimizers.generator.learning_rate == 0.005
    assert params.effort == 1.0


def test_check_leaves_what_it_is_given_alone():
    content = valid()
    check(content)
    assert content == valid()


def test_a_study_may_have_more_points_a_run():
    content = valid()
    content["studies"]["latent"]["samples"] = 400
    ((_, plan),) = plans(check(content), {})
    assert plan["evaluation"] == {"samples": 400, "floor_repeats": 3}
    content["studies"]["latent"]["samples"] = 40  # prdc, with 50 neighbours, needs 51
    assert refusal(content) == (
        "studies.latent.samples: 40 points are too few; metrics.prdc needs 51 with these settings"
    )
    content["studies"]["latent"]["samples"] = 19
    assert refusal(content).startswith("studies.latent.samples: 19: Input should be greater than or equal to 20")
