/** Texts and trees that are loaded from the server when they are needed. */

import { fetchJson } from "../core/fetchJson.js";
import { data, setData } from "../core/state.js";
import { showMessage } from "./message.js";

/**
 * @param {string} name
 * @param {string} [notice] the digest of the notice that it is about, this page's: the server may show another by now, and a
 *   cache may have an older copy, which would open a purpose under what it meant before. Empty for the one in effect now
 * @returns {Promise<any>} undefined where it cannot be loaded
 */
const fetchText = (name, notice = data.notice) =>
  fetchJson(`i18n/${name}.json` + (notice && "?" + notice))
    .then((text) => (notice && text.notice || notice) == notice && text).catch(() => {});

/** As `fetchText`, and tells the visitor where it cannot be loaded. @param {string} name @param {string} [notice] */
export const loadText = async (name, notice) => {
  const text = await fetchText(name, notice);
  if (!text) showMessage(data.words.unreachable, 5);
  return text;
};

/** @type {Promise<any> | undefined} */
let preloaded;
/** Where the server renders the first layer, the script comes without trees. Loads them before they are asked for. */
export const preloadTrees = () => data.centre || (preloaded = fetchText(data.locale));
export const loadTrees = async () => {
  const next = data.centre ? data : await preloaded || await loadText(data.locale);
  if (next) setData(next);
  return next;
};
