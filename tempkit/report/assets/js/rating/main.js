// @ts-check
/** @import { Answer } from "./said.js" */
// From the first screen through the pairs to the last, by mouse, finger or keyboard.
import { $, all } from "../dom.js";
import { Answers } from "./said.js";
import { load, save } from "./file.js";
import { show } from "./pair.js";
import { say, sheet } from "./given.js";

/** @type {Record<string, Answer>} */
const KEYS = { 1: "left", 2: "right", 0: "tie" };
const BACK = ["9", "u", "U"];

const answers = new Answers();
const name = $("name", HTMLInputElement);
const progress = $("progress", HTMLProgressElement);
const chosen = $("file", HTMLInputElement);
/** The place of the pair that is shown; null on the first screen and on the last. */
let at = /** @type {number | null} */ (null);

/** @param {"start" | "pair" | "done"} screen */
function open(screen) {
  for (const each of ["start", "pair", "done"]) $(each).hidden = each !== screen;
  for (const each of all(".while-rating")) each.hidden = screen === "start";
}

function count() {
  const done = answers.given.size;
  progress.value = done;
  $("count").textContent = say("count", done, sheet.pairs.length);
  $("begin").textContent = done === 0 ? say("begin") : say("go on", done, sheet.pairs.length);
  $("anew").hidden = done === 0;
  $("not-kept").hidden = answers.kept;
}

/** @param {number} place */
function goTo(place) {
  count();
  if (place >= sheet.pairs.length) {
    at = null;
    open("done");
    $("done-title").focus();
    return;
  }
  at = place;
  open("pair");
  const pair = sheet.pairs[place];
  show(pair, place, answers.given.get(pair.code));
}

/** @param {Answer} answer */
function give(answer) {
  if (at === null) return;
  answers.give(sheet.pairs[at].code, answer);
  goTo(at + 1 < sheet.pairs.length ? at + 1 : answers.next);
}

function back() {
  if (!$("done").hidden) goTo(sheet.pairs.length - 1);
  else if (at !== null && at > 0) goTo(at - 1);
}

function welcome() {
  at = null;
  open("start");
  name.value = answers.rater.name;
  count();
}

document.documentElement.classList.add("scripted");
for (const button of all("button[data-answer]")) {
  button.addEventListener("click", () => give(/** @type {Answer} */ (button.dataset.answer)));
}
for (const button of all(".back")) button.addEventListener("click", back);
for (const button of all(".save")) {
  button.addEventListener("click", () => {
    save(answers);
    $("status").textContent = say("saved");
  });
}
$("begin").addEventListener("click", () => goTo(answers.next));
$("anew").addEventListener("click", () => {
  answers.anew();
  welcome();
  name.focus();
});
name.addEventListener("input", () => answers.rename(name.value.trim()));
$("load").addEventListener("click", () => chosen.click());
chosen.addEventListener("change", async () => {
  const file = chosen.files?.[0];
  if (!file) return;
  const taken = await load(file, answers);
  answers.said ||= taken;
  chosen.value = "";
  welcome();
  $("loaded").textContent = taken ? say("loaded", answers.given.size) : say("not ours");
});
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target instanceof HTMLInputElement) return;
  if (event.key in KEYS && at !== null) give(KEYS[event.key]);
  else if (BACK.includes(event.key)) back();
  else return;
  event.preventDefault();
});
addEventListener("storage", (event) => {
  if (!$("start").hidden && answers.hear(event)) welcome();
});
addEventListener("beforeunload", (event) => {
  if (answers.unsaved && !answers.kept) event.preventDefault();
});
welcome();
