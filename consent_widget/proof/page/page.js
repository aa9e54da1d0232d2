// The page: takes files, and shows what was found.

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
at("without").remove(); // what only works with this script is shown by it
document.body.removeAttribute("class");
if (location.protocol == "file:") for (const each of document.querySelectorAll(".online")) each.remove();
show();
