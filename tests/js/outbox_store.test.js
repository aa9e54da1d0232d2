// @ts-nocheck
import { clear, replaced } from "./page.js";
import { equal } from "./equal.js";

const { pendingEntries, pendingSubmissions, storeSubmission } = await import("../../static/src/core/outboxStore.js");
const submission = (key) => ({ key, purposes: {} });
const keys = () => pendingSubmissions().map(({ key }) => key);

Deno.test("submissions come in the order in which they were made", () => {
  clear();
  for (const key of ["b", "a", "c"]) storeSubmission(submission(key));
  equal(keys(), ["b", "a", "c"]);
});

Deno.test("a submission comes last even if the clock went back", () => {
  clear();
  Date.now = () => 2e12;
  storeSubmission(submission("first"));
  Date.now = () => 1e12;
  storeSubmission(submission("second"));
  equal(keys(), ["first", "second"]);
});

Deno.test("a submission that replaces another takes its place", () => {
  clear();
  for (const key of ["a", "b"]) storeSubmission(submission(key));
  storeSubmission(submission("new"), pendingEntries()[0][0]);
  equal(keys(), ["new", "b"]);
});

Deno.test("what is not a submission is passed over", () => {
  clear();
  for (const spoilt of ["", "{", "[]", "null", "7"]) localStorage["cw-outbox." + spoilt] = spoilt;
  localStorage.other = JSON.stringify(submission("other"));
  storeSubmission(submission("a"));
  equal(keys(), ["a"]);
});

Deno.test("where the storage takes nothing, the page keeps submissions itself", async () => {
  clear();
  const full = new Proxy({}, {
    set: () => {
      throw new Error("QuotaExceededError");
    },
  });
  await replaced("localStorage", full, () => {
    for (const key of ["b", "a"]) storeSubmission(submission(key));
    equal(keys(), ["b", "a"]);
  });
});
