// @ts-nocheck: stands in for Google Tag Manager, as far as a custom template can see it.
// What it allows and how permissions are written down: https://developers.google.com/tag-platform/tag-manager/templates/api

/** The sections of a template file, by name. @param {string} text */
export const sections = (text) => {
  const parts = text.split(/^___([A-Z_]+)___\n/m).slice(1);
  return Object.fromEntries(parts.flatMap((name, n) => n % 2 ? [] : [[name, parts[n + 1].trim()]]));
};

/** A value as the file writes down permissions. @returns {any} */
const value = (written) =>
  written.type == 2
    ? written.listItem.map(value)
    : written.type == 3
    ? Object.fromEntries(written.mapKey.map((key, n) => [key.string, value(written.mapValue[n])]))
    : written.type == 8
    ? written.boolean
    : written.string;

/** The permissions that a template declares, by name. */
export const permissions = (text) =>
  Object.fromEntries(
    JSON.parse(sections(text).WEB_PERMISSIONS).map(({ instance: { key, param } }) => [
      key.publicId,
      Object.fromEntries(param.map((each) => [each.key, value(each.value)])),
    ]),
  );

/** Every field of the tag, with the value that it has before anybody has changed it. */
export const fields = (text) => {
  const flat = (params) => params.flatMap((each) => each.subParams ? flat(each.subParams) : [each]);
  return flat(JSON.parse(sections(text).TEMPLATE_PARAMETERS));
};

const refuse = (why) => {
  throw new Error(`The sandbox: ${why}`);
};

/** What no template may use: the page's own globals, and what the sandbox's JavaScript does not have. */
const HIDDEN = ["window", "self", "globalThis", "document", "setTimeout", "gtag", "dataLayer", "Object", "JSON", "Math"];
const UNKNOWN = /\b(new|try|class|this|async|await|function\*|delete|instanceof|with)\b|`|\.\.\.|\?\.|\?\?/;

/**
 * Runs a template once in a `page`, the globals there. Returns every call, in order: `[api, ...arguments]`.
 * @param {string} text of the file @param {object} data what is in the fields @param {Record<string, any>} page
 * @param {{code?: string, mocks?: Record<string, Function>}} [more] code in place of the template's, APIs in place of ours
 */
export const run = (text, data, page, { code = sections(text).SANDBOXED_JS_FOR_WEB_TEMPLATE, mocks = {} } = {}) => {
  const calls = [];
  const { access_consent, access_globals, write_data_layer } = permissions(text);
  const unknown = code.replace(/\/\/.*|'[^'\n]*'/g, "").match(UNKNOWN);
  if (unknown) refuse(`there is no ${unknown[0]}`);
  const mayConsent = (settings) => {
    for (const type of Object.keys(settings)) {
      if (type == "wait_for_update" || type == "region") continue;
      const allowed = access_consent?.consentTypes.find(({ consentType }) => consentType == type);
      if (!allowed?.write) refuse(`access_consent does not let it write ${type}`);
    }
  };
  const mayAccess = (path, ...ways) => {
    const allowed = access_globals?.keys.find(({ key }) => key == path);
    for (const way of ways) if (!allowed?.[way]) refuse(`access_globals does not let it ${way} ${path}`);
  };
  const apis = {
    setDefaultConsentState: mayConsent,
    updateConsentState: mayConsent,
    gtagSet: (name) => {
      if (!write_data_layer?.keyPatterns.includes(name)) refuse(`write_data_layer does not let it set ${name}`);
    },
    callInWindow: (path, ...args) => {
      mayAccess(path, "execute");
      const names = path.split(".");
      const [owner, own] = names.reduce(([, at], name) => [at, at?.[name]], [undefined, page]);
      const found = typeof own == "function" ? own.apply(owner, args) : undefined;
      return found instanceof Promise ? undefined : found;
    },
    createQueue: (name) => {
      mayAccess(name, "read", "write");
      page[name] ??= [];
      if (!Array.isArray(page[name])) return undefined;
      return (...items) => page[name].push(...items);
    },
    makeInteger: (item) => Math.trunc(Number(item)),
  };
  const require = (name) => {
    const api = mocks[name] || apis[name] || refuse(`there is no API ${name}`);
    return (...args) => {
      if (name != "makeInteger") calls.push([name, ...args]); // it only reads a number
      return api(...args);
    };
  };
  const given = { ...data, gtmOnSuccess: () => calls.push(["gtmOnSuccess"]), gtmOnFailure: () => refuse("it failed") };
  new Function("require", "data", ...HIDDEN, `"use strict";${code}`)(require, given);
  return calls;
};
