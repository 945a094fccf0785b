"""dvc.lock may be cut short: DVC rewrites it in place after every stage, so a DVC that is killed may leave a part."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from modescope.params.config import ConfigError

MEND = "`git checkout dvc.lock`, or remove it: what is finished is then taken from DVC's cache"


def check(root: Path) -> None:
    """Raises ConfigError where the dvc.lock of a project is not whole, which DVC would report without a way out."""
    file = root / "dvc.lock"
    if not file.is_file():
        return
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        content = YAML(typ="safe").load(text)  # by libyaml, as the file has 10,000 lines
    except YAMLError:
        content = None
    if not (isinstance(content, dict) and {"schema", "stages"} <= content.keys() and text.endswith("\n")):
        raise ConfigError(f"{file}: not whole, as after DVC was killed while it wrote it; {MEND}")
