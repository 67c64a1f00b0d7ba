// The contents are a menu where there is little room, and stand open in the head where there is enough. Commands can be copied.
(() => {
  "use strict";
  const { say } = page;
  const contents = document.querySelector(".contents");
  const wide = matchMedia("(min-width: 60rem)");
  const SHOWN = 2000; // milliseconds that a button says what it did

  function fit() {
    contents.open = wide.matches;
    contents.classList.toggle("wide", wide.matches);
  }
  const close = () => {
    if (!wide.matches) contents.open = false;
  };
  wide.addEventListener("change", fit);
  contents.addEventListener("click", ({ target }) => target.closest("a") && close());
  contents.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || wide.matches) return;
    close();
    contents.firstElementChild.focus();
  });
  document.addEventListener("click", ({ target }) => contents.contains(target) || close());
  fit();

  // Without a clipboard the command is selected, so that one key copies it.
  async function copy(button) {
    const code = button.parentElement.querySelector("code");
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = say.copied;
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = say["selected to copy"];
    }
    setTimeout(() => (button.textContent = before), SHOWN);
  }
  document.addEventListener("click", ({ target }) => target.matches?.(".copy") && copy(target));
})();
