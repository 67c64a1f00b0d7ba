// @ts-check
/** @import { Answer } from "./said.js" */
/** @import { Pair } from "./given.js" */
// One pair on the screen. All texts reach it as text nodes.
import { $, all, element } from "../dom.js";
import { say, sheet } from "./given.js";

/**
 * @param {Pair} pair
 * @param {number} place
 * @param {Answer | undefined} given What was said of it before.
 */
export function show(pair, place, given) {
  const heading = $("pair-title");
  heading.textContent = say("pair", place + 1, sheet.pairs.length);
  $("question").replaceChildren(...messages(pair));
  $("left").textContent = pair.left;
  $("right").textContent = pair.right;
  for (const button of all("button[data-answer]")) {
    button.setAttribute("aria-pressed", String(button.dataset.answer === given));
  }
  scrollTo(0, 0);
  heading.focus({ preventScroll: true });
}

/** @param {Pair} pair */
function messages({ question }) {
  if (!question.length) return [element("p", "hint", say("no question"))];
  return question.map(([role, text]) => {
    const part = element("div", "message");
    if (question.length > 1) part.append(element("p", "role", say(role)));
    const shown = element("div", "text", text);
    shown.dir = "auto";
    shown.translate = false;
    part.append(shown);
    return part;
  });
}
