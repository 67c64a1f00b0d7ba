// @ts-check
/** @import { Chart, ChartsBlock, Row, VegaView } from "./types.d.ts" */
// Draw the charts with Vega: each when it comes near the window, and what is not folded away when the browser has nothing else to do. Its
// expressions are interpreted (`ast`), since the page's policy forbids `eval`, and its marks are SVG, so that colours can be the page's
// CSS variables.
import { $, all, element, has } from "./dom.js";
import { unpack } from "./packed.js";
import * as tip from "./tip.js";
import { say } from "./words.js";

/**
 * The items that a chart shows, and which of them stands out; null: the one under the pointer.
 * @typedef {{ rows?: Row[], focus?: string | null }} Told
 */

const options = { mode: "vega-lite", renderer: "svg", ast: true, actions: false, defaultStyle: false, tooltip: tip.show };
/** @typedef {{ view: VegaView, chart: Chart }} Drawn */
/** @type {Map<string, Drawn>} */
const views = new Map();
/** @type {Map<string, Told>} */
const states = new Map();
/** @type {Set<string>} */
const drawing = new Set();

// Vega is by far the largest script, so it stands packed in the page. The policy knows its hash, and lets no other in.
async function vega() {
  document.head.append(element("script", "", await unpack("vega")));
  return vegaEmbed;
}

/** @type {Promise<[typeof vegaEmbed, ChartsBlock]> | null} */
let loaded = null;

/** The chart library, and what it draws: unpacked once. */
export function ready() {
  loaded ??= Promise.all([vega(), /** @type {Promise<ChartsBlock>} */ (unpack("tokens-charts"))]);
  return loaded;
}

/**
 * A chart's whole specification.
 * @param {ChartsBlock} block
 * @param {string} id
 */
export function specification({ specs, charts }, id) {
  const chart = charts[id];
  const form = specs[chart.spec];
  const params = form.params.map(({ name, value }) => ({ name, value: chart.values[name] ?? value }));
  return { ...form, params, datasets: { rows: chart.rows, marks: chart.marks, items: [] } };
}

/**
 * A chart that cannot be drawn says so, and its description stands there to be read.
 * @param {string} id
 * @param {string} why
 */
function fail(id, why) {
  const box = $(id);
  const description = box.getAttribute("aria-label");
  if (description === null) return; // it says so already
  views.delete(id);
  box.replaceChildren(element("p", "hint", why), element("p", "hint", description));
  for (const name of ["role", "aria-label"]) box.removeAttribute(name); // now it is text, no picture
  box.style.minHeight = "0";
}

/**
 * @param {string} id
 * @param {() => Promise<unknown>} work
 */
async function attempt(id, work) {
  try {
    await work();
  } catch (error) {
    console.error(error);
    fail(id, say["chart failed"]);
  }
}

/**
 * Single items reach farther than their means, so the y axis does while they are shown.
 * @param {Drawn} drawn
 * @param {Told} what
 */
function apply({ view, chart }, { rows, focus }) {
  if (rows !== undefined) {
    const [low, high] = rows.length && chart.whole ? chart.whole : [chart.values.low, chart.values.high];
    view.data("items", rows).signal("low", low).signal("high", high);
  }
  if (focus !== undefined) view.signal("focus", focus);
  return view.runAsync();
}

/**
 * @param {string} id
 * @param {typeof vegaEmbed} embed
 * @param {ChartsBlock} block
 */
async function embedded(id, embed, block) {
  const frame = element("div"); // Vega names what it draws into; the box around it keeps the chart's description
  $(id).append(frame);
  const { view } = await embed(frame, specification(block, id), options);
  frame.setAttribute("aria-hidden", "true");
  const drawn = { view, chart: block.charts[id] };
  views.set(id, drawn);
  view.addEventListener("pointerover", (_event, item) => follow(id, item?.datum?.i ?? null));
  view.addEventListener("pointerout", () => follow(id, null));
  const before = states.get(id);
  if (before) await apply(drawn, before);
}

/**
 * The item under the pointer stands out from the others, unless one was chosen by name.
 * @param {string} id
 * @param {string | null} item
 */
function follow(id, item) {
  const drawn = views.get(id);
  if (drawn && states.get(id)?.focus === null) attempt(id, () => drawn.view.signal("focus", item).runAsync());
}

/**
 * Say to a chart, drawn or not yet, which items it shows.
 * @param {string} id
 * @param {Told} what
 */
export function tell(id, what) {
  states.set(id, { ...states.get(id), ...what });
  const drawn = views.get(id);
  if (drawn) attempt(id, () => apply(drawn, what));
}

export function start() {
  if (!has("vega")) return;
  ready().catch(() => {}); // said in place of each chart
  const ids = all("main .chart").map(({ id }) => id);

  /** @param {string} id */
  async function draw(id) {
    if (drawing.has(id)) return;
    drawing.add(id);
    let loaded;
    try {
      loaded = await ready();
    } catch {
      fail(id, say["charts unreadable"]);
      return;
    }
    const [embed, block] = loaded;
    await attempt(id, () => embedded(id, embed, block));
  }

  // One chart per turn of the event loop: the page stays responsive however many come into view at once.
  /** @type {string[]} */
  const waiting = [];
  async function next() {
    await draw(waiting[0]);
    waiting.shift();
    if (waiting.length) setTimeout(next, 0);
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        if (waiting.push(target.id) === 1) next();
      }
    },
    { rootMargin: "300px 0px" },
  );
  for (const id of ids) near.observe($(id));

  const visible = () => ids.filter((id) => !drawing.has(id) && $(id).checkVisibility());
  const whenIdle = globalThis.requestIdleCallback ?? ((/** @type {() => void} */ work) => setTimeout(work, 200));
  async function nextUnseen() {
    const [id] = visible();
    if (id === undefined) return;
    await draw(id);
    whenIdle(nextUnseen);
  }
  whenIdle(nextUnseen);

  // Paper has every chart that is not folded away. Drawing takes no turn of the event loop, only promises, so it is done when the
  // browser lays out the pages.
  addEventListener("beforeprint", () => {
    visible().forEach(draw);
  });
}
