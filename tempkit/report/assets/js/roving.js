// @ts-check
// Several controls that are one tab stop: arrow keys move between them. A box has lines of controls; in a toolbar there is one,
// in a table one per row, and beside each other lie those of one column.

/** @param {HTMLElement} each */
const visible = (each) => each.checkVisibility();

/**
 * Let one of the controls be in the tab order: the one that was, or else the first.
 * @param {HTMLElement[]} controls
 * @param {HTMLElement | undefined} wanted
 */
export function settle(controls, wanted = controls.find((each) => each.tabIndex === 0 && visible(each))) {
  const chosen = wanted ?? controls.find(visible);
  for (const each of controls) each.tabIndex = each === chosen ? 0 : -1;
}

/**
 * The control that a key leads to from one; undefined: the key leads nowhere.
 * @param {HTMLElement[][]} lines
 * @param {HTMLElement} from
 * @param {KeyboardEvent} event
 */
function target(lines, from, { key, ctrlKey }) {
  const line = lines.findIndex((each) => each.includes(from));
  if (line < 0) return;
  const place = lines[line].indexOf(from);
  /** @type {Record<string, [number, number]>} */
  const ways = {
    ArrowLeft: [line, place - 1],
    ArrowRight: [line, place + 1],
    ArrowUp: [line - 1, place],
    ArrowDown: [line + 1, place],
    PageUp: [line - 10, place],
    PageDown: [line + 10, place],
    Home: ctrlKey ? [0, 0] : [line, 0],
    End: ctrlKey ? [lines.length - 1, Infinity] : [line, Infinity],
  };
  const to = ways[key];
  if (!to) return;
  const within = lines[Math.max(0, Math.min(to[0], lines.length - 1))];
  return within[Math.max(0, Math.min(to[1], within.length - 1))];
}

/**
 * Move by keys inside of a box.
 * @param {HTMLElement} box
 * @param {() => HTMLElement[][]} lines Those that are visible, when a key is pressed.
 * @param {(to: HTMLElement) => void} moved Is told where a key led. The pointer is left alone: what it presses must not move away.
 */
export function listen(box, lines, moved = () => {}) {
  /** @type {HTMLElement | null} */
  let last = null;
  box.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.shiftKey || !(event.target instanceof HTMLElement)) return;
    const to = target(lines(), event.target, event);
    if (!to) return;
    event.preventDefault(); // at an end too, where the page would scroll
    to.focus();
    moved(to);
  });
  box.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLElement) || target === last || target.tabIndex > 0) return;
    const old = last?.isConnected && box.contains(last) ? last : box.querySelector('[tabindex="0"]');
    if (old instanceof HTMLElement && old !== target) old.tabIndex = -1;
    target.tabIndex = 0;
    last = target;
  });
}

/**
 * A toolbar: its buttons in a row.
 * @param {HTMLElement} bar
 */
export function toolbar(bar) {
  const buttons = () => /** @type {HTMLElement[]} */ ([...bar.querySelectorAll("button")]);
  settle(buttons());
  listen(bar, () => [buttons().filter(visible)]);
}
