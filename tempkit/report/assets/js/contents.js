// @ts-check
// The contents are a menu where there is little room, and stand open in the head where there is enough.
import { hit, one } from "./dom.js";

export function start() {
  const contents = one(".contents", document, HTMLDetailsElement);
  const wide = matchMedia("(min-width: 60rem)");

  function fit() {
    contents.open = wide.matches;
    contents.classList.toggle("wide", wide.matches);
  }
  const close = () => {
    if (!wide.matches) contents.open = false;
  };
  wide.addEventListener("change", fit);
  contents.addEventListener("click", (event) => hit(event, "a") && close());
  contents.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || wide.matches) return;
    close();
    one("summary", contents).focus();
  });
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Node && contents.contains(target))) close();
  });
  fit();
}
