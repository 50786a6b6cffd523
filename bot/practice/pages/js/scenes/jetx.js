/** JetX: a night runway by a city; the jet takes off, leaves the city below and flies among the stars. */

import { prepared, roundCorners, scatter, settle } from "./common.js";

const CLIMB_S = 9;
const PAGE = "#0a0e16";

/** The jet in a box 150 x 60, nose to the right. */
function paintJet(context) {
  const shape = (colour, points) => {
    context.fillStyle = colour;
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.fill();
  };
  shape("#274a78", [[52, 28], [70, 10], [80, 10], [84, 28]]);
  shape("#2f6aa8", [[10, 28], [4, 4], [20, 4], [44, 26]]);
  shape("#8fb4d8", [[6, 28], [30, 22], [92, 20], [122, 26], [148, 35], [120, 41], [40, 43], [8, 38]]);
  shape("#5b83ad", [[8, 36], [60, 37], [148, 35], [120, 41], [40, 43], [8, 38]]);
  shape("#0b1a33", [[90, 21], [102, 15], [116, 20], [124, 27], [96, 27]]);
  shape("#00c2ff", [[95, 22], [103, 17.500], [111, 20.500], [114, 24.500], [97, 25]]);
  shape("#2f6aa8", [[50, 34], [18, 56], [38, 57], [100, 35]]);
  shape("#00c2ff", [[46, 37], [18, 56], [25, 56.400], [56, 36]]);
  shape("#1c355a", [[2, 27], [12, 26], [12, 40], [2, 39]]);
  shape("#ff5a36", [[128, 30.500], [148, 35], [126, 35.500]]);
}

export class JetXScene {
  constructor(context) {
    this.context = context;
  }

  resize(width, height, zoom) {
    Object.assign(this, { width, height, zoom });
    this.unit = Math.max(0.6, Math.min(1.5, width / (900 * zoom))) * zoom;
    this.sky = prepared(width, height, (context) => this.paintSky(context));
    this.dark = prepared(width, height, (context) => {
      context.fillStyle = "#060a14";
      context.fillRect(0, 0, width, height);
    });
    this.stars = prepared(width, height, (context) => this.paintStars(context));
    this.city = prepared(width, height * 0.42, (context, w, h) => this.paintCity(context, w, h));
    this.jet = prepared(150 * this.unit, 60 * this.unit, (context) => {
      context.scale(this.unit, this.unit);
      paintJet(context);
    });
  }

  paintSky(context) {
    const { width, height } = this;
    const sky = context.createLinearGradient(0, 0, 0, height);
    [[0, "#070d20"], [0.5, "#0d1b3c"], [0.85, "#183563"], [1, "#214a78"]].forEach(([at, colour]) => sky.addColorStop(at, colour));
    context.fillStyle = sky;
    context.fillRect(0, 0, width, height);
    context.fillStyle = "#46618c";
    context.beginPath();
    context.arc(width * 0.9, height * 0.17, height * 0.075, 0, 7);
    context.fill();
    context.fillStyle = "#3b547c";
    for (const [dx, dy, radius] of [[-0.02, -0.015, 0.016], [0.018, 0.02, 0.022], [0.01, -0.035, 0.01]]) {
      context.beginPath();
      context.arc(width * 0.9 + dx * height, height * 0.17 + dy * height, radius * height, 0, 7);
      context.fill();
    }
  }

  paintStars(context) {
    const random = scatter(41);
    for (let i = 0; i < 90; i += 1) {
      const size = (random() > 0.8 ? 2 : 1) * Math.max(1, Math.round(this.zoom));
      const light = 70 + Math.floor(80 * random());
      context.fillStyle = `rgb(${light - 20},${light},${light + 30})`;
      context.fillRect(Math.floor(random() * this.width), Math.floor(random() * this.height), size, size);
    }
  }

  /** Blocks with lit windows, the runway with its lights in front. */
  paintCity(context, width, height) {
    const random = scatter(77);
    const step = Math.max(3, Math.round(this.unit * 5));
    const ground = height * 0.7;
    for (const [colour, share] of [["#0e2447", 1], ["#0a1a36", 0.7]]) {
      for (let x = 0; x < width; ) {
        const wide = step * (4 + Math.floor(random() * 6));
        const tall = ground * share * (0.3 + 0.7 * random());
        context.fillStyle = colour;
        context.fillRect(x, ground - tall, wide, tall);
        for (let wy = ground - tall + step; wy < ground - step; wy += 2 * step) {
          for (let wx = x + step; wx < x + wide - step; wx += 2 * step) {
            if (random() < 0.72) continue;
            context.fillStyle = random() < 0.5 ? "#7a6436" : "#2f6c94";
            context.fillRect(wx, wy, step * 0.8, step * 0.8);
          }
        }
        x += wide + (random() < 0.3 ? step * 2 : 0);
      }
    }
    context.fillStyle = "#111c2e";
    context.fillRect(0, ground, width, height - ground);
    context.fillStyle = "#2a3c58";
    context.fillRect(0, ground, width, Math.max(1, this.zoom));
    for (let x = 0; x < width; x += 14 * step) {
      context.fillStyle = "#54688a";
      context.fillRect(x, ground + (height - ground) * 0.52, 7 * step, Math.max(2, step * 0.5));
      context.fillStyle = "#00a3d6";
      context.fillRect(x + 3 * step, ground + 2 * this.zoom, 2 * this.zoom, 2 * this.zoom);
    }
  }

  path(seconds) {
    const share = Math.min(1, seconds / CLIMB_S);
    const along = settle(share);
    const hover = seconds > CLIMB_S ? Math.sin((seconds - CLIMB_S) * 1.2) : 0;
    const ground = this.height - 0.13 * this.height - 14 * this.unit;
    const x = 0.12 * this.width + 0.7 * this.width * along;
    return [x, ground - 0.5 * this.height * along ** 2.4 * share ** 0.4 + hover * 0.03 * this.height, along];
  }

  draw(moment) {
    const { context } = this;
    const { phase } = moment;
    if (phase === "pause") {
      context.drawImage(this.dark, 0, 0);
    } else {
      const seconds = phase === "flying" ? moment.seconds : phase === "crashed" ? moment.crashedSeconds : 0;
      this.drawGround(seconds);
      if (phase === "flying") this.drawFlight(moment);
      else if (phase === "crashed") this.drawBurst(moment);
      else this.drawJet(...this.path(0).slice(0, 2), 0);
    }
    roundCorners(context, this.width, this.height, 9 * this.zoom, PAGE);
  }

  drawGround(seconds) {
    const { context, width, height, zoom } = this;
    context.drawImage(this.sky, 0, 0);
    const drift = Math.round((seconds * 16 * zoom) % width);
    context.drawImage(this.stars, -drift, 0);
    if (drift) context.drawImage(this.stars, width - drift, 0);
    const sunk = Math.round(settle(Math.max(0, seconds - 1.2) / 9) * this.city.height);
    if (sunk >= this.city.height) return;
    const rolled = Math.round((Math.min(seconds, 3) * 14 + seconds * 24) * zoom) % width;
    const top = height - this.city.height + sunk;
    context.drawImage(this.city, -rolled, top);
    if (rolled) context.drawImage(this.city, width - rolled, top);
  }

  drawFlight({ seconds, clock }) {
    const { context, unit } = this;
    const [x, y, along] = this.path(seconds);
    const tail = [x - 66 * unit, y + 6 * unit + 10 * unit * along];
    const start = this.path(0);
    context.beginPath();
    context.moveTo(start[0] - 70 * unit, start[1] + 6 * unit);
    context.quadraticCurveTo(start[0] + (tail[0] - start[0]) * 0.62, start[1] + 8 * unit, ...tail);
    context.lineWidth = 7 * unit;
    context.lineCap = "round";
    context.strokeStyle = "rgba(0,150,220,.28)";
    context.stroke();
    context.lineWidth = 2.5 * unit;
    context.strokeStyle = "rgba(64,190,240,.75)";
    context.stroke();
    this.drawJet(x, y, -0.04 - 0.24 * along, clock);
  }

  drawJet(x, y, angle, clock = 0) {
    const { context, unit } = this;
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    if (clock) {
      const flame = (26 + 9 * Math.sin(clock * 31)) * unit;
      for (const [colour, share] of [["#ff7a1f", 1], ["#ffc24a", 0.55]]) {
        context.fillStyle = colour;
        context.beginPath();
        context.moveTo(-72 * unit, -3 * unit);
        context.lineTo(-72 * unit - flame * share, 3.500 * unit);
        context.lineTo(-72 * unit, 9 * unit);
        context.fill();
      }
    }
    context.drawImage(this.jet, -75 * unit, -30 * unit);
    context.restore();
  }

  /** Square sparks that fly apart where the jet was. */
  drawBurst({ sinceCrash, crashedSeconds }) {
    const share = sinceCrash / 700;
    if (share >= 1) return;
    const { context, unit } = this;
    const [x, y] = this.path(crashedSeconds);
    const random = scatter(9);
    for (let i = 0; i < 26; i += 1) {
      const angle = random() * 6.283;
      const far = (18 + 80 * random()) * unit * settle(share);
      const size = (10 * random() + 5) * unit * (1 - share);
      context.fillStyle = ["#ff7a1f", "#ffc24a", "#d8432a", "#5a6f92"][i % 4];
      context.fillRect(x + far * Math.cos(angle) - size / 2, y + far * Math.sin(angle) * 0.8 + 30 * unit * share * share - size / 2, size, size);
    }
  }

  /** A radar sweep over the waiting text. */
  drawIcon(context, size, clock) {
    const half = size / 2;
    context.save();
    context.translate(half, half);
    context.strokeStyle = "#1f6f9c";
    context.lineWidth = size * 0.035;
    for (const share of [0.9, 0.58, 0.26]) {
      context.beginPath();
      context.arc(0, 0, half * share, 0, 7);
      context.stroke();
    }
    context.rotate(clock * 3);
    for (let i = 0; i < 5; i += 1) {
      context.fillStyle = `rgba(0,194,255,${0.42 - 0.08 * i})`;
      context.beginPath();
      context.moveTo(0, 0);
      context.arc(0, 0, half * 0.88, -0.2 * (i + 1), -0.2 * i);
      context.fill();
    }
    context.restore();
    context.fillStyle = "#ffb13d";
    for (const [dx, dy] of [[0.3, -0.34], [-0.42, 0.2]]) {
      context.fillRect(half + dx * half - size * 0.04, half + dy * half - size * 0.04, size * 0.08, size * 0.08);
    }
  }
}
