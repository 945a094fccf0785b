"""The view model as HTML, through Jinja2: everything is escaped, a missing name is an error."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from modescope.formatting import number, plural
from modescope.report import explorer
from modescope.report.chapter import VERDICTS
from modescope.report.view import Page


def render(page: Page, templates: Path) -> dict[str, str]:
    """HTML by file name: `index.html` and one `<study>.html` per study, from the templates in a folder.

    Raises jinja2.TemplateError for a broken template and jinja2.UndefinedError for a template that uses
    a name the page does not have.
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
    pages = {"index.html": environment.get_template("index.html.j2").render(page=page, verdicts=VERDICTS)}
    for place, study in enumerate(page.studies):
        before = page.studies[place - 1] if place else None
        after = page.studies[place + 1] if place + 1 < len(page.studies) else None
        pages[f"{study.name}.html"] = environment.get_template("study.html.j2").render(
            page=page, study=study, before=before, after=after, verdicts=VERDICTS
        )
    if page.explorer.fields:
        pages[explorer.PAGE] = environment.get_template("explorer.html.j2").render(page=page)
    return pages
