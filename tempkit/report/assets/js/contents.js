// @ts-check
// The contents are a menu where there is little room, and stand open in the head where all of them fit in a line.
import { hit, one } from "./dom.js";

export function start() {
  const contents = one(".contents", document, HTMLDetailsElement);
  const list = one("ul", contents);
  let wide = false;

  /** @param {boolean} line */
  function show(line) {
    contents.open = wide = line;
    contents.classList.toggle("wide", line);
  }

  function fit() {
    show(matchMedia("(min-width: 60rem)").matches);
    if (wide && list.scrollWidth > list.clientWidth) show(false);
  }
  const close = () => {
    if (!wide) contents.open = false;
  };
  let before = 0; // a phone's keyboard changes the height alone, and closes no menu
  addEventListener("resize", () => {
    if (innerWidth !== before) fit();
    before = innerWidth;
  });
  contents.addEventListener("click", (event) => hit(event, "a") && close());
  contents.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || wide) return;
    close();
    one("summary", contents).focus();
  });
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Node && contents.contains(target))) close();
  });
  fit();
}
