"use strict";
// Procedures, lines, and the annotated source: sorted by any column, searched as one types.

report.draw.tables = (host, data) => {
  const source = data.source && data.source.lines && data.source.lines.length ? data.source : null;
  const text = source && source.text && source.text.length ? source.text : null;
  const MISSES = COUNTERS.indexOf("read_misses");
  const FETCHES = COUNTERS.indexOf("fetch_misses");
  const all = data.totals ? data.totals.run[CLOCKS] : data.procedures.reduce((sum, row) => sum + row.own[CLOCKS], 0);
  const misses = (counts) => counts[MISSES] + (FETCHES < 0 ? 0 : counts[FETCHES]);
  const waiting = (counts) => {
    const main = worst(counts);
    return main ? `${main.label} ${percent(counts[main.at] / (counts[CLOCKS] || 1))}` : "";
  };

  // A column: id, heading, kind, value of a row (for sorting), and how it is shown.
  const figures = (countsOf) => [
    { id: "clocks", head: "Clocks", num: true, value: (row) => countsOf(row)[CLOCKS], show: (row) => meter(countsOf(row)[CLOCKS]) },
    { id: "share", head: "Share", num: true, value: (row) => countsOf(row)[CLOCKS], show: (row) => percent(countsOf(row)[CLOCKS] / (all || 1)) },
    { id: "instructions", head: "Instructions", num: true, value: (row) => countsOf(row)[INSTRUCTIONS], show: (row) => exact(countsOf(row)[INSTRUCTIONS]) },
    { id: "cpi", head: "CPI", hint: "clocks per instruction", num: true, value: (row) => countsOf(row)[CLOCKS] / (countsOf(row)[INSTRUCTIONS] || 1), show: (row) => (countsOf(row)[CLOCKS] / (countsOf(row)[INSTRUCTIONS] || 1)).toFixed(2) },
    { id: "misses", head: "Misses", hint: "lines that the first-level cache did not have, data and code", num: true, value: (row) => misses(countsOf(row)), show: (row) => exact(misses(countsOf(row))) },
    { id: "waits", head: "Waits most for", value: (row) => waiting(countsOf(row)), show: (row) => waiting(countsOf(row)) },
  ];
  const meter = (value) => el("span", { class: "meter" }, el("i", { css: { width: `${(100 * value) / (all || 1)}%` } }), el("b", {}, exact(value)));

  const tabs = [["procedures", "Procedures"]];
  if (source) tabs.push(["lines", "Lines"]);
  if (text) tabs.push(["source", "Source"]);
  let tab = "procedures";
  let search = "";
  const panes = {};
  const input = el("input", { type: "search", placeholder: "name or text", oninput() { search = this.value.trim().toLowerCase(); filter(); } });
  const count = el("span", { class: "found", "aria-live": "polite" });
  const place = el("div", { class: "pane" });
  const chooser = choice("Table", tabs, tab, (id) => { tab = id; show(); });
  host.append(el("div", { class: "controls" }, tabs.length > 1 ? chooser : null, el("label", { class: "labelled push" }, "Find", input), count), place);

  const makers = {
    procedures: () => table("Procedures of the whole run", data.procedures, [
      { id: "name", head: "Procedure", value: (row) => row.name.toLowerCase(), show: (row) => el("span", { class: "proc", title: row.line ? `${row.file}:${row.line}` : row.file }, el("i", { class: "dot", title: GROUPS[groupOf(row.group)], css: { background: color(groupOf(row.group)) } }), text && row.line && row.file === source.file ? el("button", { type: "button", class: "link", onclick: () => visit(row.line) }, row.name) : row.name) },
      ...figures((row) => row.own),
      { id: "total", head: "With callees", num: true, value: (row) => row.total[CLOCKS], show: (row) => exact(row.total[CLOCKS]) },
      { id: "calls", head: "Calls", num: true, value: (row) => row.calls, show: (row) => exact(row.calls) },
    ], (row) => `${row.name} ${row.file || ""} ${GROUPS[groupOf(row.group)]}`, "clocks"),
    lines: () => table(`Lines of ${source.file} that ran`, source.lines.map((line, k) => ({ line, counts: source.counts[k], text: text ? text[line - 1] : source.texts ? source.texts[k] : "" })), [
      { id: "line", head: "Line", num: true, value: (row) => row.line, show: (row) => (text ? el("button", { type: "button", class: "link", onclick: () => visit(row.line) }, String(row.line)) : String(row.line)) },
      { id: "text", head: "Source", value: (row) => row.text.trim().toLowerCase(), show: (row) => el("code", { class: "cut", title: row.text.trim() }, row.text.trim()) },
      ...figures((row) => row.counts),
    ], (row) => `${row.line} ${row.text}`, "clocks"),
    source: listing,
  };

  function table(caption, rows, columns, words, sorted) {
    const state = { column: columns.find((column) => column.id === sorted), down: true };
    const body = el("tbody", {});
    const lines = rows.map((row) => ({ row, words: words(row).toLowerCase(), node: null }));
    const heads = columns.map((column) => {
      const button = el("button", { type: "button", title: column.hint, onclick: () => sort(column) }, column.head, el("span", { class: "arrow", "aria-hidden": "true" }));
      return el("th", { scope: "col", class: column.num ? "num" : null, "data-column": column.id }, button);
    });
    function build(line) {
      line.node ||= el("tr", {}, columns.map((column) => el("td", { class: column.num ? "num" : null }, column.show(line.row))));
      return line.node;
    }
    function sort(column) {
      if (column) {
        state.down = state.column === column ? !state.down : Boolean(column.num);
        state.column = column;
      }
      const sign = state.down ? -1 : 1;
      const { value } = state.column;
      lines.sort((a, b) => {
        const [left, right] = [value(a.row), value(b.row)];
        return sign * (typeof left === "number" ? left - right : left < right ? -1 : left > right ? 1 : 0);
      });
      heads.forEach((head, k) => {
        if (columns[k] === state.column) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      apply();
    }
    let most = 60;
    const more = el("button", { type: "button", class: "button", onclick() { most = Infinity; apply(); } }, "Show all");
    function apply() {
      const hits = lines.filter((line) => !search || line.words.includes(search));
      body.replaceChildren(...hits.slice(0, most).map(build));
      more.hidden = hits.length <= most;
      more.textContent = `Show all ${exact(hits.length)}`;
      count.textContent = search ? plural(hits.length, "row") : "";
    }
    sort(null);
    return {
      node: el("div", {}, el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, el("table", { class: "data" }, el("caption", {}, caption), el("thead", {}, el("tr", {}, heads)), body)), more),
      apply,
    };
  }

  function listing() {
    const cost = new Map(source.lines.map((line, k) => [line, source.counts[k]]));
    const highest = Math.max(...source.counts.map((counts) => counts[CLOCKS]), 1);
    const rows = text.map((line, k) => {
      const counts = cost.get(k + 1);
      const clocks = counts ? counts[CLOCKS] : 0;
      const row = el("div", { class: counts ? "line ran" : "line", "data-line": k + 1 },
        el("span", { class: "at" }, String(k + 1)),
        el("span", { class: "cost" }, counts ? short(clocks) : ""),
        el("span", { class: "misses" }, counts && misses(counts) ? short(misses(counts)) : ""),
        el("code", {}, line || " "));
      if (counts) {
        row.style.setProperty("--heat", Math.sqrt(clocks / highest).toFixed(3));
        explain(row, () => [`Line ${k + 1}`, [["Clocks", exact(clocks)], ["Share of the run", percent(clocks / (all || 1))], ["Instructions", exact(counts[INSTRUCTIONS])],
          ["Clocks an instruction", (clocks / (counts[INSTRUCTIONS] || 1)).toFixed(2)], ["Cache misses", exact(misses(counts))], ...stallRows(counts, 1)]]);
      }
      return row;
    });
    const box = el("div", { class: "listing", tabindex: 0, role: "region", "aria-label": `${source.file} with the clocks of each line` },
      el("div", { class: "line columns" }, el("span", { class: "at" }, "line"), el("span", { class: "cost" }, "clocks"), el("span", { class: "misses" }, "misses"), el("code", {}, source.file)), rows);
    function apply() {
      let hits = 0;
      rows.forEach((row, k) => {
        const hit = search !== "" && text[k].toLowerCase().includes(search);
        row.classList.toggle("match", hit);
        if (hit && (hits += 1) === 1) reveal(box, row);
      });
      count.textContent = search ? plural(hits, "line") : "";
    }
    return { node: box, apply, rows };
  }

  const reveal = (box, row) => { box.scrollTop = row.offsetTop - box.clientHeight / 3; };

  function visit(line) {
    tab = "source";
    for (const button of chooser.children) button.setAttribute("aria-pressed", String(button.dataset.value === tab));
    search = "";
    input.value = "";
    show();
    const row = panes.source.rows[line - 1];
    reveal(panes.source.node, row);
    for (const other of panes.source.rows) other.classList.toggle("here", other === row);
    panes.source.node.focus({ preventScroll: true });
  }

  function show() {
    tip.hide();
    panes[tab] ||= makers[tab]();
    place.replaceChildren(panes[tab].node);
    panes[tab].apply();
  }
  const filter = () => panes[tab].apply();
  show();
};
