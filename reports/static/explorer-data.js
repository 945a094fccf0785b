// Runs for the explorer. Each is a script that calls `modescopeRun`, as a page opened from a folder may not fetch data.
"use strict";

const modescope = {};

{
  const NOWHERE = 0xfff; // the code of a point outside the picture, or of one that is not finite
  const waiting = new Map(); // name -> what takes the content of its script
  const loaded = new Map(); // name -> promise of its content

  window.modescopeRun = (name, content) => waiting.get(name)?.(content);

  // The content of assets/explorer/<name>.js, loaded once.
  modescope.load = (name) => {
    if (!loaded.has(name)) {
      loaded.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        waiting.set(name, resolve);
        script.src = `assets/explorer/${name}.js`;
        script.addEventListener("error", () => {
          loaded.delete(name); // the next try may succeed
          reject(new Error(`${script.src} cannot be loaded`));
        });
        document.head.append(script);
      }));
    }
    return loaded.get(name);
  };

  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  // Points as x, y, x, y, ... in data units; NaN where a point has no place. Three bytes a point, 12 bits a coordinate.
  const unpack = (packed, [left, right, bottom, top]) => {
    const points = new Float64Array((packed.length / 3) * 2).fill(NaN);
    for (let i = 0, k = 0; i < packed.length; i += 3, k += 2) {
      const x = (packed[i] << 4) | (packed[i + 1] >> 4);
      const y = ((packed[i + 1] & 0xf) << 8) | packed[i + 2];
      if (x === NOWHERE) continue;
      points[k] = left + (x * (right - left)) / (NOWHERE - 1);
      points[k + 1] = bottom + (y * (top - bottom)) / (NOWHERE - 1);
    }
    return points;
  };

  // A dataset: where it is drawn, its modes, and real points.
  modescope.Field = class {
    constructor(content) {
      this.extent = content.extent;
      this.centres = content.centres ?? [];
      this.radius = content.radius; // of the ring around a mode
      this.modes = content.n_modes; // null where modes are not counted
      this.real = unpack(bytes(content.packed), this.extent);
    }
  };

  // A run: `points(k)` at its k-th snapshot, how many modes it keeps then, and which.
  modescope.Run = class {
    constructor(content, field) {
      const { points, packed, ...rest } = content;
      Object.assign(this, rest, { size: 3 * points });
      this.field = field;
      this.bytes = bytes(packed);
    }

    // The last snapshot that is not later than a step.
    at(step) {
      return Math.max(0, this.steps.findLastIndex((taken) => taken <= step));
    }

    points(k) {
      return unpack(this.bytes.subarray(k * this.size, (k + 1) * this.size), this.field.extent);
    }

    gone(k) {
      return this.diverged !== null && this.steps[k] >= this.diverged;
    }

    // What is told of a snapshot in words.
    words(k) {
      if (this.gone(k)) return `diverged at step ${this.diverged.toLocaleString("en")}`;
      const count = this.counts?.[k];
      return count === undefined || count === null ? "" : `${count} of ${this.field.modes} modes`;
    }
  };
}
