/**
 * The document with the browser's own properties only. In the page's `document` a named element hides a property: after
 * `<img name=cookie>` in a comment, `document.cookie` is that image (HTML, "DOM tree accessors"). The whole script is wrapped
 * in a function whose parameter `document` is this object.
 */
export const own = new Proxy(document, {
  get: (page, name) => {
    const value = Reflect.get(Document.prototype, name, page);
    return value instanceof Function ? value.bind(page) : value;
  },
  set: (page, name, value) => Reflect.set(Document.prototype, name, value, page),
});
