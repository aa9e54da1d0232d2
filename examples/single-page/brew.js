/** Times one infusion after the other; suggests the next tea only to those who allow recommendations. */

/** Seconds of the first infusion, and how many more each further one takes. */
const TEAS = {
  "rock-tea": { first: 10, more: 5, next: "dark" },
  "white-tea": { first: 30, more: 10, next: "rock-tea" },
  green: { first: 25, more: 10, next: "white-tea" },
  dark: { first: 15, more: 5, next: "green" },
};
const IMAGES = { green: "gaiwan", dark: "teapot" };

let tea = "rock-tea"; // as long as the page lives: nothing is stored
let infusion = 1;

export const brew = (main, { said, widget, granted }) => {
  const part = (name) => main.querySelector(`[data-${name}]`);
  const list = main.querySelector(".teas");
  const ring = main.querySelector(".left");
  let ticking = 0;
  let end = 0;

  const length = () => TEAS[tea].first + TEAS[tea].more * (infusion - 1);

  const tell = () => {
    const left = ticking ? Math.max(0, end - performance.now()) / 1000 : length();
    const seconds = Math.ceil(left);
    part("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    ring.style.strokeDashoffset = String(1 - left / length());
    part("infusion").textContent = said.infusion.replace("{n}", infusion);
    part("recipe").textContent = said.teas_are[tea][1];
    part("start").textContent = ticking ? said.stop : said.start;
    part("pick-text").textContent = granted("personalized_recommendations")
      ? said.pick.replace("{tea}", said.teas_are[TEAS[tea].next][0])
      : said.pick_none;
    part("open").hidden = granted("personalized_recommendations") || !widget;
    for (const each of list.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each.value == tea));
    if (ticking && !left) {
      stop();
      infusion += 1;
      part("said").textContent = said.poured;
      tell();
    }
  };
  const stop = () => {
    clearInterval(ticking);
    ticking = 0;
  };

  for (const id of Object.keys(TEAS)) {
    const button = document.createElement("button");
    const image = new Image(64, 64);
    const name = document.createElement("b");
    const recipe = document.createElement("span");
    const item = document.createElement("li");
    image.src = `images/${IMAGES[id] || id}.svg`;
    image.alt = "";
    [name.textContent, recipe.textContent] = said.teas_are[id];
    button.value = id;
    button.append(image, name, recipe);
    item.append(button);
    list.append(item);
  }
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("button");
    if (!chosen) return;
    stop();
    tea = chosen.value;
    infusion = 1;
    part("said").textContent = "";
    tell();
  });
  part("start").addEventListener("click", () => {
    part("said").textContent = "";
    if (ticking) stop();
    else {
      end = performance.now() + length() * 1000;
      ticking = setInterval(tell, 100);
    }
    tell();
  });
  part("open").addEventListener("click", () => widget.open());
  tell();

  const deaf = widget?.on("change", tell);
  return () => {
    stop();
    deaf?.();
  };
};
