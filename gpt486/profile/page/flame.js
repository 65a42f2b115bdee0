"use strict";
// Where the clocks go: a flame graph that hangs from the top (an icicle), with zoom, search and the arrow keys.

report.draw.flame = (host, data) => {
  const ROW = 27;
  const METRICS = [
    ["clocks", "clocks"], ["instructions", "instructions"], ["stalls", "clocks of waiting"],
    ["read_misses", "data cache misses"], ["bytes_read", "bytes read"], ["bytes_written", "bytes written"],
  ].filter(([name]) => name === "stalls" || COUNTERS.includes(name));
  const views = data.flame.views.map((view) => ({ ...view, root: measure(view.tree, null, 0) }));
  let view = views[0];
  let zoomed = view.root;
  let metric = "clocks";
  let searched = "";
  let focusAfter = null;

  function measure(tree, parent, depth) {
    // Within a layer, an op goes by its name in it.
    const label = parent && parent.kind === "layer" ? tree.name.replace(/^h\.\d+\./, "") : tree.name;
    const node = { ...tree, label, parent, depth, own: tree.counts && tree.counts.length ? tree.counts : noCounts() };
    node.sum = addCounts(noCounts(), node.own);
    node.children = (tree.children || []).map((child) => measure(child, node, depth + 1));
    for (const child of node.children) addCounts(node.sum, child.sum);
    return node;
  }

  // A program without groups: colours tell neighbours apart and mean nothing.
  const PLAIN = ["matvec", "attention", "layer_norm", "activation", "embed", "add", "sample", "load"];
  let plain = false;
  function colorOf(node) {
    if (!plain || node.group === "system") return color(groupOf(node.group));
    let sum = 0;
    for (const letter of node.name) sum = (sum * 31 + letter.codePointAt(0)) % 8191;
    return color(PLAIN[sum % PLAIN.length]);
  }

  const valueOf = (node, which) => {
    const counts = which === "own" ? node.own : node.sum;
    return metric === "stalls" ? stalled(counts) : counts[COUNTERS.indexOf(metric)];
  };
  const word = () => METRICS.find(([name]) => name === metric)[1];
  const matches = (node) => searched !== "" && node.name.toLowerCase().includes(searched);

  const path = el("div", { class: "crumbs", "aria-live": "polite" });
  const found = el("span", { class: "found", "aria-live": "polite" });
  const stage = el("div", { class: "stage" });
  const colors = el("div", {});
  const controls = el("div", { class: "controls" });
  if (views.length > 1) {
    controls.append(choice("What to show", views.map((entry, k) => [k, entry.name]), 0, (k) => {
      view = views[k];
      zoomed = view.root;
      redraw();
    }));
  }
  controls.append(
    selection("Width", METRICS, (value) => { metric = value; redraw(); }),
    el("label", { class: "labelled push" }, "Find", el("input", {
      type: "search", placeholder: data.meta.model ? "lut_rows, ln_1 …" : "a name",
      oninput() { searched = this.value.trim().toLowerCase(); redraw(); },
    })),
    found,
  );
  host.append(controls, path, stage, colors);

  function describe(node) {
    const counts = node.sum;
    const clocks = counts[CLOCKS];
    const each = view.per;
    const rows = [["Clocks", `${exact(clocks / each)}${CLOCK_HZ ? ` = ${seconds(clocks / each / CLOCK_HZ)}` : ""}`]];
    if (node.children.length) rows.push(["its own", `${exact(node.own[CLOCKS] / each)} (${percent(node.own[CLOCKS] / (clocks || 1))})`]);
    rows.push(["Share of all", percent(clocks / (view.root.sum[CLOCKS] || 1))]);
    if (node.parent) rows.push([`Share of ${node.parent.name}`, percent(clocks / (node.parent.sum[CLOCKS] || 1))]);
    rows.push(["Instructions", exact(counts[INSTRUCTIONS] / each)]);
    if (counts[INSTRUCTIONS]) rows.push(["Clocks an instruction", (clocks / counts[INSTRUCTIONS]).toFixed(2)]);
    if (node.calls) rows.push(["Calls", each === 1 ? exact(node.calls) : `${trim(node.calls / each, 2)} a token`]);
    if (metric !== "clocks" && metric !== "instructions") rows.push([word()[0].toUpperCase() + word().slice(1), exact(valueOf(node) / each)]);
    rows.push(...stallRows(counts, each));
    return [node.name, rows, [node.where, each === 1 ? "the whole run" : view.explain].filter(Boolean).join(" · ")];
  }

  function zoom(node) {
    zoomed = node;
    focusAfter = node;
    redraw();
  }

  function draw(width) {
    tip.hide();
    const above = [];
    for (let node = zoomed.parent; node; node = node.parent) above.unshift(node);
    const cells = above.map((node, row) => ({ node, x: 0, width, row, above: true }));
    let rows = above.length;
    const place = (node, x, scale, row) => {
      rows = Math.max(rows, row + 1);
      const span = valueOf(node) * scale;
      cells.push({ node, x, width: span, row });
      let left = x;
      for (const child of [...node.children].sort((a, b) => orderOf(a, node) - orderOf(b, node))) {
        const childSpan = valueOf(child) * scale;
        if (childSpan >= 0.4) place(child, left, scale, row + 1);
        left += childSpan;
      }
    };
    // Layers and ops stand in the order of execution, as the data has them.
    const orderOf = (child, parent) => parent.children.indexOf(child);
    place(zoomed, 0, width / (valueOf(zoomed) || 1), above.length);
    const height = rows * ROW + 2;
    const plot = canvasSvg(width, height, `Flame graph of ${view.name}: ${word()}`);
    plot.setAttribute("class", "plot flame");
    for (const cell of cells) plot.append(frame(cell));
    stage.replaceChildren(plot);
    crumbs();
    explainColors();
    searchResult();
    if (focusAfter) {
      plot.querySelector("[data-zoomed]").focus({ preventScroll: true });
      focusAfter = null;
    }
  }

  function frame({ node, x, width, row, above }) {
    const share = valueOf(node) / (valueOf(view.root) || 1);
    const gap = width > 3 ? 1 : 0;
    const group = svg("g", {
      class: `frame${above ? " above" : ""}${searched && !matches(node) ? " dim" : ""}${matches(node) ? " match" : ""}`,
      transform: `translate(${x.toFixed(2)} ${row * ROW})`,
      tabindex: node === zoomed ? 0 : -1, role: "button", "data-name": node.name, "data-zoomed": node === zoomed,
      "aria-label": `${node.name}: ${exact(valueOf(node) / view.per)} ${word()}, ${percent(share)}`,
      onclick: () => zoom(node === zoomed && node.parent ? node.parent : node),
      onkeydown: keys,
    });
    group.node = node;
    group.append(svg("rect", {
      width: Math.max(width - gap, 0.4).toFixed(2), height: ROW - 2, rx: width > 8 ? 3 : 0,
      css: { fill: colorOf(node) },
    }));
    const room = width - 13;
    const caption = room > 18 ? clip(node.label, room, 12.5) : "";
    if (caption) {
      group.append(svg("text", { x: 6, y: ROW - 10 }, caption));
      const used = textWidth(caption, 12.5) + 16;
      const figure = `${percent(share)}`;
      if (caption === node.label && room - used > textWidth(figure, 11) + 4) {
        group.append(svg("text", { x: width - 8, y: ROW - 10, "text-anchor": "end", class: "figure" }, figure));
      }
    }
    return explain(group, () => describe(node));
  }

  function keys(event) {
    const here = event.currentTarget;
    const node = here.node;
    const frames = [...stage.querySelectorAll(".frame")];
    const goTo = (target) => {
      const other = frames.find((entry) => entry.node === target);
      if (!other) return;
      here.setAttribute("tabindex", -1);
      other.setAttribute("tabindex", 0);
      other.focus();
    };
    const siblings = node.parent ? frames.map((entry) => entry.node).filter((entry) => entry.parent === node.parent) : [node];
    switch (event.key) {
      case "Enter": case " ": zoom(node === zoomed && node.parent ? node.parent : node); break;
      case "Escape": zoom(view.root); break;
      case "ArrowDown": goTo(frames.map((entry) => entry.node).find((entry) => entry.parent === node)); break;
      case "ArrowUp": goTo(node.parent); break;
      case "ArrowLeft": goTo(siblings[siblings.indexOf(node) - 1]); break;
      case "ArrowRight": goTo(siblings[siblings.indexOf(node) + 1]); break;
      default: return;
    }
    event.preventDefault();
  }

  function crumbs() {
    const chain = [];
    for (let node = zoomed; node; node = node.parent) chain.unshift(node);
    const value = valueOf(zoomed) / view.per;
    const time = metric === "clocks" && CLOCK_HZ ? ` = ${seconds(value / CLOCK_HZ)}` : "";
    path.replaceChildren(
      ...chain.flatMap((node, k) => [
        k ? el("span", { class: "sep", "aria-hidden": "true" }, "›") : null,
        node === zoomed ? el("strong", {}, node.name) : el("button", { type: "button", class: "crumb", onclick: () => zoom(node) }, node.name),
      ]).filter(Boolean),
      el("span", { class: "amount" }, `${exact(value)} ${word()}${time} · ${view.explain || view.name}`),
    );
  }

  function searchResult() {
    if (!searched) return found.replaceChildren();
    let sum = 0;
    let hits = 0;
    const visit = (node) => {
      if (matches(node)) {
        sum += valueOf(node);
        hits += 1;
      } else node.children.forEach(visit);
    };
    visit(view.root);
    found.textContent = hits ? `${plural(hits, "bar")}, ${percent(sum / (valueOf(view.root) || 1))}` : "not found";
    return undefined;
  }

  function groupsOf(node, used) {
    used.add(groupOf(node.group));
    for (const child of node.children) groupsOf(child, used);
    return used;
  }

  function explainColors() {
    if (plain) return;
    const used = groupsOf(view.root, new Set());
    colors.replaceChildren(legend(Object.keys(GROUPS).filter((id) => used.has(id)).map((id) => [color(id), GROUPS[id]])));
  }

  plain = views.every((entry) => [...groupsOf(entry.root, new Set())].every((id) => id === "other" || id === "system"));
  const redraw = responsive(stage, draw);
};
