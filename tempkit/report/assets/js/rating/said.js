// @ts-check
// What one rater has said so far, kept in this browser where it allows that.
import { digest, sheet } from "./given.js";

/** @typedef {"left" | "right" | "tie"} Answer */
/** @typedef {{ tempkit: "ratings", version: 1, sheet: string, digest: string, rater: { id: string, name: string }, answers: Record<string, Answer> }} Saved */

const KEY = `tempkit-ratings-${sheet.sheet}`;
const codes = new Set(sheet.pairs.map((pair) => pair.code));

const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Whether this browser keeps anything here. */
function canKeep() {
  try {
    localStorage.setItem(`${KEY}-kept`, "");
    localStorage.removeItem(`${KEY}-kept`);
    return true;
  } catch {
    return false;
  }
}

export class Answers {
  constructor() {
    this.rater = { id: newId(), name: "" };
    /** @type {Map<string, Answer>} */
    this.given = new Map();
    /** Whether this browser keeps what is said here. */
    this.kept = true;
    /** Whether something was said that is in no file. */
    this.unsaved = false;
    /** Whether anything was said here: from then on this page's answers are its own. */
    this.said = false;
    this.restore();
  }

  restore() {
    try {
      const found = localStorage.getItem(KEY);
      if (found !== null) this.take(JSON.parse(found));
    } catch {
      // Not allowed here, or not ours: begin with nothing, and find out below whether anything can be kept.
    }
    // Not `keep`: what this page said a moment ago, before it was loaded again, may be on its way to the browser still.
    this.kept = canKeep();
  }

  /**
   * Take what the browser tells of only now, or what was said in another tab, where nothing was said here.
   * @param {StorageEvent} told
   */
  hear({ key, newValue }) {
    if (key !== KEY || newValue === null || this.said) return false;
    try {
      return this.take(JSON.parse(newValue));
    } catch {
      return false;
    }
  }

  keep() {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.saved()));
      this.kept = true;
    } catch {
      this.kept = false;
    }
  }

  /** @returns {Saved} */
  saved() {
    return {
      tempkit: "ratings",
      version: 1,
      sheet: sheet.sheet,
      digest,
      rater: this.rater,
      answers: Object.fromEntries(this.given),
    };
  }

  /**
   * Take what was saved before; false where it is of another page.
   * @param {unknown} found
   */
  take(found) {
    const saved = /** @type {Partial<Saved> | null} */ (found);
    if (!saved || saved.tempkit !== "ratings" || saved.version !== 1) return false;
    if (saved.sheet !== sheet.sheet || saved.digest !== digest) return false;
    const { id, name } = saved.rater ?? {};
    if (typeof id !== "string" || !/^[0-9a-f]{16}$/.test(id)) return false;
    const answers = Object.entries(saved.answers ?? {});
    if (!answers.every(([code, answer]) => codes.has(code) && ["left", "right", "tie"].includes(answer))) return false;
    this.rater = { id, name: typeof name === "string" ? name.slice(0, 100) : "" };
    this.given = new Map(answers);
    return true;
  }

  /**
   * @param {string} code
   * @param {Answer} answer
   */
  give(code, answer) {
    this.said = true;
    this.given.set(code, answer);
    this.unsaved = true;
    this.keep();
  }

  /** @param {string} name */
  rename(name) {
    this.said = true;
    this.rater.name = name;
    this.keep();
  }

  /** Begin as somebody else, with nothing said. */
  anew() {
    this.rater = { id: newId(), name: "" };
    this.given = new Map();
    this.unsaved = false;
    this.said = true;
    this.keep();
  }

  /** The place of the first pair that nothing was said of; as many as there are where all have been rated. */
  get next() {
    const found = sheet.pairs.findIndex((pair) => !this.given.has(pair.code));
    return found < 0 ? sheet.pairs.length : found;
  }
}
