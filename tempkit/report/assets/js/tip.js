// @ts-check
// The charts' tooltip: text nodes only.
import { $, element } from "./dom.js";

/**
 * Show what is under the pointer, or hide the tip where nothing is; Vega calls it.
 * @param {unknown} _handler
 * @param {MouseEvent} event
 * @param {unknown} _item
 * @param {unknown} value
 */
export function show(_handler, event, _item, value) {
  const tip = $("tip");
  if (!value || typeof value !== "object") {
    tip.hidden = true;
    return;
  }
  const rows = Object.entries(value).map(([name, shown]) =>
    element("div", "", element("dt", "", name), element("dd", "", shown))
  );
  tip.replaceChildren(element("dl", "", ...rows));
  tip.hidden = false;
  const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 14;
  const top = below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : below;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${Math.max(8, top)}px`;
}
