// Turns the links to animations into buttons that play them in place of the still.
"use strict";

for (const link of document.querySelectorAll("a.play")) {
  const image = link.closest("figure").querySelector("img");
  const button = document.createElement("button");
  const show = (playing) => {
    image.src = playing ? link.getAttribute("href") : link.dataset.still;
    button.textContent = playing ? "Show the still" : "Play";
    button.setAttribute("aria-label", `${button.textContent}: ${link.dataset.title}`);
    button.setAttribute("aria-pressed", String(playing));
    button.classList.toggle("playing", playing);
  };
  button.type = "button";
  button.className = "play";
  button.addEventListener("click", () => show(!button.classList.contains("playing")));
  show(false);
  link.replaceWith(button);
}

// Paper shows what is folded away on the screen, and stills.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const button of document.querySelectorAll("button.playing")) button.click();
});
