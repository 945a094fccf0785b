// Following a remedy: its marks stand out in every figure, table and list. The address keeps the choice, ?remedy=r1,
// and links to other pages carry it along.
"use strict";

(() => {
  const bar = document.querySelector(".follow");
  const list = bar.querySelector("select");
  const said = bar.querySelector("output");
  const PAGE = /^([\w-]+\.html)(\?[^#]*)?(#.*)?$/; // of the report, as the pages link to each other
  const DIMMABLE = "tr, li, a, g"; // a section is read, so it is marked but never dimmed
  const name = (key) => [...list.options].find((option) => option.value === key)?.text ?? "";
  const keys = (mark) => mark.dataset.remedy.split(" ");

  // Where a browser refuses a query in the address of a file, the fragment has the choice: #remedy=r1.
  const chosen = () => {
    const fragment = location.hash.startsWith("#remedy=") ? location.hash.slice(1) : "";
    const key = new URLSearchParams(location.search).get("remedy") ?? new URLSearchParams(fragment).get("remedy") ?? "";
    return name(key) && key;
  };

  // What shows one set of marks, of which those of other remedies are dimmed. A figure may hold a table.
  const group = (mark) => mark.parentElement.closest("figure, table, ul, ol, section, main");

  function show(key) {
    const marks = [...document.querySelectorAll("[data-remedy]")];
    const groups = new Set(marks.filter((mark) => keys(mark).includes(key)).map(group));
    for (const mark of marks) {
      const mine = key !== "" && keys(mark).includes(key);
      mark.classList.toggle("followed", mine);
      mark.classList.toggle("dimmed", !mine && groups.has(group(mark)) && mark.matches(DIMMABLE));
    }
    if (key) document.documentElement.dataset.following = key;
    else delete document.documentElement.dataset.following;
    list.value = key;
    carry(key);
    const where = [...groups].map((each) => each.tagName.toLowerCase());
    const count = (tag, word) => {
      const n = where.filter((each) => each === tag).length;
      return n ? [`${n} ${word}${n === 1 ? "" : "s"}`] : [];
    };
    const places = [...count("figure", "figure"), ...count("table", "table")].join(" and ");
    said.textContent = !key ? "" : !where.length ? "not on this page" : places ? `marked in ${places}; Esc ends it` : "marked on this page; Esc ends it";
  }

  function carry(key) {
    for (const link of document.querySelectorAll("a[href]")) {
      const [, page, query = "", fragment = ""] = PAGE.exec(link.getAttribute("href")) ?? [];
      if (!page) continue;
      const asked = new URLSearchParams(query);
      if (key) asked.set("remedy", key);
      else asked.delete("remedy");
      link.setAttribute("href", `${page}${asked.size ? `?${asked}` : ""}${fragment}`);
    }
  }

  // A new entry of the history, so that Back ends or changes what is followed.
  function follow(key) {
    if (key === chosen()) return;
    const address = new URL(location.href);
    if (key) address.searchParams.set("remedy", key);
    else address.searchParams.delete("remedy");
    if (address.hash.startsWith("#remedy=")) address.hash = "";
    try {
      history.pushState(null, "", address);
    } catch {
      location.hash = key ? `remedy=${key}` : "";
    }
    show(key);
  }

  list.addEventListener("change", () => follow(list.value));
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-remedy]");
    // Names are links, and text is selected to be copied.
    if (!mark?.matches("tr, g") || event.target.closest("a, button, summary, input") || !getSelection().isCollapsed) return;
    const [key] = keys(mark);
    if (name(key)) follow(keys(mark).includes(chosen()) ? "" : key);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen() && !event.target.matches("input")) follow("");
  });
  for (const change of ["popstate", "hashchange", "pageshow"]) addEventListener(change, () => show(chosen()));
  bar.hidden = list.options.length < 2;
  show(chosen());
})();
