/** The commit-reveal of a round, computed in the browser. Pure functions on texts and numbers.
 *
 *  Before the round the casino shows SHA-256 of its secret server seed (32 bytes). The seeds of the first bettors
 *  are added. The digest is HMAC-SHA256(key = server seed, message = "seed1|seed2|seed3|label", the
 *  label being table and number of the round there, as "aviator/12");
 *  its first 53 bits h give U = (h + 1) / 2^53 in (0, 1] and the crash point M = max(1.00, floor(100 R / U) / 100).
 */

const TEXT = new TextEncoder();
const TWO_53 = 1n << 53n;

/** Bytes of a hexadecimal text; raises an Error for anything else. */
export function fromHex(text) {
  if (!/^([0-9a-f]{2})+$/i.test(text)) throw new Error("not hexadecimal");
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

/** Hexadecimal text of `bytes`. */
export function toHex(bytes) {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 of the bytes of the hexadecimal `serverSeed`, as hexadecimal text: the commitment. */
export async function commitment(serverSeed) {
  return toHex(await crypto.subtle.digest("SHA-256", fromHex(serverSeed)));
}

/** HMAC-SHA256 over the bettors' seeds and the round's label, as hexadecimal text. */
export async function digest(serverSeed, clientSeeds, label) {
  const key = await crypto.subtle.importKey("raw", fromHex(serverSeed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return toHex(await crypto.subtle.sign("HMAC", key, TEXT.encode([...clientSeeds, label].join("|"))));
}

/** h, the first 53 bits of a digest, as a BigInt. */
export function draw(digestHex) {
  return BigInt(`0x${digestHex.slice(0, 16)}`) >> 11n;
}

/** The crash point in hundredths for a draw and the return R in basis points (9700 is 0.97). */
export function crashPoint(h, rtpBasisPoints) {
  const point = (BigInt(rtpBasisPoints) * TWO_53) / (100n * (h + 1n));
  return Number(point < 100n ? 100n : point);
}
