// @ts-nocheck: makes the stubs of the catalogue as a page does, and reads each as the vendor's own script does. See test_stubs.py.
const { stub } = await import("../../static/src/linked/tags.js");

/** An array with its own properties, or a function with its: as JSON, so that nothing of it is lost. */
const shown = (value) => {
  if (typeof value == "function") return Object.fromEntries(Object.keys(value).map((key) => [key, shown(value[key])]));
  if (Object.prototype.toString.call(value) == "[object Arguments]") return [...value].map(shown);
  if (!value || typeof value != "object") return value;
  const own = Object.entries(value).filter(([key, each]) => !/^\d+$/.test(key) && typeof each != "function");
  const named = Object.fromEntries(own.map(([key, each]) => [key, shown(each)]));
  if (!Array.isArray(value)) return named;
  return own.length ? { "[]": value.map(shown), ...named } : value.map(shown);
};

const made = JSON.parse(await new Response(Deno.stdin.readable).text()).map(({ queue, say }) => {
  const object = stub(queue);
  Date.now = () => 12345;
  for (const [method, ...args] of say) {
    if (!method) object(...args);
    else method.split(".").reduce((each, name) => each[name], object).apply(object, args);
  }
  return { array: Array.isArray(object), callable: typeof object == "function", shown: shown(object) };
});
console.log(JSON.stringify(made));
