"""`python -m modescope changes`: what changed between two revisions, as the Markdown of a pull request's comment."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from modescope import metrics
from modescope.compare import comment, revisions, view
from modescope.params import registry
from modescope.params.entry import Parser
from modescope.plan.declared import remedies


def main(arguments: Sequence[str]) -> int:
    """Print it. Raises ConfigError, one line, for an unknown revision and for files that cannot be read."""
    parser = Parser(prog="modescope changes", description="What changed between two revisions, as Markdown.")
    parser.add_argument("--base", required=True, metavar="REV", help="a git revision or a DVC experiment")
    parser.add_argument(
        "--head", default=revisions.WORKSPACE, metavar="REV", help="the same; the workspace if not given"
    )
    options = parser.parse_args(list(arguments))
    families = registry.names("metrics")
    about = {n: words for f in families for n, words in registry.find("metrics", f, metrics.Metric).about.items()}
    with tempfile.TemporaryDirectory() as folder:
        base, head = (
            revisions.read(f"--{where} {name}", name, Path(), Path(folder) / where)[0]
            for where, name in (("base", options.base), ("head", options.head))
        )
        print(comment.markdown(view.build(base, head, about, remedies())), end="")
    return 0
