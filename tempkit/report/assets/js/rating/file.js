// @ts-check
/** @import { Answers } from "./said.js" */
// A rater's answers as a file, out and back in.
import { element } from "../dom.js";

/** @param {Answers} answers */
export function save(answers) {
  const blob = new Blob([JSON.stringify(answers.saved(), null, 1)], { type: "application/json" });
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  const name = answers.rater.name.normalize("NFKD").replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase();
  link.download = `ratings-${name || answers.rater.id}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  answers.unsaved = false;
}

/**
 * Take the answers in a file; false where it holds none of this page.
 * @param {File} file
 * @param {Answers} answers
 */
export async function load(file, answers) {
  try {
    if (!answers.take(JSON.parse(await file.text()))) return false;
  } catch {
    return false;
  }
  answers.keep();
  return true;
}
