/** Makes the widget the consent manager of a WordPress site, for all plugins that know the WP Consent API. */

import { follow, once } from "./follow.js";

const page = /** @type {any} */ (globalThis);
/** Until somebody says what applies here, plugins take no consent manager for consent to everything. */
page.wp_consent_type ||= "optin";

const define = () => document.dispatchEvent(new CustomEvent("wp_consent_type_defined"));
document.readyState == "loading" ? document.addEventListener("DOMContentLoaded", define) : define();

/** What the plugins were told. @type {Record<string, boolean>} */
const told = {};

/** @param {string} key a category, or `service-<name>` @param {boolean} isAllowed @param {boolean} hasAnswered */
const set = (key, isAllowed, hasAnswered) => {
  const [, service] = key.split(/^service-/);
  const has = service ? page.wp_has_service_consent || page.wp_service_has_consent : page.wp_has_consent;
  // a visitor who has not chosen has refused nothing: the plugin stores nothing for them
  if (hasAnswered ? told[key] === isAllowed : has?.(service || key) === isAllowed) {
    if (isAllowed) told[key] = true;
    return;
  }
  told[key] = isAllowed;
  if (service) page.wp_set_service_consent?.(service, isAllowed);
  else page.wp_set_consent(key, isAllowed ? "allow" : "deny");
};

follow(
  "wordpress.js",
  { preferences: "functional", statistics: "analytics", "statistics-anonymous": "analytics", marketing: "marketing" },
  (answers, hasAnswered) => {
    const all = Object.entries({ functional: true, ...answers });
    const tell = () => all.forEach(([key, isAllowed]) => set(key, isAllowed, hasAnswered));
    once(() => page.wp_set_consent, tell, "the plugin WP Consent API is not active, so no other plugin learns what visitors chose.");
  },
);
