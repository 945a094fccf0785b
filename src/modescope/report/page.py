"""The view model as HTML, through Jinja2: everything is escaped, a missing name is an error."""

from __future__ import annotations

from pathlib import Path

from modescope import web
from modescope.formatting import number, plural
from modescope.report import explorer
from modescope.report.chapter import VERDICTS
from modescope.report.view import Page

FIXED = {"index.html": "index.html.j2", "claims.html": "all_claims.html.j2", "how.html": "how.html.j2"}


def render(page: Page, templates: Path) -> dict[str, str]:
    """HTML by file name: front page, all claims, how to read, a `<study>.html` each, a `remedy-<variant>.html` each.

    Raises jinja2.TemplateError for a broken template and jinja2.UndefinedError for a template that uses
    a name the page does not have.
    """
    environment = web.environment(templates, plural=plural, number=number)
    pages = {
        name: environment.get_template(template).render(page=page, verdicts=VERDICTS, here=name)
        for name, template in FIXED.items()
    }
    for place, study in enumerate(page.studies):
        before = page.studies[place - 1] if place else None
        after = page.studies[place + 1] if place + 1 < len(page.studies) else None
        pages[f"{study.name}.html"] = environment.get_template("study.html.j2").render(
            page=page, study=study, before=before, after=after, verdicts=VERDICTS, here=f"{study.name}.html"
        )
    for place, card in enumerate(page.cards):
        pages[card.path] = environment.get_template("remedy.html.j2").render(
            page=page,
            card=card,
            before=page.cards[place - 1],
            after=page.cards[(place + 1) % len(page.cards)],
            here=card.path,
        )
    if page.explorer.fields:
        pages[explorer.PAGE] = environment.get_template("explorer.html.j2").render(page=page, here=explorer.PAGE)
    return {name: web.unbroken(html) for name, html in pages.items()}
