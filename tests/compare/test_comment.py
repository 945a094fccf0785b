"""The comment on a pull request: its text, nothing changed, sides that lack something, its length, and the command."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from dvc.utils.diff import diff

from modescope.__main__ import main
from modescope.compare import comment, markdown, view
from modescope.compare.numbers import changed
from modescope.compare.sides import COLUMNS, Side
from modescope.metrics import About
from modescope.report.sheets import VERDICTS
from modescope.store.plan import RemedyPage

ABOUT = {
    "modes_covered": About("modes covered", "How many.", "0 to n", "higher"),
    "w2": About("W2", "How far.", "0 upwards", "lower"),
}
DECLARED = {
    "gan": RemedyPage(
        title="Plain GAN", idea="", source="", link="", discriminator_tex="", generator_tex="", path="", line=1
    )
}
ME = ["-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false"]


def params(*experiments: str, steps: int = 10) -> dict[str, Any]:
    entries = {e: {"study": "modes", "dataset": "ring", "variant": "gan", "steps": steps} for e in experiments}
    return {
        "datasets": {"ring": {"kind": "ring", "title": "Ring of eight"}},
        "studies": {"modes": {"title": "Lost modes"}},
        "experiments": entries,
    }


def verdicts(**found: str) -> pd.DataFrame:
    rows = [("modes", key, "it helps.", "Ring", 1.0, 0.5, 1.5, 4, verdict, "") for key, verdict in found.items()]
    return pd.DataFrame(rows, columns=VERDICTS)


def side(name: str, values: dict[str, list[float]], table: pd.DataFrame | None, **settings: Any) -> Side:
    rows = [("modes", e, "base", i, "modes_covered", v) for e, found in values.items() for i, v in enumerate(found)]
    means = {e: sum(found) / len(found) for e, found in values.items()}
    return Side(
        name,
        f"{name} in words",
        params(*values, **settings),
        pd.DataFrame(rows, columns=COLUMNS),
        verdicts=table,
        metrics={"modes": {"claims": {"supported": 1}, "diverged": 0, "modes_covered": means}},
    )


def told(a: Side, b: Side) -> str:
    return comment.markdown(view.build(a, b, ABOUT, DECLARED))


def test_everything_that_can_change() -> None:
    a = side(
        "main", {"ring_gan": [4.0, 5.0, 4.0, 5.0], "ring_old": [2.0] * 6}, verdicts(x="inconclusive", y="supported")
    )
    after = {"ring_gan": [7.0, 8.5, 7.0, 8.0], "ring_new": [6.0, 7.0, 8.0]}
    b = side("HEAD", after, verdicts(x="supported", z="supported"), steps=20)
    assert told(a, b) == EVERYTHING


def test_nothing_changed() -> None:
    a = side("main", {"ring_gan": [4.0, 5.0], "ring_r1": [7.0]}, verdicts(x="supported"))
    assert told(a, replace(a, name="HEAD")) == NOTHING


def test_what_cannot_be_compared_is_not_called_unchanged() -> None:
    a, b = side("main", {"ring_gan": [4.0, 5.0]}, None), side("HEAD", {"ring_gan": [4.0, 5.0]}, verdicts(x="supported"))
    assert "### The base and the head have the same scores\n" in told(a, b)
    assert "**Verdicts**: Verdicts cannot be compared: the base has no table of them.\n" in told(a, b)
    assert "neither the base nor the head has a table of them" in told(a, a)
    empty = side("HEAD", {}, verdicts(x="supported"))
    text = told(replace(a, missing=["modes has no scores."]), empty)
    assert "### No measure of the base and the head can be compared; 1 arm is gone; 1 setting differs\n" in text
    assert "\n- Base: modes has no scores.\n" in text


def test_no_difference_is_significant() -> None:
    a, b = side("main", {"ring_gan": [4.0, 5.0]}, None), side("HEAD", {"ring_gan": [5.0, 4.0]}, None)
    assert "### No measure differs significantly between the base and the head\n" in told(a, b)
    assert "**Significant differences**" not in told(a, b)


def test_it_is_never_longer_than_github_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"ring_{'x' * 50}{i}" for i in range(240)]
    a = side("main", {n: [1.0, 1.1, 1.2] for n in names[:120]}, verdicts(**dict.fromkeys(names, "supported")))
    after = side("HEAD", {n: [5.0, 5.1, 5.3] for n in names}, verdicts(**dict.fromkeys(names, "contradicted")))
    text = told(a, after)
    assert 10_000 < len(text) <= comment.LIMIT
    assert text.startswith(
        "<!-- modescope changes -->\n\n### The head is better in 120 measures and worse in none; 240 "
    )
    assert "<details><summary>240 rows</summary>" in text
    assert text.count("… and 140 rows more.") == 2  # verdicts, and numbers of metrics.json
    assert text.count("<details>") == text.count("</details>") == 4
    monkeypatch.setattr(comment, "LIMIT", len(text) - 1)
    shorter = told(a, after)
    assert 5_000 < len(shorter) < len(text)
    assert shorter.count("… and 200 rows more.") == 2


@pytest.mark.parametrize(
    ("words", "escaped"),
    [
        ("<b>a|b</b> [x](y)", r"\<b\>a\|b\</b\> \[x\](y)"),
        ("@someone fixes #12", "@&#8203;someone fixes #&#8203;12"),
        ("see http://x.org, www.x.org", "see http://&#8203;x.org, www.&#8203;x.org"),
        ("a_b*c `d`\n$e$ &amp; \\", r"a\_b\*c \`d\` \$e\$ \&amp; \\"),
    ],
)
def test_words_stay_words(words: str, escaped: str) -> None:
    assert markdown.text(words) == escaped


def test_code_is_fenced_and_a_pipe_ends_no_cell() -> None:
    assert [markdown.code(name) for name in ("a_b", "a`b", "`a", "")] == ["`a_b`", "``a`b``", "`` `a ``", ""]
    assert markdown.table(["x"], [["`a|b`"], [r"c\|d"]]).splitlines() == [
        "| x |",
        "| --- |",
        r"| `a\|b` |",
        r"| c\|d |",
    ]


def test_numbers_are_those_of_dvc() -> None:
    a = {"modes": {"claims": {"supported": 1, "open": 3}, "modes_covered": {"gan": 0.5, "old": 2.0}}}
    b = {"modes": {"claims": {"supported": 2, "open": 3}, "modes_covered": {"gan": 0.25, "new": 2.0}}}
    theirs = diff({"metrics.json": {"data": a}}, {"metrics.json": {"data": b}})["metrics.json"]
    ours = changed(a, b)
    assert {c.key: (c.a, c.b) for c in ours} == {key: (d["old"], d["new"]) for key, d in theirs.items()}
    assert [c.key for c in ours] == sorted(theirs)
    assert [c.cells for c in ours] == [("1", "2", "+1"), ("0.5", "0.25", "−0.25"), ("–", "2", "–"), ("2", "–", "–")]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, and a workspace in which the scores have changed."""
    monkeypatch.chdir(tmp_path)
    a = side("a", {"ring_gan": [4.0, 5.0, 4.0, 5.0]}, verdicts(x="inconclusive"))
    b = side("b", {"ring_gan": [7.0, 8.5, 7.0, 8.0]}, verdicts(x="supported"))
    (tmp_path / "scores").mkdir()
    for one in (a, b):
        (tmp_path / "params.yaml").write_text(json.dumps(one.params), encoding="utf-8")  # JSON is YAML
        (tmp_path / "metrics.json").write_text(json.dumps(one.metrics), encoding="utf-8")
        one.scores.to_csv(tmp_path / "scores" / "modes.csv", index=False)
        assert one.verdicts is not None
        one.verdicts.to_csv(tmp_path / "verdicts.csv", index=False)
        if one is a:
            for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "A | <b>"]):
                subprocess.run(["git", *ME, *command], check=True)
    return tmp_path


def test_the_command_in_a_repository(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", "--base", "HEAD"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(
        "<!-- modescope changes -->\n\n### The head is better in 1 measure and worse in none; 1 verdict changed\n"
    )
    sides = r"From `HEAD` \(\w+ of [\d-]+: A \\\| \\<b\\>\) to `workspace` \(the workspace as it is\)"
    assert re.search(sides, text)
    assert "| Lost modes | Ring: it helps. | **inconclusive**<br>1 [0.5, 1.5] | **supported**<br>1 [0.5, 1.5] |" in text
    assert "🟢 better | 4.5 | 7.62 | 3.12 [2.73, 3.52] |" in text
    assert "| `modes.modes_covered.ring_gan` | 4.5 | 7.625 | +3.125 |" in text
    assert main(["changes", "--base", "HEAD", "--head", "HEAD"]) == 0
    assert "### Nothing changed" in capsys.readouterr().out


def test_mistakes_are_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*arguments: str) -> str:
        assert main(["changes", *arguments]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        return line

    assert said("--base", "nowhere").startswith("modescope: --base nowhere: no such revision; allowed: ")
    assert said("--base", "HEAD", "--head", "").startswith("modescope: --head : no such revision; allowed: ")
    (project / "verdicts.csv").write_text("study\nx\n", encoding="utf-8")
    assert said("--base", "HEAD").startswith("modescope: --head workspace: verdicts.csv: not a table of verdicts: ")
    (project / "verdicts.csv").unlink()
    (project / "metrics.json").write_text("{", encoding="utf-8")
    assert said("--base", "HEAD").startswith("modescope: --head workspace: metrics.json: not valid JSON: ")
    with monkeypatch.context() as without:
        without.setenv("PATH", "")
        assert said("--base", "HEAD") == "modescope: git: not installed; a revision is read with it"
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    (project / ".git").rename(project / "git")
    assert said("--base", "HEAD") == "modescope: --base HEAD: no git repository here, so only workspace can be read"


EVERYTHING = """\
<!-- modescope changes -->

### The head is better in 1 measure and worse in none; 1 verdict changed; 1 arm is new; 1 arm is gone; 3 settings \
differ

From `main` (main in words) to `HEAD` (HEAD in words).

Both sides have 1 measure (each the mean of a metric over the seeds of an arm): 1 differs with an interval that \
excludes 0 (in the head 1 better), none differ with one that does not, none are equal.

**Verdicts**: 1 of 1 verdict changed; 1 claim is judged in the base only and 1 claim is judged in the head only.

| Study | Claim | Base | Head |
| --- | --- | --- | --- |
| Lost modes | Ring: it helps. | **inconclusive**<br>1 [0.5, 1.5] | **supported**<br>1 [0.5, 1.5] |

**Significant differences**

| Data: arm | Metric | In the head | Base | Head | Difference |
| --- | --- | --- | ---: | ---: | ---: |
| Ring of eight: Plain GAN<br>`ring_gan` `base` | modes covered | 🟢 better | 4.5 | 7.62 | 3.12 [2.73, 3.52] |

**New**: 1 arm

| Study | Data: arm | Metric | Mean | Seeds |
| --- | --- | --- | ---: | ---: |
| Lost modes | Ring of eight: Plain GAN<br>`ring_new` `base` | modes covered | 7 [4.52, 9.48] | 3 |

**Removed**: 1 arm

| Study | Data: arm | Metric | Mean | Seeds |
| --- | --- | --- | ---: | ---: |
| Lost modes | Ring of eight: Plain GAN<br>`ring_old` `base` | modes covered | 2 [2, 2] | 6 |

**Settings**: `experiments.ring_gan.steps`: `10` → `20`; `experiments.ring_new` is new; `experiments.ring_old` is \
gone.

**metrics.json**

| Metric | Base | Head | Change |
| --- | ---: | ---: | ---: |
| `modes.modes_covered.ring_gan` | 4.5 | 7.625 | +3.125 |
| `modes.modes_covered.ring_new` | – | 7 | – |
| `modes.modes_covered.ring_old` | 2 | – | – |

Made by `python -m modescope changes --base main --head HEAD`; `make compare A=main B=HEAD` draws a page with \
figures side by side.
"""
NOTHING = """\
<!-- modescope changes -->

### Nothing changed

From `main` (main in words) to `HEAD` (main in words).

Both sides have 2 measures (each the mean of a metric over the seeds of an arm), equal seed by seed.

**Verdicts**: None of 1 verdict changed.

Made by `python -m modescope changes --base main --head HEAD`; `make compare A=main B=HEAD` draws a page with \
figures side by side.
"""
