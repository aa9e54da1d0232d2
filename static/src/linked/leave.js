/** Before a link leads to another site: says whose it is, and lets the visitor decide. */

/** @typedef {{affiliates: string[], policies: Record<string, string>, tree: import("../ui/element.js").Tree}} Leaving */

/** @param {string} whole label of a host name @param {string} label after `xn--` @returns {string} in its own script (RFC 3492) */
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
 * @param {() => Leaving} leaving as the notice's current locale has it
 * @param {(tree: import("../ui/element.js").Tree) => HTMLElement} build
 * @param {(content: HTMLElement) => void} show
 */
export const leave = (leaving, build, show) => {
  /** @param {MouseEvent} event */
  const asked = (event) => {
    const path = /** @type {HTMLElement[]} */ (event.composedPath()); // also into shadow roots, and not into our own
    if (path.some((each) => each.localName == "consent-widget")) return;
    const link = path.find((each) => each.matches?.("a[href], a[*|href], area[href]"));
    if (!link || event.defaultPrevented || event.button > 1) return;
    /** @param {string} name */
    const said = (name) => link.getAttribute(name) || "";
    const to = document.createElement("a");
    to.href = said("href") || said("xlink:href"); // links in pictures are links too
    const { protocol, host, hostname, href } = to;
    if (/^(javascript|data|vbscript):/.test(protocol)) return event.preventDefault();
    const { affiliates, policies, tree } = leaving();
    const ours = [location.hostname, ...affiliates].some((each) => `.${hostname}`.endsWith("." + each));
    if (!/^https?:/.test(protocol) || ours) return;
    event.preventDefault();
    const question = build(tree);
    const read = host.replace(/xn--([^.:]+)/g, decoded);
    const [name, script] = question.querySelectorAll("bdi");
    name.append(host);
    if (read == host) script.parentElement?.remove();
    else script.append(read);
    const [policy, go] = /** @type {NodeListOf<HTMLAnchorElement>} */ (question.querySelectorAll("a"));
    go.href = href;
    go.rel = said("rel") + " noopener";
    go.referrerPolicy = said("referrerpolicy");
    go.target = event.button || event.ctrlKey || event.metaKey || event.shiftKey ? "_blank" : said("target");
    go.onclick = () => question.closest("dialog")?.close();
    if (policies[hostname]) policy.href = policies[hostname];
    else policy.parentElement?.remove();
    show(question);
    go.focus();
  };
  document.addEventListener("click", asked);
  document.addEventListener("auxclick", asked);
};
