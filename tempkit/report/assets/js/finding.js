// What a reader looks for among the answers: their texts, and what `tempkit.report.answers.answers` marked them with. An item's
// entry is read from its markup, so that what is found is what is shown, in items on this page and in packed ones alike.
const finding = (() => {
  "use strict";
  const TURN_MS = 12; // of work, before the page gets a turn
  // Where there is a scheduler, what a reader waits for goes on before what nobody asked for, such as charts.
  const rest = () => window.scheduler?.yield?.() ?? new Promise((turn) => setTimeout(turn));

  const about = (article) => [...article.querySelectorAll(".permalink, .prompt .verbatim, .wording")];
  const verbatim = (answer) => answer.querySelector(".verbatim:not(.empty)");
  const cells = (article) => [...article.querySelectorAll(".cell")];
  const answers = (cell) => [...cell.querySelectorAll(".answer")];

  // Everything of an item that can be found, as strings.
  function entry(article) {
    return {
      about: about(article).map(marking.textOf),
      cells: cells(article).map((cell) => ({
        temperature: cell.dataset.temperature,
        failed: Number(cell.dataset.failed),
        answers: answers(cell).map((answer) => {
          const box = verbatim(answer);
          return { marks: answer.dataset.marks.split(" "), text: box ? marking.textOf(box) : "" };
        }),
      })),
    };
  }

  // A pattern that matches what was typed as it stands, in any case; null for nothing.
  function pattern(query) {
    const typed = query.trim();
    return typed ? new RegExp(typed.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu") : null;
  }

  const ranges = (text, searched) => (searched ? Array.from(text.matchAll(searched), ({ 0: hit, index }) => [index, index + hit.length]) : []);
  const hits = (text, searched) => ranges(text, searched).length;

  // Return which answers of an item are wanted, by cell, and the hits in it; null: none of it is.
  function match({ about, cells }, { searched, only, at }) {
    const chosen = cells.map((cell) => !at || cell.temperature === at);
    const allowed = cells.map((cell, c) =>
      cell.answers.flatMap(({ marks }, i) => (chosen[c] && (!only || marks.includes(only)) ? [i] : [])),
    );
    const failed = cells.some((cell, c) => chosen[c] && only === "failed" && cell.failed);
    if (only && !failed && !allowed.flat().length) return null;
    if (!searched) return { wanted: allowed, hits: 0 };
    const inAnswers = allowed.map((of, c) => of.map((i) => hits(cells[c].answers[i].text, searched)));
    const count = inAnswers.flat().reduce((sum, each) => sum + each, 0);
    const above = about.reduce((sum, text) => sum + hits(text, searched), 0);
    if (!count && !above) return null;
    // Where answers were hit, those are wanted; where only the question was, all of its answers.
    const wanted = count ? allowed.map((of, c) => of.filter((_, k) => inAnswers[c][k])) : allowed;
    return { wanted, hits: count + above };
  }

  // Does `work` for 0, 1, ... count - 1, giving the page a turn in between; false when it was told to stop.
  async function each(count, work, proceed) {
    let began = performance.now();
    for (let i = 0; i < count; i++) {
      if (performance.now() - began > TURN_MS) {
        await rest();
        began = performance.now();
        if (!proceed(i)) return false;
      }
      await work(i);
    }
    return true;
  }

  return { about, answers, cells, each, entry, match, pattern, ranges, verbatim };
})();
