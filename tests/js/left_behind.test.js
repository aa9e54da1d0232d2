// @ts-nocheck
/** What an earlier consent tool has left is found, and nothing else is sent. */
import { equal } from "./equal.js";
import { clear, replaced } from "./page.js";

const { leftBehind } = await import("../../static/src/linked/leftBehind.js");
const { wait } = await import("../../static/src/linked/wait.js");

const withCookies = (cookie, work) => replaced("document", { cookie }, work);

Deno.test("cookies and storage keys of these names are found, and no others", () =>
  withCookies("session=1; klaro=%7B%7D; xklaro=2; klaro2=3", () => {
    clear();
    localStorage.klaro = '{"a": true; "b"}';
    localStorage.other = "secret";
    equal(leftBehind(["klaro"]), "klaro=%7B%7D; klaro=%7B%22a%22%3A%20true%3B%20%22b%22%7D");
    equal(leftBehind(["osano"]), "");
    clear();
  }));

Deno.test("a star stands for any ending", () =>
  withCookies("cmplz_statistics=deny; cmplz_marketing=allow; xcmplz_=1", () => {
    equal(leftBehind(["cmplz_*"]), "cmplz_statistics=deny; cmplz_marketing=allow");
  }));

Deno.test("too much is nothing, and so is a page that may not read its own", async () => {
  await withCookies("klaro=" + "x".repeat(9000), () => equal(leftBehind(["klaro"]), ""));
  const closed = Object.defineProperty({}, "cookie", {
    get() {
      throw Error("SecurityError");
    },
  });
  await replaced("document", closed, () => equal(leftBehind(["klaro"]), ""));
});

Deno.test("the first part asks nothing while something is there to be read", async () => {
  const data = { options: [{ key: "analytics" }], earlier: { keys: ["klaro"] } };
  await withCookies("klaro=1", () => equal(wait(data).options, []));
  await withCookies("", () => equal(wait(data) === data, true));
});
