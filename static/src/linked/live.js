/** What the server left live, because this visitor has agreed (CONSENT_GATE_HTML): when they withdraw it, the page is loaded anew. */

/**
 * @param {object} tools of the widget
 * @param {() => import("../core/policy.js").Terms} tools.data
 * @param {Document} tools.document
 * @param {import("../gates/gate.js").Gates} tools.gates
 * @param {(work: () => void) => () => void} tools.logErrors
 * @param {import("./service.js").Permits} tools.permits
 * @param {typeof import("../gates/mayRun.js").purposesOf} tools.purposesOf
 * @param {typeof import("./service.js").service} [tools.service]
 */
export const live = ({ data, document, gates, logErrors, permits, purposesOf, service }) => {
  const register = () => {
    for (const element of document.querySelectorAll("[data-consent-granted]")) {
      const purposes = element.getAttribute("data-consent-granted") || "", id = element.getAttribute("data-consent-service") || "";
      if (gates.ran.has("live" + purposes + id)) continue;
      const gate = document.createElement("i");
      gate.setAttribute("data-consent", purposes);
      gate.setAttribute("data-consent-service", id);
      // where this browser says no by itself, as by an opt-out signal in no header, the next answer would be the same
      if (service?.allowed(data(), permits, id, purposesOf(gate))) gates.ran.set("live" + purposes + id, gate);
    }
  };
  register();
  new MutationObserver(logErrors(register)).observe(document.documentElement, { childList: true, subtree: true });
};
