/** Every word on a table's page, in English and in Serbian. */

const WORDS = {
  en: {
    players: "Players", total: "Total", verify: "Fairness", language: "Srpski", lobby: "Lobby", round: "Round",
    badge: "Practice money", waiting: "WAITING FOR NEXT ROUND", gone: "FLEW AWAY!",
    bet: "BET", cancel: "CANCEL", cashOut: "CASH OUT", nextRound: "NEXT ROUND", sending: "SENDING…", waitNext: "bet {amount}",
    autoCashOut: "auto cash out", won: "Cashed out at {m} · +{amount}", cancelled: "Bet cancelled",
    connecting: "Connecting", connectingText: "The table is being opened.",
    lost: "Connection lost", lostText: "You have been disconnected. The table comes back by itself.",
    reminder: "Time for a break?", reminderText: "You have been playing for a while. Remember that over time the house always keeps its share.",
    go: "CONTINUE",
    reasons: { late: "Too late for this round", min_stake: "Below the minimum stake", max_stake: "Above the maximum stake",
      balance: "Not enough balance", panel_taken: "This panel already has a bet", target: "Auto cash-out out of range",
      refused: "Bet refused by the casino", bad_request: "Bet not understood", no_bet: "There is no bet to act on" },
  },
  sr: {
    players: "Igrači", total: "Ukupno", verify: "Poštenje", language: "English", lobby: "Lobi", round: "Runda",
    badge: "Novac za vežbu", waiting: "ČEKA SE SLEDEĆA RUNDA", gone: "ODLETEO!",
    bet: "ULOG", cancel: "OTKAŽI", cashOut: "ISPLATI", nextRound: "SLEDEĆA RUNDA", sending: "ŠALJE SE…", waitNext: "ulog {amount}",
    autoCashOut: "automatska isplata", won: "Isplaćeno na {m} · +{amount}", cancelled: "Ulog je otkazan",
    connecting: "Povezivanje", connectingText: "Sto se otvara.",
    lost: "Veza je prekinuta", lostText: "Niste povezani sa stolom. Sto se vraća sam.",
    reminder: "Vreme za odmor?", reminderText: "Igrate već neko vreme. Ne zaboravite da kuća na duže staze uvek zadrži svoj deo.",
    go: "NASTAVI",
    reasons: { late: "Prekasno za ovu rundu", min_stake: "Ispod najmanjeg uloga", max_stake: "Iznad najvećeg uloga",
      balance: "Nema dovoljno novca", panel_taken: "Na ovom mestu već postoji ulog", target: "Cilj isplate van granica",
      refused: "Kazino je odbio ulog", bad_request: "Ulog nije razumljiv", no_bet: "Nema uloga" },
  },
};

/** The words of `language` (`en` unless it is `sr`). */
export function words(language) {
  return WORDS[language] ?? WORDS.en;
}

/** `template` with `{name}` replaced by `values.name`. */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
