// The same checks as verify_receipt.py, function by function and in the same order. Its words come from there.
"use strict";

const { words: WORDS, values: VALUES, fields: FIELDS } = JSON.parse(document.getElementById("words").textContent);
const OF_PAGE = {
  en: {
    title: "Check a receipt",
    intro: "This page checks a receipt (a file that ends in .tlog-proof) in your browser. It sends nothing anywhere, and works without a network.",
    choose: "Choose files",
    drop: "Or drop them anywhere on this page: the receipt; the notice (.json) and the policy, if you have them.",
    key: "Key of the log, or policy",
    key_hint: "It says whom you trust. Take it from where you trust it, not only from the site.",
    of_site: "This is what the site itself says. Compare it with a copy that you have from elsewhere.",
    receipt: "Receipt", notice: "Notice", policy: "Policy",
    save: "Save this page as a file", script: "The same check as a program (Python)",
    yes: "Holds", no: "Does not hold", open: "Not checked",
  },
  zh: {
    title: "核对回执",
    intro: "本页在您的浏览器中核对回执（文件名以 .tlog-proof 结尾）。不向任何地方发送内容，没有网络也能使用。",
    choose: "选择文件",
    drop: "也可将文件拖放到本页任意位置：回执，以及隐私声明（.json）和信任策略（如有）。",
    key: "日志的公钥或信任策略",
    key_hint: "它表明您信任谁。请从您信任的来源获取，不要只依赖该网站。",
    of_site: "这是网站自己提供的内容。请与您从别处获得的副本比对。",
    receipt: "回执", notice: "隐私声明", policy: "信任策略",
    save: "将本页保存为文件", script: "功能相同的程序（Python）",
    yes: "成立", no: "不成立", open: "未核对",
  },
};
const PROVED = 0, WRONG = 1, UNREADABLE = 2, UNCHECKED = 3;
const LARGEST = 4 * 1024 * 1024, LARGEST_RECEIPT = 256 * 1024;
const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const SALT = 16, LOG = 1, WITNESS = 4, LARGEST_NUMBER = 2n ** 63n - 1n, SHOWN = 200;
const FIELD = /^[a-z_]+$/, OPTION = /^[a-z][a-z0-9_:@.-]*$/, GAP = /^[0-9a-z_-]{1,40}$/;

class Stop extends Error {
  constructor(code, key, gaps = {}) {
    super(key);
    Object.assign(this, { code, key, gaps });
  }
}

const utf8 = (text) => new TextEncoder().encode(text);
const text_of = (data) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
const latin1 = (data) => Array.from(data, (byte) => String.fromCharCode(byte)).join("");
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

async function is_signed(key, message, signature) {
  if (key.length != 32 || signature.length != 64) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
  } catch (error) {
    if (error.name == "NotSupportedError") throw error;
    return false;
  }
}

// Reading

function from_base64(text) {
  try {
    const data = atob(text);
    return btoa(data) == text ? Uint8Array.from(data, (char) => char.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

function number_of(text) {
  return /^(0|[1-9][0-9]{0,18})$/.test(text) && BigInt(text) <= LARGEST_NUMBER ? BigInt(text) : null;
}

function clean(text) {
  const chars = Array.from(text, (char) => /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(char) ? "\uFFFD" : char);
  return chars.length <= SHOWN ? chars.join("") : chars.slice(0, SHOWN).join("") + "…";
}

function literal(value) {
  const text = canonical(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return typeof value == "string" ? text.slice(1, -1) : text;
}

function canonical(value) {
  if (typeof value == "string") {
    if (/\p{Surrogate}/u.test(value)) throw new RangeError();
    return JSON.stringify(value);
  }
  if (typeof value == "number" && !Number.isSafeInteger(value)) throw new RangeError();
  if (value === null || typeof value != "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  return `{${Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`).join()}}`;
}

function record_of(data) {
  try {
    const text = text_of(data), record = JSON.parse(text);
    if (record && typeof record == "object" && !Array.isArray(record) && canonical(record) == text) return record;
  } catch { /* no JSON, or too deep */ }
  throw new Stop(UNREADABLE, "e_record");
}

function read_receipt(data) {
  if (latin1(data.slice(0, 3)) == "\xEF\xBB\xBF" || data.includes(13)) throw new Stop(UNREADABLE, "e_changed");
  let text;
  try {
    text = text_of(data);
  } catch {
    throw new Stop(UNREADABLE, "e_text");
  }
  if (/[\0-\x09\x0B-\x1F]/.test(text)) throw new Stop(UNREADABLE, "e_control");
  if (text.split("\n", 1)[0] != FIRST_LINE) throw new Stop(UNREADABLE, "e_version");
  const parts = text.split("\n\n");
  if (parts.length != 3 || !text.endsWith("\n")) throw new Stop(UNREADABLE, "e_parts");
  const [lines, state, signatures] = parts.map((part) => part.split("\n"));
  signatures.pop();
  const need = (value, line) => {
    if (value === null) throw new Stop(UNREADABLE, "e_line", { line });
    return value;
  };
  const field = (line, name) => line?.startsWith(`${name} `) ? line.slice(name.length + 1) : null;
  const encoded = field(lines[1], "extra");
  if (encoded === null) throw new Stop(UNREADABLE, "e_extra");
  const extra = need(from_base64(encoded), 2);
  const index = need(number_of(need(field(lines[2], "index"), 3)), 3);
  const proof = lines.slice(3).map((line, number) => need(hash_of(line), number + 4));
  let first = lines.length + 2;
  if (state.length < 3 || state.includes("") || !signatures.length) throw new Stop(UNREADABLE, "e_parts");
  const size = need(number_of(state[1]), first + 1), root = need(hash_of(state[2]), first + 2);
  first += state.length + 1;
  const signed = signatures.map((line, number) => need(signature_of(line), first + number));
  const record = record_of(extra.slice(SALT));
  return { extra, record, index, proof, origin: state[0], size, root, signed: utf8(`${parts[1]}\n`), signatures: signed };
}

function hash_of(text) {
  const data = from_base64(text);
  return data?.length == 32 ? data : null;
}

function signature_of(line) {
  const words = line.split(" ");
  const data = words.length == 3 ? from_base64(words[2]) : null;
  if (words[0] != "—" || !data || data.length < 5 || !is_name(words[1])) return null;
  return { name: words[1], id: hex(data.slice(0, 4)), signature: data.slice(4) };
}

const is_name = (text) => text != "" && !/[+\x85]|(?!\uFEFF)\s/.test(text); // a BOM is no space in Unicode

async function read_key(raw, line) { // its bytes, as latin1: those of a name must be UTF-8
  const [, bytes, id, encoded] = /^([^+]*)\+([^+]*)\+(.*)$/.exec(raw) ?? [null, "", "", ""];
  let name = "";
  try {
    name = text_of(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
  } catch { /* it is no name */ }
  const data = from_base64(encoded);
  if (!is_name(name) || !/^[0-9a-f]{8}$/.test(id) || !data?.length) throw new Stop(UNREADABLE, "e_vkey", { line });
  const ours = hex((await sha256(utf8(`${name}\n`), data)).slice(0, 4));
  if ([LOG, WITNESS].includes(data[0]) && (id != ours || data.length != 33)) throw new Stop(UNREADABLE, "e_vkey", { line });
  return { name, id, type: data[0], key: data.slice(1) };
}

const all_differ = (keys) => new Set(keys.map(({ key }) => hex(key))).size == keys.length;

async function read_policy(data) {
  const logs = [], witnesses = new Map(), groups = new Map(), members = [], quorum = [];
  const lines = latin1(data).replaceAll("\r\n", "\n").split("\n");
  for (const [at, raw] of lines.entries()) {
    const line = at + 1, bad = new Stop(UNREADABLE, "e_policy", { line });
    if (/[\0-\x08\x0A-\x1F\x7F]/.test(raw)) throw bad;
    const words = raw.split(/[ \t]+/).filter(Boolean), [kind, ...rest] = words;
    if (!words.length || kind.startsWith("#")) continue;
    const known = [...witnesses.keys(), ...groups.keys()];
    const is_new = rest.length > 0 && rest[0] != "none" && !known.includes(rest[0]);
    let fine = false;
    if (kind == "log" && [1, 2].includes(rest.length)) {
      logs.push(await read_key(rest[0], line));
      fine = all_differ(logs);
    } else if (kind == "witness" && [2, 3].includes(rest.length) && is_new) {
      witnesses.set(rest[0], await read_key(rest[1], line));
      fine = all_differ([...witnesses.values()]);
    } else if (kind == "group" && rest.length > 2 && is_new) {
      const listed = rest.slice(2);
      const needed = rest[1] == "any" ? 1 : rest[1] == "all" ? listed.length : Number(number_of(rest[1]) ?? 0);
      fine = 1 <= needed && needed <= listed.length && new Set(listed).size == listed.length &&
        listed.every((each) => known.includes(each) && !members.includes(each));
      members.push(...listed);
      groups.set(rest[0], { needed, members: listed });
    } else if (kind == "quorum" && rest.length == 1) {
      quorum.push(rest[0]);
      fine = rest[0] == "none" || known.includes(rest[0]);
    } else if (kind.includes("+") && !rest.length && !logs.length) {
      logs.push(await read_key(kind, line));
      quorum.push("none");
      fine = true;
    }
    if (!fine) throw bad;
  }
  if (quorum.length != 1) throw new Stop(UNREADABLE, "e_quorum");
  return { logs, witnesses, groups, quorum: quorum[0] };
}

function kind_of(data) {
  const head = latin1(data.slice(0, 4096)).replace("\xEF\xBB\xBF", "");
  if (head.slice(0, 64).includes("c2sp.org/tlog-proof")) return "receipt";
  if (/^[ \t\n\v\f\r]*\{/.test(head)) return "notice";
  const words = head.split("\n").map((line) => line.split(/[ \t\n\v\f\r]+/).filter(Boolean));
  const first = words.find((line) => line.length && !line[0].startsWith("#")) ?? [];
  const known = ["log", "witness", "group", "quorum"].includes(first[0]) || (first.length == 1 && first[0].includes("+"));
  return known ? "policy" : "";
}

// Checking

async function root_from(leaf, index, size, proof) {
  let node = index, last = size - 1n, found = leaf;
  for (const sibling of proof) {
    if (last == 0n) return null;
    if (node & 1n || node == last) {
      found = await sha256([1], sibling, found);
      while (!(node & 1n) && node) node >>= 1n, last >>= 1n;
    } else {
      found = await sha256([1], found, sibling);
    }
    node >>= 1n, last >>= 1n;
  }
  return last == 0n ? found : null;
}

async function verified(receipt, key) {
  let signed = false, moment = 0n;
  for (const { name, id, signature } of receipt.signatures) {
    if (name != key.name || id != key.id) continue;
    let message = receipt.signed, bytes = signature;
    if (key.type == WITNESS) {
      moment = BigInt(`0x${hex(signature.slice(0, 8))}`);
      message = joined(utf8(`cosignature/v1\ntime ${moment}\n`), message);
      bytes = signature.slice(8);
    }
    if (!await is_signed(key.key, message, bytes) || moment > LARGEST_NUMBER) {
      throw new Stop(WRONG, "r_signature", { name });
    }
    signed = true;
  }
  return { signed, moment };
}

function reached(policy, signed) {
  const have = new Set(["none", ...signed.keys()]); // each group names only what stands before it
  for (const [name, group] of policy.groups) {
    if (group.members.filter((each) => have.has(each)).length >= group.needed) have.add(name);
  }
  return have.has(policy.quorum);
}

function moment_of(seconds) {
  if (seconds >= 253402300800n) return String(seconds);
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

class Report {
  constructor(lang) {
    Object.assign(this, { lang, words: WORDS[lang], values: VALUES[lang], code: UNREADABLE, verdict: "" });
    Object.assign(this, { record: [], checks: [], proved: [], not_proved: [] });
  }
  say(key, gaps = {}) {
    return this.words[key].replace(/\{(\w+)\}/g, (_, name) => clean(String(gaps[name])));
  }
  check(mark, key, gaps) {
    this.checks.push([mark, this.say(key, gaps)]);
  }
  prove(key, gaps) {
    this.proved.push(this.say(key, gaps));
  }
  leave_open(...keys) {
    this.not_proved.push(...keys.map((key) => this.say(key)));
  }
}

async function check(receipt, policy, notice, lang) {
  const report = new Report(lang);
  try {
    if (!globalThis.crypto?.subtle) throw new Stop(UNREADABLE, "e_crypto");
    const trusted = policy && await read_policy(policy);
    await check_receipt(report, read_receipt(receipt), trusted, notice);
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    stopped(report, stop);
  }
  return report;
}

function stopped(report, stop) {
  const reason = report.say(stop.key, stop.gaps);
  if (stop.code == WRONG) report.checks.push(["no", reason]);
  Object.assign(report, { code: stop.code, proved: [], not_proved: [] });
  report.verdict = report.words[stop.code == WRONG ? "wrong" : "unreadable"].replace("{reason}", () => reason);
}

async function check_receipt(report, receipt, policy, notice) {
  report.record = record_lines(report, receipt.record, new Map());
  const { index, size, origin } = receipt, place = { index, size, origin };
  if (index >= size) throw new Stop(WRONG, "r_place", place);
  const leaf = await sha256([0], await sha256(receipt.extra));
  const root = await root_from(leaf, index, size, receipt.proof);
  if (!root || hex(root) != hex(receipt.root)) throw new Stop(WRONG, "r_inclusion");
  report.check("yes", "c_inclusion", place);
  report.prove("p_record");
  let checked = Boolean(policy), witnessed = false;
  try {
    witnessed = await check_signatures(report, receipt, policy);
  } catch (error) {
    if (error.name != "NotSupportedError") throw error;
    report.check("open", "e_browser");
    checked = false;
  }
  const { notice: digest } = receipt.record;
  if (!notice) {
    report.check("open", "c_no_notice");
  } else {
    let end = notice.length;
    while (notice[end - 1] == 10) end--;
    const found = [hex(await sha256(notice)), hex(await sha256(notice.slice(0, end)))];
    if (!found.includes(digest)) throw new Stop(WRONG, "r_notice");
    report.check("yes", "c_notice");
    report.prove("p_notice");
    report.record = record_lines(report, receipt.record, labels_of(notice, report.lang));
  }
  report.leave_open("n_person", "n_true", "n_other", "n_obeyed", checked ? "n_key" : "n_unsigned");
  report.leave_open(...(witnessed ? [] : ["n_split"]), ...(notice ? [] : ["n_notice"]));
  report.code = checked ? PROVED : UNCHECKED;
  report.verdict = report.words[checked ? "proved" : "unchecked"];
}

async function check_signatures(report, receipt, policy) {
  const { origin } = receipt;
  if (!policy) {
    report.check("open", "c_unsigned", { origin });
    return false;
  }
  const keys = policy.logs.filter(({ name }) => name == origin);
  if (!keys.length) throw new Stop(WRONG, "r_origin", { origin });
  let any = false;
  for (const key of keys) if (key.type == LOG && (await verified(receipt, key)).signed) any = true;
  if (!any) throw new Stop(WRONG, "r_no_signature", { origin });
  report.check("yes", "c_signed", { name: origin });
  report.prove("p_signed", { origin });
  const signed = new Map();
  for (const [name, key] of policy.witnesses) {
    const found = key.type == WITNESS ? await verified(receipt, key) : {};
    if (!found.signed) continue;
    signed.set(name, found.moment);
    report.check("yes", "c_witness", { name: key.name, time: moment_of(found.moment) });
  }
  const known = [...keys, ...policy.witnesses.values()].filter(({ type }) => [LOG, WITNESS].includes(type));
  const unknown = receipt.signatures.filter(({ name, id }) => !known.some((key) => key.name == name && key.id == id));
  if (unknown.length) report.check("open", "c_unknown", { names: unknown.map(({ name }) => name).join(", ") });
  if (!reached(policy, signed)) throw new Stop(WRONG, "r_quorum");
  report.check("yes", policy.quorum == "none" ? "c_no_quorum" : "c_quorum");
  if (signed.size) {
    const last = [...signed.values()].reduce((one, other) => one > other ? one : other);
    const names = [...signed.keys()].map((name) => policy.witnesses.get(name).name).join(", ");
    report.prove("p_witness", { time: moment_of(last), names });
  }
  return signed.size > 0;
}

function record_lines(report, record, labels) {
  const { words } = report, lines = [], names = Object.keys(record).sort();
  for (const name of [...FIELDS.filter((each) => names.includes(each)), ...names.filter((each) => !FIELDS.includes(each))]) {
    const value = record[name];
    if (name == "purposes" && is_table(value) && Object.entries(value).every(is_answer)) {
      for (const [granted, label] of [[true, "purposes_granted"], [false, "purposes_denied"]]) {
        const keys = Object.keys(value).filter((key) => value[key] === granted).map((key) => clean(option_name(key, labels)));
        lines.push([words[label], keys.join(words.list) || words.nothing]);
      }
    } else if (value !== null && !["\"\"", "[]", "{}"].includes(canonical(value))) {
      const label = FIELD.test(name) ? name : `"${literal(name)}"`;
      lines.push([FIELDS.includes(name) && name in words ? words[name] : label, said(report, name, value)]);
    }
  }
  return lines;
}

const is_table = (value) => value !== null && typeof value == "object" && !Array.isArray(value);
const is_answer = ([name, value]) => OPTION.test(name) && typeof value == "boolean";

function said(report, name, value) {
  const told = (name == "signals" && Array.isArray(value) ? value : [value]).map((each) => in_words(report, name, each));
  return told.includes(null) ? literal(value) : told.join(report.words.clauses);
}

function in_words(report, name, value) {
  if (typeof value != "string") return null;
  const moment = name == "time" && /^([0-9-]{10})T([0-9:]{8}\.[0-9]{3})\+00:00$/.exec(value);
  if (moment) return `${moment[1]} ${moment[2]} UTC`;
  const whole = `${name}.${value}`;
  for (const [key, text] of Object.entries(report.values)) {
    const [before, after] = key.split("*");
    if (whole == key) return text;
    if (after === undefined) continue;
    const rest = whole.slice(before.length, Math.max(before.length, whole.length - after.length));
    if (GAP.test(rest) && before + rest + after == whole) return text.replace("{rest}", rest);
  }
  return null;
}

function option_name(key, labels) {
  const [purpose] = key.split(/[:@]/, 1), mark = key.slice(purpose.length, purpose.length + 1);
  const party = key.slice(purpose.length + 1);
  if (!labels.has(purpose) || (mark && !labels.has(mark + party))) return key;
  return labels.get(purpose) + (mark && ` · ${labels.get(mark + party)}`);
}

function labels_of(notice, lang) {
  const labels = new Map();
  let parts;
  try {
    parts = JSON.parse(text_of(notice));
  } catch {
    return labels;
  }
  for (const [kind, field, mark] of [["purposes", "label", ""], ["recipients", "name", ":"], ["services", "name", "@"]]) {
    const listed = is_table(parts) ? parts[kind] : null;
    for (const each of Array.isArray(listed) ? listed : []) {
      const names = is_table(each) ? each[field] : null;
      for (const locale of is_table(names) ? Object.keys(names).sort() : []) {
        if (locale.split("-")[0] == lang && typeof names[locale] == "string" && typeof each.id == "string") {
          labels.set(mark + each.id, names[locale]);
        }
      }
    }
  }
  return labels;
}

// The page

const at = (id) => document.getElementById(id);
const files = {};
let lang = (new URLSearchParams(location.search).get("lang") ?? navigator.language).startsWith("zh") ? "zh" : "en", trouble = null, turn = 0;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

async function take(list) {
  trouble = null;
  const taken = new Set();
  for (const file of list) {
    const data = new Uint8Array(await file.slice(0, LARGEST + 1).arrayBuffer()), kind = kind_of(data);
    if (data.length > (kind == "notice" ? LARGEST : LARGEST_RECEIPT)) trouble = new Stop(UNREADABLE, "e_large", { name: file.name });
    else if (!kind) trouble = new Stop(UNREADABLE, "e_kind", { name: file.name });
    else if (taken.has(kind)) trouble = new Stop(UNREADABLE, "e_two");
    else if (kind == "policy") at("key").value = text_or_latin1(data);
    else files[kind] = { name: file.name, data };
    taken.add(kind);
  }
  if (list.length && !files.receipt && !trouble) trouble = new Stop(UNREADABLE, "e_none");
  await show();
}

function text_or_latin1(data) {
  try {
    return text_of(data);
  } catch {
    return latin1(data);
  }
}

async function show() {
  const words = OF_PAGE[lang], mine = ++turn, key = at("key").value.trimEnd();
  document.documentElement.lang = lang == "zh" ? "zh-CN" : "en";
  document.title = words.title;
  for (const each of document.querySelectorAll("[data-text]")) each.textContent = words[each.dataset.text];
  for (const each of document.querySelectorAll("[data-lang]")) each.setAttribute("aria-pressed", String(each.dataset.lang == lang));
  at("files").replaceChildren(...Object.entries(files).map(([kind, { name }]) => element("li", WORDS[lang].pair.replace("{name}", words[kind]).replace("{value}", () => clean(name)))));
  at("of_site").hidden = !key || key != at("key").defaultValue.trimEnd();
  let report = null;
  if (trouble) stopped(report = new Report(lang), trouble);
  else if (files.receipt) report = await check(files.receipt.data, key ? utf8(`${key}\n`) : null, files.notice?.data, lang);
  if (mine == turn) at("result").replaceChildren(...(report ? parts(report, words) : []));
}

function parts(report, words) {
  const result = element("div", "", { class: `verdict v${report.code}`, "data-code": report.code });
  result.append(element("p", report.verdict));
  const list = (title, items, name = "ul") => items.length ? [element("h2", report.words[title]), fill(name, items)] : [];
  const fill = (name, items) => {
    const made = element(name, "");
    made.append(...items);
    return made;
  };
  const pairs = report.record.map(([name, value]) => fill("div", [element("dt", name), element("dd", value)]));
  const checks = report.checks.map(([mark, text]) => {
    const line = element("li", "", { class: mark });
    line.append(element("span", words[mark], { class: "mark" }), element("span", text));
    return line;
  });
  return [
    result,
    ...list("title_record", pairs, "dl"),
    ...list("title_checks", checks),
    ...list("title_proved", report.proved.map((text) => element("li", text))),
    ...list("title_not_proved", report.not_proved.map((text) => element("li", text))),
  ];
}

at("choose").addEventListener("change", (event) => take(event.target.files));
at("key").addEventListener("input", show);
for (const each of document.querySelectorAll("[data-lang]")) {
  each.addEventListener("click", () => {
    lang = each.dataset.lang;
    show();
  });
}
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files);
});
if (location.protocol == "file:") for (const each of document.querySelectorAll(".online")) each.remove();
show();
