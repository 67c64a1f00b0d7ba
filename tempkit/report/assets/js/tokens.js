// @ts-check
/** @import { Spelled, TokenBlock, TokenColumns } from "./types.d.ts" */
// The token view: unpack an item's tokens when a reader asks for them, colour each token drawn, and show what else could
// have been drawn. Everything from a model reaches the page as text nodes.
import { $, element, hit, one } from "./dom.js";
import { entropyLevel, probabilityLevel } from "./levels.js";
import * as listbox from "./listbox.js";
import { unpack } from "./packed.js";
import { asToken, parts, spelled } from "./spelling.js";
import { fill, number, percent, say } from "./words.js";

/** @typedef {{ string: number, milli: number }} Alternative */
/** @typedef {{ strings: Spelled[], answer: TokenColumns, alternatives: Alternative[][] }} Shown */

/**
 * Alternatives by token, each with its string and its logprob in thousandths, see `tempkit.report.answers.tokens.columns`.
 * @param {TokenColumns} answer
 * @returns {Alternative[][]}
 */
function alternativesOf({ n, k, p }) {
  let at = 0;
  return n.map((count) => {
    let hundredths = 0;
    return Array.from({ length: count }, () => {
      hundredths += p[at];
      return { string: k[at++], milli: 10 * hundredths };
    });
  });
}

/** @param {number | null} milli */
const nats = (milli) => (milli === null ? say.unknown : fill(say.nats, number(milli / 1000)));
/** @param {number} milli */
const probability = (milli) => Math.exp(-milli / 1000);
/** @param {number | null} milli */
const chance = (milli) => (milli === null ? say.unknown : percent(probability(milli)));

/**
 * @param {TokenColumns} answer
 * @param {number} i
 * @param {string} by
 */
function level({ l, h }, i, by) {
  const value = by === "entropy" ? h[i] : l[i];
  if (value === null) return "unknown";
  return by === "entropy" ? entropyLevel(value / 1000) : probabilityLevel(probability(value));
}

/**
 * @param {TokenColumns} answer
 * @param {number} i
 */
function facts({ l, h, r }, i) {
  const [logprob, rank] = [l[i], r[i]];
  const rows = [
    [say.probability, chance(logprob)],
    [say.logprob, logprob === null ? say.unknown : `−${nats(logprob)}`],
    [say.entropy, nats(h[i])],
    [say.rank, rank === null ? say.unknown : String(rank + 1)],
  ];
  return element(
    "dl",
    "",
    ...rows.map(([name, value]) => element("div", "", element("dt", "", name), element("dd", "", value))),
  );
}

/**
 * @param {Spelled} string
 * @param {number} milli
 * @param {boolean} drawn
 */
function alternative(string, milli, drawn) {
  const bar = element("span", "bar");
  bar.style.width = `${100 * probability(milli)}%`;
  const row = element("li", drawn ? "drawn" : "", bar, spelled(string));
  if (drawn) row.append(element("span", "chip", say.drawn));
  row.append(element("span", "p", chance(milli)));
  return row;
}

/**
 * The most probable tokens; the drawn one stands below them when it is not among them.
 * @param {Shown} shown
 * @param {number} i
 */
function alternatives({ strings, answer: { t, l }, alternatives }, i) {
  if (!alternatives[i].length) return [element("p", "hint", say["no alternatives"])];
  const rows = alternatives[i].map(({ string, milli }) => alternative(strings[string], milli, string === t[i]));
  const logprob = l[i];
  if (!rows.some((row) => row.className) && logprob !== null) rows.push(alternative(strings[t[i]], logprob, true));
  return [element("h3", "", say.alternatives), element("ol", "alternatives", ...rows)];
}

/** @param {DOMStringMap} about */
function saidOf({ samples = "", seed, kind = "unknown" }) {
  const which = fill(samples.includes(",") ? say.samples : say.sample, samples);
  const basis = say[/** @type {"kind raw" | "kind tempered" | "kind unknown"} */ (`kind ${kind}`)];
  return [which, seed && fill(say.seed, seed)].filter(Boolean).join(", ") + `. ${basis}`;
}

/**
 * @param {Shown} shown
 * @param {number} i
 */
function tokenElement({ strings, answer: { t, l } }, i) {
  const token = element("span", "token", ...parts(strings[t[i]], asToken));
  token.setAttribute("role", "option");
  token.translate = false;
  token.setAttribute("aria-label", `${spelled(strings[t[i]]).textContent}, ${chance(l[i])}`);
  token.tabIndex = i ? -1 : 0;
  return token;
}

export function start() {
  const dialog = $("token-view", HTMLDialogElement);
  const text = $("token-text");
  const detail = $("token-detail");
  const hint = one(".hint", detail);
  const entropy = one("input[value=entropy]", dialog, HTMLInputElement);
  /** @type {Shown | null} */
  let current = null;

  function paint() {
    const by = one("input[name=colour]:checked", dialog, HTMLInputElement).value === "entropy" ? "entropy" : "logprob";
    [...text.children].forEach((token, i) => {
      if (current) token.className = `token ${level(current.answer, i, by)}`;
    });
    const swatches = say[`by ${by}`].map((label, i) => element("li", "", element("span", `swatch level-${i}`), label));
    $("token-legend").replaceChildren(...swatches);
  }

  /** @param {number} i */
  function show(i) {
    if (!current) return;
    listbox.select(text, i);
    const { strings, answer } = current;
    detail.replaceChildren(
      element("p", "token-name", spelled(strings[answer.t[i]])),
      facts(answer, i),
      ...alternatives(current, i),
    );
  }

  /**
   * @param {DOMStringMap} about
   * @param {TokenBlock} block
   */
  function fillView(about, block) {
    const answer = block.a[Number(about.index)];
    const shown = { strings: block.s, answer, alternatives: alternativesOf(answer) };
    current = shown;
    $("token-title").textContent = fill(say.answer, about.item ?? "", about.temperature ?? "");
    $("token-about").textContent = saidOf(about);
    text.replaceChildren(...answer.t.map((_, i) => tokenElement(shown, i)));
    entropy.disabled = answer.h.every((value) => value === null);
    if (entropy.disabled) one("input[value=logprob]", dialog, HTMLInputElement).checked = true;
    detail.replaceChildren(hint);
    paint();
  }

  /** @param {DOMStringMap} about */
  async function open(about) {
    try {
      fillView(about, await unpack(`tokens-${about.block}`));
    } catch {
      text.replaceChildren();
      detail.replaceChildren(element("p", "", say.unreadable));
    }
    dialog.showModal();
    const first = text.firstElementChild ?? $("token-close");
    /** @type {HTMLElement} */ (first).focus();
  }

  /** @param {Event} event */
  const pointed = (event) => {
    const i = listbox.place(text, event);
    if (i >= 0) show(i);
  };
  text.addEventListener("pointerover", pointed);
  text.addEventListener("focusin", pointed);
  text.addEventListener("click", (event) => hit(event, ".token")?.focus());
  listbox.listen(text);
  dialog.addEventListener("change", paint);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // the backdrop
  $("token-close").addEventListener("click", () => dialog.close());
  // Buttons come and go with the items on the page, so they are listened to from above.
  document.addEventListener("click", (event) => {
    const button = hit(event, ".tokens-button");
    if (button) open(button.dataset);
  });
}
