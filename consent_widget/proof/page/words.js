// A record in words, as the notice has them.

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
