/** What a placeholder says, and what its buttons do: who the content is from, load it once, load it always, or the privacy settings. */

import { BOX } from "./box.js";
import { lastingKeys } from "./lastingKeys.js";
import { adopt } from "./sheets.js";

/**
 * @typedef {object} Tools
 * @property {typeof import("../ui/element.js").build} build
 * @property {() => import("../core/state.js").Data} data
 * @property {(action: string, surface: string, picked: string[], byPerson: boolean) => unknown} decide
 * @property {Document} document
 * @property {typeof import("../ui/pressDelay.js").isHasty} isHasty
 * @property {typeof import("../core/state.js").isOff} isOff
 * @property {typeof import("../core/logErrors.js").logErrors} logErrors
 * @property {WeakSet<Element>} loadedOnce
 * @property {(keys: string[], byPerson: boolean) => unknown} mayGrant
 * @property {string} nonce of the page
 * @property {() => unknown} openCentre
 * @property {(unused?: unknown) => unknown} openGates
 * @property {import("../gates/gate.js").Gates} gates
 * @property {typeof import("../gates/gate.js").isTrusted} isTrusted
 * @property {typeof import("../gates/gate.js").open} open
 * @property {typeof import("../core/state.js").permits} permits
 * @property {typeof import("../gates/mayRun.js").purposesOf} purposesOf
 * @property {typeof import("../linked/service.js").service} [service] where the notice has services
 * @property {typeof import("../gates/embeds.js").unknownId} unknownId
 */

/** What of an element a placeholder depends on. @param {Tools} tools @param {HTMLElement} element */
export const contentOf = ({ data }, element) =>
  [data().locale, ...["data-src", "data-consent", "data-consent-service", "data-poster", "title"].map((name) => element.getAttribute(name))]
    .join("\n");

/** The site's own picture: another host would learn of the visit before they agreed. */
const posterOf = (/** @type {Tools} */ { build }, /** @type {HTMLElement} */ element) => {
  const link = /** @type {HTMLAnchorElement} */ (build(["a"]));
  link.href = element.dataset.poster || "";
  const own = location.hostname.replace(/^www\./, "");
  if (!element.dataset.poster) return "";
  if (link.protocol == "data:" || ("." + link.hostname).endsWith("." + own)) return `url(${JSON.stringify(link.href)})`;
  console.warn("consent_widget: not shown, data-poster must be a picture on the site's own host:", element);
  return "";
};

/** @param {Tools} tools @param {HTMLElement} element @returns {HTMLElement} */
export const buildPlaceholder = (tools, element) => {
  const { build, data } = tools;
  const { locale, options, services, words } = data();
  const link = /** @type {HTMLAnchorElement} */ (build(["a"])); // parses an address as the browser does
  link.href = element.dataset.src || "";
  const service = services?.find(({ id }) => id == element.dataset.consentService);
  const vendor = service?.name || link.host || link.href;
  const [blocked, once, always] = /** @type {any} */ (element).words?.() || CW_WORDS[locale]; // its own: see places.js
  const sentence = blocked.replaceAll("{vendor}", vendor);
  const purposes = tools.purposesOf(element);
  const optedOut = options.some((option) => option.gpc && purposes.includes(option.key) && tools.isOff(option));
  const lasting = () => lastingKeys(tools, element.dataset.consentService || "", purposes);
  const host = build(["div", { "data-cw-blocked": "off" }]);
  const root = host.attachShadow({ mode: "open" });
  const box = build(["div", { class: "cw-blocked", lang: locale, role: "group", "aria-label": [element.title, vendor].filter(Boolean).join(" · ") }, [
    "div",
    ["b", vendor],
    ["p", sentence],
    ["p", { class: "cw-address" }, link.href],
    // with a recipient it waits for consent to that one by name, which is given beside all that is told about it; what the opt-out
    // signal keeps off is not loaded by one press either
    ["div", ...service?.recipient || optedOut ? [] : [["button", once]], ["button", lasting() ? always : words.preferences]],
  ]]);
  box.title = sentence; // a small box has no room for it
  const poster = posterOf(tools, element);
  if (poster) {
    box.style.backgroundImage = poster;
    box.classList.add("cw-poster");
  }
  const delayEnd = performance.now() + 500; // the placeholder itself has only just appeared
  box.querySelectorAll("button").forEach((button, at, { length }) =>
    // a listener, which the page cannot call as it could `onclick`
    button.addEventListener("click", tools.logErrors((/** @type {MouseEvent} */ event) => {
      if (tools.isHasty(event, "allow") || tools.isHasty(event, "allow", delayEnd)) return;
      const last = at + 1 == length;
      const keys = last && lasting();
      if (last && !keys) return tools.openCentre();
      if (!tools.mayGrant(purposes, event.isTrusted)) return;
      tools.loadedOnce.add(element); // what a visitor asks to see does not wait for the record
      tools.openGates();
      if (keys) tools.decide("allow", "placeholder", keys, event.isTrusted);
    }))
  );
  adopt(tools, root, BOX + CW_EMBEDS_CSS);
  root.append(box);
  return host;
};
