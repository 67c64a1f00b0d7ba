// @ts-check
/** @import { Explorer, ExplorerBlock, Place } from "./types.d.ts" */
// The softmax explorer: a place in a sampled text and a slider. `recompute` draws what the distribution that was stored there
// becomes at the slider's temperature. Everything from a model reaches the page as text nodes.
import * as buttons from "./button_group.js";
import { $, all, element, has } from "./dom.js";
import { placesOf } from "./explorer_data.js";
import { entropyLevel } from "./levels.js";
import * as listbox from "./listbox.js";
import { unpack } from "./packed.js";
import { filledText, name, nats, openness, whole } from "./place.js";
import * as recompute from "./recompute.js";
import { asToken, parts } from "./spelling.js";
import { data, say } from "./words.js";

const JUMPS = 4;
const QUIET = 700; // milliseconds without a move, then it is spoken

/** @param {Place} place */
function tokenElement(place) {
  const made = element("span", `place ${entropyLevel(openness(place))}`, ...parts(place.string, asToken));
  made.translate = false;
  made.setAttribute("role", "option");
  made.setAttribute("aria-label", name(place.string).textContent);
  return made;
}

/**
 * Where the places are whose distributions can be computed with, the most open ones, in reading order, and the first of them.
 * @param {Place[]} places
 */
function mostOpen(places) {
  const open = places.map((place, i) => ({ i, openness: openness(place) })).filter(({ i }) => places[i].top.length);
  const jumps = open.sort((a, b) => b.openness - a.openness || a.i - b.i).slice(0, JUMPS).map(({ i }) => i);
  return { first: jumps[0] ?? 0, jumps: [...jumps].sort((a, b) => a - b) };
}

export function start() {
  if (has("explorer-live") && data.explorer) explore(data.explorer);
}

/** @param {Explorer} explorer */
function explore({ spots, hottest }) {
  const [live, text, slider] = [$("explorer-live"), $("explorer-text"), $("explorer-t", HTMLInputElement)];
  let spot = spots[0];
  /** @type {Place[]} */
  let places = []; // of the chosen text
  let chosen = -1; // of them

  function drawTemperature() {
    const temperature = Number(slider.value);
    const label = filledText("explorer now", { t: nats(temperature) });
    live.style.setProperty("--at", String(temperature / hottest));
    $("explorer-now").textContent = label;
    slider.setAttribute("aria-valuetext", label);
    if (places[chosen]?.top.length) recompute.draw(places[chosen], temperature);
  }

  // Once, after the reader's last move; never unasked.
  let speaking = 0;
  function speakLater() {
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      const place = places[chosen];
      if (place?.top.length) $("explorer-spoken").textContent = recompute.spoken(place, Number(slider.value));
    }, QUIET);
  }

  function turned() {
    drawTemperature();
    speakLater();
  }

  /** @param {string} temperature */
  function turnTo(temperature) {
    slider.value = temperature;
    turned();
  }

  /** @param {HTMLElement} token */
  function keepInSight(token) {
    const above = token.offsetTop - text.scrollTop;
    if (above < 0 || above + token.offsetHeight > text.clientHeight) text.scrollTop = token.offsetTop - text.clientHeight / 2;
  }

  /** @param {number} i */
  function show(i) {
    chosen = i;
    listbox.select(text, i);
    for (const button of all("button", $("explorer-jumps"))) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.place) === i));
    }
    buttons.settle($("explorer-jumps"));
    keepInSight(all(".place", text)[i]);
    const place = places[i];
    const count = { i: whole(i + 1), n: whole(places.length) };
    const drawn = element("span", "chip", say.drawn);
    $("explorer-here").replaceChildren(filledText("explorer place", count), " ", name(place.string), " ", drawn);
    live.classList.toggle("without-top", !place.top.length);
    if (!place.top.length) {
      $("explorer-bars").replaceChildren();
      recompute.drawMore(0);
      $("explorer-says").replaceChildren(element("p", "", say["explorer nothing"]));
      return;
    }
    recompute.drawCurve(place, hottest);
    drawTemperature();
  }

  /** @param {number} i */
  function choose(i) {
    show(i);
    speakLater();
  }

  /** @param {number} i */
  function jumpButton(i) {
    const place = places[i];
    const button = element("button", "", name(place.string));
    button.type = "button";
    button.dataset.place = String(i);
    const values = { token: name(place.string).textContent, entropy: nats(openness(place)) };
    button.setAttribute("aria-label", filledText("explorer jump", values));
    button.addEventListener("click", () => choose(i));
    return button;
  }

  /**
   * @param {ExplorerBlock} block
   * @param {number} i
   */
  function showText(block, i) {
    places = placesOf(block, i, spot);
    const { sent, where, cut } = spot.texts[i];
    text.replaceChildren(...places.map(tokenElement));
    $("explorer-cut").hidden = cut === null;
    $("explorer-cut").textContent = cut ?? "";
    $("explorer-sent").hidden = $("explorer-mark").hidden = sent === null || sent > hottest;
    $("explorer-sent").textContent = where === null ? "" : filledText("explorer sampled", { where });
    $("explorer-sent").dataset.sent = String(sent);
    buttons.settle($("explorer-turns"));
    live.style.setProperty("--sent", String((sent ?? 0) / hottest));
    const { first, jumps } = mostOpen(places);
    $("explorer-jumps").replaceChildren(...jumps.map(jumpButton));
    text.scrollTop = 0;
    show(first);
  }

  /**
   * @param {ExplorerBlock} block
   * @param {string} label
   * @param {number} i
   */
  function radio(block, label, i) {
    const input = element("input");
    input.type = "radio";
    input.name = "explorer-text";
    input.checked = i === 0;
    input.addEventListener("change", () => showText(block, i));
    return element("label", "", input, ` ${label}`);
  }

  /** @param {number} i */
  async function showSpot(i) {
    const asked = spots[i];
    spot = asked;
    /** @type {ExplorerBlock} */
    let block;
    try {
      block = await unpack(`tokens-${asked.block}`);
    } catch { // a browser that cannot inflate
      live.hidden = true;
      $("explorer-failed").hidden = false;
      $("explorer-failed").textContent = say.unreadable;
      return;
    }
    if (asked !== spot) return; // another one was asked for meanwhile
    live.className = `explorer series-${spot.series}`;
    const radios = spot.texts.map(({ label }, j) => radio(block, label, j));
    for (const old of all("label", $("explorer-texts"))) old.remove();
    $("explorer-texts").append(...radios);
    live.hidden = false;
    showText(block, 0);
  }

  text.addEventListener("click", (event) => {
    const i = listbox.place(text, event);
    if (i >= 0) choose(i);
  });
  listbox.listen(text, choose);
  slider.addEventListener("input", turned);
  for (const group of ["explorer-jumps", "explorer-turns"]) buttons.listen($(group));
  $("explorer-more").addEventListener("click", recompute.toggleMore);
  $("explorer-own").addEventListener("click", () => turnTo("1"));
  $("explorer-sent").addEventListener("click", () => turnTo($("explorer-sent").dataset.sent ?? ""));
  const item = $("explorer-item", HTMLSelectElement);
  item.addEventListener("change", () => showSpot(Number(item.value)));
  showSpot(0);
}
