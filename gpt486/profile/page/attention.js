"use strict";
// Attention: all heads as small maps, one of them large, and the text shaded by what a token looks at.

report.draw.attention = (host, data) => {
  const packed = data.attention;
  const { layers, heads, positions: count, tokens, bits, prompt_tokens: prompt } = packed;
  const full = (1 << bits) - 1;
  const raw = packed.weights.map((layer) => layer.map((text) => {
    const bytesOf = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return bits === 8 ? bytesOf : new Uint16Array(bytesOf.buffer);
  }));
  // Layer and head; null is the mean of all heads of the layer.
  const weight = (layer, head, query, key) => {
    const at = (query * (query + 1)) / 2 + key;
    return raw[layer][head][at] / full;
  };
  let chosen = { layer: 0, head: 0 };
  let query = count - 1;
  let key = null;

  const grid = el("div", { class: heads > 6 ? "heads many" : "heads", role: "group", "aria-label": "Heads", css: { "--heads": String(heads) } });
  const big = el("canvas", { class: "heat", tabindex: 0, role: "img" });
  const stage = el("div", { class: "heat-stage" }, big);
  const title = el("p", { class: "heat-title", "aria-live": "polite" });
  const story = el("p", { class: "story", role: "group", "aria-label": "The text; choose a token to see what it looks at" });
  const ramp = el("div", { class: "ramp", "aria-hidden": "true" }, el("span", {}, "0 %"), el("i", {}), el("span", {}, "100 %"));
  host.append(el("div", { class: "attention" },
    el("div", {}, el("h3", {}, "All heads"), grid, ramp),
    el("div", {}, title, stage),
    el("div", { class: "reading" }, el("h3", {}, "In the text"), story)));
  if (count < tokens.length) host.append(el("p", { class: "remark" }, `The first ${count} of ${tokens.length} positions are shown.`));

  const small = [];
  for (let layer = 0; layer < layers; layer += 1) {
    for (let head = 0; head < heads; head += 1) {
      const canvas = el("canvas", { width: count, height: count, "aria-hidden": "true" });
      const button = el("button", {
        type: "button", class: "head", "data-layer": layer, "data-head": head, "aria-label": `Layer ${layer}, head ${head}`, title: `Layer ${layer}, head ${head}`,
        onclick() { chosen = { layer, head }; paint(); },
      }, canvas, el("span", {}, `${layer}.${head}`));
      small.push({ button, canvas, layer, head });
      grid.append(button);
    }
  }

  const words = tokens.slice(0, count).map((text, k) => {
    const node = el("span", {
      class: `word${k < prompt ? " given" : ""}`, tabindex: k === query ? 0 : -1, role: "button", "data-at": k,
      onclick() { pick(k); }, onpointerenter() { pick(k); },
      onkeydown(event) {
        const step = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        pick(Math.max(0, Math.min(count - 1, query + step)));
        words[query].focus();
      },
    }, text);
    story.append(node);
    return node;
  });

  function colors() {
    const style = getComputedStyle(document.documentElement);
    const [low, high] = ["--heat-0", "--heat-1"].map((name) => style.getPropertyValue(name).split(",").map(Number));
    // The square root shows weak attention; 256 steps are more than the eye tells apart.
    return Array.from({ length: 256 }, (_, k) => low.map((value, channel) => Math.round(value + (high[channel] - value) * Math.sqrt(k / 255))));
  }

  function mapOf(layer, head, palette) {
    const image = new ImageData(count, count);
    for (let row = 0; row < count; row += 1) {
      for (let column = 0; column <= row; column += 1) {
        const shade = palette[Math.round(255 * weight(layer, head, row, column))];
        image.data.set([...shade, 255], 4 * (row * count + column));
      }
    }
    return image;
  }

  function paintSmall() {
    const palette = colors();
    for (const { canvas, layer, head } of small) canvas.getContext("2d").putImageData(mapOf(layer, head, palette), 0, 0);
  }

  let frame = { left: 0, top: 0, cell: 1 };

  function paint() {
    for (const { button, layer, head } of small) button.setAttribute("aria-pressed", String(layer === chosen.layer && head === chosen.head));
    title.replaceChildren(el("strong", {}, `Layer ${chosen.layer}, head ${chosen.head}`));
    paintBig();
    shade();
  }

  function paintBig() {
    // A square of few tokens needs no more than 44 pixels for each.
    const width = Math.max(160, Math.min(stage.clientWidth, 720, 60 + 44 * count));
    const style = getComputedStyle(document.documentElement);
    const size = Math.round(width);
    const density = window.devicePixelRatio || 1;
    const ink = big.getContext("2d");
    const lettering = Math.max(9, Math.min(12.5, (width / count) * 0.8));
    const names = width / count >= 4.5;
    ink.font = `${lettering}px ${style.getPropertyValue("--mono")}`;
    const longest = Math.max(...tokens.slice(0, count).map((text) => ink.measureText(nameOf(text)).width));
    const room = names ? Math.min(longest + 9, width * 0.22) : 0;
    const cell = (width - room) / count;
    frame = { left: room, top: room, cell };
    big.width = size * density;
    big.height = size * density;
    big.style.width = `${size}px`;
    big.style.height = `${size}px`;
    ink.scale(density, density);
    ink.clearRect(0, 0, size, size);
    const palette = colors();
    for (let row = 0; row < count; row += 1) {
      for (let column = 0; column <= row; column += 1) {
        const [red, green, blue] = palette[Math.round(255 * weight(chosen.layer, chosen.head, row, column))];
        ink.fillStyle = `rgb(${red}, ${green}, ${blue})`;
        // Whole pixels, or hair lines show between the squares.
        const x0 = Math.round((room + column * cell) * density) / density;
        const x1 = Math.round((room + (column + 1) * cell) * density) / density;
        const y0 = Math.round((room + row * cell) * density) / density;
        const y1 = Math.round((room + (row + 1) * cell) * density) / density;
        ink.fillRect(x0, y0, x1 - x0, y1 - y0);
      }
    }
    ink.strokeStyle = style.getPropertyValue("--rule");
    ink.lineWidth = 1;
    ink.strokeRect(room + 0.5, room + 0.5, size - room - 1, size - room - 1);
    if (names) drawNames(ink, style, lettering, room, cell);
    ink.strokeStyle = style.getPropertyValue("--accent");
    ink.lineWidth = 1.5;
    ink.strokeRect(room, room + query * cell, (query + 1) * cell, cell);
    if (key !== null && key <= query) ink.strokeRect(room + key * cell, room + query * cell, cell, cell);
    big.setAttribute("aria-label", `Attention of layer ${chosen.layer}, head ${chosen.head}: ${plural(count, "token")} by ${plural(count, "token")}. Arrow keys choose a token.`);
  }

  const nameOf = (text) => text.trim() || visible(text);

  function drawNames(ink, style, size, room, cell) {
    const every = Math.max(1, Math.ceil((size * 0.95) / cell));
    ink.font = `${size}px ${style.getPropertyValue("--mono")}`;
    ink.textBaseline = "middle";
    const fit = (text) => {
      let name = nameOf(text);
      while (name.length > 1 && ink.measureText(name).width > room - 8) name = `${name.slice(0, -2)}…`;
      return name;
    };
    for (let k = 0; k < count; k += 1) {
      if (k % every && k !== query) continue;
      ink.fillStyle = style.getPropertyValue(k === query || k === key ? "--accent" : "--soft");
      ink.textAlign = "right";
      ink.fillText(fit(tokens[k]), room - 5, room + (k + 0.5) * cell);
      ink.save();
      ink.translate(room + (k + 0.5) * cell, room - 5);
      ink.rotate(-Math.PI / 2);
      ink.textAlign = "left";
      ink.fillText(fit(tokens[k]), 0, 0);
      ink.restore();
    }
  }

  function shade() {
    const values = Array.from({ length: query + 1 }, (_, k) => weight(chosen.layer, chosen.head, query, k));
    words.forEach((node, k) => {
      const value = k <= query ? values[k] : 0;
      node.style.setProperty("--weight", Math.sqrt(value).toFixed(3));
      node.classList.toggle("query", k === query);
      node.classList.toggle("later", k > query);
      node.setAttribute("tabindex", k === query ? 0 : -1);
      node.setAttribute("aria-label", k <= query ? `${tokens[k]}: ${percent(value)}` : tokens[k]);
    });
    const best = values.map((value, k) => [value, k]).sort((a, b) => b[0] - a[0]).slice(0, 3);
    title.replaceChildren(
      el("strong", {}, `Layer ${chosen.layer}, head ${chosen.head}`), " · ", el("code", {}, visible(tokens[query])), " looks at ",
      ...best.flatMap(([value, k], n) => [n ? ", " : "", el("code", {}, visible(tokens[k])), ` ${percent(value)}`]),
    );
  }

  function pick(row, column) {
    query = row;
    key = column === undefined ? null : column;
    paintBig();
    shade();
  }

  function cellAt(event) {
    const box = big.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top - frame.top) / frame.cell);
    const column = Math.floor((event.clientX - box.left - frame.left) / frame.cell);
    return row >= 0 && row < count ? [row, column >= 0 && column <= row ? column : null] : null;
  }
  big.addEventListener("pointermove", (event) => {
    const at = cellAt(event);
    if (!at) return tip.hide();
    pick(at[0], at[1] === null ? undefined : at[1]);
    if (at[1] === null) return tip.hide();
    return tip.show(event, percent(weight(chosen.layer, chosen.head, at[0], at[1])), [
      ["Read", `${visible(tokens[at[0]])} at ${at[0]}`], ["Looks at", `${visible(tokens[at[1]])} at ${at[1]}`],
    ], `layer ${chosen.layer}, head ${chosen.head}`);
  });
  big.addEventListener("pointerleave", tip.hide);
  big.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, Home: -count, End: count }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    pick(Math.max(0, Math.min(count - 1, query + step)));
  });

  paintSmall();
  paint();
  responsive(stage, paintBig);
  for (const media of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(media).addEventListener("change", () => {
      paintSmall();
      paint();
    });
  }
};
