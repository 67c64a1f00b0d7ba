// The items behind the means, on demand: a box shows them all as thin lines, a list makes one stand out and says its numbers.
(() => {
  "use strict";
  const { $, fill, say, unpack } = page;

  const rowsOf = ({ keys, said }, lines) =>
    lines.flatMap((line) =>
      line.i.flatMap((key, row) =>
        line.t.flatMap((t, column) => {
          const v = line.v[row][column];
          if (v === null) return [];
          const d = said[line.d[row][column]];
          return { t, x: t + line.x, v, d, i: keys[key], m: line.m, c: line.c, s: line.s, k: line.k };
        }),
      ),
    );

  // One model's numbers for one item, temperature by temperature.
  function numbers({ keys, said }, lines, key, title) {
    const parts = lines.flatMap((line) => {
      const row = line.i.indexOf(keys.indexOf(key));
      if (row < 0) return [];
      const values = line.t.flatMap((t, column) =>
        line.v[row][column] === null ? [] : fill(say["item at"], said[line.d[row][column]], String(t)),
      );
      return lines.length > 1 ? fill(say["item of"], line.m, values.join("; ")) : values.join("; ");
    });
    return fill(say["item of"], title, parts.join(". "));
  }

  for (const tools of document.querySelectorAll(".item-tools")) {
    const toggle = tools.querySelector(".item-toggle");
    const choice = tools.querySelector(".item-choice");
    const select = tools.querySelector(".item-select");
    const status = tools.querySelector(".item-said");
    const block = `tokens-${tools.dataset.case}-items`;
    if (!$(block)) continue;

    async function show() {
      let items;
      try {
        items = await unpack(block);
      } catch {
        status.textContent = say["unpackable"];
        toggle.checked = false;
        return;
      }
      if (select.options.length === 1) {
        const option = (key) => Object.assign(new Option(key, key), { translate: false });
        select.append(...items.keys.map(option));
      }
      const shown = toggle.checked;
      choice.hidden = !shown;
      for (const [id, { lines }] of Object.entries(items.charts)) {
        page.charts.tell(id, { rows: shown ? rowsOf(items, lines) : [], focus: chosen() });
      }
      speak(items);
    }

    const chosen = () => (toggle.checked && select.selectedIndex > 0 ? select.value : null);

    function speak(items) {
      const key = chosen();
      const { lines } = items.charts[tools.dataset.first];
      status.textContent = key === null ? "" : numbers(items, lines, key, tools.dataset.title);
    }

    toggle.addEventListener("change", show);
    select.addEventListener("change", async () => {
      const items = await unpack(block);
      Object.keys(items.charts).forEach((id) => page.charts.tell(id, { focus: chosen() }));
      speak(items);
    });
    toggle.checked = false; // a reloaded page begins as it was written
    tools.hidden = !$("vega");
  }
})();
