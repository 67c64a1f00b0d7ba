// The token view: unpack an item's tokens when a reader asks for them, colour each token drawn, and show what else could
// have been drawn. Everything from a model reaches the page as text nodes.
(() => {
  "use strict";
  const { $, element, fill, number, parts, percent, say, spelled, unpack } = page;
  const dialog = $("token-view");
  const text = $("token-text");
  const detail = $("token-detail");
  const hint = detail.firstElementChild;
  const LOGPROB_STEPS = [0.9, 0.5, 0.2, 0.05, 0.01]; // probabilities
  const ENTROPY_STEPS = [0.1, 0.5, 1, 2, 3]; // nats
  let current = null; // { strings, answer, alternatives, kind }

  // Alternatives by token, each with its string and its logprob in thousandths, see `tempkit.report.answers.tokens.columns`.
  function alternativesOf({ n, k, p }) {
    let at = 0;
    return n.map((count) => {
      let hundredths = 0;
      return Array.from({ length: count }, () => {
        hundredths += p[at];
        return { string: k[at++], milli: 10 * hundredths };
      });
    });
  }

  const nats = (milli) => (milli === null ? say.unknown : fill(say.nats, number(milli / 1000)));
  const chance = (milli) => (milli === null ? say.unknown : percent(Math.exp(-milli / 1000)));

  const asToken = (text) => text.replace(/\n/g, "↵\n");

  function level(i, by) {
    const { l, h } = current.answer;
    const value = by === "entropy" ? h[i] : l[i];
    if (value === null) return "unknown";
    const steps = by === "entropy" ? ENTROPY_STEPS : LOGPROB_STEPS;
    const passed = by === "entropy" ? (step) => value / 1000 >= step : (step) => Math.exp(-value / 1000) < step;
    return `level-${steps.filter(passed).length}`;
  }

  function paint() {
    const by = dialog.querySelector("input[name=colour]:checked").value;
    [...text.children].forEach((token, i) => (token.className = `token ${level(i, by)}`));
    $("token-legend").replaceChildren(
      ...say[`by ${by}`].map((label, i) => element("li", "", element("span", `swatch level-${i}`), label)),
    );
  }

  function facts(i) {
    const { l, h, r } = current.answer;
    const rank = r[i] === null ? say.unknown : String(r[i] + 1);
    const rows = [[say.probability, chance(l[i])], [say.logprob, l[i] === null ? say.unknown : `−${nats(l[i])}`]];
    rows.push([say.entropy, nats(h[i])], [say.rank, rank]);
    return element("dl", "", ...rows.map(([name, value]) => element("div", "", element("dt", "", name), element("dd", "", value))));
  }

  function alternative(string, milli, drawn) {
    const bar = element("span", "bar");
    bar.style.width = `${100 * Math.exp(-milli / 1000)}%`;
    const row = element("li", drawn ? "drawn" : "", bar, spelled(current.strings[string]));
    if (drawn) row.append(element("span", "chip", say.drawn));
    row.append(element("span", "p", chance(milli)));
    return row;
  }

  // The most probable tokens; the drawn one stands below them when it is not among them.
  function alternatives(i) {
    const { t, l } = current.answer;
    if (!current.alternatives[i].length) return [element("p", "hint", say["no alternatives"])];
    const rows = current.alternatives[i].map(({ string, milli }) => alternative(string, milli, string === t[i]));
    if (!rows.some((row) => row.className) && l[i] !== null) rows.push(alternative(t[i], l[i], true));
    return [element("h3", "", say.alternatives), element("ol", "alternatives", ...rows)];
  }

  function show(i) {
    [...text.children].forEach((token, j) => {
      token.tabIndex = i === j ? 0 : -1;
      token.setAttribute("aria-selected", String(i === j));
    });
    detail.replaceChildren(
      element("p", "token-name", spelled(current.strings[current.answer.t[i]])),
      facts(i),
      ...alternatives(i),
    );
  }

  function fillView(button, block) {
    const { item, temperature, samples, seed, kind, index } = button.dataset;
    const answer = block.a[Number(index)];
    current = { strings: block.s, answer, alternatives: alternativesOf(answer), kind };
    const which = fill(samples.includes(",") ? say.samples : say.sample, samples);
    const basis = say[`kind ${kind}`];
    $("token-title").textContent = fill(say.answer, item, temperature);
    $("token-about").textContent = [which, seed && fill(say.seed, seed)].filter(Boolean).join(", ") + `. ${basis}`;
    text.replaceChildren(
      ...current.answer.t.map((string, i) => {
        const token = element("span", "token", ...parts(current.strings[string], asToken));
        token.setAttribute("role", "option");
        token.translate = false;
        token.setAttribute("aria-label", `${spelled(current.strings[string]).textContent}, ${chance(current.answer.l[i])}`);
        token.tabIndex = i ? -1 : 0;
        return token;
      }),
    );
    const entropy = dialog.querySelector("input[value=entropy]");
    entropy.disabled = current.answer.h.every((value) => value === null);
    if (entropy.disabled) dialog.querySelector("input[value=logprob]").checked = true;
    detail.replaceChildren(hint);
    paint();
  }

  async function open(button) {
    try {
      fillView(button, await unpack(`tokens-${button.dataset.block}`));
    } catch {
      text.replaceChildren();
      detail.replaceChildren(element("p", "", say.unreadable));
    }
    dialog.showModal();
    (text.firstElementChild ?? $("token-close")).focus();
  }

  const position = (target) => [...text.children].indexOf(target.closest?.(".token"));

  function move(event) {
    const i = position(event.target);
    const last = text.children.length - 1;
    const rtl = getComputedStyle(text).direction === "rtl" ? -1 : 1;
    const to = { ArrowRight: i + rtl, ArrowLeft: i - rtl, ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: last }[event.key];
    if (i < 0 || to === undefined) return;
    event.preventDefault();
    text.children[Math.max(0, Math.min(last, to))].focus();
  }

  const pointed = (event) => {
    const i = position(event.target);
    if (i >= 0) show(i);
  };
  text.addEventListener("pointerover", pointed);
  text.addEventListener("focusin", pointed);
  text.addEventListener("click", (event) => event.target.closest(".token")?.focus());
  text.addEventListener("keydown", move);
  dialog.addEventListener("change", paint);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // the backdrop
  $("token-close").addEventListener("click", () => dialog.close());
  // Buttons come and go with the items on the page, so they are listened to from above.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.(".tokens-button");
    if (button) open(button);
  });
})();
