// Files of the page's own data, made when a reader asks: nothing is fetched. The columns of answers are written as CSV by the
// rules of `tempkit.report.text.csv_cells`, or as JSON Lines.
(() => {
  "use strict";
  const { say, unpack } = page;
  const RISKY = "=+-@\t\r\n'＝＋－＠";

  function cell(value) {
    if (value === null) return "";
    if (typeof value !== "string") return String(value);
    const guarded = value !== "" && RISKY.includes(value[0]) ? `'${value}` : value;
    return `"${guarded.replaceAll('"', '""')}"`;
  }

  function* records({ columns, texts, strings, rows }) {
    const isText = columns.map((name) => texts.includes(name));
    for (let i = 0; i < rows[0].length; i += 1) {
      yield columns.map((_name, c) => (isText[c] && rows[c][i] !== null ? strings[rows[c][i]] : rows[c][i]));
    }
  }

  const forms = {
    text: ({ text }) => [text],
    *csv(data) {
      yield `${data.columns.map(cell).join(",")}\r\n`;
      for (const record of records(data)) yield `${record.map(cell).join(",")}\r\n`;
    },
    *jsonl(data) {
      for (const record of records(data)) {
        yield `${JSON.stringify(Object.fromEntries(data.columns.map((name, c) => [name, record[c]])))}\n`;
      }
    },
  };

  for (const button of document.querySelectorAll(".download-button")) {
    const { block, form, mime, name } = button.dataset;
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const blob = new Blob([...forms[form](await unpack(`tokens-${block}`))], { type: `${mime};charset=utf-8` });
        const link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      } catch {
        button.after(say["unpackable"]);
      } finally {
        button.disabled = false;
      }
    });
    button.hidden = false;
  }
})();
