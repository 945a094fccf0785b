"""params.yaml as it should not be: hostile YAML, entries that cannot be, too large sizes, odd surroundings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from soak.case import Case

Make = Callable[[Path], Sequence[str]]

VALID = """\
effort: 0.1
evaluation: {samples: 200, floor_repeats: 2}
datasets:
  eight: {kind: ring, n_modes: 8, n_train: 500, n_test: 500}
  mine: {kind: points, path: mine.csv, columns: [x, y], window: [-1, 2, -1, 2]}
metrics: {modes: {}, prdc: {}}
studies: {latent: {title: Latent dimension}}
samplers: {}
classifiers: {}
experiments:
  plain: &plain
    study: latent
    dataset: eight
    variant: gan
    steps: 100
    seeds: 2
    latent_dim: 2
    discriminator_batch: 32
    generator_batch: 32
    networks: {generator: {hidden: [16]}, discriminator: {hidden: [16]}}
    optimizers: {generator: {learning_rate: 1e-3}, discriminator: {learning_rate: 1e-3}}
  wide: {<<: *plain, latent_dim: 3}
"""
POINTS = "x,y\n" + "".join(f"{i % 7 / 7},{i % 11 / 11}\n" for i in range(100))


def check(content: str | bytes, *options: str) -> Make:
    """`check` of a file with this content."""

    def make(folder: Path) -> Sequence[str]:
        data = content.encode() if isinstance(content, str) else content
        (folder / "params.yaml").write_bytes(data)
        (folder / "own").mkdir()
        (folder / "own" / "mine.csv").write_text(POINTS, encoding="utf-8")
        return ["check", "params.yaml", *options]

    return make


def edit(old: str, new: str, *options: str) -> Make:
    """`check` of the valid file with one place changed."""
    assert old in VALID
    return check(VALID.replace(old, new, 1), *options)


def also(prepare: Callable[[Path], object], make: Make) -> Make:
    """The same after something else has been put into the folder."""

    def both(folder: Path) -> Sequence[str]:
        arguments = make(folder)
        prepare(folder)
        return arguments

    return both


def bomb(form: str) -> str:
    """Nine anchors, each of which stands for nine times the one before."""
    lines = [f"a{i}: &a{i} {form.format(', '.join([f'*a{i - 1}'] * 9))}" for i in range(1, 10)]
    return "\n".join(["a0: &a0 {x: y}", *lines])


def linked(folder: Path) -> None:
    """Replace the table by a link to a file elsewhere."""
    (folder / "own" / "mine.csv").unlink()
    (folder / "own" / "mine.csv").symlink_to("/etc/hostname")


def looped(folder: Path) -> None:
    """Replace the table by a link to itself."""
    (folder / "own" / "mine.csv").unlink()
    (folder / "own" / "mine.csv").symlink_to("mine.csv")


def in_pipeline(folder: Path) -> None:
    """Make the folder that of a pipeline, so that DVC reads params.yaml too."""
    (folder / "dvc.yaml").touch()


def plan_linked(folder: Path) -> None:
    """Make the plan a link to a folder with other things."""
    (folder / "plan").symlink_to("own")


PATH, KIND, NAME = "path: mine.csv", "kind: ring", "  wide:"
DEEP = "nested too deeply; allowed: 40 mappings and lists in one another"
PLACE = "must be relative to the folder own/"
SMALL = "must be small letters, digits and underscores, beginning with a letter"

HOSTILE = [
    Case("billion laughs", check(bomb("[{}]")), "line 7: stands for 1,660,753 values by its aliases; allowed: 200,000"),
    Case("billion merges", check(bomb("{{<<: [{}]}}")), "line 7: stands for 1,793,611 values"),
    Case("an anchor that contains itself", check("effort: &a [*a]\n"), "the anchor 'a' contains itself"),
    Case("10,000 brackets", check("a: " + "[" * 10_000), DEEP),
    Case("50 mappings in one another", check("".join(f"{' ' * i}a:\n" for i in range(50))), DEEP),
    Case("a value of 10 MB", check(b"a: " + b"x" * 10_000_000), "has more than 524,288 bytes"),
    Case("a list of 100,000", check("a: [" + "1," * 100_000 + "]"), "has 100,002 commas, colons, brackets and lines"),
    Case("a number of 5,000 digits", edit("seeds: 2", "seeds: " + "9" * 5_000), "a whole number of more"),
    Case("a Python object", edit("effort: 0.1", "effort: !!python/object/apply:os.system [ls]"), "the tag '!!python"),
    Case("a set", edit("{modes: {}, prdc: {}}", "!!set {modes, prdc}"), "the tag '!!set': allowed are plain values"),
    Case("an unknown tag", edit("effort: 0.1", "effort: !mine 0.1"), "the tag '!mine'"),
    Case("a tag that does not fit", edit("effort: 0.1", "effort: !!bool 0.1"), "a value that does not fit its tag"),
    Case("Latin-1", check(VALID.replace("Latent d", "L\xe4nge d").encode("latin-1")), "not UTF-8, line 7: byte 0xe4"),
    Case("UTF-16", check(VALID.encode("utf-16")), "not UTF-8, line 1: byte 0xff"),
    Case("a NUL byte", edit("effort: 0.1", "effort: 0.1\0"), "unacceptable character #x0000"),
    Case("a byte-order mark", check(VALID.encode("utf-8-sig")), "valid; 2 experiments in 1 study", refused=False),
    Case("Windows line ends", check(VALID.replace("\n", "\r\n")), "valid; 2 experiments in 1 study", refused=False),
    Case("a tab as indentation", edit("  eight:", "\teight:"), "found character '\\t' that cannot start any token"),
    Case("a duplicate key", edit("samplers:", "effort: 0.2\nsamplers:"), 'found duplicate key "effort"'),
    Case("a duplicate anchor", edit("wide: {", "wide: &plain {"), "found duplicate anchor 'plain'"),
    Case("a merge of nothing", edit("*plain", "*plane"), "found undefined alias 'plane'"),
    Case("a merge of a number", edit("<<: *plain", "<<: 3"), "expected a mapping or list of mappings for merging"),
    Case("two documents", check(f"{VALID}---\n{VALID}"), "but found another document"),
    Case("an empty file", check(""), "must be a mapping with the keys effort, evaluation"),
    Case("a list", check("- effort: 1\n"), "must be a mapping with the keys effort, evaluation"),
    Case("a date in a 13th month", edit("effort: 0.1", "effort: 2026-13-01"), "month must be in 1..12"),
]

ENTRIES = [
    Case("an unknown key", check("effrot: 1.0\n"), "effrot: unknown key"),
    Case("a key that is no text", edit("samplers:", "null: 1\nsamplers:"), "None: unknown key; allowed: effort"),
    Case("a section that is a list", edit("samplers: {}", "samplers: []"), "samplers: []: must be a mapping"),
    Case("a name with markup", edit(NAME, "  <script>alert(1)</script>:"), SMALL),
    Case("a name with a separator", edit(NAME, "  ../../etc/wide:"), SMALL),
    Case("a name with a backslash", edit(NAME, "  a\\b:"), SMALL),
    Case("the name .git", edit(NAME, "  .git:"), SMALL),
    Case("the name con, a device in Windows", edit(NAME, "  con:"), "con: 'con': is the name of a device in Windows"),
    Case("the dataset nul", check(VALID.replace("eight", "nul")), "nul: 'nul': is the name of a device in Windows"),
    Case("a path with ..", edit(PATH, "path: ../params.yaml"), PLACE),
    Case("a path with .. within", edit(PATH, "path: a/../../params.yaml"), PLACE),
    Case("an absolute path", edit(PATH, "path: /etc/passwd"), PLACE),
    Case("a drive", edit(PATH, "path: 'C:\\mine.csv'"), PLACE),
    Case("a path with a NUL", edit(PATH, 'path: "mine.csv\\0.png"'), PLACE),
    Case("a path of one dot", edit(PATH, "path: ."), PLACE),
    Case("a path that is the folder", edit(PATH, "path: x/.."), PLACE),
    Case("a link out of the folder", also(linked, check(VALID)), "a link that leads out of the folder"),
    Case("a link to itself", also(looped, check(VALID)), "own/mine.csv: there is no such file"),
    Case("a kind of another package", edit(KIND, "kind: ../variants/gan"), "'../variants/gan' is unknown; allowed: "),
    Case("a kind that is a list", edit(KIND, "kind: [ring]"), "['ring'] is unknown; allowed: "),
    Case("not a number", edit("effort: 0.1", "effort: .nan"), "effort: nan: "),
    Case("infinitely many steps", edit("steps: 100", "steps: .inf"), "steps: inf: "),
    Case("10^18 steps", edit("steps: 100", "steps: 999999999999999999"), "less than or equal to 1000000000"),
    Case(
        "a sweep of 10^9 arms",
        edit("latent_dim: 3", f"sweep: {{{', '.join(f'k{i}: {list(range(10))}' for i in range(9))}}}"),
        "gives 1,000,000,000 arms; allowed: 1,000",
    ),
]

LARGE = "  wide: {kind: gaussian, dim: 65_536, n_train: 1_000_000_000}\n"
NEEDS = "experiments.plain: needs about "
SIZES = [
    Case("100,000 seeds", edit("seeds: 2", "seeds: 100_000\n    snapshots: {points: 100_000}"), NEEDS),
    Case("a batch of 10^9 points", edit("generator_batch: 32", "generator_batch: 1_000_000_000"), NEEDS),
    Case("10^9 points", edit("datasets:\n", f"datasets:\n{LARGE}"), "for 1,000,010,000 points of 65,536 "),
    Case("10^9 seeds", edit("seeds: 2", "seeds: 1_000_000_000"), "less than or equal to 100000"),
]


def change(*changes: str) -> Make:
    """`set` in the valid file."""

    def make(folder: Path) -> Sequence[str]:
        check(VALID)(folder)
        return ["set", *changes]

    return make


CHANGES = [
    Case("set: one value", change("experiments.wide.steps=7"), "1 change: experiments.wide.steps=7", refused=False),
    Case("set: what another takes", change("experiments.plain.steps=7"), "the old value is now in exp", refused=False),
    Case("set: no value", change("effort"), "set: 'effort': must be KEY=VALUE"),
    Case("set: a key that is not there", change("experiments.wide.stops=7"), "experiments.wide.stops: unknown key"),
    Case("set: below a number", change("effort.x=7"), "effort is 0.1, no mapping; set effort as a whole"),
    Case("set: no YAML", change("effort=[1"), "params.yaml: effort: not valid YAML, line 1"),
    Case("set: a value that cannot be", change("effort=0"), "effort: 0: Input should be greater than 0"),
]  # fmt: skip

SURROUNDINGS = [
    Case("all as it should be", check(VALID), "valid; 2 experiments in 1 study", refused=False),
    Case("no samplers beside a dvc.yaml", also(in_pipeline, edit("samplers: {}\n", "")),
         "samplers: missing; DVC has stages for its entries: write `samplers: {}` for none"),
    Case("no samplers in an extra", edit("samplers: {}\n", ""), "valid; 2 experiments", refused=False),
    Case("no such file", lambda folder: ["check", "other.yaml"], "other.yaml: cannot be read: No such file"),
    Case("a folder", lambda folder: ["check", "."], ".: cannot be read: Is a directory"),
    Case("a device", lambda folder: ["check", "/dev/zero"], "/dev/zero: is a device or a pipe; name a file"),
    Case("a plan in /sys", check(VALID, "--plan", "/sys/x"), "/sys/x: "),
    Case("a plan below a file", check(VALID, "--plan", "params.yaml/x"), "params.yaml: a file, where a folder belongs"),
    Case("a plan that is a file", check(VALID, "--plan", "params.yaml"), "there is a file of that name; name a folder"),
    Case("a plan that is a link", also(plan_linked, check(VALID, "--plan", "plan")),
         "there is a link of that name; name a folder"),
    Case("a plan over a project", check(VALID, "--plan", "."), "which is no page of a plan; name a folder for"),
    Case("an effort in words", check(VALID, "--effort", "half"), "argument --effort: invalid float value: 'half'"),
    Case("an effort of nothing", check(VALID, "--effort", "0"), "effort: 0.0: Input should be greater than 0"),
    Case("an unknown option", check(VALID, "--plane", "x"), "unrecognized arguments: --plane x"),
    Case("two files", check(VALID, "own"), "unrecognized arguments: own"),
    *(
        Case(f"{variable}={value}", check(VALID), f"{variable}={value}: must be ", environment={variable: value})
        for variable, value in (
            ("MODESCOPE_DEVICE", "gpu"),
            ("MODESCOPE_DEVICE", "cuda:first"),
            ("MODESCOPE_TF32", "yes"),
            ("MODESCOPE_JOBS", "all"),
            ("MODESCOPE_JOBS", "1e9"),
            ("DASK_SCHEDULER_ADDRESS", "here and there"),
        )
    ),
]  # fmt: skip

CASES = [*HOSTILE, *ENTRIES, *SIZES, *CHANGES, *SURROUNDINGS]
