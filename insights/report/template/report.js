"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;

  // -- look -------------------------------------------------------------------------------------------------------

  const kept = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("insights-look");
      localStorage.setItem("insights-look", value);
    } catch {
      // A browser may keep nothing for a file.
    }
    return null;
  };
  const look = $("look");
  const show = (value) => {
    root.dataset.look = value;
    look.value = value;
  };
  look.parentElement.hidden = false;
  show(["light", "dark"].includes(kept()) ? kept() : "auto");
  look.addEventListener("change", () => {
    show(look.value);
    kept(look.value);
  });

  // -- weeks ------------------------------------------------------------------------------------------------------

  const number = new Intl.NumberFormat(data.language);
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const placeOf = new Map(data.rows.id.map((id, place) => [String(id), place]));

  const countsOf = (figure) =>
    figure.dataset.of === "fixes" ? data.fixes[figure.dataset.id] : data.rows.weeks[placeOf.get(figure.dataset.id)];

  const read = (figure, week) => {
    const counts = countsOf(figure);
    const svg = figure.querySelector("svg");
    const at = Math.min(Math.max(week, 0), counts.length - 1);
    const day = data.days[data.days.length - counts.length + at];
    const key = counts[at] === 1 ? "week.one" : "week.other";
    const words = filled(data.labels[key], { day, n: number.format(counts[at]) });
    let lit = svg.querySelector(".lit");
    if (!lit) {
      lit = document.createElementNS(svg.namespaceURI, "rect");
      lit.setAttribute("class", "lit");
      lit.setAttribute("width", "1");
      lit.setAttribute("height", "100");
      lit.setAttribute("y", "0");
      svg.prepend(lit);
    }
    lit.setAttribute("x", String(at));
    figure.dataset.week = String(at);
    svg.setAttribute("aria-valuenow", String(at + 1));
    svg.setAttribute("aria-valuetext", words);
    figure.querySelector(".read").textContent = words;
  };

  const ready = (figure) => {
    const svg = figure.querySelector("svg");
    const counts = countsOf(figure);
    if (svg.hasAttribute("tabindex") || !counts) return;
    svg.setAttribute("tabindex", "0");
    svg.setAttribute("role", "slider");
    svg.setAttribute("aria-label", svg.querySelector("title").textContent);
    svg.setAttribute("aria-description", data.labels["week.hint"]);
    svg.setAttribute("aria-valuemin", "1");
    svg.setAttribute("aria-valuemax", String(counts.length));
    // The browser's own tooltip would stand in the way of what is read below the chart.
    svg.querySelector("title").remove();
    figure.querySelector(".read").hidden = false;
    read(figure, counts.length - 1);
  };

  document.querySelectorAll(".fix .weeks").forEach(ready);

  document.addEventListener("pointermove", (event) => {
    const svg = event.target.closest?.(".weeks svg");
    if (!svg) return;
    const box = svg.getBoundingClientRect();
    const figure = svg.closest(".weeks");
    read(figure, Math.floor(((event.clientX - box.left) / box.width) * countsOf(figure).length));
  });

  const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -4, PageUp: 4, Home: -999, End: 999 };
  document.addEventListener("keydown", (event) => {
    const figure = event.target.closest?.(".weeks");
    if (!figure || !(event.key in STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    read(figure, Number(figure.dataset.week) + STEPS[event.key]);
  });

  // -- list -------------------------------------------------------------------------------------------------------

  const list = $("problems");
  if (!list) return;
  const rows = [...list.children];
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = [];
  const textOf = (place) => (texts[place] ??= plain(rows[place].textContent));
  const find = $("find");
  const theme = $("theme");
  const state = $("state");
  const sort = $("sort");
  const reverse = $("reverse");
  const RISING = new Set(["rank"]);

  const matches = (place, words) =>
    (!theme?.value || data.rows.theme[place] === Number(theme.value)) &&
    (!state?.value || data.rows.state[place] === state.value) &&
    words.every((word) => textOf(place).includes(word));

  const ordered = () => {
    const figures = data.rows[sort.value];
    const sign = (RISING.has(sort.value) ? 1 : -1) * (reverse.checked ? -1 : 1);
    const places = rows.map((_, place) => place);
    return places.sort((one, other) => {
      const [a, b] = [figures[one], figures[other]];
      if (a === null || b === null) return (a === null) - (b === null) || one - other;
      return sign * (a - b) || one - other;
    });
  };

  const count = (shown) => {
    $("shown").textContent = filled(data.labels.shown, {
      shown: number.format(shown),
      all: number.format(rows.length),
    });
  };

  const arrange = () => {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    const places = ordered().filter((place) => matches(place, words));
    // Taken out of the page, not hidden: to hide a closed problem a browser first lays out all that is in it.
    list.replaceChildren(...places.map((place) => rows[place]));
    count(places.length);
    list.hidden = !places.length;
    $("none").hidden = places.length > 0;
  };

  const clear = () => {
    find.value = "";
    for (const choice of [theme, state]) if (choice) choice.value = "";
    arrange();
  };

  document.querySelector(".narrow").hidden = false;
  $("shown").hidden = false;
  find.addEventListener("input", arrange);
  for (const choice of [theme, state, sort, reverse]) choice?.addEventListener("change", arrange);
  $("clear").addEventListener("click", () => {
    clear();
    find.focus();
  });
  // A browser may have kept the choices of the last visit.
  if (find.value || theme?.value || state?.value || sort.value !== "rank" || reverse.checked) arrange();
  else count(rows.length);

  list.addEventListener(
    "toggle",
    (event) => {
      if (event.target.open) event.target.querySelectorAll(".weeks").forEach(ready);
    },
    true,
  );

  // -- one problem ------------------------------------------------------------------------------------------------

  const openNamed = () => {
    const row = rows.find((one) => `#${one.id}` === location.hash);
    if (!row) return;
    if (!row.isConnected) clear();
    const details = row.querySelector("details");
    details.open = true;
    row.scrollIntoView();
    details.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", openNamed);
  document.addEventListener("click", (event) => {
    // The same link once more changes no address.
    const link = event.target.closest?.('a[href^="#P-"]');
    if (link && link.getAttribute("href") === location.hash) openNamed();
  });
  openNamed();

  const MOVES = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  list.addEventListener("keydown", (event) => {
    if (event.target.tagName !== "SUMMARY" || !(event.key in MOVES) || event.ctrlKey || event.metaKey || event.altKey)
      return;
    event.preventDefault();
    const visible = [...list.children];
    const now = visible.indexOf(event.target.closest("li"));
    const next = Math.min(Math.max(now + MOVES[event.key], 0), visible.length - 1);
    visible[next].querySelector("summary").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === find) clear();
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest?.("input, select")) return;
    event.preventDefault();
    find.focus();
  });
})();
