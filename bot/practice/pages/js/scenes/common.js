/** What the sceneries share. */

/** Paints the corners outside of a rounded canvas in the page's colour: cheaper than clipping every frame. */
export function roundCorners(context, width, height, radius, colour) {
  context.fillStyle = colour;
  for (const [x, y, dx, dy] of [[0, 0, 1, 1], [width, 0, -1, 1], [0, height, 1, -1], [width, height, -1, -1]]) {
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + dx * radius, y);
    context.quadraticCurveTo(x, y, x, y + dy * radius);
    context.fill();
  }
}

/** A picture painted once, to be copied many times. `paint(context, width, height)`. */
export function prepared(width, height, paint) {
  const canvas = new OffscreenCanvas(Math.max(1, Math.ceil(width)), Math.max(1, Math.ceil(height)));
  paint(canvas.getContext("2d"), canvas.width, canvas.height);
  return canvas;
}

/** Numbers in [0, 1) that are the same at every visit: scenery may be random to the eye, not to a test. */
export function scatter(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Index of the glow for a multiplier in hundredths: below 2x, below 10x, from 10x. */
export function tier(multiplier) {
  if (multiplier < 200) return 0;
  return multiplier < 1000 ? 1 : 2;
}

/** 0 to 1, slow at its end. */
export function settle(share) {
  const rest = 1 - Math.min(1, Math.max(0, share));
  return 1 - rest * rest;
}
