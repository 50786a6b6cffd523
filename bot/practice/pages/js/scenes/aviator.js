/** Aviator: grey rays that turn slowly, a glow behind the number, a red plane on its curve. */

import { prepared, roundCorners, settle, tier } from "./common.js";

const RED = "#e50539";
const GLOWS = ["28,97,137", "74,36,135", "110,20,100"];
const RAY_DEGREES = 8;
const TURN_DEGREES_PER_S = 2.4;
/** Seconds of flight (at speed 1) until the plane has come to its place at the right. */
const CLIMB_S = 9;

/** The plane in a box 150 x 74, nose to the right, propeller not included. */
function paintPlane(context) {
  context.fillStyle = RED;
  context.strokeStyle = RED;
  context.lineJoin = "round";
  const shape = (points) => {
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.fill();
  };
  shape([[52, 34], [76, 8], [98, 7], [88, 33]]);
  shape([[8, 42], [2, 20], [14, 17], [34, 36]]);
  context.beginPath();
  context.moveTo(4, 46);
  context.bezierCurveTo(34, 31, 78, 25, 126, 28);
  context.quadraticCurveTo(136, 31, 136, 39);
  context.quadraticCurveTo(136, 47, 127, 50);
  context.bezierCurveTo(96, 58, 50, 58, 10, 53);
  context.closePath();
  context.fill();
  shape([[64, 48], [30, 70], [54, 72], [106, 49]]);
  shape([[10, 50], [0, 58], [14, 60], [30, 52]]);
  context.fillStyle = "#1a0006";
  context.beginPath();
  context.moveTo(78, 29);
  context.quadraticCurveTo(88, 17, 104, 27.5);
  context.closePath();
  context.fill();
  context.lineWidth = 4.2;
  context.strokeStyle = "#1a0006";
  context.beginPath();
  context.moveTo(42, 37);
  context.lineTo(53, 50);
  context.moveTo(54, 36);
  context.lineTo(41, 51);
  context.stroke();
  context.lineWidth = 1.8;
  context.beginPath();
  context.moveTo(62, 47.500);
  context.lineTo(108, 47.500);
  context.moveTo(121, 30);
  context.quadraticCurveTo(126, 39, 121, 49);
  context.moveTo(58, 32);
  context.lineTo(84, 32);
  context.stroke();
  context.fillStyle = RED;
  context.beginPath();
  context.arc(139, 39, 4.500, 0, 7);
  context.fill();
}

export class AviatorScene {
  constructor(context) {
    this.context = context;
  }

  resize(width, height, zoom) {
    Object.assign(this, { width, height, zoom });
    this.unit = Math.max(0.62, Math.min(1.5, width / (900 * zoom))) * zoom;
    this.plane = prepared(150 * this.unit, 78 * this.unit, (context) => {
      context.scale(this.unit, this.unit);
      paintPlane(context);
    });
    this.plain = prepared(width, height, (context) => this.paintGround(context, null));
    this.glowing = GLOWS.map((glow) => prepared(width, height, (context) => this.paintGround(context, glow)));
    this.left = 26 * zoom;
    this.base = height - 24 * zoom;
  }

  paintGround(context, glow) {
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.width, this.height);
    if (!glow) return;
    context.save();
    context.translate(this.width / 2, this.height / 2);
    context.scale(this.width * 0.46, this.height * 0.6);
    const shade = context.createRadialGradient(0, 0, 0, 0, 0, 1);
    [[0, 0.95], [0.35, 0.62], [0.7, 0.2], [1, 0]].forEach(([at, alpha]) => shade.addColorStop(at, `rgba(${glow},${alpha})`));
    context.fillStyle = shade;
    context.fillRect(-1.2, -1.2, 2.4, 2.4);
    context.restore();
  }

  draw(moment) {
    const { context } = this;
    const { phase } = moment;
    const ground = phase === "flying" ? this.glowing[tier(moment.multiplier)] : this.plain;
    context.drawImage(ground, 0, 0);
    if (phase !== "pause") {
      this.drawRays(phase === "flying" ? moment.seconds : moment.crashedSeconds);
      if (phase === "flying") this.drawFlight(moment);
      else if (phase === "crashed") this.drawLeaving(moment);
      else this.drawPlane(this.left + 56 * this.unit, this.base - 22 * this.unit, -0.14, 0);
    }
    roundCorners(context, this.width, this.height, 9 * this.zoom, "#0e0e0e");
  }

  drawRays(seconds) {
    const { context, width, height } = this;
    const radians = (degrees) => (degrees * Math.PI) / 180;
    const x = -0.02 * width;
    const y = height * 1.03;
    const far = width * 1.3 + height;
    const turned = (seconds * TURN_DEGREES_PER_S) % (2 * RAY_DEGREES);
    context.fillStyle = "rgba(255,255,255,.062)";
    context.beginPath();
    for (let degrees = -2 * RAY_DEGREES; degrees < 92; degrees += 2 * RAY_DEGREES) {
      const from = radians(degrees + turned);
      const to = radians(degrees + turned + RAY_DEGREES);
      context.moveTo(x, y);
      context.lineTo(x + far * Math.cos(from), y - far * Math.sin(from));
      context.lineTo(x + far * Math.cos(to), y - far * Math.sin(to));
    }
    context.fill();
  }

  /** Where the plane is after `seconds`: along the ground first, then up, at last hovering. */
  path(seconds) {
    const share = Math.min(1, seconds / CLIMB_S);
    const along = settle(share);
    const hover = seconds > CLIMB_S ? Math.sin((seconds - CLIMB_S) * 0.9) : 0;
    const x = this.left + (0.80 * this.width - this.left) * along;
    const rise = 0.5 * this.height * along ** 2.6 * share ** 0.5;
    return [x, this.base - rise + hover * 0.035 * this.height, along];
  }

  drawFlight({ seconds, clock }) {
    const { context, zoom, left, base } = this;
    const [x, y, along] = this.path(seconds);
    this.drawAxes(seconds);
    context.beginPath();
    context.moveTo(left, base);
    context.quadraticCurveTo(left + (x - left) * 0.62, base, x, y);
    context.lineWidth = 3.5 * zoom;
    context.strokeStyle = RED;
    context.lineCap = "round";
    context.stroke();
    context.lineTo(x, base);
    context.closePath();
    context.fillStyle = "rgba(150,8,44,.5)";
    context.fill();
    this.drawPlane(x + 44 * this.unit, y - 16 * this.unit, -0.1 - 0.16 * along, clock);
  }

  drawLeaving({ sinceCrash, crashedSeconds, clock }) {
    const share = sinceCrash / 420;
    if (share >= 1) return;
    const [x, y] = this.path(crashedSeconds);
    const away = (this.width * 1.25 - x) * share * share + 40 * share;
    this.drawPlane(x + 44 * this.unit + away, y - 16 * this.unit - away * 0.22, -0.2, clock);
  }

  drawAxes(seconds) {
    const { context, width, zoom, left, base } = this;
    context.fillStyle = "#33353b";
    context.fillRect(left, 10 * zoom, zoom, base - 10 * zoom);
    context.fillRect(left, base, width - left - 8 * zoom, zoom);
    const gap = 46 * zoom;
    const shift = (seconds * 22 * zoom) % gap;
    const size = 3 * zoom;
    context.fillStyle = "#0f84c9";
    for (let y = base - gap + (shift % gap); y > 14 * zoom; y -= gap) context.fillRect(left / 2 - size / 2, y, size, size);
    context.fillStyle = "#c9ccd4";
    for (let x = left + gap - shift; x < width - 12 * zoom; x += gap) {
      if (x > left) context.fillRect(x, base + 10 * zoom, size, size);
    }
  }

  /** The plane with its middle at (`x`, `y`), and the propeller as it stands at `clock` seconds. */
  drawPlane(x, y, angle, clock) {
    const { context, unit } = this;
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.drawImage(this.plane, -75 * unit, -39 * unit);
    const blade = (13 + 17 * Math.abs(Math.cos(clock * 19))) * unit;
    context.fillStyle = RED;
    for (const sign of [-1, 1]) {
      context.beginPath();
      context.ellipse(66 * unit, sign * blade * 0.55, 2.6 * unit, blade * 0.55, 0, 0, 7);
      context.fill();
    }
    context.restore();
  }

  /** The turning propeller over the waiting text. */
  drawIcon(context, size, clock) {
    const half = size / 2;
    context.save();
    context.translate(half, half);
    context.strokeStyle = RED;
    context.lineWidth = size * 0.035;
    for (const start of [0.3, 0.3 + Math.PI]) {
      context.beginPath();
      context.arc(0, 0, half * 0.9, start + clock * 2.2, start + clock * 2.2 + 1.1);
      context.stroke();
    }
    context.rotate(clock * 4.4);
    context.fillStyle = RED;
    for (let blade = 0; blade < 2; blade += 1) {
      context.rotate(Math.PI);
      context.beginPath();
      context.moveTo(0, 0);
      context.bezierCurveTo(half * 0.2, -half * 0.3, half * 0.34, -half * 0.7, half * 0.06, -half * 0.86);
      context.bezierCurveTo(-half * 0.16, -half * 0.8, -half * 0.12, -half * 0.3, 0, 0);
      context.fill();
    }
    context.beginPath();
    context.arc(0, 0, half * 0.17, 0, 7);
    context.fill();
    context.fillStyle = "#000";
    context.beginPath();
    context.arc(0, 0, half * 0.07, 0, 7);
    context.fill();
    context.restore();
  }
}
