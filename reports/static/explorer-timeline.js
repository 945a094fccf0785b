// Modes kept by both runs over their training, as a chart in which one can point at a step.
"use strict";

{
  const HEIGHT = 84, TOP = 8, BOTTOM = 6, SIDE = 8; // CSS pixels; the sides are half a slider's thumb

  modescope.Timeline = class {
    constructor(canvas, player, touched) {
      Object.assign(this, { canvas, player });
      new ResizeObserver(() => this.draw()).observe(canvas);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
      const point = (event) => {
        if (!event.buttons) return;
        touched();
        const share = (event.offsetX - SIDE) / (canvas.clientWidth - 2 * SIDE);
        player.show(Math.round(share * player.last));
      };
      canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        point(event);
      });
      canvas.addEventListener("pointermove", point);
    }

    draw() {
      const { canvas, player } = this;
      canvas.hidden = !player.runs.length || player.runs.some((run) => !run.counts); // without modes nothing is counted
      if (canvas.hidden || !canvas.clientWidth) return;
      const ratio = devicePixelRatio || 1;
      [canvas.width, canvas.height] = [canvas.clientWidth * ratio, HEIGHT * ratio].map(Math.round);
      const context = canvas.getContext("2d");
      const style = getComputedStyle(canvas);
      const colour = (name) => style.getPropertyValue(`--${name}`).trim();
      const modes = player.runs[0].field.modes;
      // The slider has a place for every snapshot, so the chart has as well.
      const x = (index) => SIDE + (index / Math.max(1, player.last)) * (canvas.clientWidth - 2 * SIDE);
      const y = (count) => TOP + (1 - count / modes) * (HEIGHT - TOP - BOTTOM);
      context.scale(ratio, ratio);
      context.fillStyle = colour("muted");
      context.font = `11px ${style.getPropertyValue("--sans")}`;
      context.textBaseline = "top";
      context.fillText(`${modes} modes`, x(0), TOP + 3);
      context.strokeStyle = colour("faint");
      for (const level of [0, modes]) this.#line(context, [[x(0), y(level)], [x(player.last), y(level)]]);
      context.strokeStyle = colour("control");
      this.#line(context, [[x(player.index), 0], [x(player.index), HEIGHT]]);
      player.runs.forEach((run, side) => {
        const line = player.steps.flatMap((step, index) => {
          const k = run.steps.indexOf(step);
          return k < 0 || run.counts[k] === null ? [] : [[x(index), y(run.counts[k])]];
        });
        const now = run.counts[run.at(player.step)];
        context.strokeStyle = context.fillStyle = colour(`side-${side}`);
        context.lineWidth = 2;
        context.setLineDash(side ? [] : [5, 3]);
        this.#line(context, line);
        context.setLineDash([]);
        if (now === null) return;
        context.beginPath();
        context.arc(x(player.index), y(now), 4, 0, 2 * Math.PI);
        context.fill();
      });
    }

    #line(context, points) {
      context.beginPath();
      points.forEach(([x, y]) => context.lineTo(x, y));
      context.stroke();
    }
  };
}
