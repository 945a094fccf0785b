// The explorer's page: choose data, two remedies and a seed, and move through their training. The address keeps the view.
"use strict";

{
  const box = document.querySelector(".player");
  const fields = new Map(JSON.parse(document.getElementById("explorer-data").textContent).map((field) => [field.key, field]));
  const find = (selector) => box.querySelector(selector);
  const select = Object.fromEntries(["dataset", "left", "right", "seed"].map((name) => [name, find(`[name=${name}]`)]));
  const panes = [...box.querySelectorAll(".pane")];
  const slider = find(".scrub");
  const words = find(".words");
  const number = (n) => n.toLocaleString("en");

  const player = new modescope.Player(panes.map((pane) => pane.querySelector("canvas")), () => tell());
  const timeline = new modescope.Timeline(find(".timeline"), player, () => player.pause());
  const label = modescope.button(player, find("button.play"), "the training");
  let view = {}; // what is chosen: field, entries, seed
  let latest = 0; // the last choice; scripts of earlier ones that come late are not shown

  // The address, as a query, or as a fragment where a browser keeps files from having a query.
  const asked = () => {
    const query = new URLSearchParams(location.search);
    return query.has("dataset") ? query : new URLSearchParams(location.hash.slice(1));
  };

  function write() {
    const address = new URL(location.href);
    const chosen = { dataset: view.field.key, left: view.entries[0].key, right: view.entries[1]?.key, seed: view.seed };
    for (const [name, value] of Object.entries({ ...chosen, step: player.playing ? undefined : player.step })) {
      if (value === undefined) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    try {
      history.replaceState(null, "", address);
    } catch {
      location.replace(`#${address.searchParams}`);
    }
  }

  function fill(list, options, value) {
    list.replaceChildren(...options.map(([key, text]) => new Option(text, key, false, String(key) === String(value))));
  }

  // The nearest view to what is wanted: unknown names become what the data set opens with.
  async function choose(wanted) {
    const field = fields.get(wanted.dataset) ?? fields.get(box.dataset.start);
    const of = new Map(field.entries.map((entry) => [entry.key, entry]));
    const left = of.get(wanted.left) ?? of.get(field.left);
    const right = of.get(wanted.right) ?? of.get(field.right);
    const entries = of.size > 1 ? [left, right] : [left];
    const seeds = Object.keys(left.runs).filter((seed) => entries.every((entry) => seed in entry.runs));
    const seed = seeds.includes(wanted.seed) ? wanted.seed : seeds[0];
    const options = field.entries.map((entry) => [entry.key, entry.title]);
    fill(select.dataset, [...fields.values()].map(({ key, title }) => [key, title]), field.key);
    fill(select.left, options, left.key);
    fill(select.right, options, right.key);
    fill(select.seed, seeds.map((each) => [each, each]), seed);
    panes[1].hidden = entries.length < 2;
    const mine = (latest += 1);
    const names = seeds.length ? [field.real, ...entries.map((entry) => entry.runs[seed])] : [];
    if (!names.length) {
      player.pause();
      words.textContent = `${left.title} and ${right.title} have no seed in common.`;
      return false;
    }
    const [real, ...contents] = await Promise.all(names.map(modescope.load));
    if (mine !== latest) return false;
    view = { field, entries, seed };
    const data = new modescope.Field(real);
    player.load(contents.map((content) => new modescope.Run(content, data)));
    slider.max = player.last;
    document.querySelector(".rule").textContent = counted(player.runs[0]);
    return true;
  }

  // How modes are counted, and by how many points.
  function counted(run) {
    const points = run.points(0).length / 2;
    const drawn = run.counted_points > points ? `, of which the first ${number(points)} are drawn` : "";
    return run.counts ? `${view.field.rule} Modes are counted by the ${number(run.counted_points)} points of a snapshot${drawn}.` : "";
  }

  // All that is said of a frame, beside the pictures and in words.
  function tell() {
    const { field, entries, seed } = view;
    const step = number(player.step);
    const said = player.runs.map((run, side) => {
      const k = run.at(player.step);
      const pane = panes[side];
      pane.querySelector(".count").textContent = run.words(k);
      pane.querySelector(".aside").textContent = aside(run, k).join(" ");
      pane.querySelector("canvas").setAttribute("aria-label", `${entries[side].title} on ${field.title}, seed ${seed}, step ${step}`);
      return [entries[side].title, run.words(k)].filter(Boolean).join(": ");
    });
    slider.value = player.index;
    slider.setAttribute("aria-valuetext", `step ${step}`);
    find(".step").textContent = `step ${step}`;
    words.setAttribute("aria-live", player.playing ? "off" : "polite");
    words.textContent = `${field.title}, seed ${seed}, step ${step}. ${said.join(". ")}.`;
    timeline.draw();
    label();
  }

  // What the picture alone does not show.
  function aside(run, k) {
    if (run.gone(k)) return [];
    const found = [];
    const points = run.points(k);
    const outside = points.filter((x, i) => i % 2 === 0 && Number.isNaN(x)).length;
    const last = k === run.steps.length - 1;
    if (last && run.final !== null && player.index === player.last) {
      const score = run.field.modes === null ? `coverage ${run.final.toPrecision(2)}` : `${run.final} of ${run.field.modes} modes`;
      found.push(`After training, on ${number(view.field.final_points)} fresh points: ${score}.`);
    }
    if (last && run.steps[k] < player.step) found.push(`Trained for ${number(run.steps[k])} steps only.`);
    if (outside) found.push(`${number(outside)} of ${number(points.length / 2)} points lie outside the picture.`);
    return found;
  }

  const failed = (error) => {
    player.pause();
    words.textContent = `These runs cannot be shown: ${error.message}.`;
  };

  let waiting;
  const later = () => {
    clearTimeout(waiting); // browsers refuse hundreds of changes in a row
    waiting = setTimeout(write, 150);
  };

  for (const [name, list] of Object.entries(select)) {
    list.addEventListener("change", async () => {
      const { step, playing } = player;
      const now = Object.fromEntries(Object.entries(select).map(([key, { value }]) => [key, value]));
      try {
        if (!(await choose(name === "dataset" ? { dataset: now.dataset, seed: now.seed } : now))) return;
        if (name !== "dataset" && step !== undefined) player.seek(step);
        if (playing) player.play();
        later();
      } catch (error) {
        failed(error);
      }
    });
  }
  slider.addEventListener("input", () => {
    const index = Number(slider.value); // pausing sets it back
    player.pause();
    player.show(index);
    later();
  });
  find("button.play").addEventListener("click", later);
  timeline.canvas.addEventListener("pointerup", later);
  for (const pane of panes) {
    pane.querySelector("canvas").addEventListener("click", () => {
      slider.focus({ preventScroll: true });
      find("button.play").click();
    });
  }
  // A slider has arrows, Home and End by itself.
  slider.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    find("button.play").click();
  });
  addEventListener("beforeprint", () => player.pause());

  box.hidden = false;
  modescope.player = player;
  const query = asked();
  const wanted = Object.fromEntries(query);
  choose({ right: wanted.remedy, ...wanted }).then((shown) => {
    if (!shown) return;
    if (query.has("step")) player.seek(Number(wanted.step));
    else if (!modescope.Player.still) player.play();
    later();
  }).catch(failed);
}
