/** On our own pages: times in the visitor's time zone, and buttons that copy a link. Without it both are as they were sent. */

const { lang } = document.documentElement;
/** English without a territory is written as in Britain, as the server writes it. */
const format = new Intl.DateTimeFormat(lang == "en" ? "en-GB" : lang, { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time")) time.textContent = format.format(new Date(time.dateTime));

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-copy]"))) {
  button.hidden = !navigator.clipboard;
  button.onclick = async () => {
    await navigator.clipboard.writeText(button.dataset.copy || "");
    const status = button.nextElementSibling;
    if (status) status.textContent = button.dataset.copied || "";
  };
}
