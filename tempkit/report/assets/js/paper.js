// @ts-check
// Paper is short: the decision, the charts and the tables; whoever wants everything asks for it. What is folded away stays so, but for
// tables of numbers (`.on-paper`), and is opened again and closed again around the printing.
import * as answers from "./answers.js";
import { all } from "./dom.js";

const root = document.documentElement;

/** @type {HTMLDetailsElement[]} */
let opened = [];

/** Whether everything is asked for: by the button, or by the address that it has without a script. */
const everything = () => root.classList.contains("everything") || location.hash === "#everything";

function unfold() {
  const which = everything() ? "main details:not([open])" : "main details.on-paper:not([open])";
  opened = all(which, document, HTMLDetailsElement);
  for (const details of opened) details.open = true;
}

function refold() {
  root.classList.remove("everything");
  for (const details of opened) details.open = false;
  opened = [];
}

// Print with every fold and every question; these are put away again after the printing.
async function printEverything() {
  const putAway = await answers.drawAll();
  root.classList.add("everything");
  addEventListener("afterprint", putAway, { once: true });
  print();
}

export function start() {
  addEventListener("beforeprint", unfold);
  addEventListener("afterprint", refold);
  for (const button of all(".print-everything")) button.addEventListener("click", printEverything);
}
