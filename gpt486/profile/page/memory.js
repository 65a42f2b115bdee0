"use strict";
// Memory by purpose: the whole PC as a strip, and what is held over time.

report.draw.memory = (host, data) => {
  const { memory } = data;
  const NAMES = { weights: "Weights", kv_cache: "Keys and values", activations: "Activations", tables: "Lookup tables", vocabulary: "Vocabulary", buffers: "Buffers" };
  const COLORS = { weights: "matvec", kv_cache: "attention", activations: "activation", tables: "layer_norm", vocabulary: "load", buffers: "sample", program: "system", heap: "embed" };
  const { timeline } = memory;
  const times = timeline.instructions;
  const program = memory.program || {};
  const fixed = ["below", "image", "bss", "stack"].reduce((sum, part) => sum + (program[part] || 0), 0);
  const layers = memory.purposes.map((id) => ({ id, name: NAMES[id] || id, color: color(COLORS[id] || "other"), values: timeline.by_purpose[id] }));
  if (timeline.heap) layers.push({ id: "heap", name: "BASIC heap", color: color(COLORS.heap), values: timeline.heap });
  if (fixed) layers.unshift({ id: "program", name: "Program and stack", color: color(COLORS.program), values: times.map(() => fixed) });
  const totals = times.map((_, k) => layers.reduce((sum, layer) => sum + layer.values[k], 0));
  const peak = totals.indexOf(Math.max(...totals));
  let toScale = false;

  host.append(strip());
  const stage = el("div", { class: "stage" });
  host.append(
    el("div", { class: "controls" }, choice("Scale", [[false, "Close up"], [true, `Against ${bytes(memory.pc_bytes)}`]], false, (value) => { toScale = value; redraw(); })),
    stage, legend(layers.map((layer) => [layer.color, layer.name])),
  );
  const parts = ["At most ", el("strong", {}, bytes(totals[peak])), ` held, ${percent(totals[peak] / memory.pc_bytes)} of the PC’s ${bytes(memory.pc_bytes)}`];
  if (memory.plan) parts.push(`; planned before anything ran: ${bytes(memory.plan.total)}`);
  if (memory.pages) parts.push("; pages touched: ", el("strong", {}, bytes(memory.pages.peak_bytes)));
  host.append(el("p", { class: "remark" }, parts, "."));

  function strip() {
    const bar = el("div", { class: "strip", role: "list", "aria-label": "The PC's memory to scale" });
    for (const layer of layers) {
      const value = layer.values[peak];
      if (!value) continue;
      const share = value / memory.pc_bytes;
      bar.append(explain(
        el("i", { role: "listitem", tabindex: 0, "aria-label": `${layer.name}: ${bytes(value)}`, css: { "flex-grow": String(share), background: layer.color } }),
        () => [layer.name, [["Held at the peak", `${bytes(value)} = ${exact(value)} bytes`], ["Share of the PC", percent(share)], ...owners(layer.id)]],
      ));
    }
    const free = Math.max(0, memory.pc_bytes - totals[peak]);
    bar.append(el("i", { role: "listitem", class: "free", "aria-label": `Free: ${bytes(free)}`, css: { "flex-grow": String(free / memory.pc_bytes) } }, el("span", {}, `${bytes(free)} free`)));
    const line = `${bytes(memory.pc_bytes)}`;
    return el("div", { class: "strip-box" }, bar, el("div", { class: "strip-ends", "aria-hidden": "true" }, el("span", {}, "0"), el("span", { class: "end" }, line)));
  }

  // The largest pieces of a purpose.
  function owners(id) {
    return (memory.holders || []).filter((holder) => holder.purpose === id).sort((a, b) => b.bytes - a.bytes).slice(0, 5)
      .map((holder) => [`· ${holder.name}`, bytes(holder.bytes)]);
  }

  const redraw = responsive(stage, (width) => {
    const height = Math.max(250, Math.min(320, width * 0.48));
    const box = { left: 62, top: 26, right: width - 12, bottom: height - 44 };
    const highest = toScale ? memory.pc_bytes : Math.max(...totals);
    const top = highest * 1.06;
    const end = times[times.length - 1] || 1;
    const x = linear(times[0] || 0, end, box.left, box.right);
    const y = linear(0, top, box.bottom, box.top);
    const plot = canvasSvg(width, height, "Memory held over time by purpose");
    const unit = highest >= 1 << 20 ? 1 << 20 : 1024;
    plot.append(
      axisY(box, (value) => y(value * unit), ticks(0, top / unit, 5), (value) => `${trim(value, 2)} ${unit === 1024 ? "KB" : "MB"}`),
      axisX(box, x, ticks(times[0] || 0, end, width / 95), short, "instructions since the start"),
    );
    const edges = times.map(x);
    edges.push(box.right);
    let lows = times.map(() => 0);
    for (const layer of layers) {
      const highs = lows.map((low, k) => low + layer.values[k]);
      plot.append(svg("path", { d: stepArea(edges, lows.map(y), highs.map(y)), css: { fill: layer.color } }));
      lows = highs;
    }
    if (toScale) {
      plot.append(
        svg("line", { class: "danger", x1: box.left, x2: box.right, y1: y(memory.pc_bytes), y2: y(memory.pc_bytes) }),
        label(box.right, y(memory.pc_bytes) - 6, `all of the PC’s ${bytes(memory.pc_bytes)}`, { "text-anchor": "end", class: "tick danger-name" }),
      );
    }
    const first = (timeline.tokens || []).findIndex((fed) => fed > 0);
    if (first > 0) {
      // Samples are taken where something changes: the tokens begin after the last one without any.
      const at = x(times[first - 1]);
      plot.append(svg("line", { class: "divide", x1: at, x2: at, y1: box.top - 6, y2: box.bottom }));
      if (box.right - at > 60) plot.append(label(at + 6, box.top - 10, "tokens →"));
      if (at - box.left > 60) plot.append(label(at - 6, box.top - 10, "loading", { "text-anchor": "end" }));
    }
    const nearest = (px) => {
      const value = (times[0] || 0) + ((px - box.left) / (box.right - box.left)) * (end - (times[0] || 0));
      let k = times.length - 1;
      while (k > 0 && times[k] > value) k -= 1;
      return k;
    };
    cursor(plot, box, times.length, (k) => x(times[k]), nearest, "Time", (k) => [
      `After ${exact(times[k])} instructions`,
      [["Held", bytes(totals[k])], ...[...layers].reverse().filter((layer) => layer.values[k]).map((layer) => [layer.name, bytes(layer.values[k]), layer.color])],
      timeline.tokens && timeline.tokens[k] ? `${plural(timeline.tokens[k], "token")} so far` : "before the first token",
    ]);
    stage.replaceChildren(plot);
  });
};
