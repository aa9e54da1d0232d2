/** What is allowed, as it stands and as it changes. */

const PURPOSES = [
  "data_analytics",
  "personalized_recommendations",
  "marketing_messages",
  "targeted_advertising",
  "marketing_measurement",
];

const made = (tag, text, className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

export const choices = (main, { said, language, widget, granted }) => {
  const list = main.querySelector(".answers");
  const log = main.querySelector(".log");

  const tell = () =>
    list.replaceChildren(...PURPOSES.map((purpose) => {
      const item = made("li", said.purposes[purpose]);
      const yes = granted(purpose);
      item.append(made("b", yes ? said.yes : said.no, yes ? "yes" : "no"));
      item.dataset.purpose = purpose;
      return item;
    }));

  const heard = ({ by, action, surface }) => {
    tell();
    main.querySelector("[data-none]").hidden = true;
    const item = made("li", said.by[by]);
    item.append(
      made("time", new Date().toLocaleTimeString(language)),
      made("code", JSON.stringify({ by, action, surface })),
    );
    log.prepend(item);
  };

  main.querySelector("[data-missing]").hidden = !!widget;
  for (const button of main.querySelectorAll("button")) button.disabled = !widget;
  main.querySelector("[data-open]").addEventListener("click", () => widget.open());
  main.querySelector("[data-withdraw]").addEventListener("click", () => widget.withdraw());
  tell();
  return widget?.on("change", heard);
};
