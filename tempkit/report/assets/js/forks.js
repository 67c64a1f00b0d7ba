// The fork view: one temperature of an item's tree by itself, and the whole of a shortened answer. The tree is there
// without this; the counts beside each line say which temperatures' samples go along it. Items may come into the page
// later, so everything is heard at the document.
(() => {
  "use strict";

  const cell = (counts, column) => counts.querySelector(column ? `.c${column}` : "i");
  const number = (item, column) => Number(cell(item.querySelector(".fork-counts"), column)?.textContent ?? 0);
  const waysOf = (item, column) => (item.matches(".counted, .fold") ? number(item, column) : 1);
  const here = (item) => item !== null && !item.hasAttribute("data-absent");

  // Column 0 counts all samples, the others those of one temperature. A way is there if samples take it.
  function narrow(tree, column) {
    const all = number(tree.querySelector(".line"), column);
    for (const item of tree.querySelectorAll(".branch > li, .ways > li")) {
      const n = number(item, column);
      item.toggleAttribute("data-absent", n === 0);
      if (item.matches(".line:not(.counted)")) item.style.setProperty("--w", n === 1 ? 0 : n / all);
    }
    for (const counts of tree.querySelectorAll(".branch .fork-counts")) {
      for (const each of counts.children) each.classList.toggle("aside", column > 0 && each !== cell(counts, column));
    }
    for (const row of tree.querySelectorAll("p.rest:not(:first-child)")) row.toggleAttribute("data-absent", !number(row, column));
    for (const details of tree.querySelectorAll(".fold > details")) details.open = column > 0;
    // Where all samples of this temperature go the same way, they do not part.
    for (const fork of tree.querySelectorAll(".fork")) {
      const ways = [...fork.lastElementChild.children].filter(here).reduce((sum, item) => sum + waysOf(item, column), 0);
      const goesOn = here(fork.parentElement.nextElementSibling);
      fork.toggleAttribute("data-through", ways + goesOn < 2);
      if (ways && !goesOn) fork.open = true;
    }
  }

  document.addEventListener("change", (event) => {
    const tree = event.target.closest(".fork-tree");
    if (!tree) return;
    narrow(tree, Number(event.target.value));
    tree.querySelector(".fork-said").textContent = event.target.dataset.said ?? "";
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open]");
    button?.closest(".item").querySelector(`.tokens-button[data-index="${button.dataset.open}"]`)?.click();
  });
})();
