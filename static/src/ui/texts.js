/** Texts and trees that are loaded from the server when they are needed. */

import { fetchJson } from "../core/fetchJson.js";
import { data, setData } from "../core/state.js";
import { showMessage } from "./message.js";

/**
 * @param {string} name
 * @param {string} [version] whose text never changes; without it, the current one
 * @returns {Promise<any>} undefined where it cannot be loaded
 */
const fetchText = (name, version) =>
  fetchJson(`i18n/${name}.json` + (version ? "?" + version : ""), version ? { cache: "force-cache" } : {}).catch(
    () => {},
  );

/** As `fetchText`, and tells the visitor where it cannot be loaded. @param {string} name @param {string} [version] */
export const loadText = async (name, version) => {
  const text = await fetchText(name, version);
  if (!text) showMessage(data.words.unreachable, 5);
  return text;
};

/** @type {Promise<any> | undefined} */
let preloaded;
/** Where the server renders the first layer, the script comes without trees. Loads them before they are asked for. */
export const preloadTrees = () => data.centre || (preloaded = fetchText(data.locale, data.notice));
export const loadTrees = async () => {
  const next = data.centre ? data : await preloaded || await loadText(data.locale, data.notice);
  if (next) setData(next);
  return next;
};
