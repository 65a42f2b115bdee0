"use strict";
// The head of the page, its cards, the screen, the glossary; then every section that is there.

(() => {
  const { data } = report;
  const { meta, totals } = data;
  const byId = (id) => document.getElementById(id);

  function chip() {
    const name = meta.cpu ? meta.cpu.name.toUpperCase() : "486";
    const [family, clock] = [...name.replace(/^486/, "").split("-"), ""].map((word) => word.slice(0, 8));
    const pins = svg("g", { fill: "#c9a44c" });
    for (let k = 0; k < 13; k += 1) {
      const at = 9 + k * 6.2;
      for (const [x, y, width, height] of [[at, 1.5, 3, 6], [at, 88.5, 3, 6], [1.5, at, 6, 3], [88.5, at, 6, 3]]) pins.append(svg("rect", { x, y, width, height, rx: 0.8 }));
    }
    byId("chip").append(
      pins,
      svg("rect", { x: 5, y: 5, width: 86, height: 86, rx: 5, fill: "#4b4f63" }),
      svg("rect", { x: 5.7, y: 5.7, width: 84.6, height: 84.6, rx: 4.4, fill: "none", stroke: "#6c7188", "stroke-width": 1.2 }),
      svg("path", { d: "M5 16V10a5 5 0 0 1 5-5h6z", fill: "#d9b45b" }),
      svg("rect", { x: 20, y: 20, width: 56, height: 56, rx: 3, fill: "#3b3e50", stroke: "#d9b45b", "stroke-width": 1.4 }),
      ...[["i486", 38, 9.5, "#a9adbd"], [family, 54, family.length > 4 ? 13 : 17, "#f1eee4"], [clock, 68, 10.5, "#d9b45b"]].map(([word, y, size, ink]) =>
        svg("text", { x: 48, y, fill: ink, "font-size": size, "font-weight": 650, "text-anchor": "middle", "font-family": "var(--sans)" }, word)),
    );
    byId("chip").setAttribute("aria-label", `A ${name} processor`);
  }

  const megahertz = (hz) => `${trim(hz / 1e6, 1)} MHz`;

  function machine() {
    const { cpu, model } = meta;
    const parts = [];
    if (cpu) {
      parts.push(`${cpu.name.toUpperCase()}: core ${megahertz(cpu.clock_hz)}, bus ${megahertz(cpu.bus_hz)}, ${bytes(cpu.cache_bytes)} cache, ${cpu.fpu ? "with" : "without"} x87`);
      if (cpu.board) parts.push(cpu.board);
    }
    if (model) parts.push(`${model.name}: ${exact(model.parameters)} parameters, ${plural(model.layers, "layer")} of ${plural(model.heads, "head")}, width ${model.width}, context ${model.context}`);
    byId("machine").append(...parts.flatMap((part, k) => (k ? [el("br", {}), part] : [part])));
  }

  function card(name, value, unit, note, lead) {
    byId("cards").append(el("dl", { class: lead ? "card lead" : "card" }, el("dt", {}, name), el("dd", {}, value, unit ? el("small", {}, ` ${unit}`) : null), note ? el("dd", { class: "aside" }, note) : null));
  }

  function cards() {
    const run = totals ? totals.run : null;
    const decode = totals && totals.decode;
    if (decode && CLOCK_HZ && decode.counts[CLOCKS]) {
      const each = decode.counts[CLOCKS] / decode.tokens;
      const speed = CLOCK_HZ / each;
      card("Speed", trim(speed, speed < 10 ? 2 : 1), "tokens/s", `${seconds(each / CLOCK_HZ)} a token`, true);
      card("Clocks a token", short(each), "", `mean of ${plural(decode.tokens, "new token")}`);
      card("Instructions a token", short(decode.counts[INSTRUCTIONS] / decode.tokens), "", meta.model ? `${trim(decode.counts[INSTRUCTIONS] / decode.tokens / meta.model.parameters, 2)} for each parameter` : "");
    }
    const counts = decode ? decode.counts : run;
    const waits = CLOCK_HZ ? [["for the disk", totals && totals.disk], ["for a key or the timer", totals && totals.idle]].filter(([, clocks]) => clocks) : [];
    const besides = waits.length ? "; besides " + waits.map(([what, clocks]) => `${seconds(clocks / CLOCK_HZ)} ${what}`).join(", ") : "";
    if (run) card("The whole run", CLOCK_HZ ? seconds(run[CLOCKS] / CLOCK_HZ) : short(run[CLOCKS]), CLOCK_HZ ? "" : "clocks", `${short(run[CLOCKS])} clocks, ${short(run[INSTRUCTIONS])} instructions${besides}`, !decode);
    if (counts && counts[INSTRUCTIONS]) {
      const main = worst(counts);
      card("Clocks an instruction", (counts[CLOCKS] / counts[INSTRUCTIONS]).toFixed(2), "", main ? `${percent(stalled(counts) / counts[CLOCKS])} waiting, mostly ${main.label.toLowerCase()}` : "no waiting at all");
    }
    if (meta.peak_memory_bytes) card("Peak memory", bytes(meta.peak_memory_bytes).split(" ")[0], bytes(meta.peak_memory_bytes).split(" ")[1], meta.memory_bytes ? `of ${bytes(meta.memory_bytes)}: ${percent(meta.peak_memory_bytes / meta.memory_bytes)}` : "");
  }

  // The report in a sentence or two.
  function lede() {
    const decode = totals && totals.decode;
    if (!decode || !data.ops || !CLOCK_HZ || !decode.counts[CLOCKS]) return;
    const each = decode.counts[CLOCKS] / decode.tokens;
    const groups = new Map();
    for (const op of data.ops) groups.set(groupOf(op.group), (groups.get(groupOf(op.group)) || 0) + op.counts[CLOCKS]);
    const all = [...groups.values()].reduce((sum, value) => sum + value, 0) || 1;
    const [first, second] = [...groups].sort((a, b) => b[1] - a[1]);
    const waiting = stalled(decode.counts) / decode.counts[CLOCKS];
    const main = worst(decode.counts);
    const round = (share) => `${Math.round(100 * share)} %`;
    const parts = ["To write one token, this 486 executes ", el("strong", {}, `${short(decode.counts[INSTRUCTIONS] / decode.tokens)} instructions`.replace(" M ", " million ")),
      " in ", el("strong", {}, seconds(each / CLOCK_HZ)), "."];
    if (first) parts.push(` ${round(first[1] / all)} of the model’s clocks go into ${GROUPS[first[0]].toLowerCase()}`, second ? `, ${round(second[1] / all)} into ${GROUPS[second[0]].toLowerCase()}.` : ".");
    if (main) parts.push(` For ${round(waiting)} of the time the CPU waits, longest for ${main.label.toLowerCase()}.`);
    byId("lede").append(...parts);
    byId("lede").hidden = false;
  }

  function screen() {
    if (!meta.prompt && !meta.text) return;
    const program = (meta.program || "GPT").replace(/\.EXE$/i, "");
    byId("screen").append(
      el("pre", { tabindex: 0, "aria-label": "What the program wrote" }, el("span", { class: "dos" }, `C:\\>${program} ${meta.prompt || ""}\n\n`), el("b", {}, meta.prompt || ""), meta.text || "", el("span", { class: "cursor", "aria-hidden": "true" })),
      el("figcaption", {}, `The prompt${meta.prompt_tokens ? ` (${plural(meta.prompt_tokens, "token")})` : ""} in white, then what the program wrote${meta.new_tokens ? ` (${plural(meta.new_tokens, "token")})` : ""}.`),
    );
    byId("screen").hidden = false;
  }

  function notes() {
    const lines = [...(meta.notes || [])];
    if (meta.sampled !== undefined && meta.sampled < 1) lines.unshift(`${percent(meta.sampled)} of the instructions went through the cycle model; all figures speak of those alone.`);
    byId("notes").append(...lines.map((line) => el("p", { class: "note" }, line)));
  }

  function words() {
    const entries = [
      ["Clock", "One period of the CPU’s core clock; everything here is counted in them."],
      ["Instruction", "One that was executed; a repeated string instruction counts once."],
      ["Work", "Clocks by the manual’s table, when everything is at hand."],
      ...STALLS.map((stall) => [stall.label, `Clocks spent on ${stall.why}.`]),
      ["Miss", "A line of 16 bytes that the first-level cache did not have."],
      ["CPI", "Clocks per instruction."],
      ["Weight", "One number of a matrix of the model; attention’s are the cached keys and values."],
    ];
    byId("glossary").append(...entries.flatMap(([term, meaning]) => [el("dt", {}, term), el("dd", {}, meaning)]));
    byId("made").append(`Made by ${meta.version || "gpt486"}. `, meta.command ? el("code", {}, meta.command) : "");
  }

  function menu() {
    const links = [...document.querySelectorAll("nav a")];
    const sections = links.map((link) => document.querySelector(link.getAttribute("href")));
    const mark = () => {
      let current = null;
      sections.forEach((section, k) => { if (section.getBoundingClientRect().top < innerHeight * 0.4) current = k; });
      links.forEach((link, k) => (k === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    };
    addEventListener("scroll", mark, { passive: true });
    mark();
  }

  try {
    chip();
    machine();
    lede();
    cards();
    screen();
    notes();
    words();
    menu();
    for (const section of document.querySelectorAll("section.panel")) report.draw[section.id](section.querySelector(".chart"), data);
    document.documentElement.dataset.drawn = "true";
  } catch (error) {
    const failure = document.getElementById("failure");
    failure.textContent = `This report could not be drawn: ${error.message}`;
    failure.hidden = false;
    throw error;
  }
})();
