/** Requests that carry the visitor's token to the server, in their body, and what their answer makes of it. */

/** @typedef {import("../ui/element.js").Tree} Tree */
/** @typedef {{content: Tree, erasing?: Tree, file?: unknown, text: string, token?: string}} Answer of the server */

/** @param {typeof import("../tools.js").tools} tools @param {string} href the address of "My choices" */
export const carry = ({ currentToken, data, refresh, saveToken, showMessage }, href) => {
  /** @param {string} path below "My choices" @param {{receipt?: string, token?: string}} [more] @returns {Promise<Answer | undefined>} */
  const post = async (path, more) => {
    const options = /** @type {RequestInit} */ ({
      __proto__: null,
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: currentToken(), locale: data().locale, ...more }),
    });
    try {
      const response = await fetch(href + path, options);
      if (response.ok) return /** @type {Answer} */ (Object.setPrototypeOf(await response.json(), null));
    } catch { /* the server was not reached */ }
  };

  /** The same for what the visitor has asked for. @param {string} path @param {{receipt?: string}} [more] */
  const ask = async (path, more) => {
    const token = currentToken();
    const answer = await post(path, more);
    if (!answer) showMessage(data().words.unreachable, 5);
    else if (answer.token != null && token == currentToken()) {
      await saveToken(answer.token);
      refresh();
    }
    return answer;
  };

  return { ask, post };
};
