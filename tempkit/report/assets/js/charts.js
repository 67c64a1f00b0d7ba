// Draw the charts with Vega, each when it comes near the window. Its expressions are interpreted (`ast`), since the page's
// policy forbids `eval`, and its marks are SVG, so that colours can be the page's CSS variables. The tooltip is ours: text
// nodes only. `page.charts.tell` says to a chart, drawn or not yet, which items it shows.
page.charts = (() => {
  "use strict";
  const { $, element, unpack } = page;
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
  const views = new Map();
  const told = new Map();
  const drawing = new Set();

  function apply(view, { rows, focus }) {
    if (rows !== undefined) view.data("items", rows);
    if (focus !== undefined) view.signal("focus", focus);
    return view.runAsync();
  }

  // Vega is by far the largest script, so it stands packed in the page. The policy knows its hash, and lets no other in.
  async function vega() {
    document.head.append(element("script", "", await unpack("vega")));
    return vegaEmbed;
  }
  const embedding = $("vega") && vega();
  embedding?.catch(() => {}); // said beside each chart
  const packed = $("vega") && unpack("tokens-charts");
  packed?.catch(() => {});
  const ids = [...document.querySelectorAll("main .chart")].map(({ id }) => id);

  async function draw(id) {
    if (drawing.has(id)) return;
    drawing.add(id);
    let embed, specs, charts;
    try {
      embed = await embedding;
      ({ specs, charts } = await packed);
    } catch {
      $(id).append(element("p", "hint", page.say["charts unreadable"]));
      return;
    }
    const chart = charts[id];
    const form = specs[chart.spec];
    const params = form.params.map(({ name, value }) => ({ name, value: chart.values[name] ?? value }));
    const spec = { ...form, params, datasets: { rows: chart.rows, marks: chart.marks, items: [] } };
    const frame = element("div", ""); // Vega names what it draws into; the box around it keeps the chart's description
    $(id).append(frame);
    const { view } = await embed(frame, spec, options);
    frame.setAttribute("aria-hidden", "true");
    views.set(id, view);
    view.addEventListener("pointerover", (_event, item) => follow(id, item?.datum?.i ?? null));
    view.addEventListener("pointerout", () => follow(id, null));
    if (told.has(id)) await apply(view, told.get(id));
  }

  // The item under the pointer stands out from the others, unless one was chosen by name.
  function follow(id, item) {
    const now = told.get(id);
    if (now && now.focus === null) views.get(id).signal("focus", item).runAsync();
  }

  function tell(id, what) {
    told.set(id, { ...told.get(id), ...what });
    if (views.has(id)) apply(views.get(id), what);
  }

  // One chart per turn of the event loop: the page stays responsive however many come into view at once.
  const waiting = [];
  async function next() {
    try {
      await draw(waiting[0]);
    } finally {
      waiting.shift();
      if (waiting.length) setTimeout(next, 0);
    }
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        if (waiting.push(target.id) === 1) next();
      }
    },
    { rootMargin: "300px 0px" },
  );
  ids.forEach((id) => near.observe($(id)));

  // Paper has everything: what is folded away on the screen is opened, and what was not drawn yet is drawn. Drawing takes no
  // turn of the event loop, only promises, so it is done when the browser lays out the pages.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details:not([open])")];
    opened.forEach((details) => (details.open = true));
    ids.forEach(draw);
  });
  addEventListener("afterprint", () => opened.forEach((details) => (details.open = false)));

  return { tell };
})();
