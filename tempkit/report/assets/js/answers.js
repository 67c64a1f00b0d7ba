// @ts-check
// The answers: an index of questions, one of them open, search, filters and differences; and the reader's marks, to take along.
import { all, hit, one } from "./dom.js";
import * as allQuestions from "./all_questions.js";
import * as copying from "./copying.js";
import * as downloads from "./downloads.js";
import * as keys from "./keys.js";
import * as marks from "./marks.js";
import { Section } from "./section.js";

/** @param {HTMLElement} root */
function takeAlong(root) {
  const copy = one(".marks-copy", root);
  copy.addEventListener("click", () => copying.write(marks.csv(), copy));
  one(".marks-save", root).addEventListener(
    "click",
    () => downloads.save("marks.csv", new Blob([marks.csv()], { type: "text/csv;charset=utf-8" })),
  );
}

/** @type {Section[]} */
let sections = [];
/** @type {() => void} */
let ready;
/** Once every section is there, and the question that the address names is open. @type {Promise<void>} */
export const begun = new Promise((resolve) => (ready = resolve));

/** The question that is open in each section, by its id; -1: none. @returns {Record<string, number>} */
export const places = () => Object.fromEntries(sections.map((each) => [each.id, each.item]));

/**
 * Have each section where it was, once all of them have begun.
 * @param {Record<string, number>} kept
 */
export async function restore(kept) {
  await begun;
  for (const each of sections) if (each.id in kept) await each.search({ item: kept[each.id] });
}

/**
 * Draw all questions, for paper.
 * @returns {Promise<() => void>} What puts them away again.
 */
export async function drawAll() {
  await begun;
  const away = await Promise.all(sections.map(allQuestions.drawn));
  return () => away.forEach((each) => each());
}

export function start() {
  const roots = all(".side-by-side");
  if (!roots.length) return ready();
  sections = roots.map((root) => new Section(root));
  roots.forEach(takeAlong);
  keys.start(sections);

  // A question's address leads to it even where it is packed, or not among those found; so does that of one temperature's answers.
  async function follow() {
    const [, id, number, at = ""] = /^#(.+)-item-(\d+)(?:-(t-[\d.e+-]+))?$/.exec(location.hash) ?? [];
    const section = sections.find((each) => each.id === id);
    const item = Number(number);
    if (section && item >= 1 && item <= section.items.count) await section.go(item - 1, at);
  }

  // One section per turn of the event loop, so that the page stays responsive; where the address leads comes last, since those
  // before it may have moved it.
  async function begin() {
    for (const section of sections) {
      await section.start();
      await new Promise((turn) => setTimeout(turn));
    }
    await follow();
    ready();
  }
  setTimeout(begin, 0);
  addEventListener("hashchange", follow);
  // A link to where the address says that we are leads there too: the reader may have gone elsewhere since.
  document.addEventListener("click", (event) => {
    const link = hit(event, ".side-by-side a[href]");
    if (link?.getAttribute("href") !== location.hash) return;
    event.preventDefault();
    follow();
  });
}
