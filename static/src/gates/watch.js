/** Notices each change of the page that can concern gates, or the way back, also in open shadow roots. */

import { logErrors } from "../core/logErrors.js";
import { roots } from "./roots.js";

const CHANGES = {
  childList: true,
  subtree: true,
  attributeFilter: ["data-consent", "data-consent-service", "data-src", "data-srcset", "data-poster", "src", "srcset", "open", "inert"],
};

/** @param {() => unknown} onChange */
export const watch = (onChange) => {
  /** @param {Element} element that may be a component */
  const look = (element) => {
    const { localName, shadowRoot } = element;
    if (shadowRoot instanceof ShadowRoot && !element.matches("consent-widget,[data-cw-blocked]") && !roots.has(shadowRoot)) {
      roots.add(shadowRoot);
      observer.observe(shadowRoot, CHANGES);
      lookThrough(shadowRoot.querySelectorAll("*"));
    } else if (/-/.test(localName) && !customElements.get(localName)) {
      customElements.whenDefined(localName).then(() => (look(element), onChange()));
    }
  };
  /** @param {NodeListOf<Element>} elements */
  const lookThrough = (elements) => {
    for (const element of elements) if (element.shadowRoot || /-/.test(element.localName)) look(element);
  };
  const observer = new MutationObserver(logErrors((/** @type {MutationRecord[]} */ records) => {
    // what runs by a change may change the page again; two rounds, as the last one's own changes need no look
    for (let round = 0; records[0] && round < 2; round++) {
      for (const { addedNodes } of records) {
        for (const node of addedNodes) {
          if (!(node instanceof Element)) continue;
          look(node);
          lookThrough(Element.prototype.querySelectorAll.call(node, "*")); // a form's own may be one of its fields
        }
      }
      onChange();
      records = observer.takeRecords();
    }
  }));
  observer.observe(document.documentElement.ownerDocument, CHANGES); // our own `document` is no node
  lookThrough(document.querySelectorAll("*"));
};
