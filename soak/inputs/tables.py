"""Tables and archives of points as people write them, damage them or mean harm with them."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from soak.case import Case
from soak.inputs.written import POINTS, Loud, Make, array, check, lines, npy, numbered, score, zipped

PLAIN, COMMAS = lines(), lines(";", ",")
QUOTED = "".join(f'"{x}";"{y}"\n' for x, y in POINTS)
GROUPED = "".join(f'"{1000 + x:,}","{y}"\n' for x, y in POINTS)
INDEXED, LABELLED = numbered(), "".join(f"a{line}\n" for line in numbered("").splitlines())
ROWS_OF_R = '"x" "y"\n' + "".join(f'"{i}" {x} {y}\n' for i, (x, y) in enumerate(POINTS, 1))
THOUSANDS = "1,234\n5,678\n" * 20
PARQUET = "not a Parquet file" if find_spec("pyarrow") else "Parquet needs PyArrow: pip install 'modescope[parquet]'"
RUNS = array(samples=np.stack([POINTS, POINTS + 1]), arm=np.array(["base", "wide"]), seed=np.array([0, 0]))

# What is read right, and what it is said to be.
READ = [
    ("a plain table", score(PLAIN), "12 points a side"),
    ("names", score(lines(names="x,y")), "real.csv: row 1: names"),
    ("an index without a name", score(INDEXED), "column 0 has no name and numbers the rows, left out"),
    ("an index as pandas reads it back", score(numbered("Unnamed: 0,x,y")), "column 0 has no name and numbers"),
    ("an index above numbered columns", score(numbered(",0,1")), "column 0 has no name and numbers"),
    ("an index after a shuffle", score(",x,y\n" + "".join(numbered("").splitlines(True)[::-1])), "a different whole"),
    ("row labels without a name", score(f",x,y\n{LABELLED}"), "column 0 has no name and holds text, left out"),
    ("row names of R", score(ROWS_OF_R), "column 0 has no name and numbers the rows"),
    ("numbered columns", score("0,1\n" + PLAIN.replace("-3.0", "-3.5")), "real.csv: row 1: names"),
    ("semicolons", score(lines(";")), "real.csv: separator ';'"),
    ("semicolons and decimal commas", score(COMMAS), "real.csv: decimal comma"),
    ("quoted numbers", score(QUOTED), "real.csv: separator ';'"),
    ("commas between thousands", score(GROUPED), "real.csv: commas between thousands"),
    ("points between thousands", score("1.234,5;2\n12,5;1.000.000\n" * 10), "points between thousands"),
    ("blanks between thousands", score("1\u00a0234,5;2\n12,25;1\n" * 10), "blanks between thousands"),
    ("blanks", score(lines("   ")), "real.csv: separator blanks"),
    ("tabs", score(lines("\t"), name="real.tsv"), "real.tsv: separator a tab"),
    ("bars", score(lines("|")), "real.csv: separator '|'"),
    ("a separator that Excel names", score(f"sep=;\nx;y\n{COMMAS}"), "real.csv: row 2: names"),
    ("a mark of UTF-8", score(lines(names="x,y").encode("utf-8-sig")), "UTF-8 with a mark"),
    ("UTF-16", score(lines(names="x,y").encode("utf-16")), "real.csv: UTF-16"),
    ("Windows-1252", score(lines(names="Größe,y").encode("cp1252")), "read as Windows-1252"),
    ("CR at line ends", score(PLAIN.replace("\n", "\r")), "12 points a side"),
    ("comments", score(f"# by numpy.savetxt\n# x y\n{lines(' ')}"), "real.csv: comment: names"),
    ("an empty last column", score(PLAIN.replace("\n", ",\n")), "column 2 is empty, left out"),
    ("a typeset minus", score(PLAIN.replace("-", "\u2212")), "12 points a side"),
    ("whole numbers with names", score("x,y\n" + "1,234\n5,678\n" * 20), "20 points a side"),
    ("columns settle two readings", score(THOUSANDS, "--columns", "0,1"), "20 points a side"),
    ("our own data", score(array(train=POINTS, test=POINTS), name="a.npz"), "a.npz: array test of train, test"),
    ("one run of our own", score(RUNS, "--real-key", "samples[1]", name="a.npz"), "12 points a side"),
    (
        "check says it, too",
        check(f"x;y\n{COMMAS * 5}", "a.csv"),
        "a.csv: separator ';'; decimal comma",
    ),
]

# What is refused, and what is said.
REFUSED = [
    ("an empty file", score(""), "real.csv: the file is empty"),
    ("empty lines", score("\n" * 1_000), "no rows of numbers"),
    ("only names", score("x,y\n"), "no rows of numbers"),
    ("only comments", score("# x\n" * 20_000), "no rows in the first"),
    ("nan, nan in the first row", score("nan,nan\n" + PLAIN), "row 1, column 0: 'nan'; allowed: finite numbers"),
    ("a missing number", score(PLAIN + "1.5,\n"), "row 25, column 1: empty; allowed: finite numbers"),
    ("an infinity", score(PLAIN + "1.5,-inf\n"), "row 25, column 1: '-inf'"),
    ("beyond single precision", score(PLAIN + "1.5,1e39\n"), "row 25, column 1: '1e39'"),
    ("a word in a cell", score(PLAIN + "1.5,two\n"), "row 25, column 1: 'two'"),
    ("booleans", score("x,y\n" + "True,1.5\n" * 20), "row 2, column x: 'True'"),
    ("dates", score("day,y\n" + "2020-01-31,1.5\n" * 20), "row 2, column day: '2020-01-31'"),
    ("complex numbers", score("x,y\n" + "1+2j,1.5\n" * 20), "row 2, column x: '1+2j'"),
    ("per cent", score("x,y\n" + "50%,1.5\n" * 20), "row 2, column x: '50%'"),
    ("underscores", score("x,y\n" + "1_000,1.5\n" * 20), "row 2, column x: '1_000'"),
    ("digits of another script", score("x,y\n" + "\u0661,1.5\n" * 20), "row 2, column x"),
    ("a decimal comma among points", score(lines(";") + "1,5;2.5\n"), "row 25, column 0: '1,5'"),
    ("a short row", score(PLAIN + "1.5\n" + PLAIN), "row 25 has 1 of 2 cells"),
    (
        "fewer names than columns",
        score(lines(names="x", points=POINTS + 1 / 32), "--columns", "x"),
        "row 1 has 1 of 2 cells",
    ),
    ("an empty row", score(f"{PLAIN}\n{PLAIN}"), "row 25 is empty"),
    ("a title above the names", score("My data\n" + lines(names="x,y")), "row 1 has 1 of 2 cells"),
    ("a cut last row", score("1,5\n2,7\n3"), "two readings, which begin 1.5 (decimal comma"),
    ("thousands or two columns", score(THOUSANDS), "two readings, which begin 1, 234 (separator ',')"),
    ("decimals or thousands", score("1,234;5,678\n" * 20), "1.234, 5.678 (decimal comma, separator ';') or 1234, 5678"),
    ("decimal commas and commas", score("1,05,2,50\n3,25,4,75\n" * 20), "whole numbers that begin with 0"),
    (
        "a row of numbers above decimals",
        score("2019,2020\n" + lines(points=POINTS + 1 / 32)),
        "row 1 holds whole numbers",
    ),
    ("numbered columns or a point", score("0|1\n" + "2|3\n" * 30), "row 1 numbers the columns: names or a point"),
    ("names and numbers in row 1", score(lines(names="x,2")), "row 1 has names, such as 'x', and '2'"),
    ("nan beside names", score(lines(names="x,nan")), "row 1 has names, such as 'x', and 'nan'"),
    (
        "a column without a name",
        score(lines(names=",y", points=POINTS + 1 / 32)),
        "column 0 has no name: an index or a",
    ),
    ("an index without any names", score(numbered("")), "column 0 numbers the rows: an index or a coordinate"),
    ("an index with a name", score(numbered("id,x,y")), "column id numbers the rows: an index or a coordinate"),
    ("columns by number beside an index", score(INDEXED, "--real-columns", "0,1"), "column 0 has no name and numbers"),
    ("a name twice", score(lines(names="x,x"), "--real-columns", "x"), "columns: 'x' occurs twice"),
    (
        "columns that are not there",
        score(lines(names="x,y"), "--real-columns", "z"),
        "'z' does not exist; allowed: x, y",
    ),
    ("quotes without an end", score('x,y\n1.5,"2.5\n' * 20), "quotes that do not match"),
    (
        "a quote without an end, a long text",
        score('"' + "1,2\n" * 500_000),
        "quotes that do not match, or a cell without",
    ),
    ("a million columns", score(",".join(["0.1"] * 1_000_000)), "row 1 has 3,999,999 letters"),
    ("a hundred thousand columns", score(",".join("7" * 100_000)), "row 1: more than 50,000 columns"),
    ("a number of five million digits", score("1" * 5_000_000), "row 1 has 5,000,000 letters"),
    (
        "zeros between letters",
        score(PLAIN.encode("utf-16-le")),
        "a zero at byte 1: no text, or UTF-16 without its mark",
    ),
    ("half a letter of UTF-16", score(PLAIN.encode("utf-16")[:-1]), "damaged UTF-16 text"),
    ("a web page", score("<!DOCTYPE html><p>Log in"), "a web page or XML"),
    ("JSON", score('{"x": [1, 2]}'), "JSON; save it as CSV"),
    ("an Excel file", score(zipped("xl/workbook.xml", b"<a/>")), "a zip archive, such as an Excel file"),
    ("gzip", score(b"\x1f\x8b\x08" + bytes(40)), "compressed by gzip; unpack it"),
    ("a Git LFS pointer", score("version https://git-lfs.github.com/spec/v1\n", name="a.npz"), "a Git LFS pointer"),
    ("another ending", score(PLAIN, name="real.xlsx"), ".xlsx files are not read; allowed: .csv, .tsv"),
    ("another number of coordinates", score("1.5\n" * 20), "fake.npy"),
    (
        "an array of objects",
        score(array(a=POINTS.astype(object)), name="a.npz"),
        "Python objects (a pickle is never read)",
    ),
    ("a pickle as npy", score(pickle.dumps(Loud()), name="a.npy"), "not an npy file (a pickle is never read)"),
    ("a pickle in an npz", score(zipped("a.npy", pickle.dumps(Loud())), name="a.npz"), "cannot be read"),
    ("an array of complex numbers", score(array(a=POINTS * 1j), name="a.npz"), "an array of complex128"),
    ("an array of booleans", score(array(a=POINTS > 0), name="a.npz"), "an array of bool"),
    (
        "nan in an array",
        score(array(a=np.where(POINTS > 3, np.nan, POINTS)), name="a.npz"),
        "row 10, column 1 (from 0): nan",
    ),
    ("a size beyond memory", score(npy((10**12, 2)), name="a.npy"), "2,000,000,000,000 numbers"),
    ("a size that the file does not have", score(npy((10**8, 2), bytes(64)), name="a.npy"), "ends too early"),
    ("a negative size", score(npy((-1, 2), bytes(64)), name="a.npy"), "an array of shape (-1, 2)"),
    ("half an archive", score(array(a=POINTS)[:-40], name="a.npz"), "cannot be read"),
    ("no archive", score(PLAIN, name="a.npz"), "cannot be read (File is not a zip file)"),
    ("an archive of other files", score(zipped("../../a.txt", b"x"), name="a.npz"), "key is missing; allowed: none"),
    ("several arrays", score(array(a=POINTS, b=POINTS), name="a.npz"), "key is missing; allowed: a, b"),
    ("several runs of our own", score(RUNS, name="a.npz"), "samples[0] (base, seed 0), samples[1] (wide, seed 0)"),
    (
        "snapshots of our own",
        score(array(samples=POINTS, arm=POINTS, seed=POINTS, step=POINTS), name="a.npz"),
        "snapshots",
    ),
    ("a key that is not there", score(array(a=POINTS), "--real-key", "b", name="a.npz"), "no array 'b'; allowed: a"),
    ("a sparse matrix", score(array(data=POINTS, indptr=POINTS, format=POINTS), name="a.npz"), "a sparse matrix"),
    ("a Parquet file", score(b"PAR1", name="a.parquet"), f"a.parquet: {PARQUET}"),
    ("check refuses, too", check("x,y\nnan,nan\n" + PLAIN, "a.csv"), "own/a.csv: row 2, column x: 'nan'"),
]


def bomb(folder: Path) -> Sequence[str]:
    """Zeros that claim to be four gigabytes."""
    content = zipped("a.npy", npy((2**28, 2)), bytes(1 << 24), times=4)
    return score(content, name="a.npz")(folder)


def swollen(folder: Path) -> Sequence[str]:
    """An archive within the limit on numbers, which claims 800 MB, with a nan at its beginning."""
    content = zipped("a.npy", npy((10**8, 1)), np.full(8, np.nan).tobytes(), bytes(1 << 24), times=4)
    return score(content, name="a.npz")(folder)


def page(path: str) -> Make:
    """A page of plain points, written to this path, beside old.html, which is read-only, a folder and a pipe."""

    def make(folder: Path) -> Sequence[str]:
        (folder / "old.html").touch(0o444)
        (folder / "folder").mkdir()
        os.mkfifo(folder / "pipe")
        return score(PLAIN, "--html", path)(folder)

    return make


# Where the page is to be written.
PAGES = [
    ("a page over a file that is read-only", page("old.html"), "12 points a side", False),
    ("a page in a folder that is not there", page("new/deep/page.html"), "12 points a side", False),
    ("a page over a folder", page("folder"), "--html folder: a folder; name a file", True),
    ("a page over a pipe", page("pipe"), "--html pipe: neither a file nor a folder; name a file", True),
    ("a page below a file", page("real.csv/page.html"), "real.csv: a file, where a folder belongs", True),
    ("a page in /sys", page("/sys/page.html"), "/sys/page.html: ", True),
    ("a page of a name too long", page("x" * 300), ": the name is too long", True),
    ("a page that is not named", page(""), "--html .: a folder; name a file", True),
]
# Limits that are none.
LIMITS = [
    ("a limit on no metric", "--fail-below", "=0.9", "'' is not measured here; allowed: mean_error, std_ratio"),
    ("a limit on another metric", "--fail-above", "fid=9", "'fid' is not measured here; allowed: mean_error"),
    ("a limit without a number", "--fail-below", "mean_error", "''; allowed: METRIC=NUMBER, such as mean_error"),
    ("a limit in words", "--fail-below", "mean_error=good", "'good'; allowed: METRIC=NUMBER"),
    ("a limit with a comma", "--fail-below", "mean_error=0,9", "'0,9'; allowed: METRIC=NUMBER"),
    ("a limit in per cent", "--fail-above", "mean_error=90%", "'90%'; allowed: METRIC=NUMBER"),
    ("a limit beyond all numbers", "--fail-above", "mean_error=1e999", "'1e999'; allowed: METRIC=NUMBER"),
    ("a limit that is nan", "--fail-below", "mean_error=nan", "'nan'; allowed: METRIC=NUMBER"),
]

CASES = [
    *(Case(name, make, says, refused=False) for name, make, says in READ),
    *(Case(name, make, says) for name, make, says in REFUSED),
    *(Case(name, make, says, refused) for name, make, says, refused in PAGES),
    *(Case(name, score(PLAIN, option, limit), says) for name, option, limit, says in LIMITS),
    Case("a zip bomb that says its size", bomb, "536,870,912 numbers"),
    Case("a zip bomb that begins with nan", swollen, "row 0, column 0 (from 0): nan"),
]
