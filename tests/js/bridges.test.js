// @ts-nocheck
/** The scripts that tell WordPress and Shopify what a visitor decides, on pages where these behave as their documents say. */
import { equal } from "./equal.js";

let loaded = 0;

/** A page with the widget, and a bridge on it. `there` holds what the page has besides. */
const page = async (bridge, { granted = [], attributes = {}, later = false, tag = true, ...there } = {}) => {
  const listeners = [];
  const heard = [];
  const state = { granted: new Set(granted) };
  const script = { attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })) };
  const widget = {
    granted: (purpose, recipient) => state.granted.has(recipient ? `${purpose}:${recipient}` : purpose),
    grantedService: (service) => state.granted.has("@" + service),
    on: (event, listener) => listeners.push(listener),
    push: (work) => work(widget),
  };
  for (const name of ["wp_consent_type", "wp_has_consent", "wp_set_consent", "wp_set_service_consent", "wp_has_service_consent", "Shopify"]) {
    delete globalThis[name];
  }
  globalThis.document = {
    currentScript: tag ? script : null,
    querySelector: () => script,
    readyState: "complete",
    addEventListener: () => {},
    dispatchEvent: ({ type }) => heard.push(type),
  };
  globalThis.ConsentWidget = later ? undefined : widget;
  Object.assign(globalThis, there);
  await import(`../../static/src/bridges/${bridge}.js?page=${loaded++}`);
  if (later) ConsentWidget.forEach(widget.push);
  return {
    heard,
    /** A press, and the server's answer to it. */
    decide: (...granted) => {
      const action = granted[0] ? "save" : "reject_all";
      const tell = (left) => {
        state.granted = new Set(left);
        listeners.forEach((listener) => listener({ action }));
      };
      tell(granted.filter((each) => state.granted.has(each)));
      tell(granted);
    },
  };
};

/** The WP Consent API in a browser, by its readme: a cookie for each category, and an event where one changes. */
const wordpress = (cookies = {}) => {
  const calls = [];
  return {
    calls,
    cookies,
    there: {
      wp_has_consent: (category) => cookies[category] === "allow",
      wp_has_service_consent: (service) => cookies["service " + service] ?? false,
      wp_set_consent: (category, value) => {
        calls.push(`${category} ${value}`);
        cookies[category] = value;
      },
      wp_set_service_consent: (service, value) => {
        calls.push(`service ${service} ${value}`);
        cookies["service " + service] = value;
      },
    },
  };
};

Deno.test("in WordPress a visitor who has not chosen is told of nothing but what works anyway", async () => {
  const { calls, there } = wordpress();
  const { heard } = await page("wordpress", there);
  equal(calls, ["functional allow"]);
  equal([globalThis.wp_consent_type, heard], ["optin", ["wp_consent_type_defined"]]);
});

Deno.test("in WordPress nobody hears a no while a yes is on its way", async () => {
  const { calls, there } = wordpress();
  const { decide } = await page("wordpress", there);
  decide("analytics");
  equal(calls.splice(0), [
    "functional allow", "preferences deny", "statistics allow", "statistics-anonymous allow", "marketing deny",
  ]);
});

Deno.test("in WordPress each category follows its purposes, after each change", async () => {
  const { calls, cookies, there } = wordpress();
  const { decide } = await page("wordpress", there);
  decide();
  equal(calls.splice(0), [
    "functional allow", "preferences deny", "statistics deny", "statistics-anonymous deny", "marketing deny",
  ]);
  decide("analytics");
  equal(calls.splice(0), ["statistics allow", "statistics-anonymous allow"]);
  decide("analytics", "marketing", "functional");
  equal(calls.splice(0), ["preferences allow", "marketing allow"]);
  decide("analytics", "marketing", "functional");
  equal(calls.splice(0), []);
  decide();
  equal(Object.values(cookies), ["allow", "deny", "deny", "deny", "deny"]);
});

Deno.test("in WordPress a returning visitor's cookies say what holds now, and no plugin hears it twice", async () => {
  const stale = wordpress({ functional: "allow", marketing: "allow", statistics: "deny" });
  await page("wordpress", { ...stale.there, granted: ["analytics"] });
  equal(stale.calls, ["statistics allow", "statistics-anonymous allow", "marketing deny"]);
  const same = wordpress({ functional: "allow", statistics: "allow", "statistics-anonymous": "allow", marketing: "deny" });
  await page("wordpress", { ...same.there, granted: ["analytics"] });
  equal(same.calls, []);
});

Deno.test("the tag says which purposes, recipients and services a category follows; an empty one is never allowed", async () => {
  const { cookies, there } = wordpress();
  const attributes = {
    src: "x", "data-statistics": "data_analytics, research", "data-marketing": "sharing:acme", "data-preferences": "",
    "data-service-google-analytics": "@ga4", "data-no-optimize": "1",
  };
  const { decide } = await page("wordpress", { ...there, attributes });
  decide("data_analytics", "sharing:acme", "functional", "@ga4");
  equal([cookies.statistics, cookies.marketing, cookies.preferences], ["deny", "allow", "deny"]);
  equal(cookies["service google-analytics"], true);
  decide("data_analytics", "research", "sharing");
  equal([cookies.statistics, cookies.marketing, cookies["service google-analytics"]], ["allow", "deny", false]);
});

Deno.test("the bridge may come before the widget, and an optimiser may run it without its tag", async () => {
  const { cookies, there } = wordpress();
  await page("wordpress", { ...there, later: true, tag: false, granted: ["ads"], attributes: { "data-marketing": "ads" } });
  equal(cookies.marketing, "allow");
});

Deno.test("where a region was found by somebody else, it stays", async () => {
  const { there } = wordpress();
  await page("wordpress", { ...there, wp_consent_type: "optout" });
  equal(globalThis.wp_consent_type, "optout");
});

Deno.test("without the plugin nothing breaks, and the console says so", async () => {
  const warnings = [];
  const { warn } = console;
  console.warn = (text) => warnings.push(text);
  try {
    const { decide } = await page("wordpress");
    decide("analytics");
    const { decide: again } = await page("shopify");
    again("analytics");
  } finally {
    console.warn = warn;
  }
  equal(new Set(warnings).size, 2);
});

/** Shopify's Customer Privacy API, by its documentation. */
const shopify = (known = { analytics: "", marketing: "", preferences: "", sale_of_data: "" }) => {
  const calls = [];
  const customerPrivacy = {
    currentVisitorConsent: () => known,
    setTrackingConsent(consent, done) {
      calls.push(Object.keys(consent).filter((key) => consent[key]).join() || "none");
      for (const key in consent) this.currentVisitorConsent()[key] = consent[key] ? "yes" : "no";
      done();
    },
  };
  const loadFeatures = (features, done) => {
    equal(features, [{ name: "consent-tracking-api", version: "0.1" }]);
    Shopify.customerPrivacy = customerPrivacy;
    done();
  };
  return { calls, there: { Shopify: { loadFeatures } } };
};

Deno.test("Shopify learns of each choice once, and of nothing before one", async () => {
  const { calls, there } = shopify();
  const { decide } = await page("shopify", there);
  equal(calls, []);
  decide();
  decide("analytics");
  decide("analytics");
  decide("analytics", "marketing", "functional");
  decide();
  equal(calls, ["none", "analytics", "analytics,marketing,preferences,sale_of_data", "none"]);
});

Deno.test("Shopify is put right where a returning visitor has decided otherwise since", async () => {
  const yes = { analytics: "yes", marketing: "yes", preferences: "yes", sale_of_data: "yes" };
  const withdrawn = shopify(yes);
  await page("shopify", withdrawn.there);
  equal(withdrawn.calls, ["none"]);
  const same = shopify({ analytics: "yes", marketing: "no", preferences: "", sale_of_data: "no" });
  await page("shopify", { ...same.there, granted: ["analytics"] });
  equal(same.calls, []);
});

Deno.test("the sale of data follows what the tag says", async () => {
  const { calls, there } = shopify();
  const { decide } = await page("shopify", { ...there, attributes: { "data-sale-of-data": "sharing:acme" } });
  decide("marketing");
  equal(calls, ["marketing"]);
});
