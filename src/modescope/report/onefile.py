"""The whole report as one HTML file: all pages as sections, their links inside the file, pictures and styles within.

What needs files beside the page is left out: animations, the explorer, tables to download.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from html.parser import HTMLParser
from pathlib import PurePosixPath

SCRIPTS = ("page.js", "tables.js", "follow.js")  # the others move what needs files beside the page
LEFT_OUT = {"skip", "studies", "follow", "controls", "downloads"}  # elements with one of these classes
APART = {"explorer.html"}  # loads its runs from files
PAGE = r'href="([\w-]+\.html)'
VOID = {"meta", "link", "img", "br", "hr", "wbr", "input"}
NAMING = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list")  # by the ids of others
REFERRING = ("clip-path", "mask", "fill", "stroke", "filter", "marker-start", "marker-mid", "marker-end")
NOTE = (
    "All pages of the report in one file. Animations, the explorer and the numbers as CSV are in the full report, "
    "which make report writes to reports/html/."
)
KEPT = ("class", "id")  # of a link that becomes text
Attributes = Sequence[tuple[str, str | None]]


def order(files: Iterable[str], front: str) -> list[str]:
    """The pages that are put together: the front page, those that it links to, in their order, then the others."""
    known = sorted(name for name in files if name.endswith(".html") and name not in APART)
    return [name for name in dict.fromkeys(["index.html", *re.findall(PAGE, front), *known]) if name in known]


def assemble(files: Mapping[str, bytes]) -> str:
    """All pages from the report's files by path, the front page first. Links to what is left out become text."""
    pages = order(files, files["index.html"].decode())
    texts = {name: files[name].decode() for name in pages}
    styles = _once(texts.values(), r'<link rel="stylesheet" href="([^"]+)"')
    scripts = [path for path in _once(texts.values(), r'<script src="([^"]+)"') if path.split("/")[-1] in SCRIPTS]
    style = "\n".join(_nested(files[path].decode()) for path in styles)
    code = [files[path].decode() for path in scripts]
    first = texts[pages[0]]
    title = _between(first, "<title>", "</title>")
    titles = {name: _between(text, "<title>", "</title>").split(" · ")[0] for name, text in texts.items()}
    contents = "".join(f'<li><a href="#{_place(name)}">{heading}</a></li>\n' for name, heading in titles.items())
    follow = _between(first, '<aside class="follow"', "</aside>")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, code)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{title}</title>",
            '<link rel="icon" href="data:,">',
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            f'<nav class="whole" aria-label="Pages">\n<p>{NOTE}</p>\n<ol>\n{contents}</ol>\n</nav>',
            f'<aside class="follow"{follow}</aside>' if follow else "",
            "<main>",
            *(_section(name, text, files) for name, text in texts.items()),
            "</main>",
            *(f"<script>{each}</script>" for each in code),
            "</body>",
            "</html>",
            "",
        ]
    )


def _section(name: str, text: str, files: Mapping[str, bytes]) -> str:
    page = _Page(name, files)
    page.feed(text)
    page.close()
    return f'<article class="page" id="{_place(name)}">\n{"".join(page.written).strip()}\n</article>'


class _Page(HTMLParser):
    """Writes the body of a page again, with ids and links that are unique in the whole file."""

    def __init__(self, name: str, files: Mapping[str, bytes]) -> None:
        super().__init__(convert_charrefs=False)
        self.name, self.files = name, files
        self.written: list[str] = []
        self.open: list[str] = []  # the end tag that each open element is written with; empty if it is left out
        self.omitted = 0  # open elements since the outermost that is left out
        self.inside = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag == "body":
            self.inside = True
        elif self.inside and tag in VOID:
            self._write(self._start(tag, attrs))
        elif self.inside:
            leave = self.omitted > 0 or _left_out(tag, dict(attrs))
            self.omitted += leave
            start, end = ("", "") if leave else self._element(tag, attrs)
            self.open.append(end)
            self._write(start)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        if self.inside:
            self._write(self._start(tag, attrs, "/"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "body":
            self.inside = False
        elif self.inside and tag not in VOID:
            self._write(self.open.pop())
            self.omitted = max(0, self.omitted - 1)

    def handle_data(self, data: str) -> None:
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._write(f"&#{name};")

    def _write(self, text: str) -> None:
        if self.inside and not self.omitted:
            self.written.append(text)

    def _element(self, tag: str, attrs: Attributes) -> tuple[str, str]:
        """Start and end tag: main becomes a division of the one main, a link that leads nowhere becomes text."""
        if tag == "main":
            return '<div class="main">', "</div>"
        href = dict(attrs).get("href")
        if tag == "a" and href is not None and self._target(href) is None:
            tag = "g" if "</svg>" in self.open else "span"
            attrs = [(key, value) for key, value in attrs if key in KEPT or key.startswith("data-")]
        return self._start(tag, attrs), f"</{tag}>"

    def _start(self, tag: str, attrs: Attributes, slash: str = "") -> str:
        given = [(key, self._value(tag, key, value)) for key, value in attrs if (tag, key) != ("img", "loading")]
        words = (key if value is None else f'{key}="{escape(value)}"' for key, value in given)
        return f"<{' '.join([tag, *words])}{slash}>"

    def _value(self, tag: str, key: str, value: str | None) -> str | None:
        if value is None:
            return None
        if key == "id":
            return self._id(value)
        if key in NAMING:
            return " ".join(self._id(one) for one in value.split())
        if key in REFERRING:
            return re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{self._id(found[1])})", value)
        if key in ("href", "xlink:href"):
            return self._target(value)
        if (tag, key) == ("img", "src"):
            return self._picture(value)
        return value

    def _id(self, name: str, page: str = "") -> str:
        return f"{_place(page or self.name)}--{name}"

    def _target(self, href: str) -> str | None:
        """The address in this file, or of another site; None for a file that is not in here."""
        if re.match(r"[a-z]+:", href):
            return href
        path, _, fragment = href.partition("#")
        page = path.partition("?")[0] or self.name
        if page not in self.files or page in APART:
            return None
        return f"#{self._id(fragment, page)}" if fragment else f"#{_place(page)}"

    def _picture(self, path: str) -> str:
        """The picture itself, as SVG where that is the smaller file."""
        files = [file for file in (path, f"{path.removesuffix('.png')}.svg") if file in self.files]
        smallest = min(files, key=lambda file: len(self.files[file]), default=None)
        if smallest is None:
            return path  # a data URI
        kind = "svg+xml" if smallest.endswith(".svg") else PurePosixPath(smallest).suffix.removeprefix(".")
        return f"data:image/{kind};base64,{base64.b64encode(self.files[smallest]).decode()}"


def _left_out(tag: str, attrs: Mapping[str, str | None]) -> bool:
    classes = set((attrs.get("class") or "").split())
    return tag == "script" or (tag == "a" and "download" in attrs) or bool(LEFT_OUT & classes)


def _place(page: str) -> str:
    """The id of a page's section."""
    return f"page-{page.removesuffix('.html')}"


def _once(texts: Iterable[str], found: str) -> list[str]:
    """What the pattern finds in the texts, each once, in order."""
    return list(dict.fromkeys(path for text in texts for path in re.findall(found, text)))


def _between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]


def _nested(style: str) -> str:
    """The style for pages whose `main` is a division, with the same weight of every rule."""
    return re.sub(r"(?<![\w.#-])main(?=[\s>{,:])", "div:where(.main)", style)


def _policy(style: str, scripts: Sequence[str]) -> str:
    """Only what is written in this file may run, and nothing is loaded."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    runs = " ".join(digest(script) for script in scripts) or "'none'"
    rest = "img-src data:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {runs}; style-src {digest(style)}; {rest}"
