/** Aviatrix: an evening sky with drifting clouds and a golden stunt plane that draws a dotted arc. */

import { prepared, roundCorners, scatter, settle } from "./common.js";

const CLIMB_S = 10;
const GOLD = "#ffb52e";
/** Layers of clouds: share of the height where they float, size, speed (layout px a second), colour. */
const CLOUDS = [
  { y: 0.24, size: 0.7, speed: 9, colour: "172,116,168", seed: 5, count: 4 },
  { y: 0.66, size: 1, speed: 20, colour: "196,132,166", seed: 11, count: 4 },
  { y: 0.93, size: 1.7, speed: 38, colour: "214,148,160", seed: 23, count: 5 },
];

function puff(context, x, y, size, colour) {
  const shade = context.createLinearGradient(0, y - size, 0, y + size * 0.5);
  shade.addColorStop(0, `rgba(${colour},.85)`);
  shade.addColorStop(1, `rgba(${colour},.12)`);
  context.fillStyle = shade;
  context.beginPath();
  const lumps = [[-1.5, 0.16, 0.36], [-0.8, -0.18, 0.56], [0, -0.34, 0.68], [0.82, -0.1, 0.54], [1.5, 0.18, 0.34]];
  for (const [dx, dy, radius] of lumps) {
    context.moveTo(x + (dx + radius) * size, y + dy * size);
    context.arc(x + dx * size, y + dy * size, radius * size, 0, 7);
  }
  context.rect(x - 1.5 * size, y, 3 * size, 0.48 * size);
  context.fill();
}

/** The plane in a box 150 x 84, nose to the right. */
function paintPlane(context) {
  const fill = (colour, draw) => {
    context.fillStyle = colour;
    context.beginPath();
    draw();
    context.closePath();
    context.fill();
  };
  const polygon = (points) => points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  fill("#a8481c", () => polygon([[58, 44], [78, 12], [92, 12], [94, 42]]));
  fill("#e0662a", () => polygon([[6, 40], [4, 14], [17, 14], [36, 38]]));
  fill(GOLD, () => {
    context.moveTo(4, 44);
    context.bezierCurveTo(30, 34, 62, 26, 100, 29);
    context.bezierCurveTo(122, 30, 139, 36, 142, 45);
    context.bezierCurveTo(138, 53, 118, 58, 96, 58);
    context.bezierCurveTo(58, 59, 30, 56, 8, 50);
  });
  fill("#d97a1e", () => {
    context.moveTo(8, 50);
    context.bezierCurveTo(50, 54, 110, 52, 142, 45);
    context.bezierCurveTo(138, 53, 118, 58, 96, 58);
    context.bezierCurveTo(58, 59, 30, 56, 8, 50);
  });
  fill("#3a1f4d", () => {
    context.moveTo(70, 30);
    context.quadraticCurveTo(84, 15, 106, 29.500);
  });
  fill("rgba(255,214,170,.55)", () => {
    context.moveTo(78, 27);
    context.quadraticCurveTo(86, 19, 93, 23);
    context.lineTo(90, 28);
  });
  fill("#e0662a", () => polygon([[62, 48], [34, 76], [56, 78], [104, 49]]));
  fill("#ffd27a", () => polygon([[66, 48], [52, 62], [60, 62], [80, 48]]));
  fill("#3a1f4d", () => polygon([[30, 38], [38, 35.500], [42, 55], [33, 54]]));
  fill("#5b2c2c", () => {
    context.moveTo(137, 37);
    context.quadraticCurveTo(150, 44, 137, 52);
  });
}

export class AviatrixScene {
  constructor(context) {
    this.context = context;
  }

  resize(width, height, zoom) {
    Object.assign(this, { width, height, zoom });
    this.unit = Math.max(0.6, Math.min(1.5, width / (940 * zoom))) * zoom;
    this.sky = prepared(width, height, (context) => this.paintSky(context));
    this.night = prepared(width, height, (context) => {
      this.paintSky(context);
      context.fillStyle = "rgba(20,8,32,.72)";
      context.fillRect(0, 0, width, height);
    });
    this.plane = prepared(150 * this.unit, 84 * this.unit, (context) => {
      context.scale(this.unit, this.unit);
      paintPlane(context);
    });
    this.clouds = CLOUDS.map((layer) => this.paintClouds(layer));
  }

  paintSky(context) {
    const { width, height } = this;
    const sky = context.createLinearGradient(0, 0, 0, height);
    [[0, "#5e3a80"], [0.35, "#7e498d"], [0.65, "#8d538d"], [0.88, "#b8667f"], [1, "#d07f74"]].forEach(([at, colour]) => sky.addColorStop(at, colour));
    context.fillStyle = sky;
    context.fillRect(0, 0, width, height);
    const sun = context.createRadialGradient(width * 0.84, height, 0, width * 0.84, height, height * 0.75);
    sun.addColorStop(0, "rgba(255,190,110,.75)");
    sun.addColorStop(0.25, "rgba(255,170,110,.32)");
    sun.addColorStop(1, "rgba(255,150,110,0)");
    context.fillStyle = sun;
    context.fillRect(0, 0, width, height);
    this.paintHills(context, 0.86, 0.05, "#74406f", 2.1);
    this.paintHills(context, 0.93, 0.04, "#52305a", 3.7);
  }

  paintHills(context, level, swing, colour, waves) {
    const { width, height } = this;
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 6) {
      const phase = (x / width) * waves * Math.PI;
      context.lineTo(x, height * (level - swing * (Math.sin(phase) + 0.5 * Math.sin(2.3 * phase + 1))));
    }
    context.lineTo(width, height);
    context.fill();
  }

  /** One strip of clouds, as wide as the canvas and a cloud more, so that it can be joined to itself. */
  paintClouds(layer) {
    const size = layer.size * Math.min(0.13 * this.height, 0.06 * this.width);
    const wide = Math.ceil(this.width + 4 * size);
    const random = scatter(layer.seed);
    const picture = prepared(wide, size * 2.2, (context) => {
      for (let i = 0; i < layer.count; i += 1) {
        const x = ((i + 0.25 + 0.5 * random()) / layer.count) * (wide - 4 * size) + 2 * size;
        puff(context, x, size * (1.2 + 0.3 * random()), size * (0.6 + 0.4 * random()), layer.colour);
      }
    });
    return { ...layer, picture, top: layer.y * this.height - size * 1.1 };
  }

  path(seconds) {
    const share = Math.min(1, seconds / CLIMB_S);
    const along = settle(share);
    const hover = seconds > CLIMB_S ? Math.sin((seconds - CLIMB_S) * 1.1) : 0;
    const x = 0.1 * this.width + 0.7 * this.width * along;
    const y = 0.84 * this.height - 0.46 * this.height * along ** 2.6 * share ** 0.4 + 0.03 * this.height * hover;
    return [x, y, along];
  }

  draw(moment) {
    const { context } = this;
    const { phase } = moment;
    if (phase === "pause") {
      context.drawImage(this.night, 0, 0);
    } else {
      context.drawImage(this.sky, 0, 0);
      const flown = phase === "betting" ? 0 : Math.max(moment.crashedSeconds, 0);
      const seconds = phase === "flying" ? moment.seconds : flown;
      this.drawClouds(seconds, 0, 2);
      if (phase === "flying") this.drawFlight(moment);
      else if (phase === "crashed") this.drawEnd(moment);
      else this.drawPlane(...this.path(0).slice(0, 2), -0.05, moment.clock);
      this.drawClouds(seconds, 2, 3);
      if (phase === "crashed") {
        context.fillStyle = "rgba(24,8,38,.5)";
        context.fillRect(0, 0, this.width, this.height);
      }
    }
    roundCorners(context, this.width, this.height, 9 * this.zoom, "#150f1d");
  }

  drawClouds(seconds, from, to) {
    for (const { picture, top, speed } of this.clouds.slice(from, to)) {
      const shift = Math.round((seconds * speed * this.zoom) % picture.width);
      this.context.drawImage(picture, -shift, Math.round(top));
      if (picture.width - shift < this.width) this.context.drawImage(picture, picture.width - shift, Math.round(top));
    }
  }

  drawTrail(x, y) {
    const { context, width, height, zoom } = this;
    const [left, base] = [0.02 * width, 0.86 * height];
    context.beginPath();
    context.moveTo(left, base);
    context.quadraticCurveTo(left + (x - left) * 0.62, base, x, y);
    context.strokeStyle = "rgba(255,190,92,.9)";
    context.lineWidth = 3 * zoom;
    context.setLineDash([9 * zoom, 7 * zoom]);
    context.stroke();
    context.setLineDash([]);
  }

  drawFlight({ seconds, clock }) {
    const [x, y, along] = this.path(seconds);
    this.drawTrail(x - 40 * this.unit, y + 10 * this.unit);
    this.drawPlane(x, y, -0.06 - 0.2 * along, clock);
  }

  /** The plane dives away behind the hills with a puff of smoke where it was. */
  drawEnd({ sinceCrash, crashedSeconds, clock }) {
    const { context, unit } = this;
    const share = sinceCrash / 620;
    if (share >= 1) return;
    const [x, y] = this.path(crashedSeconds);
    context.fillStyle = `rgba(58,31,77,${0.75 * (1 - share)})`;
    for (const [dx, dy, radius] of [[-12, 0, 20], [8, -9, 16], [14, 8, 18], [-4, 10, 14]]) {
      context.beginPath();
      context.arc(x + dx * unit * (1 + share), y + dy * unit * (1 + share), radius * unit * (0.5 + share), 0, 7);
      context.fill();
    }
    this.drawPlane(x + 150 * unit * share, y + this.height * 0.8 * share * share, 0.2 + 0.9 * share, clock);
  }

  drawPlane(x, y, angle, clock) {
    const { context, unit } = this;
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.drawImage(this.plane, -75 * unit, -42 * unit);
    const blade = (10 + 16 * Math.abs(Math.cos(clock * 17))) * unit;
    context.fillStyle = "rgba(91,44,44,.85)";
    context.beginPath();
    context.ellipse(71 * unit, 3 * unit, 2.4 * unit, blade, 0, 0, 7);
    context.fill();
    context.restore();
  }

  /** A compass whose needle swings, over the waiting text. */
  drawIcon(context, size, clock) {
    const half = size / 2;
    context.save();
    context.translate(half, half);
    context.fillStyle = "#3b2350";
    context.strokeStyle = GOLD;
    context.lineWidth = size * 0.05;
    context.beginPath();
    context.arc(0, 0, half * 0.88, 0, 7);
    context.fill();
    context.stroke();
    context.lineWidth = size * 0.035;
    for (let mark = 0; mark < 4; mark += 1) {
      context.rotate(Math.PI / 2);
      context.beginPath();
      context.moveTo(0, -half * 0.74);
      context.lineTo(0, -half * 0.6);
      context.stroke();
    }
    context.rotate(Math.sin(clock * 2.1) * 0.9 + clock * 0.6);
    for (const [sign, colour] of [[-1, "#ff6f91"], [1, "#c9a9d6"]]) {
      context.fillStyle = colour;
      context.beginPath();
      context.moveTo(-half * 0.17, 0);
      context.lineTo(0, sign * half * 0.62);
      context.lineTo(half * 0.17, 0);
      context.fill();
    }
    context.restore();
  }
}
