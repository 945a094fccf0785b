// Plays runs side by side on canvases: real points in grey, generated ones in colour, a ring around every mode.
"use strict";

{
  const FRAME = 170, HOLD = 2200; // milliseconds: a snapshot, and the last one before the film begins again
  const less = matchMedia("(prefers-reduced-motion: reduce)");

  // One run in a canvas of the size that the page gives it, as sharp as the screen.
  class Pane {
    constructor(canvas) {
      this.canvas = canvas;
      new ResizeObserver(() => this.draw()).observe(canvas);
    }

    show(run, k) {
      Object.assign(this, { run, k });
      const [left, right, bottom, top] = run.field.extent;
      this.canvas.style.aspectRatio = `${right - left} / ${top - bottom}`;
      this.draw();
    }

    draw() {
      const { canvas, run, k } = this;
      if (!run || !canvas.clientWidth) return;
      const [left, right, bottom, top] = run.field.extent;
      const ratio = devicePixelRatio || 1;
      const scale = (canvas.clientWidth * ratio) / (right - left); // pixels a data unit
      const size = [canvas.clientWidth * ratio, (top - bottom) * scale].map(Math.round);
      if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
      const context = canvas.getContext("2d");
      const style = getComputedStyle(canvas);
      const colour = (name) => style.getPropertyValue(`--${name}`).trim();
      const place = (x, y) => [(x - left) * scale, (top - y) * scale];
      const dots = (points, radius) => {
        for (let i = 0; i < points.length; i += 2) {
          if (Number.isNaN(points[i])) continue;
          const [x, y] = place(points[i], points[i + 1]);
          context.beginPath();
          context.arc(x, y, radius, 0, 2 * Math.PI);
          context.fill();
        }
      };
      const grain = Math.max(0.75, canvas.clientWidth / 300) * ratio;
      context.clearRect(0, 0, ...size);
      run.field.centres.forEach(([x, y], mode) => {
        const kept = run.kept[k][mode] === "1";
        context.beginPath();
        context.arc(...place(x, y), run.field.radius * scale, 0, 2 * Math.PI);
        context.fillStyle = colour("kept-disc");
        if (kept) context.fill();
        context.strokeStyle = colour(kept ? "kept-mode" : "lost-mode");
        context.lineWidth = (kept ? 1.5 : 1.1) * grain;
        context.setLineDash(kept ? [] : [2.5 * grain, 2.5 * grain]);
        context.stroke();
      });
      context.fillStyle = colour("real-points");
      dots(run.field.real, 0.9 * grain);
      context.fillStyle = colour("generated-points");
      dots(run.points(k), 1.35 * grain);
    }
  }

  // Runs in step with each other over the steps of both. `changed` is called after every frame.
  modescope.Player = class {
    constructor(canvases, changed = () => {}) {
      this.panes = canvases.map((canvas) => new Pane(canvas));
      this.changed = changed;
      this.runs = [];
      this.playing = false;
      const again = () => this.panes.forEach((pane) => pane.draw());
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
      less.addEventListener("change", () => less.matches && this.rest());
    }

    static get still() {
      return less.matches;
    }

    load(runs) {
      clearTimeout(this.timer);
      this.playing = false;
      this.runs = runs;
      this.steps = [...new Set(runs.flatMap((run) => run.steps))].sort((a, b) => a - b);
      this.show(this.steps.length - 1);
    }

    get step() {
      return this.steps?.[this.index];
    }

    get last() {
      return this.steps.length - 1;
    }

    // The points of a side that are drawn now: x, y, x, y, ...
    frame(side) {
      const run = this.runs[side];
      return run.points(run.at(this.step));
    }

    show(index) {
      this.index = Math.min(this.last, Math.max(0, index));
      this.runs.forEach((run, side) => this.panes[side].show(run, run.at(this.step)));
      this.changed(this);
    }

    // The last frame that is not later than a step.
    seek(step) {
      this.show(this.steps.findLastIndex((taken) => taken <= step));
    }

    // From the beginning if it has ended, either now or after the last frame was shown for a while.
    play(now = true) {
      if (this.playing || !this.runs.length) return;
      this.playing = true;
      if (now && this.index === this.last) this.show(0);
      else this.changed(this);
      this.#next();
    }

    pause() {
      clearTimeout(this.timer);
      this.playing = false;
      if (this.runs.length) this.changed(this);
    }

    // As one who asks for less motion finds it.
    rest() {
      this.pause();
      if (this.runs.length) this.show(this.last);
    }

    #next() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        this.show(this.index === this.last ? 0 : this.index + 1);
        this.#next();
      }, this.index === this.last ? HOLD : FRAME);
    }
  };

  // A button that plays and pauses.
  modescope.button = (player, button, of) => {
    button.type = "button";
    button.addEventListener("click", () => (player.playing ? player.pause() : player.play()));
    return () => {
      button.textContent = player.playing ? "Pause" : "Play";
      button.setAttribute("aria-label", `${button.textContent}: ${of}`);
      button.classList.toggle("playing", player.playing);
    };
  };
}
