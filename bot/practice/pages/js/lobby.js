/** The lobby: one card a table, each with a still of its scenery. */

import { AviatorScene } from "./scenes/aviator.js";
import { AviatrixScene } from "./scenes/aviatrix.js";
import { JetXScene } from "./scenes/jetx.js";

const SCENES = { aviator: AviatorScene, aviatrix: AviatrixScene, jetx: JetXScene };
const NAMES = { aviator: "Aviator", aviatrix: "Aviatrix", jetx: "JetX" };
const WORDS = {
  en: {
    title: "Practice casino", badge: "Practice money", verify: "Fairness", language: "Srpski", play: "Play",
    lead: "Crash tables to practise at, with money that is worth nothing. Every round is committed to before it is flown and can be checked afterwards.",
    note: "The house keeps its share of every bet in the long run, here as everywhere. Nothing on these pages leaves this computer.",
    empty: "No table is open.", speed: "{n} times as fast",
  },
  sr: {
    title: "Kazino za vežbu", badge: "Novac za vežbu", verify: "Poštenje", language: "English", play: "Igraj",
    lead: "Stolovi za vežbu, sa novcem koji ne vredi ništa. Svaka runda je zaključana pre leta i posle može da se proveri.",
    note: "Kuća na duže staze zadrži svoj deo od svakog uloga, ovde kao i svuda. Ništa sa ovih strana ne napušta ovaj računar.",
    empty: "Nijedan sto nije otvoren.", speed: "{n} puta brže",
  },
};

const language = new URLSearchParams(location.search).get("lang") === "sr" ? "sr" : "en";
const said = WORDS[language];
const find = (id) => document.getElementById(id);

/** A moment of flight that shows each game at its best. */
const MOMENT = { phase: "flying", seconds: 6.5, clock: 1, multiplier: 245, sinceCrash: 0, crashedSeconds: 0 };

function card(table, speed) {
  const link = document.createElement("a");
  link.className = "card";
  link.href = `/table/${encodeURIComponent(table.name)}${language === "sr" ? "?lang=sr" : ""}`;
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 336 });
  const about = document.createElement("div");
  about.className = "about";
  const name = Object.assign(document.createElement("b"), { textContent: NAMES[table.game] ?? table.game });
  const facts = [table.name === table.game ? null : table.name, table.currency, speed === 1 ? null : said.speed.replace("{n}", speed)];
  const detail = Object.assign(document.createElement("span"), { textContent: facts.filter(Boolean).join(" · ") });
  const play = Object.assign(document.createElement("span"), { className: "play", textContent: said.play });
  play.style.color = "#fff";
  about.append(name, detail, play);
  link.append(canvas, about);
  const Scene = SCENES[table.game];
  if (Scene) {
    const scene = new Scene(canvas.getContext("2d", { alpha: false }));
    scene.resize(640, 336, 1.15);
    scene.draw(MOMENT);
  }
  return link;
}

async function open() {
  document.documentElement.lang = language;
  document.title = said.title;
  for (const id of ["title", "badge", "verify", "language", "lead", "note"]) find(id).textContent = said[id];
  find("language").href = language === "sr" ? "/" : "/?lang=sr";
  find("verify").href = language === "sr" ? "/verify?lang=sr" : "/verify";
  const { tables, speed } = await (await fetch("/api/lobby")).json();
  find("cards").replaceChildren(...tables.map((table) => card(table, speed)));
  if (!tables.length) find("cards").append(Object.assign(document.createElement("p"), { className: "empty", textContent: said.empty }));
}

open();
