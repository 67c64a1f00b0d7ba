// Draw the charts with Vega. Its expressions are interpreted (`ast`), since the page's policy forbids `eval`, and its
// marks are SVG, so that colours can be the page's CSS variables. The tooltip is ours: text nodes only.
(() => {
  "use strict";
  const { $, data, element } = page;
  const tip = $("tip");

  function showTip(_handler, event, _item, value) {
    if (!value || typeof value !== "object") {
      tip.hidden = true;
      return;
    }
    const rows = Object.entries(value).map(([name, shown]) =>
      element("div", "", element("dt", "", name), element("dd", "", shown)),
    );
    tip.replaceChildren(element("dl", "", ...rows));
    tip.hidden = false;
    const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 14;
    const top = below + tip.offsetHeight > window.innerHeight ? event.clientY - tip.offsetHeight - 10 : below;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, top)}px`;
  }

  const options = { mode: "vega-lite", renderer: "svg", ast: true, actions: false, defaultStyle: false, tooltip: showTip };
  const waiting = Object.keys(data.charts);

  // One chart per turn of the event loop: the page stays responsive however many there are.
  async function next() {
    const id = waiting.shift();
    if (id === undefined) return;
    const chart = data.charts[id];
    const spec = { ...data.specs[chart.spec], datasets: { rows: chart.rows } };
    const box = $(id);
    const said = box.getAttribute("aria-label");
    await vegaEmbed(box, spec, options);
    // The box says what the chart shows; Vega would have it say "Vega visualization".
    box.querySelector("svg").setAttribute("aria-hidden", "true");
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", said);
    box.removeAttribute("aria-roledescription");
    setTimeout(next, 0);
  }
  next();

  // What is folded away on the screen is not folded away on paper.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details:not([open])")];
    opened.forEach((details) => (details.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((details) => (details.open = false)));
})();
