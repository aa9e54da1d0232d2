/** The way of one choice in the page: a press counts, is sent, and opens and shuts gates. */

import { compose } from "./core/compose.js";
import { attribute, HOME } from "./core/config.js";
import { kept } from "./core/kept.js";
import { child, forced, keys } from "./core/options.js";
import { outbox } from "./core/outbox.js";
import { remember } from "./core/remember.js";
import { asked, band, data, due, permits, recall, refuse } from "./core/state.js";
import { token } from "./core/trust.js";
import { verify } from "./core/vouch.js";
import { allowed, once } from "./gates/allowed.js";
import { gates, opened } from "./gates/gate.js";
import { overrun, shut } from "./gates/shut.js";
import { others } from "./gates/template.js";
import { calm } from "./ui/calm.js";
import { build } from "./ui/element.js";
import { framed } from "./ui/frame.js";
import { root, sheet } from "./ui/host.js";
import { placeholder } from "./ui/placeholder.js";
import { get, hide, openCentre, pill, render, room, say, show, speak } from "./ui/surfaces.js";

/** What was last told to the page. */
let told = "";
/** Was the visitor told that something is not saved? */
let unsaved = false;
/** @type {(() => void) | undefined} tells of changes of the notice */
let tell;
/** @type {ReturnType<typeof import("./linked/age.js").age> | undefined} knows what a minor may not grant */
let ages;
/** @type {Record<string, (value?: unknown) => void>} who waits for the first answer to a choice */
const waits = Object.create(null);

opened.others = others;

/** @param {HTMLElement} element */
const instead = (element) => {
  const { words } = data;
  const service = data.services?.find(({ id }) => id == attribute(element, "consent-service"));
  const purposes = attribute(element, "consent").split(" ");
  const free = keys((option) => !forced(option));
  const enough = !service?.recipient && purposes.every((purpose) => free.includes(purpose));
  const link = document.createElement("a"); // knows what a browser makes of an address
  link.href = attribute(element, "src");
  const vendor = service?.name || link.host;
  const blocked = words.blocked.replaceAll("{vendor}", vendor);
  const always = enough ? words.load_always : words.preferences;
  return placeholder(element, sheet, data.locale, [blocked, words.load_once, always], (second, trusted) => {
    if (second) return enough ? decide("allow", "placeholder", purposes, trusted) : openCentre();
    if (!data.scripted && framed()) return say(data.words.framed);
    if (ages?.held(purposes)) return;
    if (trusted || data.scripted) once.add(element);
    look();
  });
};

/** How every option stands. */
const decided = () => "" + data.options.map(asked);

/** Opens what is granted. True when only a reload ends what still runs and may not. */
export const look = () => {
  tell?.();
  ages?.dress();
  if (!gates(allowed)) return false;
  shut(allowed, instead, data.locale);
  return overrun(allowed);
};

/** Opens what is granted, clears up after what is not, and tells the page where that is new. */
export const obey = (by = "visitor", action = "", surface = "") => {
  CW_MORE.service?.clear(data, permits);
  if (told != decided()) {
    told = decided();
    document.dispatchEvent(new CustomEvent("consent:change", { detail: { by, action, surface } }));
  }
  return look();
};

/** What still runs and may not is ended, where there is a page to come back to. */
const end = () => {
  if (!navigator.onLine) return;
  say(data.words.reloading);
  setTimeout(() => location.reload(), 1500);
};

/**
 * The notice changed between the page and the press: a refusal holds for the new one too.
 * @param {import("./core/kept.js").Submission} said
 */
const renew = async ({ action, surface, purposes, notice, scripted }) => {
  if (!await speak(data.locale) || data.notice == notice) return;
  const said = compose(action, surface, Object.keys(purposes), !scripted, data.notice);
  for (const { key, bulk } of data.options) if (bulk && Object.hasOwn(purposes, key)) said.purposes[key] = false;
  if (/age/.test(action)) return said;
  return Object.keys(said.purposes).length ? said : null;
};

export const send = outbox(HOME + "records", token, remember, renew, (said, status, lasting) => {
  const { action, surface, scripted } = said;
  const left = kept().length;
  const saved = lasting != null;
  recall();
  for (const key in waits) if (!saved || key == said.key) waits[key](); // what waits behind this one waits too
  unsaved = left > 0 || !saved;
  if (saved && !due()) hide();
  if (status == 409 && !left && surface != "ask") speak(data.locale).then(() => openCentre()); // as it stands now
  if (/ack/.test(action)) unsaved = false; // the bar says so itself
  else if (unsaved) say(data.words.unsaved);
  else if (/age/.test(action)) say("");
  else say(data.words[lasting ? "saved" : "unkept"], 5);
  if (obey(scripted ? "script" : "visitor", action, surface)) end();
});

/**
 * Goes on with a refusal that came before all of this was there.
 * @param {import("./core/kept.js").Submission} said
 */
export const resume = ({ action, surface, scripted }) => {
  told = ""; // the page has not heard of it
  pill.focus();
  if (obey(scripted ? "script" : "visitor", action, surface)) end();
};

/** As other pages of this site have it by now: another tab, or this one while it was away. */
export const refresh = () => {
  calm();
  recall();
  const before = told;
  const still = obey("tab");
  if (told != before) render();
  if (unsaved && !kept().length) say(data.words.saved, 5), unsaved = false;
  if (still) end();
  check();
};

/** What nobody has vouched for is asked about. */
export const check = () =>
  verify(() => {
    refresh();
    render();
  });

/**
 * @param {string} action
 * @param {string} surface
 * @param {string[]} picked what is granted, where the visitor chose one by one
 * @param {boolean} trusted whether a person did it: a grant needs one, a refusal does not
 */
export const decide = (action, surface, picked, trusted, notice = data.notice) => {
  if (/accept|save|allow/.test(action)) {
    if (!data.scripted && !trusted) return;
    if (!data.scripted && framed()) return say(data.words.framed);
    if (ages?.held(picked)) return;
  }
  ages?.heard(action);
  const said = compose(action, surface, picked, trusted, notice);
  refuse(said);
  if (!/age|allow|refuse|ack/.test(action)) hide();
  obey(trusted ? "visitor" : "script", action, surface);
  send(said);
  return new Promise((done) => waits[said.key] = done);
};

/** From here on what is new is told; what stands already is not. */
export const begin = () => {
  told = decided();
  ages = CW_MORE.age?.(() => data, { asked, band: () => band, build, calm, child, once, root, show });
};

/** Tells a returning visitor what changed in the notice. */
export const tellNews = () => {
  tell = CW_MORE.news?.(() => data, { build, decide, get, room, root, show, token });
};
