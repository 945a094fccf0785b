// Twins: two runs side by side that play while they are in view. Without scripts and on paper their stills are shown.
"use strict";

{
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) view(target, isIntersecting);
  }, { threshold: 0.25 });
  const players = new WeakMap(); // figure -> its player, or nothing while it loads

  function view(figure, visible) {
    const player = players.get(figure);
    if (!visible) {
      if (player?.playing) player.away = true;
      player?.pause();
    } else if (player?.away) {
      player.away = false;
      player.play();
    } else if (!players.has(figure)) {
      players.set(figure, undefined);
      start(figure).catch(() => players.delete(figure)); // the stills stay
    }
  }

  async function start(figure) {
    const panes = [...figure.querySelectorAll(".pane")];
    const [real, ...contents] = await Promise.all(
      [figure.dataset.real, ...panes.map((pane) => pane.dataset.run)].map(modescope.load),
    );
    const field = new modescope.Field(real);
    const runs = contents.map((content) => new modescope.Run(content, field));
    const canvases = panes.map((pane) => {
      const canvas = document.createElement("canvas");
      canvas.setAttribute("aria-hidden", "true");
      pane.querySelector("svg").after(canvas);
      return canvas;
    });
    const [button, shown, controls] = ["button", "span", "p"].map((tag) => document.createElement(tag));
    const player = new modescope.Player(canvases, () => {
      shown.textContent = `step ${player.step.toLocaleString("en")}`;
      runs.forEach((run, side) => {
        panes[side].querySelector(".count").textContent = run.words(run.at(player.step));
      });
      label();
    });
    const label = modescope.button(player, button, figure.querySelector(".panes").getAttribute("aria-label"));
    button.className = "play";
    controls.className = "controls";
    controls.append(button, shown);
    figure.querySelector(".panes").after(controls);
    figure.classList.add("live");
    figure.player = player;
    players.set(figure, player);
    player.load(runs);
    if (!modescope.Player.still) player.play(false); // the outcome first
  }

  for (const figure of document.querySelectorAll("figure.twin")) seen.observe(figure);
}
