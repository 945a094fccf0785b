"""How params.yaml is read: as YAML 1.2, in one line where it is none, and at little cost whatever the file is."""

import os
import pathlib

import pytest

from modescope.params.config import ConfigError
from modescope.params.reading import DEPTH, read


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "params.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_numbers_are_read_as_yaml_1_2_has_them(file):
    content = read(file("a: 5e-3\nb: 1e5\nc: 010\nd: yes\ne: 1_0\nf: -2E+3\ng: .5\n"))
    assert content["a"] == 0.005
    assert type(content["a"]) is float
    assert (content["b"], content["c"], content["d"], content["f"], content["g"]) == (1e5, 10, "yes", -2000.0, 0.5)


def test_anchors_are_merged_and_overridden(file):
    content = read(file("one: &one {a: 1, b: {c: 2}}\ntwo:\n  <<: *one\n  a: 3\n"))
    assert content == {"one": {"a": 1, "b": {"c": 2}}, "two": {"a": 3, "b": {"c": 2}}}


def bomb(form):
    """Ten anchors, each of which stands for nine times the one before: a billion values in a few hundred bytes."""
    lines = [f"a{i}: &a{i} {form.format(', '.join([f'*a{i - 1}'] * 9))}" for i in range(1, 10)]
    return "\n".join(["a0: &a0 {x: y}", *lines])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a mapping with the keys effort, "),
        ("3", "must be a mapping with the keys effort, "),
        ("- a\n- b", "must be a mapping with the keys effort, "),
        ("effort: [1, 2", "not valid YAML, line 1: expected "),
        ("effort: 1\n  seeds: 3", "not valid YAML, line 2: "),
        ("a: 1\nb: 2\na: 3", 'not valid YAML, line 3: found duplicate key "a"'),
        ("a: *nothing", "not valid YAML, line 1: found undefined alias 'nothing'"),
        ("a: 1\n---\nb: 2", "not valid YAML, line 2: "),
        (
            "a: !!python/object/apply:os.system [ls]",
            "line 1: the tag '!!python/object/apply:os.system': allowed are ",
        ),
        ("a: 2020-13-45", "not valid YAML: month must be in 1..12"),
        ("a: !!int many", "not valid YAML: invalid literal"),
        ("[" * 600, "nested too deeply; allowed: 40 mappings and lists in one another"),
        ("a: " + "[" * 40 + "]" * 40, "line 1: nested too deeply; allowed: 40 "),
        (b"a: \xff\xfe", "not UTF-8, line 1: byte 0xff; save the file as UTF-8"),
        ("a: \0", "not valid YAML: unacceptable character"),
        (
            "a: &x 1\nb: &x 2",
            "not valid YAML, line 2: found duplicate anchor 'x'; every anchor needs a name ",
        ),
        ("a: &x [*x]", "line 1: the anchor 'x' contains itself"),
        ("a: {<<: *x}", "not valid YAML, line 1: found undefined alias 'x'"),
        ("a: {<<: 3}", "not valid YAML, line 1: expected a mapping or list of mappings for merging, but found scalar"),
        ("a: {<<: {b: 1}, <<: {c: 1}}", 'not valid YAML, line 1: found duplicate merge key "<<"'),
        ("a: {b: !!set {c}}", "line 1: the tag '!!set': allowed are plain values, lists and mappings, without tags"),
        ("a: !!bool maybe", "not valid YAML: a value that does not fit its tag"),
        ("a: " + "9" * 19, "line 1: a whole number of more than 18 digits"),
        ("a: " + "9" * 5_000, "line 1: a whole number of more than 18 digits"),
        ("? {a: b}\n: 1", "not valid YAML, line 1: found unhashable key"),
        ("a: " + "1," * 50_001, "has 50,002 commas, colons, brackets and lines together; allowed: 50,000"),
        ("a: " + "x" * (512 << 10), "has more than 524,288 bytes, the largest file that is read"),
        (bomb("[{}]"), "line 7: stands for 1,660,753 values by its aliases; allowed: 200,000"),
        (bomb("{{<<: [{}]}}"), "line 7: stands for 1,793,611 values"),
    ],
)
def test_what_is_no_mapping_is_refused_in_one_line(file, text, message):
    path = file(text)
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path):
    missing = tmp_path / "params.yaml"
    for path, reason in ((missing, "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(ConfigError) as caught:
            read(path)
        assert str(caught.value) == f"{path}: cannot be read: {reason}"


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", pathlib.Path("/dev/zero")):
        with pytest.raises(ConfigError, match="is a device or a pipe; name a file"):
            read(path)


def test_a_name_that_no_file_can_have_is_refused():
    with pytest.raises(ConfigError, match="no file can have this name"):
        read(pathlib.Path("a\0b"))


def test_what_may_be_nested_and_repeated_is_read(file):
    deep = "[" * (DEPTH - 2) + "]" * (DEPTH - 2)
    content = read(file("\ufeff" + f"a: {deep}\nb: &b [1, 2]\nc: [*b, *b]\n"))
    assert content["c"] == [[1, 2], [1, 2]]
    assert str(content["a"]) == deep
