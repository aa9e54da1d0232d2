/**
 * Puts content of vendors into elements with `data-consent-embed`: in a shadow root, so that the page's markup stays as it was
 * written. What stands there is a gated element like any other.
 */

import { built, has, isComplete, matching, readAddress } from "../embeds/vendorAddress.js";

/** @typedef {import("../embeds/vendorAddress.js").Facade} Facade */

/** @param {import("../tools.js").tools} tools of the widget */
export const facades = ({ data, document, gates, loadedOnce, logErrors, openGates }) => {
  /** @returns {{id: string, name: string, purposes: string[], embed?: Facade}[]} in the language of now */
  const services = () => data().services;

  /** @param {Element} element @param {Facade} facade */
  const permit = (element, { attributes = {} }) => {
    for (const name of Object.keys(attributes)) if (!element.hasAttribute(name)) element.setAttribute(name, attributes[name]);
  };

  /** The vendor's own address with the fewest traces, whatever address of it the page has. */
  gates.address = (/** @type {Element} */ element, /** @type {string} */ text) => {
    for (const { embed } of services()) {
      const values = embed?.frame && readAddress(embed, text);
      if (!embed?.frame || !values) continue;
      const url = new URL(built(embed.frame, values));
      const asked = new URL(text, "https://x");
      // what the page says to the player beyond that stays
      if (asked.pathname == url.pathname) {
        asked.searchParams.forEach((value, name) => {
          if (!has(embed.queries || {}, name) && !url.searchParams.has(name)) url.searchParams.set(name, value);
        });
      }
      const { played = {} } = embed;
      if (loadedOnce.has(element)) for (const name of Object.keys(played)) url.searchParams.set(name, played[name]);
      permit(element, embed);
      return url.href;
    }
    return text;
  };

  /** @returns {undefined} */
  const warn = (/** @type {string} */ mistake, /** @type {Element} */ host) => void console.warn(`consent_widget: ${mistake}:`, host);

  /** @param {HTMLElement} host @returns {Record<string, string> | undefined} */
  const valuesOf = (host, /** @type {Facade} */ facade) => {
    const { parameters = {} } = facade;
    /** @type {Record<string, string>} */
    const values = {};
    for (const name of Object.keys(parameters)) {
      const text = host.getAttribute("data-" + name)?.trim() || "";
      const [pattern, example] = parameters[name];
      if (/\/\//.test(text)) Object.assign(values, readAddress(facade, text));
      else if (matching(pattern, text)) values[name] = text;
      else if (text) return warn(`write data-${name}="${example}", as the vendor writes it`, host);
    }
    if (isComplete(facade, values)) return values;
    const [[name, [, example]]] = Object.entries(parameters);
    warn(`write data-${name}="${example}", or an address of the vendor`, host);
  };

  /** @type {WeakMap<Element, string>} what each element said when it was filled */
  const seen = new WeakMap();
  const saying = (/** @type {HTMLElement} */ { dataset }) => JSON.stringify({ ...dataset });

  /** @param {HTMLElement} host @param {Set<Document | ShadowRoot>} roots */
  const dress = (host, roots) => {
    seen.set(host, saying(host));
    attributes.observe(host, { attributes: true });
    const { consentEmbed: id, poster, ratio = "", title } = host.dataset;
    const service = services().find((each) => each.id == id);
    if (!service?.embed) return warn(`the notice has no service "${id}" from the catalogue that can be embedded`, host);
    const { embed, name, purposes } = service;
    const root = host.shadowRoot || host.attachShadow({ mode: "open" });
    roots.add(root);
    root.textContent = "";
    const values = valuesOf(host, embed);
    if (!values) return root.append(document.createElement("slot")); // what the page shows without us
    if (!embed.frame) return gates.place?.(host, root, service.id, values);
    const frame = document.createElement("iframe");
    frame.setAttribute("data-consent", purposes.join(" "));
    frame.setAttribute("data-consent-service", service.id);
    frame.setAttribute("data-src", built(embed.frame, values));
    if (poster) frame.setAttribute("data-poster", poster);
    permit(frame, embed);
    if (!title) warn('write data-title="…", which says what it shows and is read out by screen readers', host);
    Object.assign(frame, { now: 1, allowFullscreen: true, title: title || name });
    const shape = /^\d+\/\d+$/.test(ratio) ? ratio : "16/9";
    frame.style.cssText = `display:block;box-sizing:border-box;width:100%;height:100%;border:0;aspect-ratio:${shape}`;
    const box = document.createElement("div");
    box.style.height = "100%";
    const picture = new URL(poster || "", document.baseURI); // there until the placeholder shows it, with its words
    if (poster && picture.origin == location.origin) box.style.background = `url(${JSON.stringify(picture.href)}) center / cover`;
    if (embed.film) box.style.setProperty("--cw-play", "1");
    box.append(frame);
    root.append(box);
  };

  /** @type {Set<Document | ShadowRoot>} */
  let known;
  const attributes = new MutationObserver(logErrors((/** @type {MutationRecord[]} */ records) => {
    const hosts = /** @type {Set<HTMLElement>} */ (new Set(records.map(({ target }) => target)));
    const changed = [...hosts].filter((host) => saying(host) != seen.get(host)); // a film goes on when its class changes
    for (const host of changed) dress(host, known);
    if (changed[0]) openGates();
  }));

  gates.update = (/** @type {Set<Document | ShadowRoot>} */ roots) => {
    known = roots;
    for (const root of [...roots]) {
      const { host: owner, isConnected } = /** @type {ShadowRoot} */ (root);
      if (!isConnected && seen.delete(owner)) roots.delete(root); // it is filled anew if it returns
      for (const host of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-consent-embed]"))) {
        if (!seen.has(host)) logErrors(dress)(host, roots);
      }
    }
  };
};
