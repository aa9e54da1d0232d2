/** What the parts that only some sites or pages need (linked/, embeds/) may use of the widget. */

import { nonce } from "./core/config.js";
import { logErrors } from "./core/logErrors.js";
import { isOn } from "./core/options.js";
import { pendingSubmissions } from "./core/outboxStore.js";
import { saveToken } from "./core/saveToken.js";
import { band, choiceDue, data, decided, isAsked, isOff, permits } from "./core/state.js";
import { currentToken, tokenStore } from "./core/trustedToken.js";
import { unknownId } from "./gates/embeds.js";
import { gates, isTrusted, open } from "./gates/gate.js";
import { loadedOnce, purposesOf } from "./gates/mayRun.js";
import { decide, mayGrant, openGates, refresh } from "./session.js";
import { build } from "./ui/element.js";
import { root } from "./ui/host.js";
import { showMessage } from "./ui/message.js";
import { delay, isHasty } from "./ui/pressDelay.js";
import { bottomSpace } from "./ui/space.js";
import { drawLayer, openCentre, showDialog } from "./ui/surfaces.js";
import { loadText } from "./ui/texts.js";
import { focusWayBack } from "./ui/wayBack.js";

export const tools = {
  pendingSubmissions,
  band: () => band,
  bottomSpace,
  build,
  choiceDue,
  currentToken,
  data: () => data,
  decide,
  decided,
  delay,
  document,
  drawLayer,
  focusWayBack,
  gates,
  isAsked,
  isHasty,
  isOff,
  isOn,
  isTrusted,
  loadText,
  loadedOnce,
  logErrors,
  mayGrant,
  nonce,
  open,
  openCentre,
  openGates,
  permits,
  purposesOf,
  refresh,
  root,
  service: CW_LINKED.service,
  showDialog,
  showMessage,
  unknownId,
  saveToken,
  tokenStore,
};
