/** Tells Shopify what visitors decide here, by its Customer Privacy API (shopify.dev/docs/api/customer-privacy). */

import { follow, once } from "./follow.js";

/** @typedef {Record<string, boolean>} Answers */
const page = /** @type {any} */ (globalThis);
const FEATURES = [{ name: "consent-tracking-api", version: "0.1" }];
let told = "";

/** @param {Answers} answers @param {boolean} hasAnswered */
const send = (answers, hasAnswered) => {
  const api = page.Shopify.customerPrivacy;
  const known = api.currentVisitorConsent?.() || {};
  // a visitor who has not chosen has refused nothing: Shopify is told nothing of them
  const differs = Object.keys(answers).some((key) => (known[key] == "yes") != answers[key]);
  const text = JSON.stringify(answers);
  if (hasAnswered ? told == text : !differs) return;
  told = text;
  api.setTrackingConsent(answers, (/** @type {any} */ answer) => {
    if (!answer?.error) return;
    told = "";
    console.warn("consent_widget: Shopify did not take the visitor's choice:", answer.error);
  });
};

follow(
  "shopify.js",
  { analytics: "analytics", marketing: "marketing", preferences: "functional", "sale-of-data": "marketing" },
  ({ "sale-of-data": sale, ...others }, hasAnswered) => {
    const { analytics, marketing, preferences } = others;
    const answers = { analytics, marketing, preferences, sale_of_data: sale };
    const load = () =>
      page.Shopify.loadFeatures(FEATURES, (/** @type {any} */ error) => {
        if (error) console.warn("consent_widget: Shopify's Customer Privacy API could not be loaded:", error);
        else send(answers, hasAnswered);
      });
    once(() => page.Shopify?.loadFeatures, load, "this is no page of a Shopify shop, so nothing is told to Shopify.");
  },
);
