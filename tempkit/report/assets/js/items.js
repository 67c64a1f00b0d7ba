// @ts-check
/** @import { ItemLine, ItemsBlock } from "./types.d.ts" */
// The items behind the means, on demand: a box shows them all as thin lines, a list makes one stand out and says its numbers.
import * as charts from "./charts.js";
import { all, has, one } from "./dom.js";
import { unpack } from "./packed.js";
import { fill, say } from "./words.js";

/**
 * @param {ItemsBlock} block
 * @param {ItemLine[]} lines
 */
const rowsOf = ({ keys, said }, lines) =>
  lines.flatMap((line) =>
    line.i.flatMap((key, row) =>
      line.t.flatMap((t, column) => {
        const v = line.v[row][column];
        if (v === null) return [];
        const d = said[line.d[row][column]];
        return { t, x: t + line.x, v, d, i: keys[key], m: line.m, c: line.c, s: line.s, k: line.k };
      })
    )
  );

/**
 * Each model's numbers for one item, temperature by temperature, in words.
 * @param {ItemsBlock} block
 * @param {ItemLine[]} lines
 * @param {string} key
 * @param {string} title
 */
function numbers({ keys, said }, lines, key, title) {
  const parts = lines.flatMap((line) => {
    const row = line.i.indexOf(keys.indexOf(key));
    if (row < 0) return [];
    const values = line.t.flatMap((t, column) =>
      line.v[row][column] === null ? [] : fill(say["item at"], said[line.d[row][column]], String(t))
    );
    return lines.length > 1 ? fill(say["item of"], line.m, values.join("; ")) : values.join("; ");
  });
  return fill(say["item of"], title, parts.join(". "));
}

/**
 * @param {HTMLElement} tools
 * @param {string} block
 */
function listen(tools, block) {
  const toggle = one(".item-toggle", tools, HTMLInputElement);
  const choice = one(".item-choice", tools);
  const select = one(".item-select", tools, HTMLSelectElement);
  const status = one(".item-said", tools);
  const chosen = () => (toggle.checked && select.selectedIndex > 0 ? select.value : null);

  async function show() {
    /** @type {ItemsBlock} */
    let items;
    try {
      items = await unpack(block);
    } catch {
      status.textContent = say["unpackable"];
      toggle.checked = false;
      return;
    }
    if (select.options.length === 1) {
      select.append(...items.keys.map((key) => Object.assign(new Option(key, key), { translate: false })));
    }
    const shown = toggle.checked;
    choice.hidden = !shown;
    for (const [id, { lines }] of Object.entries(items.charts)) {
      charts.tell(id, { rows: shown ? rowsOf(items, lines) : [], focus: chosen() });
    }
    speak(items);
  }

  /** @param {ItemsBlock} items */
  function speak(items) {
    const key = chosen();
    const { first = "", title = "" } = tools.dataset;
    status.textContent = key === null ? "" : numbers(items, items.charts[first].lines, key, title);
  }

  toggle.addEventListener("change", show);
  select.addEventListener("change", async () => {
    /** @type {ItemsBlock} */
    const items = await unpack(block);
    for (const id of Object.keys(items.charts)) charts.tell(id, { focus: chosen() });
    speak(items);
  });
  toggle.checked = false; // a reloaded page begins as it was written
  tools.hidden = !has("vega");
}

export function start() {
  for (const tools of all(".item-tools")) {
    const block = `tokens-${tools.dataset.case}-items`;
    if (has(block)) listen(tools, block);
  }
}
