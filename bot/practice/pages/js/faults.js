/** Faults that the page itself performs. Each ends by itself after `detail.ms`, or when the casino says so. */

export class Faults {
  /** `page` performs: zoom(z), redraw(), showDialog(kind), hideDialog(), reload(). */
  constructor(table, page) {
    this.table = table;
    this.page = page;
    this.frozen = false;
    this.balanceHeld = false;
    this.midChange = false;
    this.timers = {};
  }

  handle({ kind, on, detail }) {
    clearTimeout(this.timers[kind]);
    const act = this[`on_${kind}`];
    if (!act) return;
    act.call(this, on, detail ?? {});
    if (on && detail?.ms) this.timers[kind] = setTimeout(() => act.call(this, false, detail), detail.ms);
  }

  /** After a new hello: exactly the faults of `active` ({kind: detail}) are on. */
  restore(active) {
    for (const kind of ["zoom", "comma", "mid_change", "dialog", "frozen", "balance_lag"]) {
      const detail = (active ?? {})[kind];
      this.handle({ kind, on: detail !== undefined, detail });
    }
  }

  on_balance_lag(on) {
    this.balanceHeld = on;
    this.page.redraw();
  }

  on_dialog(on) {
    if (on) this.page.showDialog("reminder");
    else this.page.hideDialog("reminder");
  }

  on_connection_lost(on, detail) {
    if (!on) return;
    this.page.showDialog("lost");
    clearTimeout(this.timers.reload);
    this.timers.reload = setTimeout(() => this.page.reload(), detail.ms ?? 2000);
  }

  on_frozen(on) {
    this.frozen = on;
    if (!on) this.page.redraw();
  }

  on_zoom(on, detail) {
    this.page.zoom(on ? Number(detail.zoom) : 1);
  }

  on_mid_change(on) {
    this.midChange = on;
  }

  on_comma(on) {
    this.table.comma = on;
    this.page.redraw();
  }

  on_min_stake(on, detail) {
    if (detail.min_stake) this.table.minStake = detail.min_stake;
    this.page.redraw();
  }
}
