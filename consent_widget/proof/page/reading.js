// Reads receipts, policies and keys. Like checking.js and words.js it is the same as verify_receipt.py, function by function
// and in the same order; the words come from there.
"use strict";

const { words: WORDS, values: VALUES, fields: FIELDS } = JSON.parse(document.getElementById("words").textContent);
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
  const lines = latin1(data).replace(/^\xEF\xBB\xBF/, "").replaceAll("\r\n", "\n").split("\n");
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
