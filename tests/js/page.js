// @ts-nocheck: stands in for a page, as far as the modules in core/ need one. Import it before them.

const attributes = { src: "/consent/widget.js" };
const define = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

/** As `localStorage`: its entries are its own properties, its functions are not. */
const storage = () =>
  Object.create({
    getItem(name) {
      return this[name] ?? null;
    },
    setItem(name, value) {
      this[name] = value;
    },
  });

globalThis.CW_SHARED = {
  __proto__: null,
  tag: { nonce: "", getAttribute: (name) => attributes[name] ?? null },
  file: "/consent/widget.",
};
globalThis.CW_LINKED = {};
globalThis.CW_DATA = { options: [], always: [] };
define("location", new URL("https://shop.example/page"));
define("document", { cookie: "", documentElement: { lang: "" } });
define("localStorage", storage());
define("sessionStorage", storage());

/** Turns the browser's opt-out signal on, for modules that are imported afterwards. */
export const signal = () => CW_SHARED.gpc = true;

export const clear = () => {
  for (const box of [localStorage, sessionStorage]) for (const name of Object.keys(box)) delete box[name];
  CW_SHARED.outbox?.clear();
};

/** Runs `work` with a function of the page replaced. */
export const replaced = async (name, value, work) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  define(name, value);
  try {
    await work();
  } finally {
    before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name];
  }
};

export const setDay = (day) => Date.now = () => day * 864e5;

/** A token with these decisions, as the server writes it but for its signature. */
export const tokenOf = (decisions, band = "") => {
  const groups = Object.entries(decisions).map(([tag, [granted, until]]) =>
    `.${until.toString(36)}.${granted ? tag : ""}.${granted ? "" : tag}`
  );
  return `1${band}.${"A".repeat(22)}.1.0123abcd.1${groups.join("")}.${"A".repeat(43)}`;
};
