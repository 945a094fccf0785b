"""params.yaml cut into pages: what each entry's page says, and that an edit changes no other page."""

import copy

import pytest
from tiny import params as valid

from modescope.params.config import ConfigError, Params
from modescope.plan.check import check
from modescope.plan.declared import remedies
from modescope.plan.pages import pages, remove_leftovers, write
from modescope.plan.studies import plans
from modescope.store import plan as store
from modescope.store.plan import ClassifierPage, DatasetPage, TrainingPage, read_page, read_reporting


def test_plans_say_what_each_study_needs():
    content = valid()
    content["datasets"]["unused"] = {"kind": "spiral"}
    ((study, plan),) = plans(check(content), {})
    assert study == plan["study"] == "latent"
    assert plan["title"] == "Latent dimension"
    assert plan["effort"] == 0.5
    assert plan["evaluation"] == {"samples": 100, "floor_repeats": 3}
    assert plan["metrics"] == {"modes": {}, "prdc": {"k": 50}}
    assert plan["datasets"] == {name: valid()["datasets"][name] for name in ("blob", "eight")}
    assert list(plan["experiments"]) == ["tiny", "other"]
    assert plan["experiments"]["tiny"]["arms"] == ["latent_dim=1", "latent_dim=2"]
    assert plan["experiments"]["other"]["arms"] == ["base"]
    assert plan["experiments"]["tiny"]["steps"] == 10
    assert plan["experiments"]["tiny"]["settings"] == check(content).experiments["tiny"].model_dump(exclude={"title"})


def test_names_for_readers_are_their_own_or_the_variants_and_are_no_settings():
    content = valid()
    before = pages(check(content))
    content["datasets"]["eight"]["title"] = "Ring of eight"
    content["experiments"]["tiny"]["title"] = "GAN, first try"
    after = pages(check(content))
    assert after["study/latent.json"]["titles"]["datasets"] == {"blob": "Blob", "eight": "Ring of eight"}
    assert after["study/latent.json"]["titles"]["experiments"]["tiny"] == "GAN, first try"
    changed = {path for path in after if after[path] != before[path]}
    assert changed == {"study/latent.json"}  # nothing is trained again for a name


def test_each_study_has_its_own_experiments_and_their_datasets():
    content = valid()
    content["studies"]["second"] = {"title": "Another article"}
    content["experiments"]["other"]["study"] = "second"
    by_study = dict(plans(Params.model_validate(content), {}))
    assert [(list(plan["experiments"]), list(plan["datasets"])) for plan in by_study.values()] == [
        (["tiny"], ["blob"]),
        (["other"], ["eight"]),
    ]


def test_where_the_code_is_shown_concerns_only_the_pages(tmp_path):
    content = valid()
    before = pages(check(content))
    content["report"] = {"source": "https://example.org/{commit}/{path}?plain#{line}"}
    after = pages(check(content))
    assert {path for path in after if after[path] != before[path]} == {"report.json"}
    write(tmp_path / store.FOLDER, after)
    assert read_reporting(tmp_path).source == content["report"]["source"]


def test_a_page_that_is_written_is_read_as_it_was(tmp_path):
    params = check(valid())
    write(tmp_path / store.FOLDER, pages(params))
    page = read_page(tmp_path, TrainingPage, "tiny")
    assert page.experiment == params.experiments["tiny"]
    assert (page.effort, page.samples) == (params.effort, params.evaluation.samples)
    assert read_page(tmp_path, DatasetPage, "blob").spec == valid()["datasets"]["blob"]
    assert store.read_studies(tmp_path) == ["latent"]
    assert store.read_plan(tmp_path, "latent") == dict(plans(params, remedies()))["latent"]


def test_a_page_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    write(tmp_path / store.FOLDER, pages(check(valid())))
    with pytest.raises(ConfigError, match=r"^plan/train/nobody\.json: there is no such page; allowed: other, tiny; "):
        read_page(tmp_path, TrainingPage, "nobody")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("experiments", "tiny", "steps"), 7, {"train/tiny.json", "study/latent.json"}),
        (("datasets", "blob", "n_train"), 70, {"dataset/blob.json", "study/latent.json"}),
        (("metrics", "modes"), {"hits": 3}, {"study/latent.json"}),
        (("studies", "latent", "title"), "Another", {"study/latent.json"}),
        (("effort",), 0.1, {"train/tiny.json", "train/other.json", "study/latent.json"}),
        (("evaluation", "floor_repeats"), 4, {"study/latent.json"}),
        (("studies", "latent", "samples"), 90, {"train/tiny.json", "train/other.json", "study/latent.json"}),
        (("classifiers", "reader", "steps"), 9, {"classifier/reader.json", "study/latent.json"}),
    ],
)
def test_an_edit_changes_the_pages_that_it_concerns_and_no_other(path, value, expected):
    original = valid() | {"classifiers": {"reader": {"study": "latent", "dataset": "digits"}}}
    original["datasets"]["digits"] = {"kind": "stacked_digits"}
    content = copy.deepcopy(original)
    *parents, last = path
    place = content
    for parent in parents:
        place = place[parent]
    place[last] = value
    before, after = (pages(Params.model_validate(c)) for c in (original, content))
    assert {name for name in before if before[name] != after[name]} == expected


def test_the_page_of_a_dataset_from_a_file_changes_with_the_file(tmp_path):
    content = valid()
    content["datasets"]["mine"] = {"kind": "points", "path": "a.csv", "columns": ["x"]}
    (tmp_path / "own").mkdir()
    found = []
    for rows in (90, 90, 91):
        (tmp_path / "own" / "a.csv").write_text("x\n" + "".join(f"{i}\n" for i in range(rows)))
        found.append(pages(check(content, tmp_path), tmp_path))
    assert list(found[0]["dataset/mine.json"]["files"]) == ["own/a.csv"]
    assert found[0] == found[1]
    assert {name for name in found[1] if found[1][name] != found[2][name]} == {"dataset/mine.json"}


def test_what_a_classifier_wrote_is_left_where_it_has_an_entry(tmp_path):
    content = valid()
    content["datasets"]["digits"] = {"kind": "stacked_digits"}
    content["classifiers"] = {"reader": {"study": "latent", "dataset": "digits", "steps": 7}}
    params = check(content)
    for name in ("reader", "gone"):
        (tmp_path / "runs" / "latent" / name).mkdir(parents=True)
    assert remove_leftovers(params, tmp_path) == ["runs/latent/gone"]
    assert (tmp_path / "runs" / "latent" / "reader").is_dir()
    write(tmp_path / store.FOLDER, pages(params))
    assert read_page(tmp_path, ClassifierPage, "reader").classifier == params.classifiers["reader"]
