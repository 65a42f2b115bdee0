"use strict";
// The roofline: clocks per weight against bytes per weight, on logarithmic axes.

report.draw.roofline = (host, data) => {
  const { points, limits } = data.roofline;
  const AXES = {
    bus: ["Over the pins", "bytes over the bus for each weight", "bytes_bus"],
    core: ["From the program", "bytes read and written for each weight", "bytes_core"],
  };
  const LINES = ["var(--address)", "var(--write)", "var(--cache)", "var(--multiply)", "var(--branch)"];
  const OUT = "out of reach";
  let axis = "bus";
  const stage = el("div", { class: "stage" });
  const colours = el("div", {});
  host.append(
    el("div", { class: "controls" }, choice("Bytes", Object.entries(AXES).map(([id, entry]) => [id, entry[0]]), axis, (id) => {
      axis = id;
      redraw();
    })),
    stage, colours,
    el("p", { class: "remark" }, "A circle’s area is its share of the clocks", points.some((point) => point.kind === "op") ? "; filled ones are kernels, rings are whole ops with their tables and scaling" : "", ". Over the pins goes what the first-level cache does not have, and every write."),
  );

  function draw(width) {
    const key = AXES[axis][2];
    const shown = points.filter((point) => point.weights > 0 && point.clocks > 0 && point[key] > 0)
      .map((point) => ({ ...point, x: point[key] / point.weights, y: point.clocks / point.weights }));
    if (!shown.length) return stage.replaceChildren(el("p", { class: "note" }, "No kernel with weights ran."));
    const lines = limits.filter((limit) => limit.axis === axis || limit.axis === "both");
    const slopes = lines.filter((limit) => limit.clocks_per_byte).sort((a, b) => a.clocks_per_byte - b.clocks_per_byte);
    const levels = lines.filter((limit) => limit.clocks_per_weight);
    const xs = shown.map((point) => point.x);
    const ys = [...shown.map((point) => point.y), ...levels.map((limit) => limit.clocks_per_weight)];
    const from = { x: Math.min(...xs) / 2.2, y: Math.min(...ys) / 3 };
    const to = { x: Math.max(...xs) * 2.6, y: Math.max(...ys) * 1.9 };
    // The memory limits belong into the picture: reach down to where the steepest one crosses the left third.
    if (slopes.length) from.y = Math.min(from.y, slopes[0].clocks_per_byte * Math.sqrt(from.x * to.x));
    const height = Math.max(330, Math.min(440, width * 0.72));
    const box = { left: 46, top: 26, right: width - 10, bottom: height - 44 };
    const x = logarithmic(from.x, to.x, box.left, box.right);
    const y = logarithmic(from.y, to.y, box.bottom, box.top);
    const plot = canvasSvg(width, height, "Roofline: clocks per weight against bytes per weight");
    const clipId = "roofline-clip";
    plot.append(svg("clipPath", { id: clipId }, svg("rect", { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top })));
    plot.append(
      axisY(box, y, thin(logTicks(from.y, to.y), 9), short, "clocks per weight"),
      axisX(box, x, thin(logTicks(from.x, to.x), Math.floor(width / 55)), short, AXES[axis][1]),
    );
    const taken = [];
    if (slopes.length) {
      const slope = slopes[0].clocks_per_byte;
      const corner = `M${x(from.x)} ${y(slope * from.x)}L${x(to.x)} ${y(slope * to.x)}V${y(from.y) + 999}H${x(from.x)}Z`;
      const out = { left: box.right - 8 - textWidth(OUT, 11.5), right: box.right, top: box.bottom - 20, bottom: box.bottom };
      taken.push(out);
      plot.append(
        svg("path", { d: corner, class: "impossible", "clip-path": `url(#${clipId})` }),
        label(box.right - 8, box.bottom - 10, OUT, { "text-anchor": "end" }),
      );
    }
    slopes.forEach((limit, k) => plot.append(svg("line", {
      x1: x(from.x), y1: y(limit.clocks_per_byte * from.x), x2: x(to.x), y2: y(limit.clocks_per_byte * to.x),
      class: "limit", "clip-path": `url(#${clipId})`, css: { stroke: LINES[k % LINES.length] },
    })));
    for (const limit of levels) {
      const at = y(limit.clocks_per_weight);
      plot.append(svg("line", { x1: box.left, x2: box.right, y1: at, y2: at, class: "level" }));
    }
    const total = Math.max(...shown.map((point) => point.clocks));
    const circles = shown.map((point) => ({ point, cx: x(point.x), cy: y(point.y), r: 5 + 13 * Math.sqrt(point.clocks / total) }))
      .sort((a, b) => b.r - a.r);
    for (const circle of circles) {
      taken.push({ left: circle.cx - circle.r, right: circle.cx + circle.r, top: circle.cy - circle.r, bottom: circle.cy + circle.r });
    }
    for (const circle of circles) plot.append(spot(circle));
    for (const limit of levels) plot.append(levelName(limit));
    for (const circle of circles) {
      const name = placeName(circle);
      if (name) plot.append(name);
    }
    stage.replaceChildren(plot);
    colours.replaceChildren(legend(slopes.map((limit, k) => [LINES[k % LINES.length], limit.name])));
    colours.firstChild.classList.add("lines");
    return undefined;

    function spot({ point, cx, cy, r }) {
      const node = svg("circle", {
        cx, cy, r, class: point.kind === "op" ? "spot whole" : "spot", tabindex: 0, role: "img", css: { fill: color(groupOf(point.group)) },
        "aria-label": `${point.name}: ${point.y.toFixed(2)} clocks and ${point.x.toFixed(2)} bytes per weight`,
      });
      return explain(node, () => [point.name, [
        ["Clocks per weight", point.y.toFixed(3)], ["Bytes per weight", point.x.toFixed(3)],
        ["Weights", exact(point.weights)], ["Clocks", exact(point.clocks)],
        ...slopes.map((limit) => [`${limit.name.split(":")[0]} alone`, `${(limit.clocks_per_byte * point.x).toFixed(2)} clocks`]),
      ], point.detail]);
    }

    function clashes(area) {
      return taken.some((other) => area.left < other.right + 2 && area.right > other.left - 2 && area.top < other.bottom && area.bottom > other.top);
    }

    // On its line, at the left if there is room, else further right.
    function levelName(limit) {
      const at = y(limit.clocks_per_weight);
      const text = clip(`${limit.name}: ${short(limit.clocks_per_weight)}`, (box.right - box.left) * 0.8, 11.5);
      const wide = textWidth(text, 11.5);
      for (let left = box.left + 6; left + wide < box.right; left += 12) {
        for (const top of [at - 16, at + 3]) {
          const area = { left, right: left + wide, top, bottom: top + 14 };
          if (!clashes(area)) {
            taken.push(area);
            return label(left, top + 11, text, { class: "limit-name" });
          }
        }
      }
      return svg("g", {});
    }

    // Around the circle, as near as there is room; with a line to it from further away.
    function placeName({ point, cx, cy, r }) {
      const wide = textWidth(point.name, 12, 560);
      for (const distance of [4, 16, 32, 50, 70]) {
        for (const angle of [0, 180, 270, 90, 330, 30, 210, 150, 300, 60, 240, 120]) {
          const [dx, dy] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
          const anchor = dx > 0.3 ? "start" : dx < -0.3 ? "end" : "middle";
          const px = cx + (r + distance) * dx;
          const py = cy + (r + distance + 4) * dy;
          const left = px - (anchor === "end" ? wide : anchor === "middle" ? wide / 2 : 0);
          const area = { left, right: left + wide, top: py - 8, bottom: py + 7 };
          const inside = area.left >= box.left && area.right <= box.right && area.top >= box.top && area.bottom <= box.bottom;
          if (!inside || clashes(area)) continue;
          taken.push(area);
          const leader = distance > 4 ? svg("line", { class: "leader", x1: cx + r * dx, y1: cy + r * dy, x2: px - 2 * dx, y2: py }) : null;
          return svg("g", {}, leader, label(px, py + 4, point.name, { "text-anchor": anchor, class: "spot-name" }));
        }
      }
      return null;
    }
  }

  const thin = (values, most) => {
    if (values.length <= most) return values;
    const decades = values.filter((value) => /^10*$|^0\.0*1$/.test(String(value)));
    return decades.length >= 2 ? decades : values.filter((_, k) => k % Math.ceil(values.length / Math.max(most, 2)) === 0);
  };

  const redraw = responsive(stage, draw);
};
