// @ts-check
// A link to what is folded away opens the folds around it: the page's own links, and an address that somebody was sent.

/**
 * Open every fold that an element lies in; whether there was one to open.
 * @param {Element} element
 */
export function open(element) {
  let opened = false;
  for (let fold = element.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) {
    if (fold.open) continue;
    fold.open = true;
    opened = true;
  }
  return opened;
}

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && open(target)) target.scrollIntoView();
}

export function start() {
  addEventListener("hashchange", reveal);
  reveal();
}
