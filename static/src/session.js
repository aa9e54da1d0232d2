/** How one choice goes through the page: a press takes effect, is sent, and opens and closes gates. */

import { answersNothing, answersPicked, grants } from "./core/actions.js";
import { answersFromForm } from "./core/answers.js";
import { attribute, HOME } from "./core/config.js";
import { outbox } from "./core/outbox.js";
import { pendingSubmissions } from "./core/outboxStore.js";
import { saveToken } from "./core/saveToken.js";
import { applyRefusals, band, choiceDue, data, decided, loadState, permits, unverified } from "./core/state.js";
import { makeSubmission } from "./core/submission.js";
import { currentToken } from "./core/trustedToken.js";
import { verifyToken } from "./core/verifyToken.js";
import { showEmbeds } from "./gates/embeds.js";
import { mustReload, shutForbidden } from "./gates/follow.js";
import { GATED, gates, open, openPermitted } from "./gates/gate.js";
import { loadedOnce, mayRun, purposesOf } from "./gates/mayRun.js";
import { inPage, roots } from "./gates/roots.js";
import { forgetDraft } from "./ui/centre.js";
import { isFramed } from "./ui/isFramed.js";
import { showMessage } from "./ui/message.js";
import { delay } from "./ui/pressDelay.js";
import { fillCentre, hideAll, hideLayer, openCentre, render, setDrawAgain, setLanguage } from "./ui/surfaces.js";
import { focusWayBack } from "./ui/wayBack.js";

/** @typedef {import("./core/outboxStore.js").Submission} Submission */
/** @typedef {typeof import("./tools.js").tools} Tools */

/** @type {Tools} what the parts that are linked or loaded may use */
let lent;
/** The decisions that the page was last told about. */
let announced = "";
/** Was the visitor told that something is not saved? */
let unsaved = false;
/** @type {ReturnType<typeof import("./linked/news.js").news> | undefined} announces changes of the notice */
let announcer;
/** @type {ReturnType<typeof import("./linked/age.js").age> | undefined} knows what a minor may not grant */
let ageGate;
/**
 * @type {Record<string, (value?: unknown) => void>} by key of the submission: resolves the promise of `decide`, at the
 *   server's response or when the visitor is told that there is none yet
 */
const pending = Object.create(null);

/** May a press grant these options? Where not, the visitor is told why. @param {string[]} keys @param {boolean} byPerson */
export const mayGrant = (keys, byPerson) => {
  if (!data.scripted) {
    if (!byPerson) return;
    if (isFramed()) return showMessage(data.words.framed);
  }
  return !ageGate?.blocks(keys);
};

/** The decision on every option, as one text to compare. A service that was not answered alone follows its purpose. */
const allDecisions = () =>
  band + data.options.map((option) => decided(option) ?? data.options.filter(({ key }) => key == option.of).map(decided));

/** Shuts what is not granted, and opens what is. Returns true if a script has run that no longer may: only a reload ends it. */
export const openGates = () => {
  announcer?.update();
  ageGate?.update();
  gates.update?.(roots);
  const elements = inPage(GATED);
  shutForbidden(elements, mayRun);
  if (!openPermitted(mayRun, elements)) return false;
  showEmbeds(elements, lent);
  return mustReload(mayRun);
};

/**
 * Opens what is granted, clears what services that may not run have stored, and tells the page where decisions are new.
 * @param {Partial<Submission>} [submission] that led to them, where it was made in this page
 */
const applyDecisions = ({ action = "", surface = "", scripted } = {}, by = scripted ? "script" : "visitor") => {
  // while nobody knows what was granted, nothing that a granted service uses may go
  const left = !unverified && CW_LINKED.clear?.(data, ({ id }) => CW_LINKED.service?.permitted(data, permits, id));
  if (announced != allDecisions()) {
    announced = allDecisions();
    document.dispatchEvent(new CustomEvent("consent:change", { detail: { by, action, surface, ...left } }));
  }
  return openGates();
};

/** Reloads the page, which ends what still runs and may not. Not while offline: the page could not be loaded again. */
const reload = () => {
  if (!navigator.onLine) return;
  showMessage(data.words.reloading);
  setTimeout(() => location.reload(), 1500);
};

/**
 * The notice changed after the page was shown. Makes the same refusal of the new notice. null: nothing left to refuse;
 * undefined: no new notice could be loaded.
 * @param {Submission} submission
 */
const renew = async ({ action, surface, purposes, notice, scripted }) => {
  if (!await setLanguage(data.locale, "") || data.notice == notice) return;
  const answers = answersFromForm(action, Object.keys(purposes));
  for (const { key, bulk } of data.options) if (bulk && key in purposes) answers[key] = false;
  if (answersNothing(action) ? action == "acknowledge" : !Object.keys(answers).length) return null;
  return makeSubmission(action, surface, answers, !scripted, data.notice);
};

export const send = outbox(HOME + "records", currentToken, saveToken, renew, (submission, status, saved) => {
  const { action, surface } = submission;
  const left = pendingSubmissions().length;
  const acknowledged = saved != null;
  loadState();
  const needsReload = applyDecisions(submission); // before anything is drawn: what was granted waits for it
  // when one is not acknowledged, those behind it are not either
  for (const key in pending) {
    if (!acknowledged || key == submission.key) {
      pending[key]();
      delete pending[key];
    }
  }
  unsaved = left > 0 || !acknowledged;
  fillCentre(); // an open one stays open
  if (acknowledged && !choiceDue()) hideLayer();
  if (status == 409 && !left && surface != "ask") setLanguage(data.locale, "").then(() => openCentre()); // with the new state
  if (action == "acknowledge") unsaved = false; // the bar itself shows it
  else if (unsaved) showMessage(data.words.unsaved);
  else if (answersNothing(action)) showMessage("");
  else showMessage(data.words[saved ? "saved" : "unkept"], 5);
  if (needsReload) reload();
});

/**
 * Completes a refusal that was pressed before this part of the script was loaded.
 * @param {Submission} submission
 */
export const resume = (submission) => {
  announced = ""; // the page was not told about it
  focusWayBack();
  if (applyDecisions(submission)) reload();
};

/** Reads the state again: another tab may have changed it, or this page was away (back/forward cache). */
export const refresh = () => {
  delay();
  loadState();
  const before = announced;
  const needsReload = applyDecisions({}, "tab");
  if (announced != before) render();
  if (unsaved && !pendingSubmissions().length) showMessage(data.words.saved, 5), unsaved = false;
  if (needsReload) reload();
  verify();
};

/** Asks the server about a token that is not verified yet. */
const verify = () =>
  verifyToken(() => {
    refresh();
    render();
  });

/**
 * @param {string} action
 * @param {string} surface
 * @param {string[]} picked keys that are granted or refused, where the visitor chose them one by one
 * @param {boolean} byPerson whether a person pressed, and not a script: a grant needs one, a refusal does not
 */
export const decide = (action, surface, picked, byPerson, notice = data.notice) => {
  if (grants(action) && !mayGrant(picked, byPerson)) return;
  const submission = makeSubmission(action, surface, answersFromForm(action, picked), byPerson, notice);
  applyRefusals(submission);
  for (const element of gates.open.keys()) { // what was loaded once ends when its purpose is refused
    const service = "@" + attribute(element, "consent-service");
    const keys = purposesOf(element).flatMap((purpose) => [purpose, purpose + service]);
    if (keys.some((key) => submission.purposes[key] == false)) loadedOnce.delete(element);
  }
  send(submission);
  if (!answersNothing(action) && (/again|bar/.test(surface) || !answersPicked(action))) {
    forgetDraft();
    hideAll();
  }
  applyDecisions(submission);
  return new Promise((done) => pending[submission.key] = done);
};

/** From here on the page is told about decisions that change. @param {Tools} tools */
export const prepare = (tools) => {
  lent = tools;
  announced = allDecisions();
  ageGate = CW_LINKED.age?.(tools);
  announcer = CW_LINKED.news?.(tools);
  setDrawAgain(announcer?.layer);
};

/** Opens the gates, which also tells a returning visitor what has changed in the notice, and verifies the token. */
export const begin = () => {
  applyDecisions();
  verify();
};
