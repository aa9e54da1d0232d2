// The least that does the job: two languages, four purposes, accept, reject, preferences, a gated script, a way back.
(() => {
  const zh = navigator.language.startsWith("zh");
  const say = (en, cn) => zh ? cn : en;
  const PURPOSES = [
    [
      "functional",
      say("Remember your settings", "记住您的设置"),
      say("Your language, your basket and the last things you looked at.", "您的语言、购物篮和最近浏览过的内容。"),
      say("Kept for a year. Nobody else receives it.", "保存一年，不提供给他人。"),
    ],
    [
      "analytics",
      say("Analytics", "数据分析"),
      say("Counts visits and purchases, to see what works.", "统计访问和购买情况，了解哪些内容有用。"),
      say("Kept for 25 months. Received by the providers that count for us.", "保存 25 个月，由为我们统计的服务商处理。"),
    ],
    [
      "marketing",
      say("Marketing", "营销"),
      say("Offers that may interest you, here and on other sites.", "在本网站和其他网站展示您可能感兴趣的内容。"),
      say("Kept for 13 months. Received by advertising platforms.", "保存 13 个月，由广告平台处理。"),
    ],
    [
      "research",
      say("Research", "用户调研"),
      say("Invites you to a survey now and then.", "偶尔邀请您参加问卷或访谈。"),
      say("Kept until the survey ends. If you refuse, nobody asks.", "保存至调研结束；如您拒绝，我们不会邀请您。"),
    ],
  ];
  const el = (tag, props, ...children) => {
    const made = Object.assign(document.createElement(tag), props);
    made.append(...children);
    return made;
  };
  const host = document.body.appendChild(el("consent-floor"));
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:host{all:initial}
section,dialog,.back{font:16px/1.5 system-ui,sans-serif;color:#15171c;background:#fff;border:1px solid #8884;border-radius:16px;padding:24px;box-shadow:0 12px 40px #0003}
section,.back{position:fixed;left:16px;bottom:16px;z-index:2147483647}
section{max-width:26em}
.row{display:grid;grid-template-columns:repeat(3,1fr);gap:8px}
h2{font-size:1.0625em;margin:0}
p{margin:8px 0;font-size:.9375em}
a,summary{color:#0b57d0;text-underline-offset:3px}
:focus-visible{outline:2px solid #0b57d0;outline-offset:2px}
[type=checkbox]{width:24px;height:24px;flex:none;accent-color:#0b57d0}
@media(max-width:480px){section{inset:auto 0 0;max-width:none;border-radius:16px 16px 0 0}}
button{font:inherit;min-height:44px;border:1px solid #15171c;border-radius:10px;color:#fff;background:#15171c}
.back{padding:4px 14px;color:#15171c;background:#fff}
dialog{width:min(40em,100%);margin:auto}
label{display:flex;justify-content:space-between;gap:16px;font-weight:600}
@media(prefers-color-scheme:dark){section,dialog,.back{color:#f1f2f4;background:#1c1e23}button{color:#1c1e23;background:#f1f2f4}}`);
  root.adoptedStyleSheets = [sheet];
  const stored = document.cookie.match(/floor=([^;]*)/);
  const open = (granted) => {
    for (const script of document.querySelectorAll("script[data-floor]")) {
      if (granted.includes(script.dataset.floor)) {
        const copy = el("script", { src: script.dataset.src });
        script.replaceWith(copy);
      }
    }
  };
  const decide = (granted) => {
    document.cookie = `floor=${granted};path=/;max-age=15552000;samesite=lax`;
    fetch("/floor", { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify(granted) });
    root.replaceChildren(back);
    back.focus();
    open(granted);
    document.dispatchEvent(new CustomEvent("floor", { detail: granted }));
  };
  const choose = () => {
    const boxes = PURPOSES.map(([value, name, text, more]) => {
      const box = el("input", { type: "checkbox", value });
      return [box, el("div", {}, el("label", {}, name, box), el("p", {}, text), el("details", {}, el("summary", {}, say("Details", "详情")), el("p", {}, more)))];
    });
    const save = el("button", { onclick: () => decide(boxes.filter(([box]) => box.checked).map(([box]) => box.value)) }, say("Save choices", "保存选择"));
    const dialog = el("dialog", {}, el("h2", {}, say("Privacy settings", "隐私设置")), ...boxes.map(([, row]) => row), save);
    dialog.onclose = () => dialog.remove();
    root.append(dialog);
    dialog.showModal();
  };
  const back = el("button", { className: "back", onclick: choose }, say("Privacy settings", "隐私设置"));
  if (stored) {
    root.append(back);
    open(stored[1].split(","));
  } else {
    root.append(el("section", { id: "layer", lang: say("en", "zh-CN"), ariaLabel: say("Your privacy, your choice", "您的隐私由您决定") },
      el("h2", {}, say("Your privacy, your choice", "您的隐私由您决定")),
      el("p", {}, say("We use cookies to make this site work. With your consent we would also use them to count visits and show offers. ", "我们使用必要的 Cookie 保障网站正常运行。经您同意，我们还会统计访问情况并展示您可能感兴趣的内容。"), el("a", { href: "/notice" }, say("Privacy notice", "隐私声明"))),
      el("div", { className: "row" },
        el("button", { onclick: () => decide(PURPOSES.map(([id]) => id)) }, say("Accept all", "全部接受")),
        el("button", { onclick: () => decide([]) }, say("Reject all", "全部拒绝")),
        el("button", { onclick: choose }, say("Choose one by one", "逐项选择")))));
  }
})();
