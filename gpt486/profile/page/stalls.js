"use strict";
// What the CPU waits for: bars of clocks, split into work and causes.

report.draw.stalls = (host, data) => {
  const MOST = 14;
  const KINDS = [];
  if (data.ops) {
    KINDS.push(["group", "By purpose", () => gather(data.ops, (op) => GROUPS[groupOf(op.group)])]);
    KINDS.push(["member", "By op", () => gather(data.ops, (op) => op.name.replace(/^h\.\d+\./, ""))]);
  }
  const procedures = data.procedures.map((row) => ({ name: row.name, group: row.group, counts: row.own }));
  KINDS.push(["procedure", "By procedure", () => gather(procedures, (row) => row.name)]);
  let kind = KINDS.find(([id]) => id === "member") || KINDS[0];
  let shares = false;

  function gather(rows, nameOf) {
    const sums = new Map();
    for (const row of rows) {
      const name = nameOf(row);
      if (!sums.has(name)) sums.set(name, { name, counts: noCounts() });
      addCounts(sums.get(name).counts, row.counts);
    }
    const sorted = [...sums.values()].filter((row) => row.counts[CLOCKS] > 0).sort((a, b) => b.counts[CLOCKS] - a.counts[CLOCKS]);
    if (sorted.length <= MOST) return sorted;
    const rest = { name: `${sorted.length - MOST + 1} others`, counts: noCounts() };
    for (const row of sorted.splice(MOST - 1)) addCounts(rest.counts, row.counts);
    return [...sorted, rest];
  }

  const bars = el("div", { class: "bars", role: "list" });
  const remark = el("p", { class: "remark" });
  host.append(
    el("div", { class: "controls" },
      KINDS.length > 1 && choice("Rows", KINDS.map((entry) => [entry[0], entry[1]]), kind[0], (id) => { kind = KINDS.find((entry) => entry[0] === id); draw(); }),
      choice("Length", [[false, "Clocks"], [true, "Shares"]], false, (value) => { shares = value; draw(); })),
    bars,
  );

  function draw() {
    const rows = kind[2]();
    const all = rows.reduce((sum, row) => sum + row.counts[CLOCKS], 0) || 1;
    const longest = Math.max(...rows.map((row) => row.counts[CLOCKS]), 1);
    bars.replaceChildren(...rows.map((row) => {
      const clocks = row.counts[CLOCKS];
      const parts = [{ id: "work", value: clocks - stalled(row.counts) }, ...STALLS.map((stall) => ({ id: stall.id, value: row.counts[stall.at] }))];
      const waiting = stalled(row.counts) / clocks;
      const bar = el("div", {
        class: "bar", tabindex: 0, role: "img", css: { width: `${shares ? 100 : (100 * clocks) / longest}%` },
        "aria-label": `${row.name}: ${exact(clocks)} clocks, ${percent(waiting)} of them waiting`,
      }, parts.filter((part) => part.value > 0).map((part) =>
        el("i", { class: "part", css: { "flex-grow": String(part.value / clocks), background: color(part.id) } })));
      explain(bar, () => [row.name, [
        ["Clocks", exact(clocks)], ["Share of all", percent(clocks / all)],
        ["Work", `${short(parts[0].value)} (${percent(parts[0].value / clocks)})`, color("work")],
        ...stallRows(row.counts, 1, 10),
        ["Clocks an instruction", (clocks / (row.counts[INSTRUCTIONS] || 1)).toFixed(2)],
      ]]);
      return el("div", { class: "row", role: "listitem" },
        el("span", { class: "name", title: row.name }, row.name),
        el("div", { class: "track" }, bar),
        el("span", { class: "value" }, shares ? percent(waiting) : percent(clocks / all)));
    }));
    bars.dataset.value = shares ? "waiting" : "share";
    const sum = rows.reduce((counts, row) => addCounts(counts, row.counts), noCounts());
    const main = worst(sum);
    remark.replaceChildren("The CPU works for ", el("strong", {}, percent(1 - stalled(sum) / (sum[CLOCKS] || 1))), " of these clocks",
      ...(main ? ["; it waits longest for ", el("strong", {}, main.label.toLowerCase()), ` (${percent(sum[main.at] / sum[CLOCKS])}).`] : ["."]),
      shares ? " At the right: the share that is waiting." : " At the right: the share of all clocks.");
    const seen = STALLS.filter((stall) => sum[stall.at] > 0);
    key.replaceChildren(legend([[color("work"), "Work"], ...seen.map((stall) => [color(stall.id), stall.label, stall.why])]));
  }

  const key = el("div", {});
  host.append(key, remark);
  draw();
};
