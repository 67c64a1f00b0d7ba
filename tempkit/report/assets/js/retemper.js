// One place of a sampled text at a temperature: its bars, figures, curve and sentences. `softmax` computes, and the explorer
// says which place and which temperature. A token holds everything that is known of its place: { string, logprob, entropy,
// top: [{ string, logprob }], vocabulary, others }; strings come from one table, so equal ones are the same.
const retemper = (() => {
  "use strict";
  const { $, element, number, say, spelled } = page;
  const STEPS = 80; // of the curve
  const LEAST_MARK = 0.004; // a probability whose mark would only thicken the bar's left end

  // Words and numbers

  // A phrase with values, strings or nodes, in the places that `%(name)s` marks.
  function filled(phrase, values) {
    const made = phrase.split(/%\((\w+)\)s/).map((piece, i) => (i % 2 ? values[piece] : piece.replace("%%", "%")));
    return made.map((piece) => (piece instanceof Node ? piece.cloneNode(true) : piece));
  }
  const filledText = (name, values = {}) => filled(say[name], values).join("");

  // An interval as it is read: one number where both ends are written alike.
  function range([low, high], write) {
    if (high === Infinity) return filledText("explorer more", { low: write(low) });
    const ends = { low: write(low), high: write(high) };
    return ends.low === ends.high ? ends.low : filledText("explorer range", ends);
  }
  // Two digits that mean something, and never 0 or 100 for what was merely close to it.
  function hundredths(p) {
    const shown = p * 100;
    if (p > 0 && shown < 0.01) return `<${number(0.01)}`;
    if (p < 1 && shown > 99.5) return ">99";
    return number(shown, p === 0 || shown >= 9.95 ? 0 : shown >= 0.995 ? 1 : shown >= 0.0995 ? 2 : 3);
  }
  const shares = (ends) => filledText("explorer share", { p: range(ends, hundredths) });
  const nats = (value) => number(value);
  const whole = (value) => number(value, 0);

  // Of 100 cases; never 0 or 100 for what was merely close to it.
  function cases(p) {
    if (p > 0 && p < 0.005) return "<1";
    return p < 1 && p > 0.995 ? ">99" : number(p * 100, 0);
  }

  // What is known of a place

  const at = (token, temperature) =>
    softmax.tempered(token.top.map((each) => each.logprob), temperature, token.vocabulary);
  const openness = (token) =>
    Number.isNaN(token.entropy) ? (token.top.length ? at(token, 1).entropy[0] : -1) : token.entropy;

  // The whole vocabulary's entropy was kept with some tokens: at T = 1 it is known, and since entropy never falls as T rises,
  // it bounds the entropy at any other temperature too.
  function entropyAt({ entropy }, { entropy: [low, high] }, temperature) {
    if (Number.isNaN(entropy)) return [low, high];
    if (temperature === 1) return [entropy, entropy];
    return temperature > 1 ? [Math.min(Math.max(low, entropy), high), high] : [low, Math.max(Math.min(high, entropy), low)];
  }

  const drawnIndex = (token) => token.top.findIndex((each) => each.string === token.string);

  // The drawn token's interval, and that of the tokens that have no bar; null for the one where it is not known.
  function sharesOf(token, found) {
    const i = drawnIndex(token);
    if (i >= 0) return { drawn: found.shares[i], others: found.unlisted };
    if (Number.isNaN(token.logprob)) return { drawn: null, others: found.unlisted };
    const { share, others } = found.beside(token.logprob);
    return { drawn: share, others };
  }

  const name = (string) => {
    const made = spelled(string);
    made.classList.add("quoted");
    return made;
  };

  // What is drawn

  function bar([low, high], own, label, value, className) {
    const mark = element("span", "own");
    mark.hidden = own < LEAST_MARK;
    const track = element("span", "track", element("span", "solid"), element("span", "may"), mark);
    track.style.setProperty("--low", String(low));
    track.style.setProperty("--high", String(high));
    track.style.setProperty("--own", String(own));
    return element("li", className, label, track, element("span", "p", value));
  }

  function drawBars(token, found, own) {
    const drawn = drawnIndex(token);
    const [now, before] = [found, own].map((known) => sharesOf(token, known));
    const labelled = (string, isDrawn) => {
      const label = element("span", "label", name(string));
      if (isDrawn) label.append(element("span", "chip", say.drawn));
      return label;
    };
    const row = (share, mark, label, className) => bar(share, mark, label, shares(share), className);
    const rows = token.top.map(({ string }, i) =>
      row(found.shares[i], own.shares[i][0], labelled(string, i === drawn), i === drawn ? "drawn" : ""),
    );
    if (drawn < 0 && now.drawn) rows.push(row(now.drawn, before.drawn[0], labelled(token.string, true), "drawn"));
    if (before.others[1] > 0) rows.push(row(now.others, before.others[0], element("span", "label", token.others), "others"));
    $("explorer-bars").replaceChildren(...rows);
  }

  function sentences(token, temperature, found, own) {
    const top = token.top[0];
    const values = { t: nats(temperature), token: name(top.string), n: whole(found.equals) };
    const both = (now, before) => ({ now: range(now, cases), own: range(before, cases) });
    const first = { ...values, ...both(found.shares[0], own.shares[0]) };
    const said = [];
    if (temperature > 0) said.push([temperature === 1 ? "explorer itself" : "explorer first", first]);
    else said.push([found.equals > 1 ? "explorer coldest of equals" : "explorer coldest", values]);
    const { drawn } = sharesOf(token, found);
    if (token.string !== top.string && drawn && temperature !== 1)
      said.push(["explorer other", { token: name(token.string), ...both(drawn, sharesOf(token, own).drawn) }]);
    if (temperature > 1 && found.unlisted[1] >= 0.005) said.push(["explorer tail", both(found.unlisted, own.unlisted)]);
    said.push([temperature < 1 ? "explorer cooler" : temperature > 1 ? "explorer warmer" : "explorer neither", {}]);
    return said.map(([phrase, given]) => element("p", "", ...filled(say[phrase], given)));
  }

  function drawFigures(token, temperature, found, own) {
    const columns = { own: [own, 1], now: [found, temperature] };
    for (const [column, [known, t]] of Object.entries(columns)) {
      const { drawn } = sharesOf(token, known);
      const shown = {
        entropy: range(entropyAt(token, known, t), nats),
        n95: range(known.n95, whole),
        drawn: drawn ? shares(drawn) : say.unknown,
      };
      for (const [row, value] of Object.entries(shown)) document.querySelector(`.explorer-figures [data-${column}=${row}]`).textContent = value;
    }
    $("explorer-column").textContent = filledText("explorer now", { t: nats(temperature) });
  }

  function draw(token, temperature) {
    const [found, own] = [at(token, temperature), at(token, 1)];
    drawBars(token, found, own);
    drawFigures(token, temperature, found, own);
    $("explorer-says").replaceChildren(...sentences(token, temperature, found, own));
  }

  // Entropy over temperature: a band between what it is at least and at most.
  function drawCurve(token, hottest) {
    const points = Array.from({ length: STEPS + 1 }, (_, i) => {
      const temperature = (hottest * i) / STEPS;
      return entropyAt(token, at(token, temperature), temperature);
    });
    const most = Math.max(0.1, ...points.map(([, high]) => high));
    const line = (end) => points.map((ends, i) => `${((100 * i) / STEPS).toFixed(2)},${(39 - (37 * ends[end]) / most).toFixed(2)}`);
    const [low, high] = [line(0), line(1)];
    const [band, lower, upper] = document.querySelectorAll(".dial-curve path");
    band.setAttribute("d", `M${low.join("L")}L${high.reverse().join("L")}Z`);
    lower.setAttribute("d", `M${low.join("L")}`);
    upper.setAttribute("d", `M${high.join("L")}`);
    $("explorer-curve").textContent = filledText("explorer curve", { most: nats(most) });
  }

  // The same in one breath, to be spoken.
  function spoken(token, temperature) {
    const found = at(token, temperature);
    return filledText("explorer spoken", {
      t: nats(temperature),
      token: name(token.top[0].string).textContent,
      p: shares(found.shares[0]),
      entropy: range(entropyAt(token, found, temperature), nats),
      n95: range(found.n95, whole),
    });
  }

  return { draw, drawCurve, filledText, name, nats, openness, spoken, whole };
})();
