/** Amounts and multipliers as text and back. Amounts are integer minor units, multipliers integer hundredths. */

function grouped(whole, mark) {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, mark);
}

function hundredths(value, decimal, group) {
  const sign = value < 0 ? "-" : "";
  const size = Math.abs(value);
  return `${sign}${grouped(Math.floor(size / 100), group)}${decimal}${String(size % 100).padStart(2, "0")}`;
}

/** `100000` is `1,000.00` (en) or `1.000,00` (sr). */
export function money(minor, language) {
  return language === "sr" ? hundredths(minor, ",", ".") : hundredths(minor, ".", ",");
}

/** `123456` is `1,234.56x`, with `comma` `1.234,56x`. */
export function multiplier(value, comma = false) {
  return `${comma ? hundredths(value, ",", ".") : hundredths(value, ".", ",")}x`;
}

/** What a field shows: two decimals, the table's decimal mark, no groups. */
export function fieldText(value, language) {
  return hundredths(value, language === "sr" ? "," : ".", "");
}

/** What a person typed, in hundredths; `null` if it is no number. Point and comma are both decimal marks. */
export function parseField(text) {
  const cleaned = text.trim().replace(",", ".");
  if (!/^(\d+\.?\d*|\.\d+)$/.test(cleaned)) return null;
  const [whole, part = ""] = cleaned.split(".");
  if (whole.length > 9) return null;
  return Number(whole || 0) * 100 + Number(part.padEnd(2, "0").slice(0, 2));
}

/** Colour of a history chip by its tier. */
export function tierColour(value) {
  if (value < 200) return "#34b4ff";
  return value < 1000 ? "#913ef8" : "#c017b4";
}
