// @ts-check
// Commands can be copied.
import { one } from "./dom.js";
import { say } from "./words.js";

const SHOWN = 2000; // milliseconds that a button says what it did

/**
 * Without a clipboard the command is selected, so that one key copies it.
 * @param {HTMLElement} button
 */
async function copy(button) {
  const code = one("code", /** @type {HTMLElement} */ (button.parentElement));
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = say.copied;
  } catch {
    getSelection()?.selectAllChildren(code);
    button.textContent = say["selected to copy"];
  }
  setTimeout(() => (button.textContent = before), SHOWN);
}

export function start() {
  document.addEventListener("click", ({ target }) => {
    if (target instanceof HTMLElement && target.matches(".copy")) copy(target);
  });
}
