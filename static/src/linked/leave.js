/** Before a link leads to another site, a dialog says whose site it is, and the visitor decides whether to go there. */

/** @typedef {{affiliates: string[], policies: Record<string, string>, tree: import("../ui/element.js").Tree}} Leaving */

/** @param {string} whole the label of a host name @param {string} label the part after `xn--` @returns {string} decoded (RFC 3492) */
const decoded = (whole, label) => {
  const cut = label.lastIndexOf("-");
  const out = [...label.slice(0, Math.max(cut, 0))];
  let [n, i, bias, at] = [128, 0, 72, cut + 1];
  while (at < label.length) {
    const before = i;
    for (let weight = 1, k = 36;; k += 36) {
      const digit = parseInt(label[at++], 36);
      const value = digit < 10 ? digit + 26 : digit - 10;
      const least = Math.min(Math.max(k - bias, 1), 26);
      if (!(value >= 0)) return whole;
      i += value * weight;
      if (value < least) break;
      weight *= 36 - least;
    }
    const size = out.length + 1;
    let delta = Math.floor(before ? (i - before) / 2 : i / 700);
    delta += Math.floor(delta / size);
    for (bias = 0; delta > 455; bias += 36) delta = Math.floor(delta / 35);
    bias += Math.floor(36 * delta / (delta + 38));
    n += Math.floor(i / size);
    if (n > 0x10ffff) return whole;
    i %= size;
    out.splice(i++, 0, String.fromCodePoint(n));
  }
  return out.join("");
};

/**
 * @param {object} tools of the widget
 * @param {(tree: import("../ui/element.js").Tree) => HTMLElement} tools.build
 * @param {() => {leave?: any}} tools.data in the current locale
 * @param {(content: HTMLElement) => void} tools.showDialog
 */
export const leave = ({ build, data, showDialog }) => {
  /** @param {MouseEvent} event */
  const onClick = (event) => {
    const path = /** @type {HTMLElement[]} */ (event.composedPath()); // also in shadow roots, but not in the widget's own
    if (path.some((element) => element.localName == "consent-widget")) return;
    const link = path.find((element) => element.matches?.("a[href], a[*|href], area[href]"));
    if (!link || event.defaultPrevented || event.button > 1) return;
    /** @param {string} name */
    const value = (name) => link.getAttribute(name) || "";
    const to = document.createElement("a");
    to.href = value("href") || value("xlink:href"); // SVG links too
    const { protocol, host, hostname, href } = to;
    if (/^(javascript|data|vbscript):/.test(protocol)) return event.preventDefault();
    const { affiliates, policies, tree } = /** @type {Leaving} */ (data().leave);
    const affiliated = [location.hostname, ...affiliates].some((domain) => `.${hostname}`.endsWith("." + domain));
    if (!/^https?:/.test(protocol) || affiliated) return;
    event.preventDefault();
    const question = build(tree);
    const decodedHost = host.replace(/xn--([^.:]+)/g, decoded);
    const [name, script] = question.querySelectorAll("bdi");
    name.append(host);
    if (decodedHost == host) script.parentElement?.remove();
    else script.append(decodedHost);
    const [policy, go] = /** @type {NodeListOf<HTMLAnchorElement>} */ (question.querySelectorAll("a"));
    go.href = href;
    go.rel = value("rel") + " noopener";
    go.referrerPolicy = value("referrerpolicy");
    go.target = event.button || event.ctrlKey || event.metaKey || event.shiftKey ? "_blank" : value("target");
    go.onclick = () => question.closest("dialog")?.close();
    if (policies[hostname]) policy.href = policies[hostname];
    else policy.parentElement?.remove();
    showDialog(question);
    question.closest("dialog")?.setAttribute("aria-describedby", "cw-host");
    go.focus();
  };
  document.addEventListener("click", onClick);
  document.addEventListener("auxclick", onClick);
};
