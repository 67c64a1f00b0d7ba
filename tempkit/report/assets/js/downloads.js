// @ts-check
/** @import { AnswersTable } from "./types.d.ts" */
// Files of the page's own data, made when a reader asks: nothing is fetched. The columns of answers are written as CSV by the
// rules of `tempkit.report.text.csv_cells`, or as JSON Lines.
import { all, element } from "./dom.js";
import { unpack } from "./packed.js";
import { say } from "./words.js";

const RISKY = "=+-@\t\r\n'＝＋－＠";

/** @param {string | number | null} value */
export function cell(value) {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const guarded = value !== "" && RISKY.includes(value[0]) ? `'${value}` : value;
  return `"${guarded.replaceAll('"', '""')}"`;
}

/**
 * @param {AnswersTable} table
 * @returns {Generator<(string | number | null)[]>}
 */
function* records({ columns, texts, strings, rows }) {
  const isText = columns.map((name) => texts.includes(name));
  for (let i = 0; i < rows[0].length; i += 1) {
    yield rows.map((column, c) => {
      const value = column[i];
      return isText[c] && value !== null ? strings[value] : value;
    });
  }
}

/**
 * A line of a CSV file.
 * @param {(string | number | null)[]} values
 */
export const line = (values) => `${values.map(cell).join(",")}\r\n`;

/** @param {AnswersTable} table */
function* csv(table) {
  yield line(table.columns);
  for (const record of records(table)) yield line(record);
}

/** @param {AnswersTable} table */
function* jsonl(table) {
  for (const record of records(table)) {
    yield `${JSON.stringify(Object.fromEntries(table.columns.map((name, c) => [name, record[c]])))}\n`;
  }
}

/**
 * The text of a file, in pieces.
 * @param {string} form
 * @param {string} block
 * @returns {Promise<Iterable<string>>}
 */
async function pieces(form, block) {
  const id = `tokens-${block}`;
  if (form === "text") {
    /** @type {{ text: string }} */
    const { text } = await unpack(id);
    return [text];
  }
  /** @type {AnswersTable} */
  const table = await unpack(id);
  return form === "csv" ? csv(table) : jsonl(table);
}

/**
 * Hand a file to the reader.
 * @param {string} name
 * @param {Blob} blob
 */
export function save(name, blob) {
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function start() {
  for (const button of all(".download-button", document, HTMLButtonElement)) {
    const { block = "", form = "", mime, name = "" } = button.dataset;
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        save(name, new Blob([...(await pieces(form, block))], { type: `${mime};charset=utf-8` }));
      } catch {
        button.after(say["unpackable"]);
      } finally {
        button.disabled = false;
      }
    });
    button.hidden = false;
  }
}
