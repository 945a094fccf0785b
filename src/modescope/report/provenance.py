"""How the report was made: revision, versions, command, and the link to a line of the code at that revision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from modescope.report.citation import Citation

PIPELINE = "dvc repro"
# A host's page of a line of a file at a commit, after https://HOST/OWNER/REPOSITORY.
HOSTS = {
    "github.com": "/blob/{commit}/{path}#L{line}",
    "gitlab.com": "/-/blob/{commit}/{path}#L{line}",
    "codeberg.org": "/src/commit/{commit}/{path}#L{line}",
    "bitbucket.org": "/src/{commit}/{path}#lines-{line}",
}
# https://user:token@host/owner/repo.git, ssh://git@host:22/owner/repo.git and git@host:owner/repo.git
REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://)?(?:[^@/]*@)?(?P<host>[\w.-]+)(?::\d+/|[:/])(?P<name>[\w.~-]+(?:/[\w.~-]+)+)"
)


@dataclass(frozen=True)
class Provenance:
    """How the page was made, apart from the parameters."""

    revision: str
    versions: Mapping[str, str]  # of Python and of packages
    command: str  # reproduces everything
    source: str = ""  # link to a line of the code, with {commit}, {path} and {line}; empty if there is none
    citation: Citation | None = None

    def drawing(self, study: str) -> str:
        """The command that redraws the figures of one study and first trains runs that are missing."""
        return f"{PIPELINE} render@{study}" if self.command == PIPELINE else self.command

    def link(self, code: str) -> str:
        """The link to `path:line`; empty without a commit that is known to have this line."""
        path, _, line = code.partition(":")
        if not self.source or not path or not re.fullmatch(r"[0-9a-f]{7,64}", self.revision):
            return ""
        filled = {"commit": self.revision, "path": path, "line": line or "1"}
        return re.sub(r"{(\w+)}", lambda place: filled[place[1]], self.source)


def pattern(remote: str) -> str:
    """The link to a line of the code for the address of a git remote; empty for hosts whose pages are not known.

    Names and tokens in the address are left out.
    """
    found = REMOTE.fullmatch(remote.strip().removesuffix("/").removesuffix(".git"))
    if found is None or found["host"].lower() not in HOSTS:
        return ""
    host = found["host"].lower()
    return f"https://{host}/{found['name']}{HOSTS[host]}"
