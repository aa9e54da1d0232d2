/**
 * On the officer's page: draws the chart over time anew, so that it answers to the mouse and to the arrow keys. It reads the
 * numbers from the table below the chart. Without it the chart that the server has drawn stays, and so it does on paper and
 * where the system chooses the colours.
 */

/** @type {any} The library, which stands before this file. */
const Plot = /** @type {any} */ (self).uPlot;
const DASHES = [[], [8, 5], [1, 5], [12, 4, 1, 4], [4, 4], [14, 6]];
const { lang } = document.documentElement;
const locale = lang == "en" ? "en-GB" : lang;
const numbers = new Intl.NumberFormat(locale);
const short = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
const long = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });

/** @param {HTMLElement} figure */
const draw = (figure) => {
  const plot = /** @type {HTMLElement} */ (figure.querySelector(".cw-plot"));
  const rows = [...(figure.parentElement?.querySelectorAll(".cw-series tbody tr") || [])];
  const legend = [...figure.querySelectorAll(".cw-legend li")];
  const days = rows.map((row) => 86400 * Number(row.querySelector("th")?.dataset.day));
  const lines = legend.map((_, at) => rows.map((row) => {
    const { value } = row.querySelectorAll("td")[at].dataset;
    return value ? Number(value) : null;
  }));
  const top = Number(figure.dataset.top);
  const unit = "rates" in figure.dataset ? "%" : "";
  const write = (/** @type {number | null | undefined} */ value) => value == null ? "–" : numbers.format(value) + unit;
  const live = document.createElement("div");
  const said = document.createElement("p");
  live.className = "cw-live";
  live.tabIndex = 0;
  live.role = "img";
  live.ariaLabel = [figure.querySelector(".cw-lines")?.getAttribute("aria-label"), figure.dataset.keys].join(" ");
  said.className = "cw-unseen";
  said.role = "status";
  plot.append(live, said);
  plot.classList.add("cw-drawn");

  const colour = (/** @type {string} */ name) => getComputedStyle(plot).getPropertyValue(name).trim();
  const font = () => `13px ${getComputedStyle(document.body).fontFamily}`;
  const size = () => ({ width: live.clientWidth, height: Math.min(Math.max(innerWidth * .3, 180), 280) + 34 });
  const axis = () => ({
    stroke: () => colour("--cw-muted"), font: font(), grid: { stroke: () => colour("--cw-line"), width: 1 }, ticks: { show: false },
  });
  const names = legend.map((each) => each.querySelector("span")?.textContent || "");
  const outputs = legend.map((each) => /** @type {HTMLOutputElement} */ (each.querySelector("output")));
  const chart = new Plot({
    ...size(),
    tzDate: (/** @type {number} */ seconds) => Plot.tzDate(new Date(1e3 * seconds), "Etc/UTC"),
    legend: { show: false },
    cursor: { y: false, points: { size: 8 }, drag: { x: true, y: false } },
    scales: { y: { range: [0, top] } },
    padding: [8, 12, 0, 0],
    axes: [
      { ...axis(), grid: { show: false }, values: (/** @type {any} */ _, /** @type {number[]} */ at) => at.map((each) => short.format(1e3 * each)), space: 70, size: 30 },
      { ...axis(), values: (/** @type {any} */ _, /** @type {number[]} */ at) => at.map(write), splits: () => [0, 1, 2, 3, 4].map((row) => row * top / 4),
        size: (/** @type {any} */ _, /** @type {string[] | null} */ texts) => 16 + 8 * Math.max(1, ...(texts || []).map((each) => each.length)) },
    ],
    series: [{}, ...names.map((label, at) => ({
      label, stroke: () => colour("--cw-s" + (at + 1)), dash: DASHES[at], cap: "round", width: at == 2 ? 3 : 2, spanGaps: false,
      points: { size: 4, show: false, filter: null },
    }))],
    hooks: {
      setCursor: [(/** @type {any} */ self) => {
        const at = self.cursor.idx;
        outputs.forEach((each, line) => each.textContent = at == null ? "" : write(lines[line][at]));
      }],
    },
  }, [days, ...lines], live);

  let at = days.length;
  live.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    at = Math.min(Math.max(at + step, 0), days.length - 1);
    chart.setCursor({ left: chart.valToPos(days[at], "x"), top: 0 });
    const values = names.map((name, line) => `${name} ${write(lines[line][at])}`);
    said.textContent = [long.format(1e3 * days[at]), ...values].join(", ");
  };
  legend.forEach((each, line) => {
    const button = document.createElement("button");
    button.type = "button";
    button.ariaPressed = "true";
    button.append(...[...each.children].filter((child) => child.localName != "output"));
    each.prepend(button);
    button.onclick = () => {
      const show = button.ariaPressed == "false";
      button.ariaPressed = String(show);
      chart.setSeries(line + 1, { show });
    };
  });
  new ResizeObserver(() => chart.setSize(size())).observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw());
};

if (!matchMedia("(forced-colors: active)").matches) {
  for (const figure of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".cw-chart"))) draw(figure);
}

/* Times in the reader's time zone, as on our other pages. */
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time")) time.textContent = moment.format(new Date(time.dateTime));
