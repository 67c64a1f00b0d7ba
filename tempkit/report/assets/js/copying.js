// @ts-check
// Commands can be copied, and whatever else is text.
import { one } from "./dom.js";
import { say } from "./words.js";

const SHOWN = 2000; // milliseconds that a button says what it did

/**
 * Say on a button for a while what it did.
 * @param {HTMLElement} button
 * @param {string} what
 */
function tell(button, what) {
  const before = button.dataset.before ?? button.textContent;
  button.dataset.before = before;
  button.textContent = what;
  setTimeout(() => (button.textContent = before), SHOWN);
}

/**
 * Without a clipboard the command is selected, so that one key copies it.
 * @param {HTMLElement} button
 */
async function copy(button) {
  const code = one("code", /** @type {HTMLElement} */ (button.parentElement));
  try {
    await navigator.clipboard.writeText(code.textContent);
    tell(button, say.copied);
  } catch {
    getSelection()?.selectAllChildren(code);
    tell(button, say["selected to copy"]);
  }
}

/**
 * @param {string} text
 * @param {HTMLElement} button Says whether it was copied.
 */
export async function write(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    tell(button, say.copied);
  } catch {
    tell(button, say["cannot copy"]);
  }
}

export function start() {
  document.addEventListener("click", ({ target }) => {
    if (target instanceof HTMLElement && target.matches(".copy")) copy(target);
  });
}
