// Sorts the rows of read-outs; without scripts they stay most narrowed first.
"use strict";
(() => {
  const box = document.querySelector(".sort");
  if (!box) return;
  const buttons = [...box.querySelectorAll("button")];
  const lists = [...document.querySelectorAll(".sortable")].map((list) => [list, [...list.children]]);
  const value = (row, by) => Number(row.dataset[by]);
  const order = { // largest first, but parts of the body in the order of the page
    told: (a, b) => value(b, "told") - value(a, "told"),
    moved: (a, b) => value(b, "moved") - value(a, "moved"),
    group: (a, b) => value(a, "group") - value(b, "group") || value(b, "told") - value(a, "told"),
  };
  box.hidden = false;
  box.addEventListener("click", (event) => {
    const by = event.target.dataset?.by;
    if (!by) return;
    for (const each of buttons) each.setAttribute("aria-pressed", String(each.dataset.by === by));
    for (const [list, rows] of lists) list.append(...[...rows].sort(order[by]));
  });
})();
