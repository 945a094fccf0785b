"""The view model as HTML, through Jinja2: everything escaped, a name that is missing is an error."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from modescope.formatting import number, plural
from modescope.report.view import VERDICTS, Page


def render(page: Page, templates: Path) -> str:
    """`index.html` from the template of that name in the folder `templates`.

    Raises jinja2.TemplateError for a broken template and jinja2.UndefinedError for one that asks for
    what the page does not have.
    """
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plural"] = plural
    environment.filters["number"] = number
    return environment.get_template("index.html.j2").render(page=page, verdicts=VERDICTS)
