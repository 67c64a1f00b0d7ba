// @ts-check
// Every question of a section with all its answers, for paper when everything is asked for; on the screen one is open at a time.
import { element } from "./dom.js";
import * as dressing from "./dressing.js";

/**
 * Draw below a section's open question all others, and all texts of each.
 * @param {import("./section.js").Section} section
 * @returns {Promise<() => void>} What puts them away again.
 */
export async function drawn({ items, question, item, wish }) {
  const box = element("div", "open-question whole");
  const everything = { ...wish, only: "", at: "" };
  for (let i = 0; i < items.count; i++) {
    const article = await items.article(i);
    dressing.unfold(article);
    dressing.showTexts(article, dressing.wanted(article, null, ""), Infinity, everything);
    if (i !== item) box.append(article);
  }
  question.box.after(box);
  return () => {
    box.remove();
    question.dress(); // the open one had its texts turned
  };
}
