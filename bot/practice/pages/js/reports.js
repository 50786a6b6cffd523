/** What the page tells the casino of itself: where its elements are, and every press of a mouse button. */

const EXTRA = ["mark", "end_mark", "balance", "players", "players_total", "history"];
const PANEL = ["stake", "minus", "plus", "switch", "target", "button"];

function rounded(values) {
  return values.map((value) => Math.round(value * 100) / 100);
}

export class Reports {
  /** `view` gives `boxes` (layout pixels), `zoom`; `send` sends a message. */
  constructor(view, send) {
    this.view = view;
    this.send = send;
    this.offset = this.guessOffset();
    this.sent = "";
    addEventListener("mousedown", (event) => this.pressed(event), { capture: true });
    addEventListener("mousemove", (event) => this.measure(event), { capture: true, passive: true });
    setInterval(() => this.watchWindow(), 500);
  }

  /** The viewport's place on the screen as far as the window tells; a mouse event tells it exactly. */
  guessOffset() {
    const border = (outerWidth - innerWidth) / 2;
    return [screenX + border, screenY + outerHeight - innerHeight - border];
  }

  measure(event) {
    if (event.isTrusted) this.offset = [event.screenX - event.clientX, event.screenY - event.clientY];
  }

  /** A moved window sends no event: look now and then, and report only a change. */
  watchWindow() {
    const now = `${screenX},${screenY},${outerWidth},${outerHeight}`;
    if (this.window === now) return;
    this.window = now;
    this.offset = this.guessOffset();
    this.boxes();
  }

  /** The real boxes of the elements, measured, in pixels of the viewport. */
  measured() {
    const found = {};
    for (const name of EXTRA) {
      found[name] = document.querySelector(`[data-name="${name}"]`);
    }
    for (const p of [0, 1]) {
      for (const part of PANEL) found[`p${p}_${part}`] = document.querySelector(`[data-name="p${p}_${part}"]`);
    }
    const result = {};
    for (const [name, element] of Object.entries(found)) {
      const { x, y, width, height } = element.getBoundingClientRect();
      result[name] = [x, y, width, height];
    }
    for (const name of ["canvas", "multiplier", "progress"]) {
      result[name] = this.view.boxes[name].map((value) => value * this.view.zoom);
    }
    return result;
  }

  onScreen(measured) {
    const [left, top] = this.offset;
    return Object.fromEntries(Object.entries(measured).map(([name, [x, y, w, h]]) => [name, rounded([x + left, y + top, w, h])]));
  }

  /** Reports where everything is, if that is new. */
  boxes(always = false) {
    if (!this.view.boxes) return;
    const { zoom } = this.view;
    const measured = this.measured();
    const css = Object.fromEntries(Object.entries(measured).map(([name, box]) => [name, rounded(box.map((v) => v / zoom))]));
    const message = {
      t: "boxes", zoom, width: this.view.width, height: this.view.height, offset: this.offset, css, screen: this.onScreen(measured),
    };
    const text = JSON.stringify(message);
    if (!always && text === this.sent) return;
    if (this.send(message)) this.sent = text;
  }

  pressed(event) {
    this.measure(event);
    if (!this.view.boxes) return;
    const element = event.target.closest?.("[data-name]")?.dataset.name ?? "page";
    this.send({
      t: "click", screen_x: event.screenX, screen_y: event.screenY, element, boxes: this.onScreen(this.measured()),
      trusted: event.isTrusted, at_ms: Date.now(),
    });
  }
}
