/** What the page knows of its table: the casino's messages turned into a state. No drawing here.
 *
 *  Every handler returns the parts that changed, by name: balance, players, history, panels, phase, labels, all.
 */

/** The shown flight runs this much behind the casino's, so that it never passes the crash point. */
const SHOWN_LAG_MS = 40;

export class Table {
  constructor() {
    this.ready = false;
    this.phase = "pause";
    this.phaseAt = 0;
    this.bets = [{ status: "none" }, { status: "none" }];
    this.history = [];
    this.players = 0;
    this.playersTotal = 0;
    this.balance = 0;
    this.multiplier = 100;
    this.growth = 0;
    this.speed = 1;
    this.toasts = [];
    this.comma = false;
    this.minStake = 10;
  }

  /** Takes a message in at `now` (ms of the page's own clock) and names the parts it changed. */
  handle(message, now) {
    const handler = HANDLERS[message.t];
    return handler ? handler(this, message, now) : [];
  }

  enter(phase, at) {
    this.phase = phase;
    this.phaseAt = at;
  }

  /** Seconds in flight as shown at `now`. */
  flightSeconds(now) {
    return Math.max(0, now - this.origin - SHOWN_LAG_MS) / 1000;
  }

  /** The multiplier to show at `now`, in hundredths. */
  shownMultiplier(now) {
    if (this.phase !== "flying") return this.multiplier;
    const flown = Math.floor(100 * Math.exp(this.growth * this.flightSeconds(now)) + 1e-7);
    this.multiplier = Math.max(this.multiplier, flown);
    return this.multiplier;
  }

  /** Share of the betting window that is left, 1 to 0. */
  bettingLeft(now) {
    if (this.phase !== "betting") return 0;
    return Math.min(1, Math.max(0, 1 - (now - this.phaseAt) / this.bettingMs));
  }

  /** State of the button of `panel`: BET, ACCEPTED, CASH_OUT or DISABLED. */
  buttonState(panel) {
    const { status } = this.bets[panel];
    if (status === "none") return this.phase === "betting" ? "BET" : "DISABLED";
    if (status === "accepted" && this.phase !== "crashed") return "ACCEPTED";
    return status === "open" && this.phase === "flying" ? "CASH_OUT" : "DISABLED";
  }

  setBet(panel, bet) {
    this.bets[panel] = bet;
    return ["panels"];
  }
}

function restoredBet(bet, phase) {
  if (!bet) return { status: "none" };
  const { stake, target } = bet;
  if (bet.state === "cashed") return { status: "won", stake, target, payout: bet.payout };
  if (phase === "betting") return { status: "accepted", stake, target };
  return { status: phase === "flying" ? "open" : "lost", stake, target };
}

function hello(table, message, now) {
  Object.assign(table, {
    ready: true,
    name: message.table,
    game: message.game,
    mark: message.mark,
    currency: message.currency,
    language: new URLSearchParams(location.search).get("lang") ?? message.lang,
    speed: message.speed,
    growth: message.growth,
    minStake: message.min_stake,
    maxStake: message.max_stake,
    minTarget: message.min_target ?? 101,
    maxTarget: message.max_target ?? 10000,
    balance: message.balance,
    history: message.history,
    round: message.round,
    seedHash: message.seed_hash,
    bettingMs: message.betting_ms,
    multiplier: message.multiplier_now ?? 100,
    players: message.players ?? 0,
    playersTotal: message.players_total ?? 0,
  });
  const started = now - (message.phase_started_ms_ago ?? 0);
  table.enter(message.phase, started);
  table.origin = started;
  table.bets = [0, 1].map((panel) => restoredBet((message.bets ?? {})[panel], message.phase));
  return ["all"];
}

function betting(table, message, now) {
  table.enter("betting", now);
  table.round = message.round;
  table.seedHash = message.seed_hash;
  table.bettingMs = message.ms;
  table.players = message.players ?? table.players;
  table.playersTotal = message.players_total ?? table.playersTotal;
  table.multiplier = 100;
  table.bets = [{ status: "none" }, { status: "none" }];
  return ["phase", "players", "panels"];
}

function fly(table, message, now) {
  table.origin = now - (message.at_ms_ago ?? 0);
  table.enter("flying", table.origin);
  table.multiplier = 100;
  return ["phase", "panels"];
}

/** Every message is late by its way here, so the earliest origin any of them implies is the nearest to the truth. */
function tick(table, message, now) {
  if (table.phase === "flying" && table.growth > 0) {
    table.origin = Math.min(table.origin, now - (1000 * Math.log(message.m / 100)) / table.growth);
  }
  return [];
}

function crash(table, message, now) {
  table.enter("crashed", now);
  table.multiplier = message.m;
  return ["phase", "panels"];
}

function betWon(table, message) {
  const { panel, m, payout } = message;
  table.toasts.push({ panel, kind: "won", m, payout });
  return table.setBet(panel, { ...table.bets[panel], status: "won", payout });
}

/** A refusal leaves a bet that stands (a refused cancel or cash-out) as it was. */
function betRefused(table, message) {
  const { panel, reason } = message;
  const bet = table.bets[panel];
  table.toasts.push({ panel, kind: "refused", reason });
  if (bet.status === "sending") return table.setBet(panel, { status: "none" });
  if (bet.status === "cancelling") return table.setBet(panel, { ...bet, status: "accepted" });
  return table.setBet(panel, bet.status === "cashing" ? { ...bet, status: "open" } : bet);
}

function placed(status) {
  return (table, { panel, stake, target }) => {
    const bet = table.bets[panel];
    return table.setBet(panel, { status, stake: stake ?? bet.stake, target: target ?? null });
  };
}

const HANDLERS = {
  hello,
  betting,
  fly,
  tick,
  crash,
  bet_won: betWon,
  bet_refused: betRefused,
  bet_ok: (table, message, now) => placed(table.phase === "betting" ? "accepted" : "open")(table, message, now),
  bet_open: placed("open"),
  bet_lost: (table, { panel }) => table.setBet(panel, { ...table.bets[panel], status: "lost" }),
  cancel_ok: (table, { panel }) => {
    table.toasts.push({ panel, kind: "cancelled" });
    return table.setBet(panel, { status: "none" });
  },
  pause: (table, _, now) => {
    table.enter("pause", now);
    return ["phase", "panels"];
  },
  crowd: (table, message) => {
    table.players = message.players;
    table.playersTotal = message.players_total;
    return ["players"];
  },
  history: (table, message) => {
    table.history = message.values;
    return ["history"];
  },
  balance: (table, message) => {
    table.balance = message.balance;
    return ["balance"];
  },
};
