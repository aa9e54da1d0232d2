/**
 * In a page that is the same for everybody: shows the first layer before the first paint, where the browser knows of no choice,
 * neither in a cookie nor in one that is still to be sent. The layer waits in a template at the end of our shadow root.
 */

try {
  const host = /** @type {any} */ (document.currentScript).parentNode;
  const root = host.shadowRoot;
  if (top == self && !/CW_NAME(=1|-outbox)/.test(document.cookie + Object.keys(localStorage))) {
    if (/** @type {any} */ (navigator).globalPrivacyControl) host.dataset.gpc = "";
    root.append(root.lastChild.content);
  }
} catch { /* the widget's script shows it a moment later */ }
