// @ts-check
// Single keys for who reads many answers. They are silent while something is typed or chosen, beside Ctrl, Alt and Meta, and
// where the reader has turned them off.
import { $, all, one } from "./dom.js";
import { keep, kept } from "./storage.js";

/** @typedef {import("./section.js").Section} Section */

const NAME = "tempkit keys";

/** @param {Element | null} at */
const isField = (at) =>
  at instanceof HTMLElement &&
  (at.isContentEditable ||
    at.matches("select, textarea, [role=listbox] *, input:not([type=checkbox], [type=radio], [type=button])"));

/** @param {Section} section */
function inSight({ root }) {
  const { top, bottom } = root.getBoundingClientRect();
  return Math.min(bottom, innerHeight) - Math.max(top, 0);
}

/**
 * The section that keys are for: the one with the focus, or else the one that most is seen of.
 * @param {Section[]} sections
 */
function meant(sections) {
  const focused = sections.find(({ root }) => root.contains(document.activeElement));
  return focused ?? sections.reduce((best, each) => (inSight(each) > inSight(best) ? each : best));
}

/** @type {Record<string, (section: Section) => unknown>} */
const DEEDS = {
  j: (section) => section.step(1, true),
  n: (section) => section.step(1, true),
  k: (section) => section.step(-1, true),
  p: (section) => section.step(-1, true),
  m: (section) => section.mark(section.item),
  i: (section) => section.table.focus(),
  o: ({ table }) => table.body.contains(document.activeElement) && /** @type {HTMLElement} */ (document.activeElement).click(),
  "/": (section) => {
    section.query.focus();
    section.query.select();
  },
};

/** @param {Section[]} sections */
export function start(sections) {
  const dialog = $("keys-help", HTMLDialogElement);
  const on = one(".keys-on", dialog, HTMLInputElement);
  on.checked = kept(NAME) !== "off";
  on.addEventListener("change", () => keep(NAME, on.checked ? "on" : "off"));
  one(".keys-close", dialog).addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // the backdrop
  for (const button of all(".keys-button")) button.addEventListener("click", () => dialog.showModal());

  document.addEventListener("keydown", (event) => {
    const { key, ctrlKey, altKey, metaKey, isComposing } = event;
    if (ctrlKey || altKey || metaKey || isComposing || event.defaultPrevented) return;
    if (!on.checked || isField(document.activeElement) || document.querySelector("dialog[open]")) return;
    if (key === "?") dialog.showModal();
    else if (Object.hasOwn(DEEDS, key)) DEEDS[key](meant(sections));
    else return;
    event.preventDefault();
  });
}
