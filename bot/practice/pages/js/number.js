/** The multiplier in the middle of the canvas: three ways to paint the same number, one for each game. */

/** How long digits are shown mid-change, and how long they then stand still, with the fault `mid_change` (ms). */
const MIX_MS = 60;
const STAND_MS = 90;

/** Decides what to paint: text and colour, and with `mid_change` a mix of the old and the new text. */
export class NumberFace {
  constructor(painter) {
    this.painter = painter;
    this.clear();
  }

  clear() {
    this.text = "";
    this.mixUntil = 0;
    this.standUntil = 0;
    this.old = null;
    this.painter.paint("", "#fff", null, 0);
  }

  /** Shows `text` in `colour` at `now` (ms). */
  show(text, colour, now, midChange) {
    if (this.old !== null && now >= this.mixUntil) {
      this.old = null;
      this.painter.paint(this.text, this.colour, null, 0);
    }
    if (text === this.text && colour === this.colour) {
      if (this.old !== null) this.painter.paint(this.text, colour, this.old, this.share(now));
      return;
    }
    const mixes = midChange && this.text !== "" && colour === this.colour;
    if (mixes && now < this.standUntil) return;
    this.old = mixes ? this.text : null;
    this.text = text;
    this.colour = colour;
    if (mixes) {
      this.mixUntil = now + MIX_MS;
      this.standUntil = now + MIX_MS + STAND_MS;
    }
    this.painter.paint(text, colour, this.old, this.share(now));
  }

  /** How far the change has come, 0 to 1; never quite 0, so that the first picture is a mix already. */
  share(now) {
    return Math.min(0.9, Math.max(0.35, 1 - (this.mixUntil - now) / MIX_MS));
  }
}

/** Canvas text, as Aviator has it. */
export class CanvasNumber {
  constructor(canvas, family) {
    this.canvas = canvas;
    this.family = family;
    this.context = canvas.getContext("2d");
  }

  layout(font) {
    this.font = font;
  }

  paint(text, colour, old, share) {
    const { context, canvas } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!text) return;
    context.font = `700 ${this.font}px ${this.family}`;
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.fillStyle = colour;
    const y = Math.round(canvas.height / 2 + 0.36 * this.font);
    const x = Math.round((canvas.width - context.measureText(text).width) / 2);
    if (old === null) context.fillText(text, x, y);
    else this.roll(text, old, share, x, y);
  }

  /** The digits that change roll upwards: the old one leaves, the new one comes. */
  roll(text, old, share, x, y) {
    const { context } = this;
    const step = 0.8 * this.font;
    context.save();
    context.beginPath();
    context.rect(0, y - 0.78 * this.font, this.canvas.width, 0.84 * this.font);
    context.clip();
    let left = x;
    [...text].forEach((character, index) => {
      const before = old[index] ?? "";
      if (before === character || !/\d/.test(character)) {
        context.fillText(character, left, y);
      } else {
        context.fillText(before, left, y - step * share);
        context.fillText(character, left, y + step * (1 - share));
      }
      left += context.measureText(character).width;
    });
    context.restore();
  }
}

/** Canvas text with an outline and a glow, from glyphs painted once: a blur for every number would cost too much. */
export class GlowNumber extends CanvasNumber {
  layout(font) {
    super.layout(font);
    this.glyphs = new Map();
  }

  glyph(character, colour) {
    const key = character + colour;
    if (!this.glyphs.has(key)) this.glyphs.set(key, this.cut(character, colour));
    return this.glyphs.get(key);
  }

  cut(character, colour) {
    const margin = Math.ceil(0.3 * this.font);
    const family = `700 ${this.font}px ${this.family}`;
    this.context.font = family;
    const wide = this.context.measureText(character).width;
    const size = [Math.ceil(wide) + 2 * margin, Math.ceil(1.1 * this.font) + margin];
    const layers = [0, 1].map(() => {
      const canvas = new OffscreenCanvas(...size);
      const context = canvas.getContext("2d");
      context.font = family;
      return context;
    });
    const baseline = margin / 2 + 0.85 * this.font;
    const [glow, face] = layers;
    glow.shadowColor = colour === "#ffffff" ? "rgba(0,170,255,.85)" : "rgba(255,90,40,.8)";
    glow.shadowBlur = 0.22 * this.font;
    glow.lineJoin = "round";
    glow.lineWidth = 0.1 * this.font;
    glow.strokeStyle = "#071226";
    glow.strokeText(character, margin, baseline);
    face.fillStyle = colour;
    face.fillText(character, margin, baseline);
    return { wide, margin, baseline, glow: glow.canvas, face: face.canvas };
  }

  paint(text, colour, old, share) {
    const { context, canvas } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!text) return;
    const row = (string) => [...string].map((character) => this.glyph(character, colour));
    const glyphs = row(text);
    const before = old === null ? null : row(old);
    const total = glyphs.reduce((sum, glyph) => sum + glyph.wide, 0);
    const y = Math.round(canvas.height / 2 + 0.36 * this.font);
    for (const layer of ["glow", "face"]) {
      let x = (canvas.width - total) / 2;
      glyphs.forEach((glyph, index) => {
        const draw = (one, dy) => context.drawImage(one[layer], Math.round(x - one.margin), Math.round(y - one.baseline + dy));
        const changed = before?.[index] && before[index] !== glyph;
        if (changed) {
          draw(before[index], -0.8 * this.font * share);
          draw(glyph, 0.8 * this.font * (1 - share));
        } else draw(glyph, 0);
        x += glyph.wide;
      });
    }
  }
}

/** Page text, one span a character, as Aviatrix has it. */
export class SpanNumber {
  constructor(element) {
    this.element = element;
    this.spans = [];
  }

  layout(font) {
    this.element.style.fontSize = `${font}px`;
    this.element.style.lineHeight = `${1.3 * font}px`;
    this.element.style.paddingBottom = `${0.06 * font}px`;
  }

  paint(text, colour, old, share) {
    const { element, spans } = this;
    while (spans.length < text.length) spans.push(element.appendChild(document.createElement("span")));
    while (spans.length > text.length) spans.pop().remove();
    if (element.style.color !== colour) element.style.color = colour;
    element.style.setProperty("--new-mix", `rgb(255 255 255 / ${share})`);
    element.style.setProperty("--old-mix", `rgb(255 255 255 / ${1 - share})`);
    [...text].forEach((character, index) => {
      const span = spans[index];
      if (span.textContent !== character) span.textContent = character;
      const before = old?.[index];
      if (before && before !== character) span.dataset.old = before;
      else if (span.dataset.old !== undefined) delete span.dataset.old;
    });
  }
}
