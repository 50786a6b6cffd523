/** The verify page: loads a round, recomputes it here, and says whether the casino kept its word.
 *  Every value can be overridden in the address (?crash=2.00&server_seed=...) or typed, to check any claim. */

import { commitment, crashPoint, digest, draw } from "./fairness.js";
import { multiplier, parseField } from "./format.js";

const WORDS = {
  en: {
    title: "Verify a round", lobby: "Lobby", language: "Srpski", round_title: "What the casino says", table_label: "Table", round_label: "Round",
    lead: "The casino commits to a round before it takes bets, and shows its seed after it. Your own browser recomputes the result here.",
    hash_label: "Commitment shown before the round (SHA-256)", seed_label: "Server seed shown after it (hexadecimal)",
    clients_label: "Seeds of the first bettors, one a line", label_label: "Label of the round", rtp_label: "R × 10,000", crash_label: "Crash point",
    check: "Check", load: "Load round", law_title: "The law of a round",
    law_text: "D = HMAC-SHA256(key: the server seed's 32 bytes; message: the bettors' seeds and the round's label, joined by |). h = the first 53 bits of D, U = (h + 1) / 2^53, which is uniform on (0, 1]. Crash point M = max(1.00, floor(100 R / U) / 100). So the chance to reach x is R / x for every cent above 1.00.",
    confirmed: "Confirmed: the casino kept its word in this round.", rejected: "Rejected: this is not what the casino committed to.",
    waiting: "Nothing checked yet.", flying: "This round is not over: its seed is still secret.", missing: "There is no such round.",
    step_hash: "The seed is the one that was committed to", step_digest: "Digest of server seed, bettors' seeds and label", step_draw: "First 53 bits: h and U",
    step_crash: "Crash point from U", invalid: "Something here is not of the right form", says: "shown: {value}",
  },
  sr: {
    title: "Provera runde", lobby: "Lobi", language: "English", round_title: "Šta kazino tvrdi", table_label: "Sto", round_label: "Runda",
    lead: "Kazino se na rundu obavezuje pre uloga, a svoje seme pokazuje posle nje. Vaš pregledač ovde ponovo računa rezultat.",
    hash_label: "Obaveza pokazana pre runde (SHA-256)", seed_label: "Seme servera pokazano posle (heksadecimalno)",
    clients_label: "Semena prvih igrača, po jedno u redu", label_label: "Oznaka runde", rtp_label: "R × 10.000", crash_label: "Tačka pada",
    check: "Proveri", load: "Učitaj rundu", law_title: "Zakon runde",
    law_text: "D = HMAC-SHA256(ključ: 32 bajta semena servera; poruka: semena igrača i oznaka runde, spojeni znakom |). h = prva 53 bita od D, U = (h + 1) / 2^53, ravnomerno na (0, 1]. Tačka pada M = max(1,00, floor(100 R / U) / 100). Verovatnoća da se stigne do x je R / x za svaki stoti deo iznad 1,00.",
    confirmed: "Potvrđeno: kazino je u ovoj rundi održao reč.", rejected: "Odbijeno: ovo nije ono na šta se kazino obavezao.",
    waiting: "Još ništa nije provereno.", flying: "Runda nije gotova: seme je još tajna.", missing: "Takva runda ne postoji.",
    step_hash: "Seme je ono na koje se kazino obavezao", step_digest: "Sažetak semena servera, semena igrača i oznake", step_draw: "Prva 53 bita: h i U",
    step_crash: "Tačka pada iz U", invalid: "Nešto ovde nije u pravom obliku", says: "pokazano: {value}",
  },
};
const LABELS = ["title", "lobby", "language", "lead", "round_title", "table_label", "round_label", "hash_label", "seed_label", "clients_label",
  "label_label", "rtp_label", "crash_label", "check", "load", "law_title", "law_text"];
const FIELDS = ["round", "seed_hash", "server_seed", "client_seeds", "label", "rtp", "crash"];

const query = new URLSearchParams(location.search);
const language = query.get("lang") === "sr" ? "sr" : "en";
const said = WORDS[language];
const find = (id) => document.getElementById(id);
const value = (id) => find(id).value.trim();

function verdict(kind, detail) {
  const element = find("verdict");
  element.dataset.verdict = kind;
  element.textContent = said[detail ?? kind];
}

function step(title, detail, ok) {
  const item = document.createElement("li");
  const text = document.createElement("div");
  text.append(title, Object.assign(document.createElement("code"), { textContent: detail }));
  if (ok !== undefined) item.dataset.ok = String(ok);
  item.append(text);
  find("steps").append(item);
}

/** Shows `data` of the casino, each value unless the address gives another. */
function fillForm(data) {
  const values = {
    round: data.round, seed_hash: data.seed_hash, server_seed: data.server_seed, client_seeds: (data.client_seeds ?? []).join("\n"),
    label: data.label ?? data.round, rtp: data.rtp_basis_points, crash: data.crash === null ? "" : multiplier(data.crash).replace(/[,x]/g, ""),
  };
  for (const id of FIELDS) find(id).value = query.get(id) ?? values[id] ?? "";
  find("law_casino").textContent = data.law ?? "";
}

async function check() {
  find("steps").replaceChildren();
  try {
    const seed = value("server_seed").toLowerCase();
    if (!seed) return verdict("waiting", "flying");
    const shown = parseField(value("crash").replace(/x$/, ""));
    const seeds = value("client_seeds").split("\n").map((line) => line.trim()).filter(Boolean);
    const hash = await commitment(seed);
    const committed = hash === value("seed_hash").toLowerCase();
    step(said.step_hash, hash, committed);
    const found = await digest(seed, seeds, value("label"));
    step(said.step_digest, found);
    const h = draw(found);
    step(said.step_draw, `h = ${h}   U = ${((Number(h) + 1) / 2 ** 53).toPrecision(12)}`);
    const point = crashPoint(h, value("rtp"));
    step(said.step_crash, `${multiplier(point)}   ${said.says.replace("{value}", shown === null ? "–" : multiplier(shown))}`, point === shown);
    return verdict(committed && point === shown ? "confirmed" : "rejected");
  } catch {
    return verdict("rejected", "invalid");
  }
}

async function load(table, round) {
  const wanted = new URLSearchParams({ table, ...(round ? { round } : {}) });
  const answer = await fetch(`/api/round?${wanted}`);
  find("steps").replaceChildren();
  if (!answer.ok) {
    verdict("waiting", "missing");
    return;
  }
  fillForm(await answer.json());
  await check();
}

async function open() {
  document.documentElement.lang = language;
  document.title = said.title;
  for (const id of LABELS) find(id).textContent = said[id];
  find("lobby").href = language === "sr" ? "/?lang=sr" : "/";
  const other = new URLSearchParams(query);
  other.set("lang", language === "sr" ? "en" : "sr");
  find("language").href = `/verify?${other}`;
  const { tables } = await (await fetch("/api/lobby")).json();
  find("table").replaceChildren(...tables.map(({ name }) => new Option(name, name)));
  find("table").value = query.get("table") ?? tables[0]?.name ?? "";
  find("form").addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
  const fresh = (round) => {
    for (const id of FIELDS) query.delete(id);
    return load(value("table"), round);
  };
  find("load").addEventListener("click", () => fresh(value("round")));
  find("table").addEventListener("change", () => fresh(""));
  await load(value("table"), query.get("round"));
}

open();
