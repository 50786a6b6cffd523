/** Everything on the page that stands still most of the time: header, crowd, chips, captions, toasts, dialog, panels. */

import { money, multiplier, tierColour } from "./format.js";
import { deviceBox, layoutBoxes, multiplierFont, place } from "./geometry.js";
import { fill, words } from "./labels.js";
import { logo } from "./logos.js";
import { drawEndMark, drawMark } from "./mark.js";

/** Presses fall through a dialog for this long after it was first painted. */
const DIALOG_GUARD_MS = 250;
const TOAST_MS = 2200;
const SLIDE_MS = 150;
const SLIDE_STEPS = 5;

const find = (id) => document.getElementById(id);

function text(id, value) {
  const element = find(id);
  if (element.textContent !== value) element.textContent = value;
}

export class View {
  constructor(table, panels) {
    this.table = table;
    this.panels = panels;
    this.zoom = 1;
    this.shownHistory = [];
    this.dialogs = new Set();
    find("dialog_button").addEventListener("click", () => this.hideDialog("reminder"));
  }

  /** Places everything for the window's present size and zoom. */
  layout() {
    const { zoom } = this;
    this.width = innerWidth / zoom;
    this.height = innerHeight / zoom;
    this.boxes = layoutBoxes(this.table.game, this.width, this.height);
    const root = find("root");
    root.style.zoom = zoom;
    root.style.width = `${this.width}px`;
    root.style.height = `${this.height}px`;
    for (const name of ["bar", "balance", "history", "toasts", "caption", "waiting"]) place(find(name), this.boxes[name]);
    place(find("crowd"), this.boxes.crowd);
    place(find("frame"), this.boxes.canvas);
    const crowd = [0, this.boxes.crowd[1]];
    for (const name of ["players", "players_total"]) place(find(name), this.boxes[name], crowd);
    this.panels.forEach((panel) => panel.layout(this.boxes));
    this.fonts();
    this.marks();
  }

  fonts() {
    const font = multiplierFont(this.width, this.boxes.canvas[3]);
    const caption = find("caption");
    caption.style.fontSize = `${0.72 * this.boxes.caption[3]}px`;
    caption.style.lineHeight = `${this.boxes.caption[3]}px`;
    const waiting = find("waiting");
    waiting.style.fontSize = `${Math.max(15, Math.min(26, 0.25 * font))}px`;
    waiting.style.lineHeight = "28px";
  }

  /** The marks are painted in whole pixels of the screen: their colours must be exact. */
  marks() {
    for (const [name, paint] of [["mark", (canvas) => drawMark(canvas, this.table.mark)], ["end_mark", drawEndMark]]) {
      const canvas = find(name);
      const device = deviceBox(this.boxes[name], this.zoom);
      if (name === "end_mark") {
        device[0] = innerWidth - device[2];
        device[1] = innerHeight - device[3];
      }
      [canvas.width, canvas.height] = device.slice(2);
      place(canvas, device);
      paint(canvas);
    }
  }

  labels() {
    const { table } = this;
    const said = words(table.language);
    document.documentElement.lang = table.language;
    document.title = `${table.name} · ${said.badge}`;
    document.body.className = table.game;
    find("logo").innerHTML = logo(table.game);
    find("badge").style.left = `${140 + find("logo").firstElementChild.getBoundingClientRect().width / this.zoom + 14}px`;
    text("badge", said.badge);
    text("players_label", said.players);
    text("total_label", said.total);
    text("link_verify", said.verify);
    text("link_language", said.language);
    text("link_lobby", said.lobby);
    text("waiting", said.waiting);
    text("caption", said.gone);
    const other = table.language === "sr" ? "en" : "sr";
    find("link_language").href = `/table/${encodeURIComponent(table.name)}?lang=${other}`;
    this.panels.forEach((panel) => panel.renderLabels(said));
  }

  balance() {
    text("balance_amount", money(this.table.balance, this.table.language));
    text("balance_currency", this.table.currency);
  }

  players() {
    const { table } = this;
    text("players", String(table.players));
    text("players_total", money(table.playersTotal, table.language));
  }

  phase() {
    const { table } = this;
    find("waiting").style.visibility = table.phase === "betting" ? "visible" : "hidden";
    find("caption").style.visibility = table.phase === "crashed" ? "visible" : "hidden";
    text("round_label", `${words(table.language).round} ${table.round ?? ""}`);
    find("round_label").title = `SHA-256: ${table.seedHash ?? ""}`;
    const language = table.language === "sr" ? "&lang=sr" : "";
    find("link_verify").href = `/verify?table=${encodeURIComponent(table.name)}${language}`;
  }

  buttons() {
    const { multiplier: shown } = this.table;
    this.panels.forEach((panel) => panel.renderButton(shown));
  }

  /** Shows the newest rounds that fit whole; one new round slides in from the left. */
  history() {
    const { history } = this.table;
    const shown = this.shownHistory;
    const isNext = shown.length > 0 && history.length > 1 && history.slice(1, 9).join() === shown.slice(0, 8).slice(0, history.length - 1).join();
    this.shownHistory = [...history];
    this.fillChips(history);
    if (isNext) this.slide(find("chips").firstElementChild);
  }

  fillChips(history) {
    const chips = find("chips");
    const comma = this.table.comma;
    chips.replaceChildren(...history.slice(0, 60).map((value) => {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.textContent = multiplier(value, comma);
      chip.style.color = tierColour(value);
      return chip;
    }));
    const room = this.boxes.history[2];
    const widths = [...chips.children].map((chip) => [chip, chip.offsetLeft + chip.offsetWidth]);
    for (const [chip, right] of widths) {
      if (right > room) chip.remove();
    }
  }

  slide(first) {
    const chips = find("chips");
    const distance = first.offsetWidth + 3;
    let step = 0;
    clearInterval(this.sliding);
    const move = () => {
      const left = Math.round(distance * (1 - step / SLIDE_STEPS));
      chips.style.transform = left ? `translateX(${-left}px)` : "";
      if (step >= SLIDE_STEPS) clearInterval(this.sliding);
      step += 1;
    };
    move();
    this.sliding = setInterval(move, SLIDE_MS / SLIDE_STEPS);
  }

  toasts() {
    const { table } = this;
    const said = words(table.language);
    for (const toast of table.toasts.splice(0)) {
      const element = find(`toast${toast.panel}`);
      const amount = toast.payout === undefined ? "" : `${money(toast.payout, table.language)} ${table.currency}`;
      const won = toast.kind === "won";
      let message = said.cancelled;
      if (won) message = fill(said.won, { m: multiplier(toast.m, table.comma), amount });
      else if (toast.kind === "refused") message = said.reasons[toast.reason] ?? said.reasons.refused;
      element.textContent = message;
      element.className = `toast shown ${toast.kind === "refused" ? "bad" : "win"}`;
      clearTimeout(element.hide);
      element.hide = setTimeout(() => element.classList.remove("shown"), TOAST_MS);
    }
  }

  /** `kind`: connecting, lost or reminder. The overlay dims everything: the mark's colours are gone with it. */
  showDialog(kind) {
    this.dialogs.add(kind);
    this.renderDialog();
  }

  hideDialog(kind) {
    this.dialogs.delete(kind);
    this.renderDialog();
  }

  /** A dialog takes presses only once it has been on the screen for a moment, as browsers' own prompts do:
   * before that, whoever presses still means what lies under it. */
  guardFreshDialog(overlay) {
    overlay.classList.add("fresh");
    requestAnimationFrame(() => requestAnimationFrame(() => {
      setTimeout(() => overlay.classList.remove("fresh"), DIALOG_GUARD_MS);
    }));
  }

  renderDialog() {
    const kind = ["lost", "connecting", "reminder"].find((one) => this.dialogs.has(one));
    const overlay = find("overlay");
    if (overlay.hidden && kind !== undefined) this.guardFreshDialog(overlay);
    overlay.hidden = kind === undefined;
    if (kind === undefined) return;
    const said = words(this.table.language ?? new URLSearchParams(location.search).get("lang"));
    text("dialog_title", said[kind]);
    text("dialog_text", said[`${kind}Text`]);
    text("dialog_button", said.go);
    find("dialog_button").hidden = kind !== "reminder";
  }
}
