/** A page may have changed what the language itself does: then this widget stops, and not the page. */
export const safe = (/** @type {(...all: any[]) => unknown} */ work) => async (/** @type {any[]} */ ...all) => {
  try {
    await work(...all);
  } catch (error) {
    console.warn("consent_widget:", error);
  }
};
