"use strict";
// Headroom: on an axis of bits, what each accumulator reached, what was proven, and where 32 bits end.

report.draw.stability = (host, data) => {
  const { accumulators, saturated, residual, positions } = data.stability;
  const LIMIT = 31; // bits of the magnitude of a signed 32-bit integer
  const bitsOf = (value) => Math.log2(Math.max(1, value));
  const rows = new Map();
  for (const entry of accumulators) {
    const name = `${entry.op.replace(/^h\.\d+\./, "")} · ${entry.name}`;
    if (!rows.has(name)) rows.set(name, { name, entries: [] });
    rows.get(name).entries.push(entry);
  }
  const all = [...rows.values()];
  const MOST = 12;
  const largest = (row) => Math.max(...row.entries.map((entry) => entry.seen));
  const nearestBound = (row) => Math.max(...row.entries.map((entry) => entry.share));
  const ORDERS = {
    limit: ["Nearest to 32 bits", () => [...all].sort((a, b) => largest(b) - largest(a)).slice(0, MOST)],
    bound: ["Nearest to the bound", () => [...all].sort((a, b) => nearestBound(b) - nearestBound(a)).slice(0, MOST)],
    all: ["All, in order", () => all],
  };
  let order = "limit";
  const layersOf = Math.max(1, ...accumulators.map((entry) => (entry.layer === null ? 0 : entry.layer + 1)));
  const tint = (layer) => (layer === null ? "var(--ink)" : `color-mix(in oklab, var(--accent) ${Math.round(35 + (65 * (layer + 1)) / layersOf)}%, var(--card))`);

  if (!all.length) return host.append(el("p", { class: "note" }, "No accumulator was observed."));
  const stage = el("div", { class: "stage" });
  if (all.length > MOST) {
    host.append(el("div", { class: "controls" }, choice("Which", Object.entries(ORDERS).map(([id, entry]) => [id, entry[0]]), order, (id) => {
      order = id;
      redraw();
    })));
  }
  host.append(stage);
  const entries = [["var(--ink)", "outside the layers"]];
  for (const layer of layersOf > 6 ? [0, layersOf - 1] : Array.from({ length: layersOf }, (_, k) => k)) entries.push([tint(layer), `layer ${layer}`]);
  host.append(legend(entries));
  const most = (key) => accumulators.reduce((best, entry) => (entry[key] > best[key] ? entry : best));
  const [highest, tightest] = [most("seen"), most("share")];
  const broken = accumulators.filter((entry) => entry.seen > entry.bound);
  host.append(el("p", { class: "remark" }, `Over ${plural(positions, "position")}, `, el("strong", {}, `${highest.op} ${highest.name}`),
    ` held the largest number: ${bitsOf(highest.seen).toFixed(1)} of 31 bits. `, el("strong", {}, `${tightest.op} ${tightest.name}`),
    ` came nearest to its own bound: ${percent(tightest.share)} of it. `,
    broken.length ? el("strong", {}, `${plural(broken.length, "bound")} did not hold: ${broken.map((entry) => `${entry.op} ${entry.name}`).join(", ")}.`) : "Every bound held."));

  const redraw = responsive(stage, (width) => {
    const list = all.length > MOST ? ORDERS[order][1]() : all;
    const narrow = width < 560;
    const names = list.map((row) => row.name);
    const left = narrow ? 8 : Math.min(220, Math.max(...names.map((name) => textWidth(name, 12.5))) + 18);
    const step = narrow ? 38 : 25;
    const box = { left, top: 30, right: width - 14, bottom: 30 + list.length * step };
    const height = box.bottom + 44;
    const lowest = Math.floor(Math.min(...list.flatMap((row) => row.entries.map((entry) => bitsOf(entry.seen))), 24) / 4) * 4;
    const x = linear(lowest, 31.4, box.left + 6, box.right);
    const plot = canvasSvg(width, height, "Bits that each accumulator reached, was proven to stay below, and has");
    const grid = svg("g", { class: "axis", "aria-hidden": "true" });
    for (const value of ticks(lowest, 31, width / 80)) grid.append(svg("line", { x1: x(value), x2: x(value), y1: box.top, y2: box.bottom, class: "grid" }));
    plot.append(grid, axisX(box, x, ticks(lowest, 31, width / 80).filter(Number.isInteger), (bits) => String(bits), "bits of the largest magnitude"));
    plot.append(
      svg("line", { class: "danger", x1: x(LIMIT), x2: x(LIMIT), y1: box.top - 6, y2: box.bottom }),
      label(x(LIMIT) + 4, box.top - 12, "32 bits end", { "text-anchor": "end", class: "tick danger-name" }),
    );
    list.forEach((row, k) => {
      const middle = box.top + k * step + (narrow ? 26 : step / 2);
      plot.append(svg("text", { class: "row-name", x: narrow ? left : left - 8, y: narrow ? middle - 10 : middle + 4, "text-anchor": narrow ? "start" : "end" }, row.name));
      const bounds = row.entries.map((entry) => bitsOf(entry.bound));
      const seen = row.entries.map((entry) => bitsOf(entry.seen));
      plot.append(svg("line", { class: "room", x1: x(Math.max(...seen)), x2: x(Math.max(...bounds)), y1: middle, y2: middle }));
      for (const bits of bounds) plot.append(svg("path", { class: "bound", d: `M${x(bits) - 4} ${middle - 7}H${x(bits)}V${middle + 7}H${x(bits) - 4}` }));
      for (const entry of row.entries) {
        plot.append(explain(svg("circle", {
          cx: x(bitsOf(entry.seen)), cy: middle, r: 5, class: "dot-mark", tabindex: 0, role: "img", css: { fill: tint(entry.layer) },
          "aria-label": `${entry.op} ${entry.name}: ${percent(entry.share)} of its bound`,
        }), () => [`${entry.op}: ${entry.name}`, [
          ["Largest seen", `${exact(entry.seen)} (${bitsOf(entry.seen).toFixed(1)} bits)`], ["Proven bound", `${exact(entry.bound)} (${bitsOf(entry.bound).toFixed(1)} bits)`],
          ["Share of the bound", percent(entry.share)], ["Headroom to 32 bits", `${(LIMIT - bitsOf(entry.seen)).toFixed(1)} bits`],
        ], entry.meaning]));
      }
    });
    stage.replaceChildren(plot);
  });

  const below = el("div", { class: "two" });
  host.append(below);
  if (residual && residual.length > 1) below.append(stream());
  if (saturated) below.append(saturation());
  return undefined;

  // 2^-17 as people write it.
  function raised(text) {
    return text.replace(/\^(-?\d+)/g, (_, power) => [...power].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join(""));
  }

  function saturation() {
    const busy = saturated.filter((entry) => entry.count > 0);
    const body = busy.length
      ? el("table", { class: "plain" },
          el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Op"), el("th", { scope: "col" }, "What"), el("th", { scope: "col", class: "num" }, "Times"), el("th", { scope: "col", class: "num" }, "Of all"))),
          el("tbody", {}, busy.map((entry) => el("tr", {}, el("td", {}, entry.op), el("td", {}, raised(entry.what)), el("td", { class: "num" }, exact(entry.count)),
            el("td", { class: "num" }, entry.of ? percent(entry.count / entry.of) : "")))))
      : el("p", { class: "remark" }, "Nothing did.");
    return el("div", {}, el("h3", {}, "What saturated, by design"), body);
  }

  // The residual stream from the embedding to the last block: its mean size and its largest element, in real units.
  function stream() {
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
    const stops = residual.map((entry) => ({ name: entry.op, rms: mean(entry.rms), max: Math.max(...entry.max) }));
    const place = el("div", { class: "stage" });
    const box0 = el("div", {}, el("h3", {}, "The residual stream, from the first layer to the last"), place,
      legend([["var(--accent)", "largest element"], ["var(--layer_norm)", "root mean square"]]));
    responsive(place, (width) => {
      const height = 210;
      const box = { left: 46, top: 14, right: width - 14, bottom: height - 44 };
      const top = Math.max(...stops.map((stop) => stop.max)) * 1.5;
      const bottom = Math.min(...stops.map((stop) => stop.rms)) / 1.5;
      const x = linear(0, stops.length - 1, box.left + 8, box.right - 8);
      const y = logarithmic(Math.max(bottom, 1e-6), top, box.bottom, box.top);
      const plot = canvasSvg(width, height, "Size of the residual stream by depth");
      plot.append(axisY(box, y, logTicks(Math.max(bottom, 1e-6), top).filter((_, k, all) => all.length < 7 || k % 3 === 0), short), axisX(box, x, [], short, "embedding → after each attention and MLP"));
      for (const [name, stroke] of [["max", "var(--accent)"], ["rms", "var(--layer_norm)"]]) {
        plot.append(svg("polyline", { class: "curve", points: stops.map((stop, k) => `${x(k)},${y(stop[name])}`).join(" "), css: { stroke } }));
        stops.forEach((stop, k) => plot.append(svg("circle", { cx: x(k), cy: y(stop[name]), r: 3, css: { fill: stroke } })));
      }
      const spacing = (box.right - box.left - 16) / Math.max(1, stops.length - 1);
      cursor(plot, box, stops.length, x, (px) => Math.round((px - box.left - 8) / spacing), "Depth", (k) => [
        stops[k].name, [["Largest element", short(stops[k].max), "var(--accent)"], ["Root mean square", short(stops[k].rms), "var(--layer_norm)"]], "real units; the mean over positions",
      ]);
      place.replaceChildren(plot);
    });
    return box0;
  }
};
