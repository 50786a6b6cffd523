/** The session's mark and the end mark: exact colours in two corners that say which table of which session this is. */

const GUARD_A = "#ff2d95";
const GUARD_B = "#2dffb3";
const ONE = "#ffffff";
const ZERO = "#101214";
const COLUMNS = 24;
const ROWS = 4;
const BITS = 40;

function cell(context, column, row, width, height, colour, columns = COLUMNS, rows = ROWS) {
  const left = Math.round((column * width) / columns);
  const top = Math.round((row * height) / rows);
  context.fillStyle = colour;
  context.fillRect(left, top, Math.round(((column + 1) * width) / columns) - left, Math.round(((row + 1) * height) / rows) - top);
}

/** Paints the 40 bits of `mark` (most significant first, two double rows of 20) on the whole of `canvas`. */
export function drawMark(canvas, mark) {
  const context = canvas.getContext("2d", { alpha: false });
  const { width, height } = canvas;
  const bits = BigInt(mark).toString(2).padStart(BITS, "0");
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      let colour = GUARD_A;
      if (column >= COLUMNS - 2) colour = GUARD_B;
      else if (column >= 2) colour = bits[Math.floor(row / 2) * 20 + column - 2] === "1" ? ONE : ZERO;
      cell(context, column, row, width, height, colour);
    }
  }
}

/** Paints the two by two checker of the bottom right corner. */
export function drawEndMark(canvas) {
  const context = canvas.getContext("2d", { alpha: false });
  for (let index = 0; index < 4; index += 1) {
    const diagonal = index === 0 || index === 3;
    cell(context, index % 2, Math.floor(index / 2), canvas.width, canvas.height, diagonal ? GUARD_A : GUARD_B, 2, 2);
  }
}
