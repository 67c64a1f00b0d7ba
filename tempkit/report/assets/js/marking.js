// @ts-check
/** @import { Differences, Span } from "./types.d.ts" */
// Marks inside a shown text: what was searched for, and where it differs from another text. Texts are marked by wrapping
// pieces of their text nodes in <ins> and <mark>, so nothing is ever read as markup; <del> holds what is gone.
import { element } from "./dom.js";

/** @type {Differences} */
export const NONE = { added: [], removed: [] };
/** @type {WeakMap<Element, Node[]>} */
const originals = new WeakMap();

/**
 * The text nodes of a box with the place at which each begins in its text.
 * @param {Node} box
 */
function textNodes(box) {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  /** @type {{ node: Text, at: number }[]} */
  const found = [];
  let at = 0;
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
    if (node.parentElement?.localName === "del") continue;
    found.push({ node, at });
    at += node.length;
  }
  return found;
}

/**
 * Wrap characters, in order and apart from each other, in elements of their own.
 * @param {Node} box
 * @param {Span[]} ranges
 * @param {"ins" | "mark"} tag
 */
function wrap(box, ranges, tag) {
  let next = 0;
  for (let { node, at } of textNodes(box)) {
    while (next < ranges.length && ranges[next][0] < at + node.length) {
      const [start, end] = [Math.max(ranges[next][0] - at, 0), Math.min(ranges[next][1] - at, node.length)];
      if (end > start) {
        const inside = start ? node.splitText(start) : node;
        const after = end - start < inside.length ? inside.splitText(end - start) : null;
        const made = element(tag);
        inside.replaceWith(made);
        made.append(inside);
        if (!after) break; // the range may go on in the next node
        node = after;
        at += end;
      }
      next++;
    }
    while (next < ranges.length && ranges[next][1] <= at + node.length) next++;
  }
}

/**
 * @param {Element} box
 * @param {Differences["removed"]} removed
 */
function insert(box, removed) {
  const nodes = textNodes(box);
  for (const { at, text } of [...removed].reverse()) {
    const made = element("del", "", text);
    const held = nodes.findLast((each) => each.at <= at) ?? nodes[0];
    if (!held) {
      box.append(made);
    } else if (at - held.at >= held.node.length) {
      (held.node.parentElement?.closest("ins, mark") ?? held.node).after(" ", made);
    } else {
      /** @type {ChildNode} */
      let before = at > held.at ? held.node.splitText(at - held.at) : held.node;
      while (before.parentElement?.matches("ins, mark") && !before.previousSibling) before = before.parentElement;
      const glued = /\S$/.test(before.previousSibling?.textContent ?? "");
      before.before(...(glued ? [" "] : []), made, " ");
    }
  }
}

/**
 * Show a text with these marks and no others.
 * @param {Element} box
 * @param {Span[]} found
 * @param {Differences} differences
 */
export function draw(box, found, { added, removed } = NONE) {
  const bare = !found.length && !added.length && !removed.length;
  if (bare && !originals.has(box)) return;
  const original = originals.get(box) ?? [...box.childNodes].map((node) => node.cloneNode(true));
  originals.set(box, original);
  box.replaceChildren(...original.map((node) => node.cloneNode(true)));
  wrap(box, added, "ins");
  wrap(box, found, "mark");
  insert(box, removed);
}

/**
 * The text as it was before any marks.
 * @param {Element} box
 */
export const textOf = (box) => (originals.get(box) ?? [box]).map((node) => node.textContent).join("");
