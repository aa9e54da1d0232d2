/** Logs what `work` throws. The page may have changed the language's own functions: then the widget fails, and not the page. */
export const logErrors = (/** @type {(...all: any[]) => unknown} */ work) => async (/** @type {any[]} */ ...all) => {
  try {
    await work(...all);
  } catch (error) {
    console.warn("consent_widget:", error);
  }
};
