// @ts-check
/** @import { Chart, Row, VegaEmbed } from "./types.d.ts" */
// A chart as a picture that stands by itself: with its title, its models and its source, in the page's light colours and any sans-serif.
import { all, element, one } from "./dom.js";

const WIDTH = 680;
const EDGE = 24;
const FONT = "sans-serif";
const NS = "http://www.w3.org/2000/svg";

/**
 * The page's own variables as they are in the light: those of a dark screen stand inside a condition, and are passed over.
 * @returns {Map<string, string>}
 */
function lightColours() {
  const found = new Map();
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || rule.selectorText !== ":root") continue;
      for (const name of rule.style) if (name.startsWith("--")) found.set(name, rule.style.getPropertyValue(name).trim());
    }
  }
  return found;
}

/**
 * A text with its `var(--name)`s replaced, those in their values too.
 * @param {string} text
 * @param {Map<string, string>} colours
 * @returns {string}
 */
function resolved(text, colours) {
  return text.replace(/var\((--[\w-]+)\)/g, (_, name) => resolved(colours.get(name) ?? "currentColor", colours));
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {(string | Node)[]} children
 */
function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * A text in lines that are no longer than there is room.
 * @param {string} text
 * @param {number} size
 * @param {number} weight
 */
function wrapped(text, size, weight) {
  const ruler = document.createElement("canvas").getContext("2d");
  if (ruler) ruler.font = `${weight} ${size}px ${FONT}`;
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && (ruler?.measureText(longer).width ?? 0) <= WIDTH - 2 * EDGE) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** What is written around a chart, from the top down. */
class Sheet {
  /** @type {Element[]} */
  parts = [];
  top = EDGE;

  /**
   * @param {string} text
   * @param {number} size
   * @param {string} fill
   * @param {{ weight?: number, anchor?: string }} how
   */
  write(text, size, fill, { weight = 400, anchor = "start" } = {}) {
    for (const each of wrapped(text, size, weight)) {
      this.top += size;
      const x = anchor === "end" ? WIDTH - EDGE : EDGE;
      this.parts.push(
        drawn("text", { x, y: this.top, "font-size": size, "font-weight": weight, "text-anchor": anchor, fill }, each),
      );
      this.top += size * 0.35;
    }
  }

  /** @param {Element} svg */
  place(svg) {
    svg.setAttribute("x", String(EDGE));
    svg.setAttribute("y", String(this.top));
    this.parts.push(svg);
    this.top += Number(svg.getAttribute("height"));
  }

  /** @param {Element[]} models The legend's entries. */
  key(models) {
    for (const model of models) {
      const key = /** @type {Element} */ (one(".key", model, SVGSVGElement).cloneNode(true));
      const series = Array.from(model.classList).find((name) => name.startsWith("series-"));
      this.top += 4;
      for (const [name, value] of Object.entries({ x: EDGE, y: this.top, width: 42, height: 16, fill: "none" })) {
        key.setAttribute(name, String(value));
      }
      key.setAttribute("stroke", `var(--${series})`);
      key.setAttribute("stroke-width", "2.2");
      one(".point", key, SVGElement).setAttribute("fill", "var(--paper)");
      this.parts.push(
        key,
        drawn("text", { x: EDGE + 52, y: this.top + 12, "font-size": 12, fill: "var(--ink)" }, model.textContent?.trim() ?? ""),
      );
      this.top += 16;
    }
  }
}

/**
 * The picture of a chart, as the text of an SVG file.
 * @param {HTMLElement} box
 * @param {VegaEmbed} embed
 * @param {Row} spec
 * @param {Chart} chart
 * @param {string} source
 */
export async function composed(box, embed, spec, chart, source) {
  const figure = one("figcaption", box.closest("figure") ?? document);
  const frame = element("div", "off-screen");
  frame.style.width = `${WIDTH - 2 * EDGE}px`;
  document.body.append(frame);
  let plot;
  try {
    const { view } = await embed(frame, spec, {
      mode: "vega-lite",
      renderer: "svg",
      ast: true,
      actions: false,
      defaultStyle: false,
    });
    plot = await view.toSVG();
    view.finalize();
  } finally {
    frame.remove();
  }
  const sheet = new Sheet();
  sheet.write(one(".chart-title", figure).textContent?.trim() ?? "", 17, "var(--ink)", { weight: 600 });
  sheet.write(one(".unit", figure).textContent?.trim() ?? "", 12, "var(--muted)");
  sheet.key(all(".models li", box.closest(".use-case-section") ?? document));
  sheet.top += 8;
  if (chart.up) sheet.write(`↑ ${chart.up}`, 12, "var(--muted)");
  sheet.place(new DOMParser().parseFromString(plot, "image/svg+xml").documentElement);
  sheet.write(`${chart.across} →`, 12, "var(--muted)", { anchor: "end" });
  sheet.top += 6;
  sheet.write(source, 11, "var(--muted)");
  const height = Math.ceil(sheet.top + EDGE / 2);
  const size = { width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}`, "font-family": FONT };
  const ground = drawn("rect", { width: WIDTH, height, fill: "var(--paper)" });
  const text = new XMLSerializer().serializeToString(drawn("svg", size, ground, ...sheet.parts));
  return resolved(text, lightColours()).replaceAll("system-ui, sans-serif", FONT);
}
