// Tables that sort and filter. The URL keeps the view: #table?sort=column&order=down&find=words&column=choice.
"use strict";

const views = new Map([...document.querySelectorAll(".view")].map((box) => [box.id, view(box)]));

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// One table: buttons in its headings, filters above it, and `apply`, which restores a view from the URL.
function view(box) {
  const table = box.querySelector("table");
  const headings = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const name = table.caption.firstChild.textContent.trim();
  const words = (row, column) => {
    const cell = row.cells[column].cloneNode(true);
    cell.querySelectorAll(".anchor, details, small").forEach((part) => part.remove());
    return cell.textContent.trim();
  };
  const state = new URLSearchParams();

  const value = (row, column) => row.cells[column].dataset.value ?? words(row, column).toLowerCase();
  const compare = (a, b) => {
    const [x, y] = [Number(a), Number(b)];
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    return a.localeCompare(b, "en", { numeric: true });
  };
  const missing = (text) => text === "nan" || text === "–";

  const draw = () => {
    const column = headings.findIndex((th) => th.dataset.key === state.get("sort"));
    const sign = state.get("order") === "down" ? -1 : 1;
    const sorted = [...rows];
    if (column >= 0) {
      sorted.sort((a, b) => {
        const [x, y] = [value(a, column), value(b, column)];
        return missing(x) - missing(y) || (missing(x) ? 0 : sign * compare(x, y));
      });
    }
    const find = (state.get("find") ?? "").toLowerCase();
    let count = 0;
    for (const row of sorted) {
      const chosen = choices.every(([key, i]) => !state.get(key) || words(row, i) === state.get(key));
      row.hidden = !chosen || !row.textContent.toLowerCase().includes(find);
      count += !row.hidden;
    }
    table.tBodies[0].append(...sorted);
    table.classList.toggle("sorted", column >= 0);
    headings.forEach((th, i) => {
      if (i === column) th.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      else th.removeAttribute("aria-sort");
    });
    shown.textContent = count === rows.length ? `${count} rows` : `${count} of ${rows.length} rows`;
    all.hidden = ![...state.keys()].length;
    search.value = state.get("find") ?? "";
    for (const [key, , select] of choices) select.value = state.get(key) ?? "";
  };
  // The URL holds only what was changed. It is replaced, not pushed, so that Back leaves the page.
  const set = (changes) => {
    for (const [key, to] of Object.entries(changes)) to ? state.set(key, to) : state.delete(key);
    draw();
    const query = state.toString();
    history.replaceState(null, "", `#${box.id}${query ? `?${query}` : ""}`);
  };
  const apply = (query) => {
    const wanted = new URLSearchParams(query);
    for (const key of [...state.keys()]) state.delete(key);
    const known = new Set(["sort", "order", "find", ...choices.map(([key]) => key)]);
    for (const [key, to] of wanted) if (known.has(key)) state.set(key, to);
    draw();
  };

  for (const th of headings) {
    const label = th.textContent.replace(/[↑↓]/g, "").replace(/\s+/g, " ").trim();
    const button = element("button", { type: "button", className: "sort", title: `Sort by ${label}` });
    button.setAttribute("aria-label", `Sort by ${label}`);
    // Ascending, descending, original order.
    button.addEventListener("click", () => {
      const key = th.dataset.key;
      const [sort, order] = [state.get("sort"), state.get("order")];
      if (sort !== key) set({ sort: key, order: "" });
      else if (order !== "down") set({ order: "down" });
      else set({ sort: "", order: "" });
    });
    th.append(" ", button);
  }

  const search = element("input", { type: "search", placeholder: "words or numbers" });
  search.addEventListener("input", () => set({ find: search.value }));
  const choices = headings.flatMap((th, i) => {
    if (!("choose" in th.dataset)) return [];
    const found = [...new Set(rows.map((row) => words(row, i)))];
    const options = [["", "all"], ...found.map((text) => [text, text])];
    const select = element("select", {}, ...options.map(([to, text]) => new Option(text, to)));
    select.addEventListener("change", () => set({ [th.dataset.key]: select.value }));
    return [[th.dataset.key, i, select]];
  });
  const shown = element("output", {});
  const all = element("button", { type: "button", className: "all", textContent: "Show all" });
  all.addEventListener("click", () => {
    apply("");
    set({});
    search.focus();
  });
  const labels = choices.map(([key, , select]) => element("label", {}, `${key[0].toUpperCase()}${key.slice(1)} `, select));
  const tools = element("div", { className: "tools" }, element("label", {}, "Filter ", search), ...labels, shown, all);
  tools.hidden = rows.length < 6; // a short table needs no filters
  tools.setAttribute("role", "group");
  tools.setAttribute("aria-label", `Filters: ${name}`);
  box.prepend(tools);
  draw();
  return { box, apply };
}

// A link names an element, or a table with its sorting and filters.
function follow() {
  const [id, query] = location.hash.slice(1).split("?", 2);
  const folded = document.getElementById(id)?.closest("details:not([open])");
  if (folded) {
    folded.open = true;
    document.getElementById(id).scrollIntoView();
  }
  const found = views.get(id);
  if (!found || query === undefined) return;
  found.apply(query);
  found.box.scrollIntoView();
}
addEventListener("hashchange", follow);
follow();
