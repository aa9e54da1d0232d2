// Checks a receipt: the proof, the signatures, and what the record says.

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
