// @ts-check
/** @import { Interval, Tempered } from "./types.d.ts" */
// The softmax at a temperature, of a distribution that is known by its most probable tokens only: the same bounds as
// `tempkit.softmax.topk_bounds`, which derives them. Pure: numbers in, numbers out. An interval is [lower end, upper end].

const ROUNDING = 1e-12;
const NEAR_ONE = 1e-6;
const TINY = 1e-300;
const SMALLEST = 2 ** -1022; // normal 64-bit number
const HALVINGS = 60;

/**
 * Weights are relative to the most probable token's; `known` is the sum of w ln w over the listed ones.
 * @typedef {object} Facts
 * @property {number} temperature
 * @property {number[]} weights
 * @property {number} total
 * @property {number} known
 * @property {number} smallest
 * @property {number} least
 * @property {number} most
 * @property {number} ratio
 * @property {number} others
 */

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
/**
 * @param {number} x
 * @param {number} y
 */
const xlogy = (x, y) => (x > 0 ? x * Math.log(y) : 0);
/**
 * @param {number} a
 * @param {number} b
 * @returns {Interval}
 */
const ordered = (a, b) => [Math.min(a, b), Math.max(a, b)];

/**
 * The unlisted tokens' weight, relative to the most probable token's: packed into few tokens, or spread over all.
 * @param {number[]} top
 * @param {number} beta
 * @param {number} vocabulary
 */
function unlisted(top, beta, vocabulary) {
  const p = top.map(Math.exp);
  const others = Math.max(vocabulary - top.length, 1);
  const [first, last] = [p[0], Math.max(p[p.length - 1], SMALLEST)];
  const left = Math.max(1 - sum(p), 0);
  // None of the others exceeds the last listed one: what more seems to be left is rounding.
  const rest = Math.min(left <= ROUNDING ? 0 : left, Math.max(vocabulary - top.length, 0) * last);
  if (rest === 0) return { least: 0, most: 0, ratio: 1, others };
  const few = Math.floor(rest / last);
  const over = Math.max(rest - few * last, 0);
  const packed = few * (last / first) ** beta + (over > 0 ? (over / first) ** beta : 0);
  const even = Math.exp((1 - beta) * Math.log(others) + beta * Math.log(rest / first));
  const [least, most] = ordered(packed, even);
  return { least, most, ratio: rest / first, others };
}

/**
 * @param {Facts} facts
 * @returns {Interval}
 */
function entropyBounds({ temperature, total, known, smallest, least, most, ratio, others }) {
  /**
   * @param {number} weight
   * @param {number} sums
   */
  const at = (weight, sums) => Math.max(Math.log(total + weight) - (known + sums) / (total + weight), 0);
  const few = Math.floor(least / smallest);
  const over = Math.max(least - few * smallest, 0);
  const low = at(least, few * xlogy(smallest, smallest) + xlogy(over, over));
  if (temperature > 1 - NEAR_ONE) return [low, Math.max(low, at(most, xlogy(most, most / others)))];
  let [left, right] = [Math.log(Math.max(least, TINY)), Math.log(Math.max(most, TINY))];
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (left + right) / 2;
    const rises = known * (1 - temperature) - temperature * (total + Math.exp(middle)) > (middle - Math.log(ratio)) * total;
    if (rises) left = middle;
    else right = middle;
  }
  const best = Math.min(Math.max(Math.exp((left + right) / 2), least), most);
  return [low, Math.max(low, at(best, xlogy(best, best / ratio) / (1 - temperature)))];
}

/**
 * How many tokens hold 95 %; infinite where the listed ones may hold less.
 * @param {Facts} facts
 * @returns {Interval}
 */
function n95Bounds({ weights, total, smallest, least, most }) {
  let mass = 0;
  const reached = weights.map((weight) => (mass += weight));
  /** @param {number} wanted */
  const short = (wanted) => reached.filter((held) => held < wanted).length;
  const wanted = 0.95 * (total + least) * (1 - ROUNDING);
  const low = Math.min(short(wanted) + 1, weights.length) + Math.ceil(Math.max(wanted - total, 0) / smallest);
  const at = 0.95 * (total + most) * (1 - ROUNDING);
  return [low, at <= total ? short(at) + 1 : Infinity];
}

/**
 * What is known at a temperature >= 0.
 * @param {number[]} top Raw logprobs, most probable first, one or more.
 * @param {number} temperature
 * @param {number} vocabulary Its size or more.
 * @returns {Tempered}
 */
export function tempered(top, temperature, vocabulary) {
  const beta = 1 / Math.max(temperature, 1e-30);
  /** @param {number} logprob */
  const weight = (logprob) => Math.exp(beta * (logprob - top[0]));
  const weights = top.map(weight);
  // Added up in the order in which n95 adds, so that all of them are exactly all of them.
  const total = sum(weights);
  const known = sum(weights.map((w, i) => (w > 0 ? w * beta * (top[i] - top[0]) : 0)));
  const smallest = Math.min(...weights.filter((w) => w > 0));
  const facts = { temperature, weights, total, known, smallest, ...unlisted(top, beta, vocabulary) };
  const { least, most } = facts;
  /**
   * @param {number} w
   * @returns {Interval}
   */
  const share = (w) => [w / (total + most), w / (total + least)];
  /**
   * An unlisted token whose logprob is known all the same, and the other unlisted ones.
   * @param {number} w
   * @returns {{ share: Interval, others: Interval }}
   */
  const beside = (w) => {
    const [from, to] = [Math.max(least, w), Math.max(most, w)];
    return { share: [w / (total + to), w / (total + from)], others: [(from - w) / (total + from), (to - w) / (total + to)] };
  };
  return {
    shares: weights.map(share),
    beside: (logprob) => beside(weight(logprob)),
    unlisted: [least / (total + least), most / (total + most)],
    entropy: entropyBounds(facts),
    n95: n95Bounds(facts),
    equals: weights.filter((w) => w === 1).length,
  };
}
