// @ts-check
/** @import { Chart } from "./types.d.ts" */
// A chart as a file: its picture, as SVG or PNG, or its numbers as CSV. Nothing is fetched: all of it is made of the page's own data.
import { ready, specification } from "./charts.js";
import { $, all, hit, one } from "./dom.js";
import { line, save } from "./downloads.js";
import { composed } from "./picture.js";
import { say } from "./words.js";

const SHARPER = 2; // pixels of a PNG for one of the picture's

/** @param {Chart} chart */
function numbers({ columns, rows }) {
  const records = rows.map((row) => columns.map(([, field]) => /** @type {string | number | null} */ (row[field] ?? null)));
  return new Blob([line(columns.map(([name]) => name)), ...records.map(line)], { type: "text/csv;charset=utf-8" });
}

/** @param {string} svg */
async function pixels(svg) {
  const image = new Image();
  const bytes = new TextEncoder().encode(svg);
  image.src = `data:image/svg+xml;base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), {
    width: image.naturalWidth * SHARPER,
    height: image.naturalHeight * SHARPER,
  });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  /** @type {Blob | null} */
  const blob = await new Promise((made) => canvas.toBlob(made, "image/png"));
  if (blob === null) throw new Error("no PNG");
  return blob;
}

/**
 * @param {string} id
 * @param {string} form
 */
async function file(id, form) {
  const [embed, block] = await ready();
  const chart = block.charts[id];
  if (form === "csv") return { name: `${chart.file}.csv`, blob: numbers(chart) };
  const spec = specification(block, id);
  // What others found is marked by letters that are told beside the chart, and not in its picture.
  spec.datasets.marks = spec.datasets.marks.filter(({ r }) => r !== "prior");
  const svg = await composed($(id), embed, spec, chart, block.source);
  const blob = form === "svg" ? new Blob([svg], { type: "image/svg+xml;charset=utf-8" }) : await pixels(svg);
  return { name: `${chart.file}.${form}`, blob };
}

export function start() {
  for (const button of all(".about .save-chart", document, HTMLButtonElement)) {
    const about = /** @type {HTMLElement} */ (button.closest(".about"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const { name, blob } = await file(about.id.replace(/-about$/, ""), button.textContent.toLowerCase());
        save(name, blob);
      } catch {
        one(".about-title", about).after(say["not saved"]);
      } finally {
        button.disabled = false;
        button.focus();
      }
    });
  }
  for (const about of all(".about")) {
    about.addEventListener("click", (event) => {
      const link = hit(event, "a");
      if (!(link instanceof HTMLAnchorElement)) return;
      about.hidePopover();
      const target = document.getElementById(link.hash.slice(1));
      if (target instanceof HTMLDetailsElement) target.open = true;
    });
  }
}
