// What the page's scripts share: the data, the words, and ways to make elements. Everything from a model or a user reaches
// the page as text nodes. Each of the scripts after this one is a block of its own and takes what it needs from `page`.
const page = (() => {
  "use strict";
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const say = data.labels;
  const unpacked = new Map();

  const $ = (id) => document.getElementById(id);

  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  const fill = (phrase, ...values) => values.reduce((sentence, value) => sentence.replace("%s", () => value), phrase);

  // A number as the page's language writes it, always with so many decimals: a true minus sign, thin spaces between thousands
  // from 10,000 on, as in the page's sentences.
  function number(value, digits = 2) {
    return written(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  function written(value, form) {
    const signs = { minusSign: "\u2212", group: "\u202f" };
    const writer = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: "min2", ...form });
    return writer.formatToParts(value).map((part) => signs[part.type] ?? part.value).join("");
  }

  // Two digits that mean something: 36 %, 0.19 %; never 0 % or 100 % for what was merely close to it.
  function percent(p) {
    const shown = p * 100;
    if (shown < 0.01) return `<${number(0.01)}\u00a0%`;
    if (p < 1 && shown > 99.5) return ">99\u00a0%";
    return `${written(shown, shown < 1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 })}\u00a0%`;
  }

  // A string is text, or alternating pieces of visible text and the labels of hidden characters.
  function parts(string, spell = (text) => text) {
    return (Array.isArray(string) ? string : [string]).map((piece, i) => {
      if (i % 2 === 0) return document.createTextNode(spell(piece));
      const chip = element("span", "hidden-char", piece.split(" ")[0]);
      chip.title = piece;
      return chip;
    });
  }

  // In a list of alternatives a space must be seen to be told from nothing.
  const asListed = (text) =>
    text.replace(/^ +| +$/g, (run) => "␣".repeat(run.length)).replace(/\n/g, "↵").replace(/\t/g, "⇥");

  function spelled(string) {
    const made = element("bdi", "", ...parts(string, asListed));
    made.dir = "auto";
    made.translate = false;
    if (!made.textContent) {
      const nothing = element("em", "", say.empty);
      nothing.translate = true; // the word is ours
      made.append(nothing);
    }
    return made;
  }

  // What `tempkit.report.answers.tokens.pack` packed, unpacked once at first need.
  async function unpack(id) {
    if (!unpacked.has(id)) {
      const bytes = Uint8Array.from(atob($(id).textContent), (char) => char.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
      unpacked.set(id, JSON.parse(await new Response(stream).text()));
    }
    return unpacked.get(id);
  }

  return { $, data, element, fill, number, parts, percent, say, spelled, unpack };
})();
document.documentElement.classList.add("scripted");
