// The softmax explorer: a place in a sampled text and a slider. `retemper` draws what the distribution that was stored there
// becomes at the slider's temperature. Everything from a model reaches the page as text nodes.
(() => {
  "use strict";
  const { $, data, element, parts, say, unpack } = page;
  const { filledText, name, nats, openness, whole } = retemper;
  const live = $("explorer-live");
  if (!live) return;
  const { spots, hottest } = data.explorer;
  const [text, slider] = [$("explorer-text"), $("explorer-t")];
  const JUMPS = 4;
  const QUIET = 700; // milliseconds without a move, then it is spoken
  const ENTROPY_STEPS = [0.1, 0.5, 1, 2, 3]; // nats, as in the token view
  let spot = null; // of `spots`
  let tokens = []; // of the chosen text
  let place = -1;

  // Data

  // What `tempkit.report.explorer.data.numbers` packed: 32-bit floats, byte plane by byte plane.
  function numbers(packed) {
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    const count = bytes.length / 4;
    const view = new DataView(new ArrayBuffer(4));
    return Array.from({ length: count }, (_, i) => {
      for (let plane = 0; plane < 4; plane += 1) view.setUint8(plane, bytes[plane * count + i]);
      return view.getFloat32(0);
    });
  }

  function tokensOf(block, i) {
    const { t, l, h, n, k, p } = block.a[i];
    const [logprobs, entropies, listed] = [l, h, p].map(numbers);
    const { vocabulary, others } = spot;
    let start = 0;
    return t.map((string, j) => {
      const top = Array.from({ length: n[j] }, (_, m) => ({ string: block.s[k[start + m]], logprob: listed[start + m] }));
      start += n[j];
      return { string: block.s[string], logprob: logprobs[j], entropy: entropies[j], top, vocabulary, others };
    });
  }

  // The slider's temperature

  function drawTemperature() {
    const temperature = Number(slider.value);
    const label = filledText("explorer now", { t: nats(temperature) });
    live.style.setProperty("--at", String(temperature / hottest));
    $("explorer-now").textContent = label;
    slider.setAttribute("aria-valuetext", label);
    if (tokens[place]?.top.length) retemper.draw(tokens[place], temperature);
  }

  function speak() {
    const token = tokens[place];
    if (token?.top.length) $("explorer-spoken").textContent = retemper.spoken(token, Number(slider.value));
  }

  // Once, after the reader's last move; never unasked.
  let speaking = 0;
  function speakLater() {
    clearTimeout(speaking);
    speaking = setTimeout(speak, QUIET);
  }

  function turned() {
    drawTemperature();
    speakLater();
  }

  function turnTo(temperature) {
    slider.value = String(temperature);
    turned();
  }

  // The place in the text

  function keepInSight(token) {
    const above = token.offsetTop - text.scrollTop;
    if (above < 0 || above + token.offsetHeight > text.clientHeight) text.scrollTop = token.offsetTop - text.clientHeight / 2;
  }

  function choose(i) {
    place = i;
    [...text.children].forEach((token, j) => {
      token.tabIndex = i === j ? 0 : -1;
      token.setAttribute("aria-selected", String(i === j));
    });
    [...$("explorer-jumps").children].forEach((button) =>
      button.setAttribute("aria-pressed", String(Number(button.dataset.place) === i)),
    );
    keepInSight(text.children[i]);
    const token = tokens[i];
    const count = { i: whole(i + 1), n: whole(tokens.length) };
    $("explorer-here").replaceChildren(filledText("explorer place", count), " ", name(token.string), " ", element("span", "chip", say.drawn));
    live.classList.toggle("without-top", !token.top.length);
    if (!token.top.length) {
      $("explorer-bars").replaceChildren();
      $("explorer-says").replaceChildren(element("p", "", say["explorer nothing"]));
      return;
    }
    retemper.drawCurve(token, hottest);
    drawTemperature();
  }

  function chosen(i) {
    choose(i);
    speakLater();
  }

  const asToken = (string) => string.replace(/\n/g, "↵\n");

  function tokenElement(token) {
    const known = openness(token);
    const level = ENTROPY_STEPS.filter((step) => known >= step).length;
    const made = element("span", `place level-${level}`, ...parts(token.string, asToken));
    made.translate = false;
    made.setAttribute("role", "option");
    made.setAttribute("aria-label", name(token.string).textContent);
    return made;
  }

  function jumpButton(i) {
    const token = tokens[i];
    const button = element("button", "", name(token.string));
    button.type = "button";
    button.dataset.place = String(i);
    const values = { token: name(token.string).textContent, entropy: nats(openness(token)) };
    button.setAttribute("aria-label", filledText("explorer jump", values));
    button.addEventListener("click", () => chosen(i));
    return button;
  }

  function showText(block, i) {
    tokens = tokensOf(block, i);
    const { sent, where, cut } = spot.texts[i];
    text.replaceChildren(...tokens.map(tokenElement));
    $("explorer-cut").hidden = cut === null;
    $("explorer-cut").textContent = cut ?? "";
    $("explorer-sent").hidden = $("explorer-mark").hidden = sent === null || sent > hottest;
    $("explorer-sent").textContent = where === null ? "" : filledText("explorer sampled", { where });
    $("explorer-sent").dataset.sent = String(sent);
    live.style.setProperty("--sent", String(sent / hottest));
    const open = tokens.map((token, j) => [openness(token), j]).filter(([, j]) => tokens[j].top.length);
    open.sort(([a, i], [b, j]) => b - a || i - j);
    const jumps = open.slice(0, JUMPS).map(([, j]) => j);
    $("explorer-jumps").replaceChildren(...[...jumps].sort((a, b) => a - b).map(jumpButton));
    text.scrollTop = 0;
    choose(jumps[0] ?? 0);
  }

  function radio(block, label, i) {
    const input = element("input");
    input.type = "radio";
    input.name = "explorer-text";
    input.checked = i === 0;
    input.addEventListener("change", () => showText(block, i));
    return element("label", "", input, ` ${label}`);
  }

  function failed() {
    live.hidden = true;
    $("explorer-failed").hidden = false;
    $("explorer-failed").textContent = say.unreadable;
  }

  async function showSpot(i) {
    spot = spots[i];
    const asked = spot;
    let block;
    try {
      block = await unpack(`tokens-${asked.block}`);
    } catch {
      failed(); // a browser that cannot inflate
      return;
    }
    if (asked !== spot) return; // another one was asked for meanwhile
    live.className = `explorer series-${spot.series}`;
    const texts = $("explorer-texts");
    texts.replaceChildren(texts.firstElementChild, ...spot.texts.map(({ label }, j) => radio(block, label, j)));
    live.hidden = false;
    showText(block, 0);
  }

  const position = (target) => [...text.children].indexOf(target.closest?.(".place"));

  function move(event) {
    const i = position(event.target);
    const last = text.children.length - 1;
    const rtl = getComputedStyle(text).direction === "rtl" ? -1 : 1;
    const to = { ArrowRight: i + rtl, ArrowLeft: i - rtl, ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: last }[event.key];
    if (i < 0 || to === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(last, to));
    chosen(next);
    text.children[next].focus();
  }

  text.addEventListener("click", (event) => position(event.target) >= 0 && chosen(position(event.target)));
  text.addEventListener("keydown", move);
  slider.addEventListener("input", turned);
  $("explorer-own").addEventListener("click", () => turnTo(1));
  $("explorer-sent").addEventListener("click", (event) => turnTo(event.currentTarget.dataset.sent));
  $("explorer-item").addEventListener("change", (event) => showSpot(Number(event.target.value)));
  showSpot(0);
})();
