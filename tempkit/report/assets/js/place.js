// @ts-check
/** @import { Interval, Place, Spelled, Tempered } from "./types.d.ts" */
// What is known of a place in a sampled text at a temperature, and how its intervals are written.
import { tempered } from "./softmax.js";
import { spelled } from "./spelling.js";
import { filled, number, say } from "./words.js";

// Words and numbers

/**
 * @param {import("./types.d.ts").ExplorerPhrase} name
 * @param {Record<string, string>} values
 */
export const filledText = (name, values) => filled(say[name], values).join("");

/**
 * An interval as it is read: one number where both ends are written alike.
 * @param {Interval} interval
 * @param {(value: number) => string} write
 */
export function range([low, high], write) {
  if (high === Infinity) return filledText("explorer more", { low: write(low) });
  const ends = { low: write(low), high: write(high) };
  return ends.low === ends.high ? ends.low : filledText("explorer range", ends);
}

/**
 * Two digits that mean something, and never 0 or 100 for what was merely close to it.
 * @param {number} p
 */
function hundredths(p) {
  const shown = p * 100;
  if (p > 0 && shown < 0.01) return `<${number(0.01)}`;
  if (p < 1 && shown > 99.5) return ">99";
  return number(shown, p === 0 || shown >= 9.95 ? 0 : shown >= 0.995 ? 1 : shown >= 0.0995 ? 2 : 3);
}

/** @param {Interval} ends */
export const shares = (ends) => filledText("explorer share", { p: range(ends, hundredths) });
/** @param {number} value */
export const nats = (value) => number(value);
/** @param {number} value */
export const whole = (value) => number(value, 0);

/** @param {Spelled} string */
export function name(string) {
  const made = spelled(string);
  made.classList.add("quoted");
  return made;
}

// What is known

/**
 * @param {Place} place
 * @param {number} temperature
 */
export const at = ({ top, vocabulary }, temperature) => tempered(top.map(({ logprob }) => logprob), temperature, vocabulary);

/**
 * The entropy, or what it is at least; -1: nothing is known.
 * @param {Place} place
 */
export const openness = (place) =>
  Number.isNaN(place.entropy) ? (place.top.length ? at(place, 1).entropy[0] : -1) : place.entropy;

/**
 * The whole vocabulary's entropy was kept with some tokens: at T = 1 it is known, and since entropy never falls as T rises,
 * it bounds the entropy at any other temperature too.
 * @param {Place} place
 * @param {Tempered} found
 * @param {number} temperature
 * @returns {Interval}
 */
export function entropyAt({ entropy }, { entropy: [low, high] }, temperature) {
  if (Number.isNaN(entropy)) return [low, high];
  if (temperature === 1) return [entropy, entropy];
  return temperature > 1 ? [Math.min(Math.max(low, entropy), high), high] : [low, Math.max(Math.min(high, entropy), low)];
}

/** @param {Place} place */
export const drawnIndex = ({ string, top }) => top.findIndex((each) => each.string === string);

/**
 * The drawn token's interval, and that of the tokens that have no bar; null for the one where it is not known.
 * @param {Place} place
 * @param {Tempered} found
 * @returns {{ drawn: Interval | null, others: Interval }}
 */
export function sharesOf(place, found) {
  const i = drawnIndex(place);
  if (i >= 0) return { drawn: found.shares[i], others: found.unlisted };
  if (Number.isNaN(place.logprob)) return { drawn: null, others: found.unlisted };
  const { share, others } = found.beside(place.logprob);
  return { drawn: share, others };
}
