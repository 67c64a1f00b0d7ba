// @ts-check
/** @import { Spelled } from "./types.d.ts" */
// A model's strings as text nodes, with what cannot be seen spelled out.
import { element } from "./dom.js";
import { say } from "./words.js";

/**
 * A string's pieces as nodes, visible text and the labels of hidden characters in turn.
 * @param {Spelled} string
 * @param {(text: string) => string} spell
 */
export function parts(string, spell = (text) => text) {
  return (Array.isArray(string) ? string : [string]).map((piece, i) => {
    if (i % 2 === 0) return document.createTextNode(spell(piece));
    const chip = element("span", "hidden-char", piece.split(" ")[0]);
    chip.title = piece;
    return chip;
  });
}

/**
 * In a text a line end is a sign and still ends the line.
 * @param {string} text
 */
export const asToken = (text) => text.replace(/\n/g, "↵\n");

/**
 * In a list of alternatives a space must be seen to be told from nothing.
 * @param {string} text
 */
const asListed = (text) => text.replace(/^ +| +$/g, (run) => "␣".repeat(run.length)).replace(/\n/g, "↵").replace(/\t/g, "⇥");

/** @param {Spelled} string */
export function spelled(string) {
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
