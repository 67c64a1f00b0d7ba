// @ts-check
// What a reader's browser keeps for the next visit. Where it keeps nothing (a setting, a private window, a file's address in
// some browsers) every name is unknown, and what was set lasts as long as the page.

/**
 * @param {string} name
 * @returns {unknown} Null: nothing is kept under it, or it cannot be read.
 */
export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {unknown} value JSON-able.
 */
export function keep(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // It is forbidden or full: nothing that the reader does now depends on it.
  }
}
