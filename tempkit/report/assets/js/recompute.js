// @ts-check
/** @import { ExplorerPhrase, Interval, Place, Spelled, Tempered } from "./types.d.ts" */
// One place of a sampled text at a temperature: its bars, figures, curve and sentences.
import { $, all, element, one } from "./dom.js";
import { at, drawnIndex, entropyAt, filledText, name, nats, range, shares, sharesOf, whole } from "./place.js";
import { filled, number, say } from "./words.js";

const STEPS = 80; // of the curve
const FIRST = 10; // bars that stand there before the rest is asked for
const LEAST_MARK = 0.004; // a probability whose mark would only thicken the bar's left end

/**
 * @param {Interval} share
 * @param {number} own At T = 1.
 * @param {HTMLElement} label
 * @param {string} className
 */
function bar([low, high], own, label, className) {
  const mark = element("span", "own");
  mark.hidden = own < LEAST_MARK;
  const track = element("span", "track", element("span", "solid"), element("span", "may"), mark);
  track.style.setProperty("--low", String(low));
  track.style.setProperty("--high", String(high));
  track.style.setProperty("--own", String(own));
  return element("li", className, label, track, element("span", "p", shares([low, high])));
}

/**
 * @param {Spelled} string
 * @param {boolean} isDrawn
 */
function labelOf(string, isDrawn) {
  const label = element("span", "label", name(string));
  if (isDrawn) label.append(element("span", "chip", say.drawn));
  return label;
}

/**
 * @param {Place} place
 * @param {Tempered} found
 * @param {Tempered} own
 */
function drawBars(place, found, own) {
  const drawn = drawnIndex(place);
  const [now, before] = [found, own].map((known) => sharesOf(place, known));
  const rows = place.top.map(({ string }, i) => {
    const kind = i === drawn ? "drawn" : i < FIRST ? "" : "rest";
    return bar(found.shares[i], own.shares[i][0], labelOf(string, i === drawn), kind);
  });
  drawMore(rows.filter((row) => row.className === "rest").length);
  if (drawn < 0 && now.drawn && before.drawn) {
    rows.push(bar(now.drawn, before.drawn[0], labelOf(place.string, true), "drawn"));
  }
  if (before.others[1] > 0) rows.push(bar(now.others, before.others[0], element("span", "label", place.others), "others"));
  $("explorer-bars").replaceChildren(...rows);
}

/**
 * The button for the bars that are not shown, or to be rid of them again.
 * @param {number} rest How many there are.
 */
export function drawMore(rest = all(".rest", $("explorer-bars")).length) {
  const more = $("explorer-more");
  const shown = !$("explorer-bars").classList.contains("short");
  more.hidden = rest === 0;
  more.setAttribute("aria-expanded", String(shown));
  more.textContent = shown ? say["explorer fewer"] : filledText("explorer rest", { n: whole(rest) });
}

export function toggleMore() {
  $("explorer-bars").classList.toggle("short");
  drawMore();
}

/**
 * Of 100 cases; never 0 or 100 for what was merely close to it.
 * @param {number} p
 */
function cases(p) {
  if (p > 0 && p < 0.005) return "<1";
  return p < 1 && p > 0.995 ? ">99" : number(p * 100, 0);
}

/**
 * @param {Interval} now
 * @param {Interval} own
 */
const both = (now, own) => ({ now: range(now, cases), own: range(own, cases) });

/**
 * @param {Place} place
 * @param {number} temperature
 * @param {Tempered} found
 * @param {Tempered} own
 */
function sentences(place, temperature, found, own) {
  const top = place.top[0];
  const values = { t: nats(temperature), token: name(top.string), n: whole(found.equals) };
  /** @type {[ExplorerPhrase, Record<string, string | Node>][]} */
  const said = [];
  if (temperature > 0) {
    const first = { ...values, ...both(found.shares[0], own.shares[0]) };
    said.push([temperature === 1 ? "explorer itself" : "explorer first", first]);
  } else {
    said.push([found.equals > 1 ? "explorer coldest of equals" : "explorer coldest", values]);
  }
  const [now, before] = [found, own].map((known) => sharesOf(place, known).drawn);
  if (place.string !== top.string && now && before && temperature !== 1) {
    said.push(["explorer other", { token: name(place.string), ...both(now, before) }]);
  }
  if (temperature > 1 && found.unlisted[1] >= 0.005) said.push(["explorer tail", both(found.unlisted, own.unlisted)]);
  said.push([temperature < 1 ? "explorer cooler" : temperature > 1 ? "explorer warmer" : "explorer neither", {}]);
  return said.map(([phrase, given]) => element("p", "", ...filled(say[phrase], given)));
}

/**
 * @param {"own" | "now"} column
 * @param {Place} place
 * @param {Tempered} known
 * @param {number} temperature
 */
function drawColumn(column, place, known, temperature) {
  const { drawn } = sharesOf(place, known);
  const shown = {
    entropy: range(entropyAt(place, known, temperature), nats),
    n95: range(known.n95, whole),
    drawn: drawn ? shares(drawn) : say.unknown,
  };
  for (const [row, value] of Object.entries(shown)) one(`.explorer-figures [data-${column}=${row}]`).textContent = value;
}

/**
 * @param {Place} place
 * @param {number} temperature
 */
export function draw(place, temperature) {
  const [found, own] = [at(place, temperature), at(place, 1)];
  drawBars(place, found, own);
  drawColumn("own", place, own, 1);
  drawColumn("now", place, found, temperature);
  one(".explorer-figures").classList.toggle("alike", temperature === 1); // else two columns would say the same
  $("explorer-column").textContent = filledText("explorer now", { t: nats(temperature) });
  $("explorer-says").replaceChildren(...sentences(place, temperature, found, own));
}

/**
 * Entropy over temperature: a band between what it is at least and at most.
 * @param {Place} place
 * @param {number} hottest
 */
export function drawCurve(place, hottest) {
  const points = Array.from({ length: STEPS + 1 }, (_, i) => {
    const temperature = (hottest * i) / STEPS;
    return entropyAt(place, at(place, temperature), temperature);
  });
  const most = Math.max(0.1, ...points.map(([, high]) => high));
  /** @param {0 | 1} end */
  const line = (end) =>
    points.map((ends, i) => `${((100 * i) / STEPS).toFixed(2)},${(39 - (37 * ends[end]) / most).toFixed(2)}`);
  const [low, high] = [line(0), line(1)];
  const [band, lower, upper] = all(".dial-curve path", document, SVGPathElement);
  band.setAttribute("d", `M${low.join("L")}L${high.reverse().join("L")}Z`);
  lower.setAttribute("d", `M${low.join("L")}`);
  upper.setAttribute("d", `M${high.join("L")}`);
  $("explorer-curve").textContent = filledText("explorer curve", { most: nats(most) });
}

/**
 * The same in one breath, to be spoken.
 * @param {Place} place
 * @param {number} temperature
 */
export function spoken(place, temperature) {
  const found = at(place, temperature);
  return filledText("explorer spoken", {
    t: nats(temperature),
    token: name(place.top[0].string).textContent,
    p: shares(found.shares[0]),
    entropy: range(entropyAt(place, found, temperature), nats),
    n95: range(found.n95, whole),
  });
}
