"use strict";
// What every chart uses: the data, elements, figures with units, the tooltip, counts.
// Text from the data reaches the page as text nodes and attributes only, never as HTML.

const report = {
  data: JSON.parse(document.getElementById("data").textContent),
  draw: {}, // by section id: function (host, data), called once
};

// ---- Elements

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "css") for (const [key, entry] of Object.entries(value)) node.style.setProperty(key, entry);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

// ---- Figures

const exact = (value) => Math.round(value).toLocaleString("en-US");

function short(value) {
  const size = Math.abs(value);
  if (size < 10) return trim(value, size < 1 ? 2 : 1);
  if (size < 10_000) return exact(value);
  for (const [unit, word] of [[1e9, " G"], [1e6, " M"], [1e3, " k"]]) {
    if (size >= unit * 0.9995) return trim(value / unit, size / unit < 9.995 ? 2 : size / unit < 99.95 ? 1 : 0) + word;
  }
  return exact(value);
}
const trim = (value, digits) => String(Number(value.toFixed(digits)));

function percent(share) {
  if (!Number.isFinite(share)) return "–";
  const value = 100 * share;
  if (value > 0 && value < 0.01) return "< 0.01 %";
  return (value >= 99.95 ? value.toFixed(0) : value < 1 ? value.toFixed(2) : value.toFixed(1)) + " %";
}

function bytes(value) {
  if (value >= 1 << 20) return trim(value / (1 << 20), 2) + " MB";
  if (value >= 10240 || (value >= 1024 && value % 1024 === 0)) return trim(value / 1024, 0) + " KB";
  return exact(value) + " bytes";
}

function seconds(value) {
  if (value >= 100) return exact(value) + " s";
  if (value >= 1) return trim(value, 2) + " s";
  if (value >= 1e-3) return trim(value * 1e3, value >= 0.1 ? 0 : 1) + " ms";
  return trim(value * 1e6, 1) + " µs";
}

const plural = (count, word) => `${exact(count)} ${word}${count === 1 ? "" : "s"}`;

// ---- Counts: arrays in the order of data.counters

const COUNTERS = report.data.counters;
const CLOCKS = COUNTERS.indexOf("clocks");
const INSTRUCTIONS = COUNTERS.indexOf("instructions");
const CLOCK_HZ = report.data.meta.cpu ? report.data.meta.cpu.clock_hz : 0;

// What the CPU waited for, in the order of drawing; the clocks that none of them explains are work.
const STALLS = [
  ["multiply", "Multiplication", "beyond the first clock of MUL, IMUL, DIV and IDIV"],
  ["cache", "Cache misses", "data that was not in the first-level cache"],
  ["write", "Write buffer", "a free place among the four write buffers, or writes before a read"],
  ["address", "Address registers", "a base or index register that the instruction before has just changed"],
  ["branch", "Branches", "the pipeline filling again after a taken branch"],
  ["fetch", "Code fetch", "code bytes that were not there yet"],
  ["decode", "Decoding", "prefixes, index registers, displacement with immediate, byte registers"],
  ["fpu", "x87", "the x87 instruction before"],
  ["align", "Alignment", "operands that cross a 4-byte boundary"],
  ["translate", "Paging", "page tables after a TLB miss"],
].filter(([name]) => COUNTERS.includes(name)).map(([id, label, why]) => ({ id, label, why, at: COUNTERS.indexOf(id) }));

const GROUPS = {
  matvec: "Matrix products",
  attention: "Attention",
  layer_norm: "Layer norm",
  activation: "Activation",
  embed: "Embedding",
  add: "Residual add",
  sample: "Choosing the token",
  text: "Text",
  load: "Loading",
  system: "System",
  other: "Other",
};
const groupOf = (id) => (id in GROUPS ? id : "other");

const noCounts = () => new Array(COUNTERS.length).fill(0);
function addCounts(into, counts) {
  if (counts) for (let k = 0; k < into.length; k += 1) into[k] += counts[k];
  return into;
}
const stalled = (counts) => STALLS.reduce((sum, stall) => sum + counts[stall.at], 0);
const worst = (counts) => STALLS.reduce((best, stall) => (counts[stall.at] > (best ? counts[best.at] : 0) ? stall : best), null);
const color = (id) => `var(--${id})`;

// ---- Tooltip: one for the page. Rows are [label, value] or [label, value, color].

const tip = {
  node: document.getElementById("tip"),
  show(at, title, rows, foot) {
    const list = el("dl", {});
    for (const [label, value, dot] of rows || []) {
      list.append(
        el("dt", {}, dot ? el("i", { class: "dot", css: { background: dot } }) : null, label),
        el("dd", {}, value),
      );
    }
    tip.node.replaceChildren(el("strong", {}, title), list, ...(foot ? [el("p", {}, foot)] : []));
    tip.node.hidden = false;
    tip.place(at);
  },
  place(at) {
    const box = tip.node.getBoundingClientRect();
    const room = 12;
    const width = document.documentElement.clientWidth;
    let { x, y } = at;
    if (at.target && (at.type === "focus" || at.type === "focusin")) {
      const target = at.target.getBoundingClientRect();
      x = target.left + Math.min(target.width / 2, 160);
      y = target.bottom - 6;
    }
    const left = Math.max(room / 2, Math.min(x + room, width - box.width - room));
    const below = y + 16;
    const top = below + box.height > innerHeight ? Math.max(room / 2, y - box.height - room) : below;
    tip.node.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  },
  hide() {
    tip.node.hidden = true;
  },
};
addEventListener("scroll", tip.hide, { passive: true, capture: true });
addEventListener("keydown", (event) => event.key === "Escape" && tip.hide());

// Show a tooltip while the pointer or the focus is on a node. `describe` gives [title, rows, foot].
function explain(node, describe) {
  const show = (event) => tip.show(event, ...describe());
  node.addEventListener("pointerenter", show);
  node.addEventListener("pointermove", show);
  node.addEventListener("pointerleave", tip.hide);
  node.addEventListener("focus", () => node.matches(":focus-visible") && show({ type: "focus", target: node }));
  node.addEventListener("blur", tip.hide);
  return node;
}

// The parts of some clocks as rows of a tooltip: the largest first.
function stallRows(counts, scale, most) {
  const clocks = counts[CLOCKS] || 1;
  return STALLS.map((stall) => [stall, counts[stall.at]])
    .filter(([, value]) => value / clocks >= 0.005)
    .sort((a, b) => b[1] - a[1])
    .slice(0, most || 4)
    .map(([stall, value]) => [stall.label, `${short(value / scale)} (${percent(value / clocks)})`, color(stall.id)]);
}
