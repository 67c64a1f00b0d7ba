// @ts-check
// Ways to find and to make elements. Everything from a model or a user reaches the page as text nodes.

/**
 * An element that is known to be of a kind; a template of somebody's own may have it otherwise.
 * @template {Element} E
 * @param {unknown} node
 * @param {new () => E} kind
 * @param {string} where
 * @returns {E}
 */
function checked(node, kind, where) {
  if (node instanceof kind) return node;
  throw new TypeError(`no ${kind.name} at ${where}`);
}

/**
 * The element with an id.
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id
 * @param {new () => E} kind
 */
export const $ = (id, kind = /** @type {new () => E} */ (HTMLElement)) => checked(document.getElementById(id), kind, `#${id}`);

/** @param {string} id */
export const has = (id) => document.getElementById(id) !== null;

/**
 * The first element that a selector finds.
 * @template {Element} [E=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} root
 * @param {new () => E} kind
 */
export const one = (
  selector,
  root = document,
  kind = /** @type {new () => any} */ (HTMLElement),
) => /** @type {E} */ (checked(root.querySelector(selector), kind, selector));

/**
 * All elements that a selector finds.
 * @template {Element} [E=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} root
 * @param {new () => E} kind
 */
export const all = (selector, root = document, kind = /** @type {new () => any} */ (HTMLElement)) =>
  Array.from(root.querySelectorAll(selector), (each) => /** @type {E} */ (checked(each, kind, selector)));

/**
 * The element around an event's target, or that target itself, that a selector fits.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const hit = ({ target }, selector) => target instanceof Element ? target.closest(selector) : null;

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {(string | Node)[]} children
 */
export function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
