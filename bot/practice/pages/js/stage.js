/** The moving part of the page: scenery, waiting icon, progress bar and multiplier, each on a canvas of its own,
 *  so that a small change repaints a small place. One timer drives them, well below the screen's rate. */

import { multiplier as multiplierText } from "./format.js";
import { deviceBox, multiplierFont, place } from "./geometry.js";
import { CanvasNumber, GlowNumber, NumberFace, SpanNumber } from "./number.js";
import { AviatorScene } from "./scenes/aviator.js";
import { AviatrixScene } from "./scenes/aviatrix.js";
import { JetXScene } from "./scenes/jetx.js";

/** The number may change this often; scenery and icon only every second time. */
export const FRAME_MS = 33;
/** How long after the crash the scenery still moves (the plane leaves). */
const LEAVING_MS = 900;

const GAMES = {
  aviator: { Scene: AviatorScene, crashed: "#d0021b", bar: ["#262830", "#e50539"],
    number: (canvas) => new CanvasNumber(canvas, 'Inter, "Helvetica Neue", Arial, sans-serif') },
  aviatrix: { Scene: AviatrixScene, crashed: "#ff4b55", bar: ["#3b2a4a", "#ff9f1c"],
    number: (_, digits) => new SpanNumber(digits) },
  jetx: { Scene: JetXScene, crashed: "#ff3b30", bar: ["#1d2733", "#00c2ff"],
    number: (canvas) => new GlowNumber(canvas, 'Roboto, "Segoe UI", Arial, sans-serif') },
};

export class Stage {
  constructor(table, game) {
    this.table = table;
    this.game = GAMES[game];
    this.canvases = Object.fromEntries(["scene", "icon", "number", "progress"].map((id) => [id, document.getElementById(id)]));
    this.digits = document.getElementById("digits");
    this.scene = new this.game.Scene(this.canvases.scene.getContext("2d", { alpha: false }));
    this.icon = this.canvases.icon.getContext("2d");
    this.bar = this.canvases.progress.getContext("2d");
    const painter = this.game.number(this.canvases.number, this.digits);
    painter.layout(10);
    this.face = new NumberFace(painter);
    this.count = 0;
    this.redraw = true;
    this.isSpan = painter instanceof SpanNumber;
    this.canvases.number.hidden = this.isSpan;
    this.canvases.number.style.display = this.isSpan ? "none" : "";
  }

  layout(boxes, width, zoom) {
    const names = { scene: "canvas", icon: "icon", number: "multiplier", progress: "progress" };
    for (const [id, name] of Object.entries(names)) {
      const device = deviceBox(boxes[name], zoom);
      const canvas = this.canvases[id];
      [canvas.width, canvas.height] = device.slice(2);
      place(canvas, device);
    }
    place(this.digits, boxes.multiplier);
    const font = multiplierFont(width, boxes.canvas[3]);
    this.face.painter.layout(this.isSpan ? font : font * zoom);
    this.zoom = zoom;
    this.scene.resize(this.canvases.scene.width, this.canvases.scene.height, zoom);
    this.redraw = true;
    this.face.clear();
  }

  /** One tick of the page's timer at `now` (ms). */
  frame(now, midChange) {
    if (!this.table.ready || !this.zoom) return;
    const { phase } = this.table;
    const entered = phase !== this.shownPhase || this.redraw;
    this.shownPhase = phase;
    this.redraw = false;
    this.count += 1;
    this.paintNumber(phase, now, midChange);
    const moves = phase === "flying" || (phase === "crashed" && now - this.table.phaseAt < LEAVING_MS);
    if (entered || (moves && this.count % 2 === 0)) this.paintScene(phase, now);
    this.paintWaiting(phase, now, entered);
  }

  paintNumber(phase, now, midChange) {
    if (phase !== "flying" && phase !== "crashed") {
      if (this.face.text) this.face.clear();
      return;
    }
    const colour = phase === "flying" ? "#ffffff" : this.game.crashed;
    this.face.show(multiplierText(this.table.shownMultiplier(now), this.table.comma), colour, now, midChange);
  }

  paintScene(phase, now) {
    const { table } = this;
    this.scene.draw({
      phase,
      seconds: table.flightSeconds(now) * table.speed,
      clock: now / 1000,
      multiplier: table.multiplier,
      sinceCrash: (now - table.phaseAt) * Math.max(1, Math.min(3, table.speed)),
      crashedSeconds: Math.max(0, (table.phaseAt - table.origin) / 1000) * table.speed,
    });
  }

  paintWaiting(phase, now, entered) {
    if (phase !== "betting") {
      if (!entered) return;
      for (const context of [this.icon, this.bar]) context.clearRect(0, 0, context.canvas.width, context.canvas.height);
      return;
    }
    if (entered || this.count % 2 === 0) this.paintBar(this.table.bettingLeft(now));
    if (entered || this.count % 3 === 0) {
      const { width, height } = this.icon.canvas;
      this.icon.clearRect(0, 0, width, height);
      this.scene.drawIcon(this.icon, width, now / 1000);
    }
  }

  paintBar(left) {
    const { width, height } = this.bar.canvas;
    const [back, front] = this.game.bar;
    this.bar.clearRect(0, 0, width, height);
    for (const [colour, share] of [[back, 1], [front, left]]) {
      if (share <= 0) continue;
      this.bar.fillStyle = colour;
      this.bar.beginPath();
      this.bar.roundRect(0, 0, Math.max(1, Math.round(width * share)), height, Math.min(height / 2, 2 * this.zoom));
      this.bar.fill();
    }
  }
}
