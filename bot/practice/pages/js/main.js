/** Opens a table: connection, state, view, stage, faults and reports, and the one timer that drives them. */

import { Faults } from "./faults.js";
import { Panel } from "./panel.js";
import { Reports } from "./reports.js";
import { Connection } from "./socket.js";
import { FRAME_MS, Stage } from "./stage.js";
import { Table } from "./table.js";
import { View } from "./view.js";

/** Parts in the order in which they are painted, with what each calls on the view. */
const PARTS = ["labels", "balance", "players", "history", "phase", "panels"];

class Page {
  constructor(name) {
    this.table = new Table();
    this.panels = [0, 1].map((index) => new Panel(
      document.getElementById(`panel${index}`), index, this.table, (action, panel) => this.act(action, panel), () => this.touch("panels"),
    ));
    this.view = new View(this.table, this.panels);
    this.stage = null;
    this.dirty = new Set();
    this.ticks = 0;
    this.faults = new Faults(this.table, {
      zoom: (zoom) => this.zoomTo(zoom),
      redraw: () => this.touch("labels", "balance", "history", "players", "phase", "panels"),
      showDialog: (kind) => this.view.showDialog(kind),
      hideDialog: (kind) => this.view.hideDialog(kind),
      reload: () => location.reload(),
    });
    this.view.showDialog("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.connection = new Connection(`${scheme}://${location.host}/ws/${encodeURIComponent(name)}`, {
      opened: () => {},
      message: (message) => this.take(message),
      closed: () => this.view.showDialog("lost"),
    });
    this.reports = new Reports(this.view, (message) => this.connection.send(message));
    addEventListener("resize", () => this.resize());
    setInterval(() => this.frame(), FRAME_MS);
  }

  take(message) {
    const now = performance.now();
    if (message.t === "fault") {
      this.faults.handle(message);
      return;
    }
    const changed = this.table.handle(message, now);
    if (message.t === "hello") this.welcome(message);
    else this.touch(...changed);
  }

  /** A table's first message: everything is laid out, then the casino is told that the page stands. */
  welcome(message) {
    if (!this.stage || this.stageGame !== message.game) {
      document.body.className = message.game;
      this.stage = new Stage(this.table, message.game);
      this.stageGame = message.game;
    }
    this.view.hideDialog("connecting");
    this.view.hideDialog("lost");
    this.faults.restore(message.faults);
    this.resize();
    this.connection.send({ t: "hello", table: this.table.name, width: innerWidth, height: innerHeight });
    this.reports.boxes(true);
  }

  zoomTo(zoom) {
    if (zoom === this.view.zoom) return;
    this.view.zoom = zoom;
    this.resize();
  }

  resize() {
    if (!this.stage) return;
    this.view.layout();
    this.stage.layout(this.view.boxes, this.view.width, this.view.zoom);
    this.touch("labels", "balance", "history", "players", "phase", "panels");
    this.reports.boxes();
  }

  /** Notes that `parts` are out of date and paints them, unless the picture is frozen. */
  touch(...parts) {
    for (const part of parts) this.dirty.add(part);
    if (this.faults.frozen || !this.stage || !this.view.boxes) return;
    for (const part of PARTS) {
      if (!this.dirty.has(part) || (part === "balance" && this.faults.balanceHeld)) continue;
      this.dirty.delete(part);
      if (part === "panels") this.view.buttons();
      else this.view[part]();
    }
    this.view.toasts();
    if (parts.includes("phase")) this.frame();
  }

  frame() {
    if (!this.stage || this.faults.frozen) return;
    this.stage.frame(performance.now(), this.faults.midChange);
    this.ticks += 1;
    if (this.table.phase === "flying" && this.ticks % 3 === 0) this.view.buttons();
  }

  /** The person's wish goes to the casino; the button waits for its answer. */
  act(action, panel) {
    const { index } = panel;
    const bet = this.table.bets[index];
    const waiting = { bet: "sending", cancel: "cancelling", cash_out: "cashing" }[action];
    const message = { t: action, panel: index };
    if (action === "bet") {
      message.stake = panel.stake;
      message.target = panel.automatic ? panel.target : null;
    }
    if (!this.connection.send(message)) return;
    const held = action === "bet" ? { stake: panel.stake, target: message.target } : bet;
    this.touch(...this.table.setBet(index, { ...held, status: waiting }));
  }
}

const name = decodeURIComponent(location.pathname.split("/").filter(Boolean).pop() ?? "");
window.page = new Page(name);
