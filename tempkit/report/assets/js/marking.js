// Marks inside a shown text: what was searched for, and where it differs from another text, word by word. Texts are marked
// by wrapping pieces of their text nodes in <ins> and <mark>, so nothing is ever read as markup; <del> holds what is gone.
const marking = (() => {
  "use strict";
  const { element } = page;
  // Writing without spaces is compared letter by letter, other writing word by word; what is neither, sign by sign.
  const SOLID = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}";
  const WORD = new RegExp(`[${SOLID}]\\p{M}*|(?:(?![${SOLID}])[\\p{L}\\p{M}\\p{N}_'’])+|\\S`, "gu");
  const LARGEST = 1_000_000; // cells of the table; beyond, all that lies between the common ends counts as changed
  const originals = new WeakMap();

  const words = (text) => Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({ word, start: index, end: index + word.length }));

  // Return which words of `a` and of `b` are in their longest common subsequence, as arrays of booleans.
  function common(a, b) {
    const kept = [a.map(() => false), b.map(() => false)];
    const keep = (i, j) => (kept[0][i] = kept[1][j] = true);
    let start = 0;
    while (start < a.length && start < b.length && a[start].word === b[start].word) keep(start, start++);
    let [endA, endB] = [a.length, b.length];
    while (endA > start && endB > start && a[endA - 1].word === b[endB - 1].word) keep(--endA, --endB);
    const [rows, columns] = [endA - start, endB - start];
    if (rows * columns > LARGEST) return kept;
    const width = columns + 1;
    const longest = new Uint32Array((rows + 1) * width);
    const same = (i, j) => a[start + i].word === b[start + j].word;
    for (let i = rows - 1; i >= 0; i--) {
      for (let j = columns - 1; j >= 0; j--) {
        const at = i * width + j;
        longest[at] = same(i, j) ? longest[at + width + 1] + 1 : Math.max(longest[at + width], longest[at + 1]);
      }
    }
    for (let i = 0, j = 0; i < rows && j < columns; ) {
      if (same(i, j)) keep(start + i++, start + j++);
      else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++;
      else j++;
    }
    return kept;
  }

  // Return what `text` has and `base` has not as [start, end] in `text`, and what it lacks as { at, text } to put there.
  function differences(base, text) {
    const [a, b] = [words(base), words(text)];
    const [inA, inB] = common(a, b);
    const [added, removed] = [[], []];
    for (let i = 0, j = 0; i < a.length || j < b.length; ) {
      if (inA[i] && inB[j]) {
        i++;
        j++;
        continue;
      }
      const [goneFrom, newFrom] = [i, j];
      while (i < a.length && !inA[i]) i++;
      while (j < b.length && !inB[j]) j++;
      if (i > goneFrom) removed.push({ at: b[newFrom]?.start ?? text.length, text: base.slice(a[goneFrom].start, a[i - 1].end) });
      if (j > newFrom) added.push([b[newFrom].start, b[j - 1].end]);
    }
    return { added, removed };
  }

  function textNodes(box) {
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    const found = [];
    let at = 0;
    while (walker.nextNode()) {
      if (walker.currentNode.parentNode.localName === "del") continue;
      found.push({ node: walker.currentNode, at });
      at += walker.currentNode.length;
    }
    return found;
  }

  // Wrap the characters of `ranges` ([start, end], in order, apart from each other) in elements of their own.
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

  function insert(box, removed) {
    const nodes = textNodes(box);
    for (const { at, text } of [...removed].reverse()) {
      const made = element("del", "", text);
      const held = nodes.findLast((each) => each.at <= at) ?? nodes[0];
      if (!held) {
        box.append(made);
      } else if (at - held.at >= held.node.length) {
        held.node.parentNode.closest("ins, mark")?.after(" ", made) ?? held.node.after(" ", made);
      } else {
        let before = at > held.at ? held.node.splitText(at - held.at) : held.node;
        while (["ins", "mark"].includes(before.parentNode.localName) && !before.previousSibling) before = before.parentNode;
        before.before(made, " ");
      }
    }
  }

  // Show a text with these marks and no others.
  function draw(box, found, { added = [], removed = [] } = {}) {
    const bare = !found.length && !added.length && !removed.length;
    if (bare && !originals.has(box)) return;
    if (!originals.has(box)) originals.set(box, [...box.childNodes].map((node) => node.cloneNode(true)));
    box.replaceChildren(...originals.get(box).map((node) => node.cloneNode(true)));
    wrap(box, added, "ins");
    wrap(box, found, "mark");
    insert(box, removed);
  }

  // The text as it was before any marks.
  const textOf = (box) => (originals.get(box) ?? [box]).map((node) => node.textContent).join("");

  return { differences, draw, textOf };
})();
