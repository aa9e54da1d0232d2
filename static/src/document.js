/**
 * The document as the browser made it. In the page's `document` an element with a name comes before what is there:
 * after `<img name=cookie>` in a comment, `document.cookie` is that image (HTML, "DOM tree accessors"). All of this
 * script is wrapped in a function that is called with this one in its place.
 */
export const own = new Proxy(document, {
  get: (page, name) => {
    const found = Reflect.get(Document.prototype, name, page);
    return found instanceof Function ? found.bind(page) : found;
  },
  set: (page, name, value) => Reflect.set(Document.prototype, name, value, page),
});
