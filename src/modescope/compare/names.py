"""Names for readers of what a revision compares, from its params.yaml and from what the variants declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modescope.compare.sides import Side
from modescope.formatting import in_words
from modescope.metrics import About
from modescope.params.config import BASE_ARM, Experiment
from modescope.plan.studies import title_of as experiment_title
from modescope.store.plan import RemedyPage
from modescope.studies.common.entries import title_of as arm_title


@dataclass(frozen=True)
class Names:
    """The names of one side. What its params.yaml does not have is called by its code name in words."""

    side: Side
    about: Mapping[str, About] = field(default_factory=dict)  # metric -> its description
    declared: Mapping[str, RemedyPage] = field(default_factory=dict)  # variant -> what its file declares

    def study(self, name: str) -> str:
        """The title of a study."""
        return _title(self.side.section("studies").get(name)) or in_words(name)

    def metric(self, name: str) -> str:
        """The label of a metric; its code name if the current code does not have it."""
        return self.about[name].label if name in self.about else name

    def dataset(self, experiment: str) -> str:
        """The title of the data of an experiment or sampler; empty if its entry names none."""
        name = str(self._entry(experiment).get("dataset", ""))
        return _title(self.side.section("datasets").get(name)) or in_words(name)

    def arm(self, experiment: str, arm: str = BASE_ARM) -> str:
        """The title of an arm: that of its experiment, what is swept, and whether weights are averaged."""
        entry = self._entry(experiment)
        variant = str(entry.get("variant") or entry.get("sampler") or experiment)
        fields: dict[str, Any] = {"dataset": entry.get("dataset", ""), "variant": variant, "title": _title(entry)}
        title = experiment_title(experiment, Experiment.model_construct(**fields), self.declared)
        sweep = entry.get("sweep")
        return arm_title(title, arm, list(sweep) if isinstance(sweep, Mapping) else [])

    def run(self, experiment: str, arm: str = BASE_ARM) -> str:
        """The title of an arm with that of its data: `Ring of eight: R1`."""
        return ": ".join(filter(None, [self.dataset(experiment), self.arm(experiment, arm)]))

    def _entry(self, experiment: str) -> Mapping[str, Any]:
        sections = (self.side.section("experiments"), self.side.section("samplers"))
        found: Any = next((section[experiment] for section in sections if experiment in section), {})
        return found if isinstance(found, Mapping) else {}


def _title(entry: object) -> str:
    """The title in an entry of params.yaml; empty if it has none."""
    title = entry.get("title") if isinstance(entry, Mapping) else None
    return title if isinstance(title, str) else ""
