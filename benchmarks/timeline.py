"""What `dvc repro` did when, from its output: the seconds of every stage's command, and those of DVC around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

BEGUN = re.compile(r"^Running stage '([^']+)':")
ENDED = "[the command of the stage has ended]"
# The shell that DVC's commands name; it stands first in the PATH of a run and adds a line to the output.
SHELL = f"""\
#!/bin/sh
/bin/sh "$@"
code=$?
echo '{ENDED}'
exit $code
"""
GROUPS = {
    "check": "check and code",
    "dataset_code": "check and code",
    "training_code": "check and code",
    "dataset": "dataset",
    "trainings": "queue of trainings",
    "train": "train",
    "sample": "sample",
    "evaluate": "evaluate",
    "render": "render",
    "report": "report",
}


@dataclass
class Timeline:
    """Of one run: the wall time of the whole and of the command of each stage, in the order of the run."""

    wall: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def around(self) -> float:
        """What DVC took before, between and after the commands."""
        return self.wall - sum(self.stages.values())

    def groups(self) -> dict[str, list[str]]:
        """Group -> its stages; a stage that no group names is one of its own."""
        found: dict[str, list[str]] = {}
        for stage in self.stages:
            kind = stage.split("@")[0]
            found.setdefault(GROUPS.get(kind, kind), []).append(stage)
        return found

    def seconds(self, stages: Iterable[str]) -> float:
        """Of the commands of these stages."""
        return sum(self.stages[stage] for stage in stages)


def read(lines: Iterable[tuple[float, str]], end: float) -> Timeline:
    """The timeline of lines of output, each with the second since the start at which it came.

    A command lasts from the line that DVC prints before it to the one that SHELL adds after it, or to the next
    stage where there is none.
    """
    found, stage, since = Timeline(end), "", 0.0
    for at, line in [*lines, (end, ENDED)]:
        begun = BEGUN.match(line)
        if stage and (begun or line.startswith(ENDED)):
            found.stages[stage] = at - since
            stage = ""
        if begun:
            stage, since = begun[1], at
    return found


def shares(timeline: Timeline) -> Mapping[str, float]:
    """Group -> seconds, DVC's own last: together the whole."""
    found = {f"{name} ({len(stages)})": timeline.seconds(stages) for name, stages in timeline.groups().items()}
    return found | {"DVC around the commands": timeline.around}
