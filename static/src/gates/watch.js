/** Notices each change of the page that can concern gates, also in open shadow roots. */

import { ownTag } from "../core/config.js";
import { logErrors } from "../core/logErrors.js";
import { roots } from "./roots.js";

const CHANGES = {
  childList: true,
  subtree: true,
  attributeFilter: ["data-consent", "data-consent-service", "data-src", "data-srcset", "data-poster", "src", "srcset"],
};

/** @param {() => unknown} onChange */
export const watch = (onChange) => {
  /** @param {Node} node in which components may be, some of them not defined yet */
  const findRoots = (node) => {
    if (!(node instanceof Element || node == document || node instanceof ShadowRoot)) return;
    for (const element of [node, .../** @type {Element} */ (node).querySelectorAll("*")]) {
      const { localName, shadowRoot } = /** @type {Element} */ (element);
      if (shadowRoot instanceof ShadowRoot && localName != "consent-widget" && !roots.has(shadowRoot)) {
        roots.add(shadowRoot);
        observer.observe(shadowRoot, CHANGES);
        findRoots(shadowRoot);
      } else if (!shadowRoot && /-/.test(localName) && !customElements.get(localName)) {
        customElements.whenDefined(localName).then(() => (findRoots(element), onChange()));
      }
    }
  };
  const observer = new MutationObserver(logErrors((/** @type {MutationRecord[]} */ records) => {
    // what runs by a change may change the page again; two rounds, as the last one's own changes need no look
    for (let round = 0; records[0] && round < 2; round++) {
      for (const { addedNodes } of records) addedNodes.forEach(findRoots);
      onChange();
      records = observer.takeRecords();
    }
  }));
  observer.observe(ownTag.ownerDocument, CHANGES);
  findRoots(document);
};
