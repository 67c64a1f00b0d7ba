// @ts-check
/** @import { Kept, Path } from "./types.d.ts" */
// While a run goes on its page is written anew now and then, and loads itself again, as the head says after how many seconds. It
// does so when nobody is in the middle of something, and puts everything back: the place, what is open, what is chosen. What is to
// be put back goes with the history's entry, which a file's page has too, and which needs nobody's storage.
import * as answers from "./answers.js";
import { all } from "./dom.js";

const LOOK_MS = 500;
const QUIET_MS = 3000; // since the reader last did something
const LONGEST_S = 120; // between two times, where the file does not change
const SETTLING_MS = 1000; // the place is held for so long after all is there,
const GROWING_MS = 8000; // and for so long while the page still grows
const DEEDS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "scroll"];
const LEAVING = ["pointerdown", "keydown", "wheel", "touchstart"];
const CHOICES = "main select, main input:is([type=checkbox], [type=radio], [type=range])";
const TYPED = "textarea, input:not([type=checkbox], [type=radio], [type=range], [type=button])";

/**
 * How an element is found again: from the nearest one with an id, child by child.
 * @param {Element} element
 * @returns {Path}
 */
function pathOf(element) {
  const steps = [];
  let at = element;
  while (!at.id && at.parentElement) {
    steps.unshift([...at.parentElement.children].indexOf(at));
    at = at.parentElement;
  }
  return [element.tagName, at.id, ...steps];
}

/**
 * @param {Path} path
 * @returns {HTMLElement | null}
 */
function elementAt([tag, id, ...steps]) {
  /** @type {Element | null} */
  let at = id ? document.getElementById(id) : document.documentElement;
  for (const step of steps) at = at?.children[step] ?? null;
  return at instanceof HTMLElement && at.tagName === tag ? at : null;
}

// What a reader has done to the page

/** @param {HTMLInputElement | HTMLSelectElement} choice */
function isChanged(choice) {
  if (choice instanceof HTMLInputElement) {
    return choice.type === "range" ? choice.value !== choice.defaultValue : choice.checked !== choice.defaultChecked;
  }
  const first = [...choice.options].find((each) => each.defaultSelected) ?? choice.options[0];
  return first !== undefined && choice.value !== first.value;
}

/** @returns {Kept} */
function seen() {
  const ids = [...document.querySelectorAll("main [id]")].filter((each) =>
    each instanceof HTMLElement && each.checkVisibility()
  );
  const near = ids.map((each) => /** @type {const} */ ([each.id, each.getBoundingClientRect().top]));
  const choices = /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ (all(CHOICES));
  const focused = document.activeElement;
  return {
    y: scrollY,
    near: scrollY ? near.sort(([, a], [, b]) => Math.abs(a) - Math.abs(b)).slice(0, 5) : [],
    places: answers.places(),
    folds: all("main details", document, HTMLDetailsElement).map((each) => [pathOf(each), each.open]),
    choices: choices.filter(isChanged).map((each) => [
      pathOf(each),
      each instanceof HTMLInputElement && each.type !== "range" ? each.checked : each.value,
    ]),
    scrolled: all("main *", document, /** @type {new () => Element} */ (Element)).flatMap((each) =>
      each.scrollLeft || each.scrollTop ? [[pathOf(each), each.scrollLeft, each.scrollTop]] : []
    ),
    focus: focused && focused !== document.body ? pathOf(focused) : null,
    modified: document.lastModified,
    wait: 0,
  };
}

/** @param {Kept} kept */
function choose({ choices }) {
  for (const [path, value] of choices) {
    const choice = elementAt(path);
    if (choice instanceof HTMLInputElement && typeof value === "boolean") choice.checked = value;
    else if (choice instanceof HTMLInputElement || choice instanceof HTMLSelectElement) choice.value = String(value);
    for (const type of ["input", "change"]) choice?.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

/** @param {Kept} kept */
function fold({ folds }) {
  for (const [path, open] of folds) {
    const details = elementAt(path);
    if (details instanceof HTMLDetailsElement) details.open = open;
  }
}

/** @param {Kept} kept */
function scroll({ y, near }) {
  for (const [id, top] of near) {
    const element = document.getElementById(id);
    if (!element?.checkVisibility()) continue;
    scrollBy({ top: element.getBoundingClientRect().top - top, behavior: "instant" });
    return;
  }
  scrollTo({ top: y, behavior: "instant" });
}

/**
 * Put everything back, and hold the place while what is drawn and unpacked only now moves it, unless the reader goes elsewhere.
 * @param {Kept} kept
 */
async function putBack(kept) {
  history.scrollRestoration = "manual";
  let held = true;
  const leave = () => (held = false);
  for (const type of LEAVING) addEventListener(type, leave, { once: true, capture: true, passive: true });
  let until = Infinity;
  let [tall, growing] = [0, performance.now() + GROWING_MS];
  function hold() {
    const now = performance.now();
    if (!held || now > Math.max(until, growing)) return;
    const height = document.documentElement.scrollHeight;
    if (now < until || height !== tall) scroll(kept);
    tall = height;
    requestAnimationFrame(hold);
  }
  choose(kept);
  fold(kept);
  hold();
  await answers.restore(kept.places);
  fold(kept); // of what is unpacked now
  for (const [path, left, top] of kept.scrolled) elementAt(path)?.scrollTo({ left, top, behavior: "instant" });
  if (held) (kept.focus && elementAt(kept.focus))?.focus({ preventScroll: true });
  until = performance.now() + SETTLING_MS;
  growing = until + GROWING_MS;
}

/** Whether somebody types, selects, or has something open that would be lost. */
function isBusy() {
  const at = document.activeElement;
  return (
    document.querySelector("dialog[open], .contents[open]:not(.wide), #tip:not([hidden])") !== null ||
    at?.matches(`select, ${TYPED}`) ||
    all(TYPED, document, HTMLElement).some((each) => "value" in each && each.value !== "") ||
    !(getSelection()?.isCollapsed ?? true)
  );
}

/**
 * @param {number} seconds
 * @param {Kept | null} before
 */
function renew(seconds, before) {
  // A file that has not changed is asked for less and less often.
  const same = before !== null && before.modified === document.lastModified;
  const wait = same ? Math.min(2 * before.wait, Math.max(LONGEST_S, seconds)) : seconds;
  // A page that is slow to be there is to be read for as long as it took, at least.
  const due = performance.now() + Math.max(1000 * wait, performance.now());
  let last = -Infinity;
  for (const type of DEEDS) addEventListener(type, () => (last = performance.now()), { capture: true, passive: true });
  const on = document.querySelector(".renewal-on");
  const waits = document.querySelector(".renewal-waits");
  const looking = setInterval(() => {
    const now = performance.now();
    const wanted = now >= due && (!(on instanceof HTMLInputElement) || on.checked);
    const busy = wanted && isBusy();
    if (waits instanceof HTMLElement) waits.hidden = !busy;
    if (!wanted || busy || document.hidden || now - last < QUIET_MS) return;
    clearInterval(looking);
    history.replaceState({ renewed: { ...seen(), wait } }, "");
    location.reload();
  }, LOOK_MS);
}

export async function start() {
  /** @type {Kept | null} */
  const kept = history.state?.renewed ?? null;
  try {
    if (kept) {
      history.replaceState(null, ""); // who loads the page again themselves begins at its beginning
      await putBack(kept);
    }
    // What is not yet there could not be kept, as the question that the address names: a slow browser would never come to it.
    await answers.begun;
  } finally {
    const seconds = Number(document.querySelector("meta[name=tempkit-renewed]")?.getAttribute("content"));
    if (seconds) renew(seconds, kept);
  }
}
