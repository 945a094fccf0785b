// Animations: a button plays one in place of its still, a slider steps through its frames.
"use strict";

const still = matchMedia("(prefers-reduced-motion: reduce)");

for (const link of document.querySelectorAll("a.play")) {
  const figure = link.closest("figure");
  const image = figure.querySelector("img");
  const controls = link.parentElement;
  const title = link.dataset.title;
  const button = document.createElement("button");
  const show = (playing) => {
    image.src = playing ? link.getAttribute("href") : link.dataset.still;
    figure.classList.remove("stepping");
    button.textContent = playing ? "Show the still" : "Play";
    button.setAttribute("aria-label", `${button.textContent}: ${title}`);
    button.setAttribute("aria-pressed", String(playing));
    button.classList.toggle("playing", playing);
  };
  button.type = "button";
  button.className = "play";
  button.addEventListener("click", () => show(!button.classList.contains("playing")));
  // If the reader turns on reduced motion while an animation plays, show the still.
  still.addEventListener("change", () => still.matches && show(false));
  show(false);
  link.replaceWith(button);
  if (controls.dataset.strip) controls.append(...scrubber(figure, controls.dataset, title, () => show(false)));
}

// One image holds all frames, row by row. It is loaded when the slider is first used.
function scrubber(figure, { strip, columns, rows, steps }, title, stop) {
  const known = steps ? steps.split(" ").map(Number) : [];
  const cells = Number(columns) * Number(rows);
  const last = (known.length || cells) - 1;
  const image = figure.querySelector("img");
  const slider = document.createElement("input");
  const shown = document.createElement("output");
  const frame = document.createElement("div");
  const words = (k) => known.length ? `step ${known[k].toLocaleString("en")}` : `frame ${k + 1} of ${last + 1}`;
  Object.assign(slider, { type: "range", className: "scrub", min: 0, max: last, step: 1, value: last });
  slider.setAttribute("aria-label", `Step through: ${title}`);
  slider.setAttribute("aria-valuetext", words(last));
  frame.className = "frame";
  frame.setAttribute("role", "img");
  frame.style.width = `${image.width}px`;
  frame.style.aspectRatio = `${image.getAttribute("width")} / ${image.getAttribute("height")}`;
  frame.style.backgroundSize = `${columns * 100}% ${rows * 100}%`;
  shown.textContent = words(last);

  const place = () => {
    const k = Number(slider.value);
    const across = columns > 1 ? (k % columns) / (columns - 1) : 0;
    const down = rows > 1 ? Math.floor(k / columns) / (rows - 1) : 0;
    frame.style.backgroundPosition = `${across * 100}% ${down * 100}%`;
    frame.setAttribute("aria-label", `${title}, ${words(k)}`);
    slider.setAttribute("aria-valuetext", words(k));
    shown.textContent = words(k);
  };
  slider.addEventListener("input", () => {
    place();
    if (!frame.style.backgroundImage) {
      frame.style.backgroundImage = `url("${new URL(strip, document.baseURI).href}")`;
      image.after(frame);
    }
    if (!figure.classList.contains("stepping")) {
      stop();
      frame.style.width = `${image.getAttribute("width")}px`;
      figure.classList.add("stepping");
    }
  });
  return [slider, shown];
}

// In print, show stills and unfold the parameters. Fold them again afterwards.
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open]):not(.from):not(.rule)")];
  for (const details of unfolded) details.open = true;
  for (const button of document.querySelectorAll("button.playing")) button.click();
  for (const figure of document.querySelectorAll("figure.stepping")) figure.classList.remove("stepping");
  for (const image of document.querySelectorAll("img[loading=lazy]")) image.loading = "eager";
});
addEventListener("afterprint", () => {
  for (const details of unfolded) details.open = false;
});
