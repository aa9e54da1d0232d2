// @ts-nocheck
import { equal } from "./equal.js";

/** What the page's own functions were asked for. */
const asked = [];
const page = globalThis;
const define = (name, value) => Object.defineProperty(page, name, { value, configurable: true, writable: true });

class Element {
  constructor(localName) {
    this.localName = localName;
    this.attributes = {};
    this.events = [];
    this.ownerDocument = { defaultView: page };
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
    if (/^(src|srcset|href|data)$/i.test(name)) asked.push(String(value));
  }
  getAttribute(name) {
    return this.attributes[name] ?? null;
  }
  hasAttribute(name) {
    return name in this.attributes;
  }
  dispatchEvent({ type }) {
    this.events.push(type);
  }
}
const loading = (...names) => {
  const type = class extends Element {};
  for (const name of names) {
    Object.defineProperty(type.prototype, name, {
      configurable: true,
      enumerable: true,
      get() {
        return this.attributes[name] ?? "";
      },
      set(value) {
        this.attributes[name] = String(value);
        asked.push(String(value));
      },
    });
  }
  return type;
};
define("Element", Element);
define("HTMLImageElement", loading("src", "srcset"));
define("HTMLScriptElement", loading("src"));
define("HTMLIFrameElement", loading("src"));
define("HTMLLinkElement", loading("href"));
define("HTMLAnchorElement", loading("href"));
class XMLHttpRequest {
  open(_method, url) {
    asked.push(String(url));
  }
}
define("XMLHttpRequest", XMLHttpRequest);
define("Navigator", class { sendBeacon(url) { return asked.push(String(url)) > 0; } });
define("WebSocket", class WebSocket { constructor(url) { asked.push(String(url)); } });
define("EventSource", class EventSource { constructor(url) { asked.push(String(url)); } });
function fetch(input, _init) {
  asked.push(String(input?.url ?? input));
  return Promise.resolve("sent");
}
define("fetch", fetch);
define("location", new URL("https://www.shop.example/page"));
define("document", { baseURI: "https://www.shop.example/page" });

let granted = [];
const once = new WeakSet();
const tools = {
  data: () => ({
    services: [
      { id: "tally", purposes: ["analytics"], hosts: ["tally.example", "*.tally-data.example"] },
      { id: "pixel", purposes: ["marketing"], hosts: ["shared.example"] },
      { id: "film", purposes: ["marketing"], hosts: ["shared.example", "*.film.example"] },
      { id: "own", purposes: ["analytics"], hosts: ["www.shop.example"] },
      { id: "told" , purposes: ["analytics"] },
    ],
  }),
  service: { permitted: (_terms, _permits, id) => granted.includes(id) },
  loadedOnce: once,
  purposesOf: (element) => (element.getAttribute("data-consent") || "").split(" "),
};
const before = { fetch: page.fetch, open: XMLHttpRequest.prototype.open, WebSocket: page.WebSocket };
const logs = [];
console.groupCollapsed = (line) => logs.push(line);
console.log = (line) => logs.push(line);
const { guard } = await import("../../static/src/linked/guard.js");
guard(tools);

/** Every way of a script to ask, with what it does where that is held back. */
const ways = {
  fetch: async (url) => await page.fetch(url).catch((error) => error.constructor.name),
  "fetch a Request": async (url) => await page.fetch({ url }).catch((error) => error.constructor.name),
  "fetch a URL": async (url) => await page.fetch(new URL(url, document.baseURI)).catch((error) => error.constructor.name),
  XMLHttpRequest: (url) => new XMLHttpRequest().open("GET", url),
  sendBeacon: (url) => new page.Navigator().sendBeacon(url),
  WebSocket: (url) => new page.WebSocket(url.replace("http", "ws")),
  EventSource: (url) => new page.EventSource(url),
  "img.src": (url) => new page.HTMLImageElement("img").src = url,
  "img.srcset": (url) => new page.HTMLImageElement("img").srcset = `/own.png 1x, ${url} 2x`,
  "script.src": (url) => new page.HTMLScriptElement("script").src = { toString: () => url },
  "iframe setAttribute": (url) => new page.HTMLIFrameElement("iframe").setAttribute("SRC", url),
  "link.href": (url) => new page.HTMLLinkElement("link").href = url,
};
const NOWHERE = ["blob:null/0", "data:,", "wss://localhost:1/"];
const reaches = async (url) => {
  const passed = [];
  for (const [way, ask] of Object.entries(ways)) {
    asked.length = 0;
    await ask(url);
    if (asked.some((address) => !NOWHERE.includes(address))) passed.push(way);
  }
  return passed;
};
const ALL = Object.keys(ways);

for (
  const [url, expected] of [
    ["https://tally.example/collect?a=1", []],
    ["https://TALLY.example./collect", []],
    ["https://eu.tally-data.example/x", []],
    ["https://tally-data.example:8443/x", []],
    ["https://shared.example/x", []],
    ["https://nottally.example/", ALL],
    ["https://tally.example.evil.test/", ALL],
    ["https://elsewhere.test/?https://tally.example/", ALL],
    ["https://www.shop.example/x", ALL],
  ]
) Deno.test(`nothing granted: ${url}`, async () => equal(await reaches(url), expected));

Deno.test("relative addresses pass, however they look", async () => {
  for (const url of ["/collect", "collect?x=https://tally.example/", "./tally.example", "#tally.example", "data:,x", "blob:x"]) {
    asked.length = 0;
    await page.fetch(url);
    equal(asked, [url]);
  }
});

Deno.test("odd ways to write an address hide nothing", async () => {
  for (const url of ["//tally.example/", " https://tally.example/", "https:\\\\tally.example", "/\\tally.example", "ht\ntps://tally.example", "https://a@tally.example", "/\t/tally.example"]) {
    asked.length = 0;
    equal(await page.fetch(url).catch(() => "held back"), "held back");
    equal(asked, []);
  }
});

Deno.test("a grant opens its hosts alone, at once, and a withdrawal closes them", async () => {
  granted = ["tally"];
  equal(await reaches("https://tally.example/"), ALL);
  equal(await reaches("https://shared.example/"), []);
  granted = ["film"];
  equal(await reaches("https://tally.example/"), []);
  equal(await reaches("https://shared.example/"), ALL, "who shares a host cannot be told apart");
  granted = [];
  equal(await reaches("https://shared.example/"), []);
});

Deno.test("what is held back fails as it does without a network, and a frame waits", async () => {
  equal(await ways.fetch("https://tally.example/"), "TypeError");
  equal(ways.sendBeacon("https://tally.example/"), true);
  const image = new page.HTMLImageElement("img"), frame = new page.HTMLIFrameElement("iframe");
  image.src = "https://tally.example/1.gif";
  frame.src = "https://www.film.example/1";
  await new Promise((done) => setTimeout(done));
  equal([image.events, image.attributes], [["error"], {}]);
  equal(frame.attributes, { "data-src": "https://www.film.example/1", "data-consent-service": "film", "data-consent": "marketing" });
  equal(frame.events, []);
});

Deno.test("what a visitor loads once may do what it does", async () => {
  const frame = new page.HTMLIFrameElement("iframe");
  frame.setAttribute("data-consent-service", "film");
  once.add(frame);
  equal(await reaches("https://www.film.example/"), ALL);
  equal(await reaches("https://tally.example/"), []);
  once.delete(frame);
  equal(await reaches("https://www.film.example/"), []);
});

Deno.test("an element in a template loads nothing, and so is left alone", () => {
  asked.length = 0;
  const image = new page.HTMLImageElement("img");
  image.ownerDocument = { defaultView: null };
  image.src = "https://tally.example/1.gif";
  equal(asked, ["https://tally.example/1.gif"]);
});

Deno.test("an attribute of the same name that loads nothing is set", () => {
  asked.length = 0;
  new page.HTMLAnchorElement("a").setAttribute("href", "https://tally.example/");
  new page.HTMLAnchorElement("a").href = "https://tally.example/";
  equal(asked.length, 2);
});

Deno.test("functions look and count as before, and are where they were", () => {
  equal([page.fetch.name, page.fetch.length], [before.fetch.name, before.fetch.length]);
  equal(page.WebSocket.prototype == before.WebSocket.prototype && new page.WebSocket("wss://x.test") instanceof before.WebSocket, true);
  equal(Object.getOwnPropertyNames(XMLHttpRequest.prototype), ["constructor", "open"]);
  equal(Object.keys(page).includes("consent_widget.guard"), false);
  class Own extends page.WebSocket {}
  equal(new Own("wss://x.test") instanceof Own, true);
});

Deno.test("who wraps them later wraps ours, and what a page has put on Object.prototype is no trap", async () => {
  const inner = page.fetch;
  define("fetch", (...all) => inner(...all));
  Object.defineProperty(Object.prototype, "get", { value: () => { throw Error("trapped"); }, configurable: true });
  const passed = await reaches("https://tally.example/");
  delete Object.prototype.get;
  equal(passed, []);
  define("fetch", inner);
});

Deno.test("the guard in the head is taken over by the widget, not doubled", async () => {
  const inner = page.fetch;
  guard({ ...tools, service: { permitted: () => true } });
  equal(page.fetch == inner, true);
  equal(await reaches("https://tally.example/"), ALL);
  guard(tools);
  equal(await reaches("https://tally.example/"), []);
});

Deno.test("the developer is told once of each way to a host, in one group", async () => {
  await new Promise((done) => setTimeout(done, 1100));
  equal(logs.some((line) => /^consent_widget: held back until it is granted \(\d+\)$/.test(line)), true);
  equal(logs.filter((line) => line.startsWith("tally: fetch https://tally.example/")).length, 1);
});
