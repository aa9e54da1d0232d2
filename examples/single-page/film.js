/** A frame that is put in by a change of view: the widget finds it there, and holds it back or opens it. */

export const film = (main, { said, language }) => {
  const frame = main.querySelector("iframe");
  frame.title = said.film_frame;
  frame.dataset.src += "?lang=" + language;
};
