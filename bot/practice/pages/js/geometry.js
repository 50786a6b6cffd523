/** Places of everything on a table's page, in layout pixels (CSS pixels at zoom 1), as [x, y, width, height].
 *  The single source: elements are placed by it and the reported boxes are compared with it in tests. */

const PANEL_HEIGHT = 136;

function box(left, top, right, bottom) {
  return [left, top, right - left, bottom - top];
}

/** Parts of bet panel `p` (0 or 1) of a page `width` x `height` wide and high. */
export function panelBoxes(p, width, height) {
  const left = 8 + (p * (width - 8)) / 2;
  const wide = (width - 24) / 2;
  const top = height - 144;
  const part = (l, t, r, b) => box(left + l, top + t, left + r, top + b);
  return {
    panel: part(0, 0, wide, PANEL_HEIGHT),
    minus: part(8, 12, 34, 40),
    stake: part(38, 10, 128, 42),
    plus: part(132, 12, 158, 40),
    quick_0: part(8, 48, 81, 68),
    quick_1: part(85, 48, 158, 68),
    quick_2: part(8, 72, 81, 92),
    quick_3: part(85, 72, 158, 92),
    switch: part(10, 100, 48, 122),
    target: part(58, 96, 148, 126),
    times: part(152, 97, 164, 125),
    hint: part(8, 127, 158, 136),
    button: part(166, 10, wide - 8, 126),
  };
}

/** Font size of the multiplier for a canvas `canvasHeight` high on a page `width` wide. */
export function multiplierFont(width, canvasHeight) {
  return Math.min(0.105 * width, 0.42 * canvasHeight);
}

function stageBoxes(game, width, height) {
  const canvas = game === "aviatrix" ? box(8, 60, width - 8, height - 180) : box(8, 86, width - 8, height - 152);
  const history = game === "aviatrix" ? box(8, height - 176, width - 8, height - 152) : box(8, 58, width - 8, 82);
  const font = multiplierFont(width, canvas[3]);
  const cx = width / 2;
  const cy = canvas[1] + canvas[3] / 2;
  const captionHeight = Math.max(17, Math.min(38, 0.34 * font));
  const iconSize = Math.max(24, Math.min(64, 0.62 * font));
  return {
    canvas,
    history,
    multiplier: box(cx - 3.2 * font, cy - 0.62 * font, cx + 3.2 * font, cy + 0.62 * font),
    progress: box(cx - 100, cy + 14, cx + 100, cy + 20),
    caption: box(cx - 160, cy - 0.62 * font - captionHeight, cx + 160, cy - 0.62 * font),
    waiting: box(8, cy - 22, width - 8, cy + 6),
    icon: box(cx - iconSize / 2, cy - 26 - iconSize, cx + iconSize / 2, cy - 26),
    toasts: box(canvas[0] + 6, canvas[1] + 4, canvas[0] + canvas[2] - 6, canvas[1] + 26),
  };
}

/** Every named box of `game` on a page of `width` x `height` layout pixels. */
export function layoutBoxes(game, width, height) {
  const boxes = {
    mark: box(8, 8, 128, 28),
    end_mark: box(width - 8, height - 8, width, height),
    bar: box(0, 0, width, 36),
    crowd: box(0, 36, width, 56),
    balance: box(width - 200, 4, width - 12, 32),
    players: box(80, 37, 150, 55),
    players_total: box(210, 37, 330, 55),
    ...stageBoxes(game, width, height),
  };
  for (const p of [0, 1]) {
    for (const [name, value] of Object.entries(panelBoxes(p, width, height))) boxes[`p${p}_${name}`] = value;
  }
  return boxes;
}

/** `value` in device pixels: edges are rounded, as the browser rounds them and as the mark's reader does. */
export function deviceBox([x, y, w, h], zoom) {
  const left = Math.round(x * zoom);
  const top = Math.round(y * zoom);
  return [left, top, Math.round((x + w) * zoom) - left, Math.round((y + h) * zoom) - top];
}

/** Puts `element` at `value` (CSS pixels). `origin` is subtracted: the parent's own place. */
export function place(element, value, origin = [0, 0]) {
  element.style.left = `${value[0] - origin[0]}px`;
  element.style.top = `${value[1] - origin[1]}px`;
  element.style.width = `${value[2]}px`;
  element.style.height = `${value[3]}px`;
}
