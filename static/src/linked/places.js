/**
 * Loads scripts of vendors at their place: a captcha with its form, a chat or a map at the press. What stands there until then is
 * a gated element, as for a frame; the page's own scripts wait for `ConsentWidget.load`.
 */

import { adopt } from "../embeds/sheets.js";
import { makers } from "./tags.js";

/** @typedef {import("../embeds/vendorAddress.js").Facade} Facade */
/** @typedef {{id: string, purposes: string[], embed: Facade}} Service */

const global = /** @type {any} */ (globalThis);
/** Room for the words in place of a script: of a captcha and a chat nobody knows the size. */
const ROOM = "div:not([src]){min-height:15rem;max-width:26rem}";

/** @param {import("../tools.js").tools} tools of the widget @param {{load?: (id: string) => Promise<unknown>}} api of the page */
export const places = (tools, api) => {
  const { data, document, gates, loadedOnce, logErrors, nonce, open, openGates, permits, service: rules, showMessage } = tools;
  const { make, prepare } = makers(tools);
  /** @type {(id: string) => Service | undefined} in the language of now */
  const serviceOf = (id) => data().services.find((/** @type {Service} */ each) => each.id == id && each.embed?.tag);

  /** @type {Record<string, {promise: Promise<unknown>, done: (value: unknown) => void}>} by service: what the page's scripts get */
  const loads = Object.create(null);
  const loadOf = (/** @type {string} */ id) => {
    /** @type {(value: unknown) => void} */
    let done = () => {};
    const promise = new Promise((resolve) => done = resolve);
    return loads[id] ??= { promise, done };
  };

  /** @type {Record<string, Promise<unknown>>} by service: until its script can be used */
  const scripts = Object.create(null);
  /** @param {Service} service @param {HTMLElement} [gate] */
  const script = ({ id, purposes, embed: { tag, ready } }, gate) =>
    scripts[id] ??= new Promise((resolve, reject) => {
      const vendor = { id, purposes, tag };
      const element = document.createElement("script");
      prepare(vendor);
      for (const call of tag.calls) if (call.on == "start") make(vendor, call);
      const { attributes = {} } = tag;
      for (const name of Object.keys(attributes)) element.setAttribute(name, attributes[name]);
      let { src } = tag;
      if (ready) {
        global["consentWidget_" + id] = resolve;
        src += `${/\?/.test(src) ? "&" : "?"}${ready}=consentWidget_${id}`;
      } else element.onload = resolve;
      element.onerror = () => {
        delete scripts[id];
        reject(Error(`${src} cannot be loaded`));
      };
      element.type = "text/plain";
      element.async = true;
      element.nonce = nonce;
      element.setAttribute("data-consent", purposes.join(" "));
      element.setAttribute("data-consent-service", id);
      element.setAttribute("data-src", src);
      document.head.append(element);
      open(element, gate);
    });

  /**
   * @param {Service} service
   * @param {{host?: HTMLElement, box?: HTMLElement, values?: Record<string, string>}} place
   */
  const run = async (service, { host, box, values = {} }) => {
    const { id, purposes, embed: { gives, tag } } = service;
    try {
      await script(service, box);
    } catch (error) { // what was pressed can be pressed again
      if (box) {
        loadedOnce.delete(box);
        showMessage(data().words.unreachable, 5);
      }
      openGates();
      throw error;
    }
    if (box && !gates.open.has(box)) return;
    const { done } = loadOf(id);
    let isGiven = false;
    for (const call of tag.calls) {
      if (call.on != "loaded" && !(call.on == "open" && box && loadedOnce.has(box))) continue;
      make({ id, purposes, tag }, call, (name) => {
        if (name == "done") return isGiven = true, done;
        return name == "element" ? host?.appendChild(document.createElement("div")) : values[name];
      });
    }
    if (!isGiven) done(gives && global[gives]);
  };

  /** @type {WeakMap<Element, () => unknown>} what opens each box */
  const starts = new WeakMap();
  /** @type {Map<HTMLElement, {id: string, begin: () => unknown}>} captchas that wait for somebody to fill in their form */
  const waiting = new Map();
  const { address } = gates;
  gates.address = (/** @type {Element} */ element, /** @type {string} */ text) => {
    const start = starts.get(element);
    if (!start) return address?.(element, text) ?? text;
    start();
    return text;
  };

  gates.place = (/** @type {HTMLElement} */ host, /** @type {ShadowRoot} */ root, /** @type {string} */ id, /** @type {Record<string, string>} */ values) => {
    const service = serviceOf(id);
    if (!service) return root.append(document.createElement("slot"));
    const { kind, tag } = service.embed;
    const box = /** @type {any} */ (document.createElement("div"));
    const isMap = kind != "captcha" && kind != "chat";
    const begin = logErrors(() => {
      waiting.delete(box);
      return gates.open.has(box) && run(service, { host, box, values });
    });
    starts.set(box, () => {
      const form = kind == "captcha" && !loadedOnce.has(box) && host.closest("form");
      if (!form || form.contains(document.activeElement)) return setTimeout(begin); // it is open by then
      waiting.set(box, { id, begin });
      for (const event of ["focusin", "pointerdown"]) form.addEventListener(event, () => waiting.has(box) && begin(), { once: true });
    });
    const { ratio = "", title } = host.dataset;
    box.setAttribute("data-consent", service.purposes.join(" "));
    box.setAttribute("data-consent-service", id);
    box.setAttribute("data-src", tag.src);
    const words = () => serviceOf(id)?.embed.words;
    Object.assign(box, { now: 1, src: "", words });
    if (title) box.title = title;
    if (host.dataset.poster) box.setAttribute("data-poster", host.dataset.poster);
    if (isMap) box.style.cssText = `width:100%;height:100%;aspect-ratio:${/^\d+\/\d+$/.test(ratio) ? ratio : "16/9"}`;
    else adopt({ document, nonce }, root, ROOM);
    box.append(document.createElement("slot"));
    root.append(box);
  };

  /** @type {Set<string>} services that the page wants without a place for them */
  const wanted = new Set();
  const runWanted = logErrors(() => {
    for (const id of wanted) {
      const service = serviceOf(id);
      if (!service || !rules?.permitted(data(), permits, id)) continue;
      wanted.delete(id);
      run(service, {}).catch(console.warn);
    }
  });
  document.addEventListener("consent:change", runWanted);

  api.load = (id) => {
    if (!serviceOf(id)) return Promise.reject(Error(`consent_widget: the notice has no service "${id}" whose script has a place`));
    let isPlaced = false;
    for (const { dataset } of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-consent-embed]"))) isPlaced ||= dataset.consentEmbed == id;
    for (const each of waiting.values()) if (each.id == id) each.begin();
    if (!isPlaced && !scripts[id]) {
      wanted.add(id);
      runWanted();
    }
    return loadOf(id).promise;
  };
};
