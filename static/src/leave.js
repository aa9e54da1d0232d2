/** Before a link leads to another site: says whose it is, and lets the visitor decide. */

/** @typedef {{affiliates: string[], policies: Record<string, string>, tree: import("./element.js").Tree}} Leaving */

/** @param {string} label of a host name, after `xn--` @returns {string} in its own script (RFC 3492) */
const decoded = (label) => {
  const cut = label.lastIndexOf("-");
  const out = [...label.slice(0, Math.max(cut, 0))];
  let [n, i, bias, at] = [128, 0, 72, cut + 1];
  while (at < label.length) {
    const before = i;
    for (let weight = 1, k = 36;; k += 36) {
      const digit = parseInt(label[at++], 36);
      const value = digit < 10 ? digit + 26 : digit - 10;
      const least = Math.min(Math.max(k - bias, 1), 26);
      if (!(value >= 0)) return label;
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
    i %= size;
    out.splice(i++, 0, String.fromCodePoint(n));
  }
  return out.join("");
};

/**
 * @param {() => Leaving} leaving as the notice's current locale has it
 * @param {(tree: import("./element.js").Tree) => HTMLElement} build
 * @param {(content: HTMLElement) => void} show
 */
export const leave = (leaving, build, show) => {
  /** @param {MouseEvent} event */
  const asked = (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("a[href]"));
    if (!link || event.defaultPrevented || event.button > 1) return;
    const { protocol, host, hostname, origin, href } = link;
    if (/^(javascript|data|vbscript):/.test(protocol)) return event.preventDefault();
    const { affiliates, policies, tree } = leaving();
    const ours = affiliates.some((each) => each == hostname || hostname.endsWith("." + each));
    if (!/^https?:/.test(protocol) || origin == location.origin || ours) return;
    event.preventDefault();
    const question = build(tree);
    const read = host.replace(/xn--([^.:]+)/g, (_, label) => decoded(label));
    question.querySelector("b")?.replaceChildren(host, ...read == host ? [] : [` (${read})`]);
    const [go, policy] = /** @type {NodeListOf<HTMLAnchorElement>} */ (question.querySelectorAll("a"));
    go.href = href;
    go.target = event.button || event.ctrlKey || event.metaKey ? "_blank" : link.target;
    go.onclick = () => question.closest("dialog")?.close();
    if (policies[hostname]) policy.href = policies[hostname];
    else policy.remove();
    show(question);
    go.focus();
  };
  document.addEventListener("click", asked);
  document.addEventListener("auxclick", asked);
};
