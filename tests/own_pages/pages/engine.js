"use strict";
/* Plays a plan of rounds on a face. A face says how things look; the time says what is shown, so that a page
   that is loaded anew shows what it would have shown. Everything shown and clicked is told to the server. */

const query = new URLSearchParams(location.search);
const utcUs = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

function tell(kind, detail = {}) {
  const body = JSON.stringify({ kind, at_us: utcUs(), ...detail });
  fetch("/truth", { method: "POST", body, keepalive: true }).catch(() => {});
}

/* Boxes of the fields in device pixels from the page's top left corner, with the page's size and scale. */
function tellBoxes() {
  const scale = window.devicePixelRatio;
  const boxes = {}, tight = {};
  const measure = (into, name, element) => {
    const b = element.getBoundingClientRect();
    into[name] = [b.x, b.y, b.width, b.height].map((edge) => edge * scale);
  };
  for (const element of document.querySelectorAll("[data-box]")) measure(boxes, element.dataset.box, element);
  for (const element of document.querySelectorAll("[data-tight]")) measure(tight, element.dataset.tight, element);
  tell("boxes", { boxes, tight, page: [innerWidth * scale, innerHeight * scale], scale,
    scrolled: [scrollX, scrollY] });
}

/* Numbers as people of a country write them: decimal mark, mark between thousands, digits after the mark. */
function written(minor, mark = ".", thousands = "") {
  const [whole, rest] = (minor / 100).toFixed(2).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, thousands) + mark + rest;
}

class Wallet {
  constructor() {
    const kept = JSON.parse(sessionStorage.getItem("wallet") || "null");
    Object.assign(this, kept || { balance: 123456, bet: null });
  }
  keep() { sessionStorage.setItem("wallet", JSON.stringify(this)); }
}

class Table {
  /* face: { chips, chipAfterMs, betInFlight, betting(leftShare, leftMs, round, last), flying(value),
     crashed(value), chipsChanged(newest first), balance(minor), players(count, minor),
     button(state, payoutMinor), stake() -> minor, target() -> hundredths or null } */
  constructor(face) {
    Object.assign(this, { face, wallet: new Wallet(), shown: "", state: "", chipsShown: -1, at: 0 });
  }

  async start() {
    this.plan = await (await fetch("/plan" + location.search)).json();
    this.face.balance(this.wallet.balance);
    const draw = () => { this.draw(utcUs()); requestAnimationFrame(draw); };
    requestAnimationFrame(draw);
    document.addEventListener("click", (event) => tell("click", {
      box: event.target.closest("[data-box]")?.dataset.box || "", x: event.clientX, y: event.clientY }), true);
    for (const kind of ["resize", "scroll"]) addEventListener(kind, () => requestAnimationFrame(tellBoxes));
    const commands = new EventSource("/commands");
    commands.onmessage = (message) => this.command(JSON.parse(message.data));
    await document.fonts.ready;
    requestAnimationFrame(() => requestAnimationFrame(() => { tellBoxes(); tell("ready"); }));
  }

  command({ name, value }) {
    if (name === "skin") document.body.dataset.skin = value;
    if (name === "scroll") scrollTo(0, value);
    if (name === "reload") location.reload();
    // The compositor is a frame or two behind the page, and more on a busy machine.
    setTimeout(() => requestAnimationFrame(() => { tellBoxes(); tell("done", { name }); }), 120);
  }

  draw(now) {
    const rounds = this.plan.rounds;
    while (this.at < rounds.length - 1 && rounds[this.at].over <= now) this.at += 1;
    const round = rounds[this.at], last = this.at ? rounds[this.at - 1].crash : this.plan.past[0];
    const phase = now < round.flying ? "betting" : now < round.crashed ? "flying" : "crashed";
    const value = phase === "flying" ? Math.min(round.crash, this.valueAt(now - round.flying)) : round.crash;
    if (phase === "betting") {
      const left = round.flying - now;
      this.face.betting(left / (round.flying - round.betting), left / 1000, round, last);
    } else this.face[phase](value);
    this.chips(now, phase);
    this.players(now, round, phase);
    this.enter(phase, round, value);
    this.face.frame?.(phase, value, (now - round.flying) / 1e6);
  }

  valueAt(sinceUs) {
    if (this.plan.growth === "smooth") return Math.floor(100 * Math.exp(this.plan.per_s * sinceUs / 1e6));
    let value = 100;
    for (let n = Math.floor(sinceUs / 1000 / this.plan.step_ms); n > 0; n -= 1) value += Math.ceil(value / 100);
    return value;
  }

  /* Takes note of a new phase, settles bets, tells what is shown. */
  enter(phase, round, value) {
    const shown = round.number + phase;
    if (shown !== this.shown) {
      this.shown = shown;
      tell("phase", { phase, round: round.number, crash: round.crash });
    }
    const bet = this.wallet.bet;
    if (bet && phase !== "betting" && round.number >= bet.round && !bet.done) {
      if (bet.target && value >= bet.target && round.crash >= bet.target) this.cashOut(bet.target);
      else if (phase === "crashed" || round.number > bet.round) this.settle(0);
    }
    const state = this.buttonState(phase, round);
    this.face.button(state, bet ? Math.floor(bet.stake * value / 100) : 0);
    if (state !== this.state) { this.state = state; tell("button", { state, round: round.number }); }
  }

  buttonState(phase, round) {
    const bet = this.wallet.bet;
    if (bet && bet.round > round.number) return "accepted";
    if (bet && bet.round === round.number && phase !== "crashed")
      return phase === "betting" ? "accepted" : "cash_out";
    return phase === "betting" || this.face.betInFlight ? "bet" : "disabled";
  }

  press() {
    const now = utcUs(), round = this.plan.rounds[this.at], wallet = this.wallet;
    if (this.state === "bet") {
      const stake = this.face.stake();
      if (!(stake > 0) || stake > wallet.balance) { tell("refused", { stake }); return; }
      wallet.balance -= stake;
      wallet.bet = { round: round.number + (now < round.flying ? 0 : 1), stake, target: this.face.target() };
      tell("bet", wallet.bet);
    } else if (this.state === "accepted") {
      wallet.balance += wallet.bet.stake;
      wallet.bet = null;
      tell("cancelled");
    } else if (this.state === "cash_out") { this.cashOut(this.valueAt(now - round.flying)); return; }
    wallet.keep();
    this.face.balance(wallet.balance);
  }

  cashOut(at) { this.settle(Math.floor(this.wallet.bet.stake * at / 100), at); }

  settle(payout, at = null) {
    tell("settled", { ...this.wallet.bet, payout, cashed_at: at });
    this.wallet.balance += payout;
    this.wallet.bet = null;
    this.wallet.keep();
    this.face.balance(this.wallet.balance);
  }

  chips(now, phase) {
    const over = phase === "crashed" && now >= this.plan.rounds[this.at].crashed + this.face.chipAfterMs * 1000;
    const count = this.at + (over ? 1 : 0);
    if (count === this.chipsShown) return;
    const known = this.plan.rounds.slice(Math.max(0, count - this.face.chips), count).map((r) => r.crash).reverse();
    this.face.chipsChanged([...known, ...this.plan.past].slice(0, this.face.chips), this.chipsShown >= 0);
    this.chipsShown = count;
    tell("chips", { count });
  }

  /* Players join while bets are taken. */
  players(now, round, phase) {
    const share = phase === "betting" ? (now - round.betting) / (round.flying - round.betting) : 1;
    const most = 40 + (round.number * 7919) % 150;
    const count = Math.floor(most * share);
    if (count === this.playersShown) return;
    this.playersShown = count;
    this.face.players(count, count * 1837 + (count * count) % 89);
  }
}

/* The decimal number in a text field, as a person of any country may have typed it, in hundredths. */
function typed(text) {
  const value = Number(text.trim().replace(",", "."));
  return Number.isFinite(value) ? Math.round(value * 100) : NaN;
}

const byId = (id) => document.getElementById(id);
function setText(element, text) { if (element.textContent !== text) element.textContent = text; }
