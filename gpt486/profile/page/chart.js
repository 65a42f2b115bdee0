"use strict";
// Pieces of charts: scales, axes, legends, choices, redrawing when the width changes.

// Call draw(width) now and whenever the width of the host changes. Charts are drawn in CSS pixels.
function responsive(host, draw) {
  let last = 0;
  const redraw = (force) => {
    const width = Math.floor(host.clientWidth);
    if (width > 0 && (force === true || width !== last)) {
      last = width;
      draw(width);
    }
  };
  new ResizeObserver(redraw).observe(host);
  redraw();
  return () => redraw(true);
}

// A drawing that fills its host's width; on paper it shrinks with it.
function canvasSvg(width, height, label) {
  return svg("svg", {
    class: "plot", viewBox: `0 0 ${width} ${height}`, width: "100%", role: "group", "aria-label": label,
    css: { "max-height": `${height}px` },
  });
}

const linear = (from, to, low, high) => (value) => low + ((value - from) / (to - from || 1)) * (high - low);
const logarithmic = (from, to, low, high) => {
  const map = linear(Math.log(from), Math.log(to), low, high);
  return (value) => map(Math.log(value));
};

// Round values from 0 (or from) to at least `to`, about `count` of them.
function ticks(from, to, count) {
  const rough = (to - from) / Math.max(count, 1) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const values = [];
  for (let value = Math.ceil(from / step - 1e-9) * step; value <= to + step * 1e-9; value += step) values.push(value);
  return values;
}

// 1, 2, 5 of each decade between two values.
function logTicks(from, to) {
  const values = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power += 1) {
    for (const factor of [1, 2, 5]) {
      const value = factor * 10 ** power;
      if (value >= from * 0.999 && value <= to * 1.001) values.push(Number(value.toPrecision(3)));
    }
  }
  return values;
}

const pen = document.createElement("canvas").getContext("2d");
function textWidth(text, size, weight) {
  pen.font = `${weight || 400} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

function clip(text, room, size) {
  if (textWidth(text, size) <= room) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${text.slice(0, middle)}…`, size) <= room) low = middle;
    else high = middle - 1;
  }
  return low > 1 ? `${text.slice(0, low)}…` : "";
}

const label = (x, y, text, attributes) => svg("text", { x, y, class: "tick", ...attributes }, text);

// Axes of a plot box {left, top, right, bottom}: grid lines, figures, titles.
function axisX(box, scale, values, format, title) {
  const group = svg("g", { class: "axis", "aria-hidden": "true" });
  for (const value of values) {
    const x = scale(value);
    group.append(
      svg("line", { x1: x, x2: x, y1: box.bottom, y2: box.bottom + 4 }),
      label(x, box.bottom + 17, format(value), { "text-anchor": "middle" }),
    );
  }
  group.append(svg("line", { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, class: "base" }));
  if (title) group.append(label((box.left + box.right) / 2, box.bottom + 36, title, { "text-anchor": "middle", class: "title" }));
  return group;
}

function axisY(box, scale, values, format, title) {
  const group = svg("g", { class: "axis", "aria-hidden": "true" });
  for (const value of values) {
    const y = scale(value);
    group.append(
      svg("line", { x1: box.left, x2: box.right, y1: y, y2: y, class: "grid" }),
      label(box.left - 8, y + 4, format(value), { "text-anchor": "end" }),
    );
  }
  if (title) group.append(label(0, box.top - 12, title, { class: "title" }));
  return group;
}

// Coloured squares with words. Entries: [color, label, hint].
function legend(entries) {
  return el("ul", { class: "legend" }, entries.map(([fillColor, text, hint]) =>
    el("li", { title: hint }, el("i", { class: "dot", css: { background: fillColor } }), text)));
}

// Buttons of which one is pressed. Options: [value, text].
function choice(name, options, chosen, onChoice) {
  const buttons = options.map(([value, text]) =>
    el("button", {
      type: "button", "aria-pressed": String(value === chosen), "data-value": String(value),
      onclick() {
        for (const other of buttons) other.setAttribute("aria-pressed", String(other === this));
        onChoice(value);
      },
    }, text));
  return el("div", { class: "choice", role: "group", "aria-label": name }, buttons);
}

function selection(name, options, onChange) {
  const list = el("select", { onchange() { onChange(this.value); } },
    options.map(([value, text]) => el("option", { value }, text)));
  return el("label", { class: "labelled" }, name, list);
}

// Stacked columns as one path each: steps between the edges xs[0..n], from lows to highs (arrays of n pixels).
function stepArea(xs, lows, highs) {
  let path = "";
  for (let k = 0; k < highs.length; k += 1) path += `${k ? "L" : "M"}${xs[k].toFixed(1)} ${highs[k].toFixed(1)}H${xs[k + 1].toFixed(1)}`;
  for (let k = lows.length - 1; k >= 0; k -= 1) path += `L${xs[k + 1].toFixed(1)} ${lows[k].toFixed(1)}H${xs[k].toFixed(1)}`;
  return `${path}Z`;
}

// A cursor over a plot that pointer and arrow keys move: at(index) describes the place as [title, rows, foot].
function cursor(plot, box, count, xOf, indexOf, name, at) {
  const line = svg("line", { class: "cursor-line", y1: box.top, y2: box.bottom, visibility: "hidden" });
  const area = svg("rect", {
    class: "hit", x: box.left, y: box.top, width: Math.max(0, box.right - box.left), height: box.bottom - box.top,
    tabindex: 0, role: "slider", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": count - 1, "aria-valuenow": 0,
  });
  let index = 0;
  const go = (to, event) => {
    index = Math.max(0, Math.min(count - 1, to));
    const x = xOf(index);
    fill(line, { x1: x, x2: x, visibility: "visible" }, []);
    const [title, rows, foot] = at(index);
    area.setAttribute("aria-valuenow", index);
    area.setAttribute("aria-valuetext", [title, ...rows.map((row) => `${row[0]} ${row[1]}`)].join(", "));
    tip.show(event, title, rows, foot);
  };
  const local = (event) => {
    const frame = plot.getBoundingClientRect();
    return ((event.clientX - frame.left) * plot.viewBox.baseVal.width) / frame.width;
  };
  const leave = () => {
    line.setAttribute("visibility", "hidden");
    tip.hide();
  };
  const beside = () => {
    const frame = plot.getBoundingClientRect();
    const scale = frame.width / plot.viewBox.baseVal.width;
    return { x: frame.left + xOf(index) * scale, y: frame.top + box.top * scale };
  };
  area.addEventListener("pointermove", (event) => go(indexOf(local(event)), event));
  area.addEventListener("pointerleave", leave);
  area.addEventListener("blur", leave);
  area.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -count, End: count }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    index = Math.max(0, Math.min(count - 1, index + step));
    go(index, beside());
  });
  plot.append(line, area);
}
