/** One bet panel: stake, auto cash-out with its switch, and the one button. */

import { fieldText, money, parseField } from "./format.js";
import { place } from "./geometry.js";
import { fill } from "./labels.js";

const QUICK_STAKES = [100, 200, 500, 1000];
const PARTS = ["minus", "stake", "plus", "quick_0", "quick_1", "quick_2", "quick_3", "switch", "target", "times", "hint", "button"];

function make(tag, className, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.className = className;
  return element;
}

export class Panel {
  /** `act(action, panel)` is told what the person asked for: bet, cancel or cash_out; `changed()` that the button
   *  may have to show another amount. */
  constructor(root, index, table, act, changed) {
    this.root = root;
    this.index = index;
    this.table = table;
    this.act = act;
    this.changed = changed;
    this.stake = 100;
    this.target = 200;
    this.build();
  }

  build() {
    const field = () => make("input", "", { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false, maxLength: 9 });
    this.parts = {
      minus: make("button", "round", { textContent: "−", type: "button" }),
      stake: field(),
      plus: make("button", "round", { textContent: "+", type: "button" }),
      switch: make("button", "switch", { type: "button" }),
      target: field(),
      times: make("span", "times", { textContent: "x" }),
      hint: make("span", "hint"),
      button: make("button", "act", { type: "button" }),
    };
    QUICK_STAKES.forEach((stake, i) => {
      const quick = make("button", "quick", { textContent: String(stake / 100), type: "button" });
      quick.addEventListener("click", () => this.setStake(stake));
      this.parts[`quick_${i}`] = quick;
    });
    this.parts.title = make("b", "");
    this.parts.amount = make("i", "");
    this.parts.button.append(this.parts.title, this.parts.amount);
    for (const name of PARTS) {
      this.parts[name].dataset.name = `p${this.index}_${name}`;
      this.root.append(this.parts[name]);
    }
    this.listen();
  }

  listen() {
    const { minus, plus, stake, target, button } = this.parts;
    const toggle = this.parts.switch;
    toggle.setAttribute("role", "switch");
    toggle.setAttribute("aria-checked", "false");
    toggle.addEventListener("click", () => toggle.setAttribute("aria-checked", String(!this.automatic)));
    minus.addEventListener("click", () => this.setStake(this.stake - (this.stake > 200 ? 100 : 10)));
    plus.addEventListener("click", () => this.setStake(this.stake + (this.stake >= 200 ? 100 : 10)));
    for (const input of [stake, target]) {
      input.addEventListener("change", () => this.normalise());
      input.addEventListener("blur", () => this.normalise());
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") input.blur();
      });
    }
    // A press on a button would take the focus and keep it; then a later space or Enter would press it again.
    for (const element of this.root.querySelectorAll("button")) {
      element.addEventListener("mousedown", (event) => {
        event.preventDefault();
        document.activeElement?.blur();
      });
    }
    button.addEventListener("click", () => this.press());
  }

  get automatic() {
    return this.parts.switch.getAttribute("aria-checked") === "true";
  }

  setStake(value) {
    this.parts.stake.value = fieldText(Math.max(1, value), this.table.language);
    this.normalise();
  }

  /** What was typed becomes a stake and a target within the table's bounds; what is no number changes nothing.
   *  With `sparing`, a field that somebody is typing in is left alone. */
  normalise(sparing = false) {
    const { table, parts } = this;
    const bounds = { stake: [table.minStake, table.maxStake], target: [table.minTarget, table.maxTarget] };
    for (const [name, [least, most]] of Object.entries(bounds)) {
      if (sparing && parts[name] === document.activeElement) continue;
      const value = parseField(parts[name].value) ?? this[name];
      this[name] = Math.min(most, Math.max(least, value));
      const text = fieldText(this[name], table.language);
      if (parts[name].value !== text) parts[name].value = text;
    }
    this.changed();
  }

  /** Does what the button shows, whatever has happened since: nobody is made to do what they did not see. */
  press() {
    this.normalise();
    const actions = { BET: "bet", ACCEPTED: "cancel", CASH_OUT: "cash_out" };
    const action = actions[this.parts.button.dataset.state];
    if (action) this.act(action, this);
  }

  layout(boxes) {
    const own = boxes[`p${this.index}_panel`];
    place(this.root, own);
    // The parts stand inside the panel's border box: its 1 px border moves their origin.
    const origin = [own[0] + 1, own[1] + 1];
    for (const name of PARTS) place(this.parts[name], boxes[`p${this.index}_${name}`], origin);
    const wide = boxes[`p${this.index}_button`][2];
    this.parts.button.classList.toggle("wide", wide > 240);
    this.parts.button.classList.toggle("narrow", wide < 126);
  }

  renderLabels(words) {
    this.words = words;
    const { stake, target } = this.parts;
    this.parts.hint.textContent = words.autoCashOut;
    this.parts.switch.title = words.autoCashOut;
    stake.setAttribute("aria-label", `${words.bet} ${this.index + 1}`);
    target.setAttribute("aria-label", words.autoCashOut);
    this.normalise(true);
  }

  /** The payout of a bet in flight counts up with the multiplier shown (hundredths). */
  renderButton(multiplier) {
    if (!this.words) return;
    const state = this.table.buttonState(this.index);
    const [title, amount, small] = this.buttonText(state, multiplier);
    const { button, title: first, amount: second } = this.parts;
    if (button.dataset.state !== state) {
      button.dataset.state = state;
      this.root.dataset.state = state;
      button.setAttribute("aria-disabled", String(state === "DISABLED"));
    }
    if (first.textContent !== title) first.textContent = title;
    if (second.textContent !== amount) second.textContent = amount;
    second.classList.toggle("small", small);
  }

  buttonText(state, multiplier) {
    const { words, table } = this;
    const bet = table.bets[this.index];
    const amount = (minor) => `${money(minor, table.language)} ${table.currency}`;
    if (state === "BET") return [words.bet, amount(this.stake), false];
    if (state === "ACCEPTED") return [words.cancel, fill(words.waitNext, { amount: amount(bet.stake) }), true];
    if (state === "CASH_OUT") return [words.cashOut, amount(Math.floor((bet.stake * multiplier) / 100)), false];
    const waiting = ["sending", "cancelling", "cashing"].includes(bet.status);
    return [waiting ? words.sending : words.nextRound, "", true];
  }
}
