// @ts-check
// What the page does, in the order in which it begins.
import * as answers from "./answers.js";
import * as charts from "./charts.js";
import * as contents from "./contents.js";
import * as copying from "./copying.js";
import * as downloads from "./downloads.js";
import * as explorer from "./explorer.js";
import * as folds from "./folds.js";
import * as forks from "./forks.js";
import * as items from "./items.js";
import * as paper from "./paper.js";
import * as renewing from "./renewing.js";
import * as saving from "./saving.js";
import * as tokens from "./tokens.js";

document.documentElement.classList.add("scripted");
// Folds are opened for paper before charts are drawn for it: those in a closed one have no width.
for (
  const part of [contents, copying, paper, charts, items, tokens, answers, explorer, forks, downloads, saving, folds, renewing]
) {
  part.start();
}
