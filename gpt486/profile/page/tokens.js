"use strict";
// The cost of each step: columns by purpose, and what the context adds.

report.draw.tokens = (host, data) => {
  const { positions, groups, texts, prompt_tokens: prompt } = data.tokens;
  const names = Object.keys(GROUPS).filter((id) => groups[id]);
  for (const id of Object.keys(groups)) if (!(id in GROUPS)) names.push(id);
  const totals = positions.map((_, k) => names.reduce((sum, id) => sum + groups[id][k], 0));
  const stage = el("div", { class: "stage" });
  host.append(stage, legend(names.map((id) => [color(groupOf(id)), GROUPS[groupOf(id)]])));
  const fit = trend();
  if (fit) host.append(sentence());

  // A straight line through the steps that choose a token (those of the prompt compute no logits).
  function trend() {
    const chosen = positions.map((position, k) => [position, totals[k]]).slice(Math.max(0, (prompt || 1) - 1));
    if (chosen.length < 4) return null;
    const n = chosen.length;
    const meanX = chosen.reduce((sum, [x]) => sum + x, 0) / n;
    const meanY = chosen.reduce((sum, [, y]) => sum + y, 0) / n;
    const square = chosen.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
    const slope = chosen.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / (square || 1);
    if (slope * (Math.max(...chosen.map(([x]) => x)) - chosen[0][0]) < 0.001 * meanY) return null; // level
    return { slope, start: meanY - slope * meanX, from: chosen[0][0], to: chosen[n - 1][0] };
  }

  function sentence() {
    const model = data.meta.model;
    const last = fit.start + fit.slope * ((model ? model.context : fit.to + 1) - 1);
    const parts = ["Each token of context adds ", el("strong", {}, `${exact(fit.slope)} clocks`), " to the next one"];
    if (model && CLOCK_HZ) {
      const first = fit.start + fit.slope * fit.from;
      parts.push(`: from ${(CLOCK_HZ / first).toFixed(2)} tokens a second after the prompt to `,
        el("strong", {}, `${(CLOCK_HZ / last).toFixed(2)}`), ` with a full context of ${model.context}`);
    }
    return el("p", { class: "remark" }, parts, ".");
  }

  responsive(stage, (width) => {
    const height = Math.max(270, Math.min(360, width * 0.56));
    const box = { left: 52, top: 30, right: width - 8, bottom: height - 44 };
    const count = positions.length;
    const top = Math.max(...totals, 1) * 1.04;
    const y = linear(0, top, box.bottom, box.top);
    const x = linear(0, count, box.left, box.right);
    const plot = canvasSvg(width, height, "Clocks of each step by purpose");
    const marks = ticks(0, count, width / 70).filter((value) => Number.isInteger(value) && value < count);
    plot.append(
      axisY(box, y, ticks(0, top, 5), short, "clocks"),
      axisX(box, (k) => x(k + 0.5), marks, (k) => String(positions[k]), "position in the context"),
    );
    const gap = (box.right - box.left) / count > 5 ? 1 : 0;
    let lows = new Array(count).fill(0);
    for (const id of names) {
      const highs = lows.map((low, k) => low + groups[id][k]);
      let path = "";
      if (gap) {
        for (let k = 0; k < count; k += 1) {
          if (highs[k] > lows[k]) path += `M${x(k).toFixed(1)} ${y(lows[k]).toFixed(1)}V${y(highs[k]).toFixed(1)}H${(x(k + 1) - gap).toFixed(1)}V${y(lows[k]).toFixed(1)}Z`;
        }
      } else path = stepArea(lows.map((_, k) => x(k)).concat(x(count)), lows.map(y), highs.map(y));
      plot.append(svg("path", { d: path, css: { fill: color(groupOf(id)) } }));
      lows = highs;
    }
    if (fit) {
      // By step: when the context was full, its newer half was fed again, from position 0 on.
      const line = positions.map((position, k) => `${x(k + 0.5).toFixed(1)},${y(fit.start + fit.slope * position).toFixed(1)}`);
      plot.append(svg("polyline", { class: "trend", points: line.slice(Math.max(0, (prompt || 1) - 1)).join(" ") }));
    }
    if (prompt > 0 && prompt < count) {
      const at = x(prompt) - gap / 2;
      plot.append(svg("line", { class: "divide", x1: at, x2: at, y1: box.top - 8, y2: box.bottom }));
      if (at - box.left > textWidth("prompt", 11.5) + 70) plot.append(label(at - 6, box.top - 12, "prompt", { "text-anchor": "end" }));
      if (box.right - at > 80) plot.append(label(at + 6, box.top - 12, "new tokens →"));
    }
    cursor(plot, box, count, (k) => x(k + 0.5), (px) => Math.floor(((px - box.left) / (box.right - box.left)) * count), "Step", (k) => {
      const rows = [["Clocks", `${exact(totals[k])}${CLOCK_HZ ? ` = ${seconds(totals[k] / CLOCK_HZ)}` : ""}`]];
      if (data.tokens.instructions) rows.push(["Instructions", exact(data.tokens.instructions[k])]);
      for (const id of [...names].reverse()) if (groups[id][k]) rows.push([GROUPS[groupOf(id)], `${exact(groups[id][k])} (${percent(groups[id][k] / totals[k])})`, color(groupOf(id))]);
      return [`Position ${positions[k]}${texts ? `: ${visible(texts[k])}` : ""}`, rows, k < prompt ? "a token of the prompt" : "a new token"];
    });
    stage.replaceChildren(plot);
  });
};

// A token's text with its blanks to be seen.
const visible = (text) => text.replaceAll("\n", "⏎").replaceAll(" ", "␣") || "∅";
