// @ts-check
// The reader's own marks: questions to come back to. They are kept in the browser under the report's identity, by the names of
// use case, model and question, so that they outlive a page that is written anew; and they can be taken along as CSV.
import { cell } from "./downloads.js";
import { keep, kept } from "./storage.js";
import { data } from "./words.js";

/** @typedef {[useCase: string, model: string, question: string]} Marked */

const NAME = `tempkit marks ${data.identity}`;
const COLUMNS = ["use_case", "model", "question"];

/** @param {unknown} each */
const isMarked = (each) =>
  Array.isArray(each) && each.length === COLUMNS.length && each.every((name) => typeof name === "string");

/** @param {Marked} of */
const id = (of) => JSON.stringify(of);

/** @type {Map<string, Marked>} */
const marks = new Map();
/** @type {(() => void)[]} */
const hearers = [];

function read() {
  const found = kept(NAME);
  marks.clear();
  for (const each of Array.isArray(found) ? found.filter(isMarked) : []) marks.set(id(each), each);
}
read();

/** @param {Marked} of */
export const has = (of) => marks.has(id(of));

/** @param {Marked} of */
export function toggle(of) {
  if (!marks.delete(id(of))) marks.set(id(of), of);
  keep(NAME, [...marks.values()]);
  for (const heard of hearers) heard();
}

/** @param {() => void} heard Is called after every change, in this window or another one of the same report. */
export const listen = (heard) => hearers.push(heard);

addEventListener("storage", ({ key }) => {
  if (key !== NAME) return;
  read();
  for (const heard of hearers) heard();
});

/** All marks of the report, as lines of CSV. */
export const csv = () => [COLUMNS, ...marks.values()].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
