// Replaces the still pictures of the courses by uPlot ones that share one reading line.
"use strict";
(() => {
  const LEFT = 42, RIGHT = 90, TOP = 10, BOTTOM = 26, THIN = "\u202f";
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("courses-data").textContent);
  const holders = new Map([...document.querySelectorAll(".plot")].map((el) => [el.dataset.readout, el]));
  const plots = [];

  const superscript = (n) => String(n).replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
  const figure = (v) => { // the same rules as gutskin.report.numbers.figure
    if (v === null || !Number.isFinite(v)) return "failed";
    if (v === 0) return "0";
    const [mantissa, exponent] = v.toExponential(2).split("e").map(Number);
    if (exponent < -3 || exponent >= 5) {
      return `${mantissa.toFixed(2)}${THIN}×${THIN}10${superscript(exponent)}`.replace("-", "−");
    }
    const text = exponent > 2
      ? String(Math.round(v / 10 ** (exponent - 2)) * 10 ** (exponent - 2)) : v.toFixed(2 - exponent);
    return (exponent === 4 ? text.replace(/(\d)(\d{3})$/, `$1${THIN}$2`) : text).replace("-", "−");
  };
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const known = (it, i, s) => (it.series[s] ? it.series[s][i] : null);
  const value = (it, v) => (v !== null && it.log ? 10 ** v : v);

  function shade(u, it) { // healthy range and the ends of the plan, under the lines
    const { ctx, bbox } = u;
    ctx.save();
    if (it.healthy) {
      const [low, high] = it.healthy;
      const top = u.valToPos(high, "y", true), bottom = u.valToPos(low, "y", true);
      ctx.fillStyle = colour("--healthy");
      ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    }
    ctx.strokeStyle = colour("--muted");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const day of it.marks) {
      const x = Math.round(u.valToPos(day, "x", true)) + 0.5;
      ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke();
    }
    ctx.restore();
  }

  function name(u, it) { // the words at the right end of the lines
    const { ctx, bbox } = u, px = devicePixelRatio, last = it.x.length - 1;
    const ends = [[4, 0, "--plan"], [3, 1, "--none-text"]]
      .filter(([s, k]) => it.tags[k] !== null && known(it, last, s - 1) !== null)
      .map(([s, k, ink]) => ({ y: u.valToPos(known(it, last, s - 1), "y", true), ink, bold: s === 4, text: it.tags[k] }));
    if (ends.length === 2 && Math.abs(ends[0].y - ends[1].y) < 14 * px) {
      const upper = ends[1].y < ends[0].y ? 1 : 0;
      const middle = Math.min(Math.max((ends[0].y + ends[1].y) / 2, bbox.top + 7 * px),
        bbox.top + bbox.height - 7 * px);
      ends[upper].y = middle - 7 * px; ends[1 - upper].y = middle + 7 * px;
    }
    ctx.save();
    if (it.dot) { // the value on the last day of the plan
      const x = u.valToPos(it.dot.x, "x", true), y = u.valToPos(it.dot.y, "y", true);
      const { below, text } = it.dot;
      ctx.beginPath(); ctx.arc(x, y, 3.5 * px, 0, 2 * Math.PI);
      ctx.fillStyle = colour("--plan"); ctx.fill();
      ctx.font = `600 ${11 * px}px system-ui, sans-serif`;
      ctx.textAlign = "center"; ctx.textBaseline = below ? "top" : "bottom";
      const at = y + (below ? 7 : -6) * px;
      ctx.lineJoin = "round"; ctx.lineWidth = 3.5 * px; ctx.strokeStyle = colour("--card");
      ctx.strokeText(text, x, at); ctx.fillText(text, x, at);
    }
    ctx.textAlign = "left"; ctx.textBaseline = "middle";
    for (const end of ends) {
      ctx.font = `${end.bold ? 600 : 400} ${11 * px}px system-ui, sans-serif`;
      ctx.fillStyle = colour(end.ink);
      ctx.fillText(end.text, bbox.left + bbox.width + 6 * px, end.y);
    }
    ctx.restore();
  }

  function read(u, it, reading, rest) { // what the reading line says
    const i = u.cursor.idx;
    if (i === null || i === undefined || u.cursor.left < 0) { reading.textContent = rest; return; }
    const day = it.x[i] < 10 ? it.x[i].toFixed(1) : it.x[i].toFixed(0);
    const say = (s) => figure(value(it, known(it, i, s)));
    reading.textContent = `day ${day}: plan ${say(3)}, no plan ${say(2)}`;
  }

  function options(it, el, reading, rest) {
    const axis = { stroke: () => colour("--muted"), font: "11px system-ui, sans-serif", ticks: { show: false } };
    const line = (ink, width, dash) => ({ stroke: () => colour(ink), width, dash, points: { show: false }, spanGaps: false });
    const edge = { stroke: "transparent", width: 0, points: { show: false } };
    return {
      width: el.clientWidth, height: el.clientHeight, legend: { show: false }, padding: [TOP, RIGHT, 0, 0],
      scales: { x: { time: false, range: () => it.xRange }, y: { range: () => it.yRange } },
      axes: [
        { ...axis, size: BOTTOM, gap: 9, grid: { show: false }, splits: () => it.xTicks,
          values: (u, at) => at.map((v, i) => (i === 0 ? `day ${+v.toPrecision(4)}` : String(+v.toPrecision(4)))) },
        { ...axis, size: LEFT, gap: 4, splits: () => it.yTicks, values: () => it.yLabels,
          grid: { stroke: () => colour("--rule"), width: 1 } },
      ],
      series: [{}, edge, edge, line("--none", 1.5, [5, 4]), line("--plan", 2.25)],
      bands: [{ series: [2, 1], fill: () => colour("--band") }],
      cursor: { y: false, drag: { x: false, y: false, setScale: false }, sync: { key: "courses", scales: ["x", null] },
        points: { size: 7 } },
      hooks: { drawClear: [(u) => shade(u, it)], draw: [(u) => name(u, it)], setCursor: [(u) => read(u, it, reading, rest)] },
    };
  }

  function step(u, it, event) { // arrow keys move the reading line
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") { u.setCursor({ left: -10, top: -10 }); return; }
    if (!by) return;
    event.preventDefault();
    const stride = Math.max(1, Math.round(it.x.length / 56));
    const at = u.cursor.left < 0 || u.cursor.idx === null ? (by > 0 ? -stride : it.x.length - 1 + stride) : u.cursor.idx;
    const i = Math.min(it.x.length - 1, Math.max(0, at + by * stride));
    u.setCursor({ left: u.valToPos(it.x[i], "x"), top: u.over.clientHeight / 2 }, true, true);
  }

  function draw(it) {
    const el = holders.get(it.id);
    const reading = el.closest("figure").querySelector(".reading"), rest = reading.textContent;
    const columns = it.series.map((s) => s ?? it.x.map(() => null));
    const u = new uPlot(options(it, el, reading, rest), [it.x, columns[0], columns[1], columns[2], columns[3]], el);
    el.addEventListener("keydown", (event) => step(u, it, event));
    el.addEventListener("focus", () => reading.setAttribute("aria-live", "polite"));
    el.addEventListener("blur", () => { reading.removeAttribute("aria-live"); u.setCursor({ left: -10, top: -10 }); });
    new ResizeObserver(() => {
      if (el.clientWidth > 0 && el.clientWidth !== u.width) u.setSize({ width: el.clientWidth, height: el.clientHeight });
    }).observe(el);
    plots.push(u);
  }

  root.classList.add("live");
  data.forEach(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plots.forEach((u) => u.redraw(false, true)));
})();
