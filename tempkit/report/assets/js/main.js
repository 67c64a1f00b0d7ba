// @ts-check
// What the page does, in the order in which it begins.
import * as answers from "./answers.js";
import * as charts from "./charts.js";
import * as contents from "./contents.js";
import * as copying from "./copying.js";
import * as downloads from "./downloads.js";
import * as explorer from "./explorer.js";
import * as forks from "./forks.js";
import * as items from "./items.js";
import * as renewing from "./renewing.js";
import * as tokens from "./tokens.js";

document.documentElement.classList.add("scripted");
for (const part of [contents, copying, charts, items, tokens, answers, explorer, forks, downloads, renewing]) part.start();
