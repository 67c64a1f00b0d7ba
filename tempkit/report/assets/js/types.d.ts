// What Python embeds in the page, as the scripts read it. Read by the type checker alone; a test holds it to what Python writes.

/** Text, or pieces of visible text and the labels of hidden characters in turn: `tempkit.report.text.characters.split`. */
export type Spelled = string | string[];

/** `tempkit.report.render`: the data of all scripts. */
export interface PageData {
  labels: Labels;
  identity: string;
  explorer: Explorer | null;
}

type Levels = [string, string, string, string, string, string];

/** `tempkit.report.text.labels` */
export interface Labels {
  "explorer now": string;
  "explorer range": string;
  "explorer more": string;
  "explorer share": string;
  "explorer sampled": string;
  "explorer place": string;
  "explorer nothing": string;
  "explorer coldest": string;
  "explorer coldest of equals": string;
  "explorer itself": string;
  "explorer first": string;
  "explorer other": string;
  "explorer tail": string;
  "explorer cooler": string;
  "explorer warmer": string;
  "explorer neither": string;
  "explorer spoken": string;
  "explorer jump": string;
  "explorer rest": string;
  "explorer fewer": string;
  "explorer curve": string;
  "copied": string;
  "selected to copy": string;
  "answer": string;
  "samples": string;
  "sample": string;
  "seed": string;
  "probability": string;
  "logprob": string;
  "entropy": string;
  "rank": string;
  "nats": string;
  "unknown": string;
  "drawn": string;
  "alternatives": string;
  "no alternatives": string;
  "empty": string;
  "kind raw": string;
  "kind tempered": string;
  "kind unknown": string;
  "by logprob": Levels;
  "by entropy": Levels;
  "searching": string;
  "hits": string;
  "place": string;
  "opened": string;
  "mark": string;
  "mark of": string;
  "cannot copy": string;
  "lowest": string;
  "texts of": string;
  "texts": string;
  "all of": string;
  "previous texts": string;
  "next texts": string;
  "all texts": string;
  "no more texts": string;
  "none here": string;
  "items unreadable": string;
  "item at": string;
  "item of": string;
  "unpackable": string;
  "charts unreadable": string;
  "chart failed": string;
  "not saved": string;
  "unreadable": string;
}

export type ExplorerPhrase = Extract<keyof Labels, `explorer ${string}`>;

/** `tempkit.report.answers.tokens.columns`: the tokens of an item's answers. */
export interface TokenBlock {
  s: Spelled[];
  a: TokenColumns[];
}

/** Of one answer; numbers are thousandths of a nat, those of `p` hundredths. */
export interface TokenColumns {
  t: number[];
  l: (number | null)[];
  h: (number | null)[];
  r: (number | null)[];
  n: number[];
  k: number[];
  p: number[];
}

/** `tempkit.report.explorer.view.explorer` */
export interface Explorer {
  spots: Spot[];
  hottest: number;
}

export interface Spot {
  block: string;
  series: number;
  vocabulary: number;
  others: string;
  texts: SpotText[];
}

export interface SpotText {
  label: string;
  sent: number | null;
  where: string | null;
  cut: string | null;
}

/** `tempkit.report.explorer.data`: the tokens of a spot's texts. */
export interface ExplorerBlock {
  s: Spelled[];
  a: ExplorerColumns[];
}

/** Of one text; `l`, `h` and `p` are packed by `tempkit.report.explorer.data.numbers`. */
export interface ExplorerColumns {
  t: number[];
  l: string;
  h: string;
  n: number[];
  k: number[];
  p: string;
}

/** `tempkit.report.charts.vega.specifications` and `tempkit.report.charts.figures.drawn` */
export interface ChartsBlock {
  specs: Record<string, VegaLite>;
  charts: Record<string, Chart>;
  source: string;
}

export interface Chart {
  spec: string;
  values: Record<string, number | boolean>;
  whole: Interval | null;
  rows: Row[];
  marks: Row[];
  columns: [string, string][];
  file: string;
  across: string;
  up: string;
}

/** `tempkit.report.charts.items.items`: the items behind the means. */
export interface ItemsBlock {
  keys: string[];
  said: string[];
  charts: Record<string, ItemChart>;
}

export interface ItemChart {
  lines: ItemLine[];
}

export interface ItemLine {
  c: number;
  s: number;
  k: number;
  m: string;
  t: number[];
  x: number;
  i: number[];
  v: (number | null)[][];
  d: number[][];
}

/** `tempkit.report.answers.index.index_block`: what is filtered and sorted by, of each item. */
export interface IndexBlock {
  o: [string, string];
  u: boolean;
  t: string[];
  k: string[];
  m: string[][];
  f: number[][];
  s: (number | null)[][];
  c: number[];
  d: number[];
}

/** `tempkit.report.method.downloads.answer_columns` */
export interface AnswersTable {
  columns: string[];
  texts: string[];
  strings: string[];
  rows: (number | null)[][];
}

// What is not embedded, and is shared by scripts

/** What Vega is given: its columns' meaning is between Python and the specifications. */
export type Row = Record<string, unknown>;

export interface VegaLite {
  params: { name: string; value: unknown }[];
  [rest: string]: unknown;
}

export interface VegaView {
  data(name: string, rows: Row[]): VegaView;
  signal(name: string, value: unknown): VegaView;
  runAsync(): Promise<VegaView>;
  addEventListener(type: string, heard: (event: Event, item?: { datum?: { i?: string } } | null) => void): void;
  toSVG(): Promise<string>;
  finalize(): void;
}

export type VegaEmbed = (box: HTMLElement, spec: Row, options: Row) => Promise<{ view: VegaView }>;

/** A lower and an upper end. */
export type Interval = [number, number];

/** What is known of a distribution at a temperature: what `softmax.tempered` returns. */
export interface Tempered {
  shares: Interval[];
  beside: (logprob: number) => { share: Interval; others: Interval };
  unlisted: Interval;
  entropy: Interval;
  n95: Interval;
  equals: number;
}

/** A place of a sampled text; strings come from one table, so equal ones are the same. NaN: not known. */
export interface Place {
  string: Spelled;
  logprob: number;
  entropy: number;
  top: { string: Spelled; logprob: number }[];
  vocabulary: number;
  others: string;
}

/** What a reader looks for among the answers. */
export interface Wish {
  searched: RegExp | null;
  only: string;
  at: string;
  marked: (item: number) => boolean;
}

/** By which column the index is sorted; empty: as the run has the questions. */
export interface Sorting {
  by: string;
  reversed: boolean;
}

/** The texts of an item: those above its answers, and of its answers by cell. */
export interface Entry {
  about: string[];
  cells: string[][];
}

/** The answers of an item that are wanted, by cell, and the hits in it. */
export interface Match {
  wanted: number[][];
  hits: number;
}

/** An item that was found; no match: all of it is wanted. */
export interface Found {
  item: number;
  match: Match | null;
}

/** How a question comes to be open: the column that is looked for, whether the reader is led there, and by an address. */
export interface Way {
  at?: string;
  focus?: boolean;
  address?: boolean;
}

/** Characters from one place up to another. */
export type Span = [number, number];

/** Where a text differs from another: what it has of its own, and what it lacks. */
export interface Differences {
  added: Span[];
  removed: { at: number; text: string }[];
}

declare global {
  /** Defined by the chart library, once it was put into the page. */
  const vegaEmbed: VegaEmbed;
}

/** An element's name, the id of the nearest one with an id, and the way to it from there, child by child. */
export type Path = [tag: string, id: string, ...steps: number[]];

/** What a page that loads itself again puts back: `renewing.js`. */
export interface Kept {
  /** How far it was scrolled, and, in pixels from the window's top, what was near there, by id, the nearest first. */
  y: number;
  near: (readonly [id: string, top: number])[];
  /** The item that each section is at. */
  places: Record<string, number>;
  folds: [Path, boolean][];
  choices: [Path, boolean | string][];
  scrolled: [Path, number, number][];
  focus: Path | null;
  /** When the file was written, as the browser says it. */
  modified: string;
  /** Seconds that were waited. */
  wait: number;
}
