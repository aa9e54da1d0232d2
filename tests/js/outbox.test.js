// @ts-nocheck
import { clear, replaced } from "./page.js";
import { equal } from "./equal.js";

const { outbox } = await import("../../static/src/core/outbox.js");
const { pendingSubmissions } = await import("../../static/src/core/outboxStore.js");

const submission = (key, more) => ({ key, after: "0", action: "save", purposes: { ads: true }, ...more });
const reply = (status, body = {}) => new Response(JSON.stringify(body), { status });
const later = (milliseconds = 0) => new Promise((done) => setTimeout(done, milliseconds));
/** Waits until something holds, and a moment longer: a timer of this outbox may not run in the next test. */
const until = async (holds) => {
  for (let tries = 0; !holds() && tries < 500; tries++) await later(10);
  await later(150);
};
Math.random = () => 0; // so that it is tried again after 100 ms
const nothingPending = () => !pendingSubmissions().length;
/** Locks as browsers have them, one at a time. */
const locks = () => {
  let last = Promise.resolve();
  return { request: (_name, work) => last = last.then(() => work()) };
};

/** An outbox whose server answers with `replies`, one after the other. Tells what was sent, and with which result. */
const box = async (
  replies,
  work,
  { renew = () => null, saveToken = () => true, onAnswer = () => {}, navigator } = {},
) => {
  clear();
  const sent = [], answers = [];
  const fetch = async (_url, { body }) => {
    await later();
    sent.push(JSON.parse(body));
    const next = replies.length > 1 ? replies.shift() : replies[0];
    if (next instanceof Error) throw next;
    return next.clone();
  };
  const send = outbox("/records", () => "token", saveToken, async (each) => renew(each), (each, status, saved) => {
    answers.push([each.key, status, saved ?? null]);
    onAnswer(each, status, saved);
  });
  await replaced(
    "fetch",
    fetch,
    () =>
      replaced(
        "navigator",
        navigator ?? { locks: locks() },
        () => replaced("console", { warn: () => {} }, () => work(send, sent, answers)),
      ),
  );
  return { sent, answers };
};

Deno.test("submissions are sent in their order, each when the one before it was answered", async () => {
  const { sent, answers } = await box([reply(201)], async (send) => {
    for (const key of ["b", "a", "c"]) send(submission(key));
    await until(nothingPending);
  });
  equal(sent.map(({ key, token }) => [key, token]), [["b", "token"], ["a", "token"], ["c", "token"]]);
  equal(answers, [["b", 201, true], ["a", 201, true], ["c", 201, true]]);
  equal(pendingSubmissions(), []);
});

Deno.test("what was made on the same state counts as made on the state that the first one led to", async () => {
  const token = `1.${"A".repeat(22)}.1.0123abcd.1.${"A".repeat(43)}`;
  const { sent } = await box([reply(201, { token })], async (send) => {
    for (const key of ["a", "b"]) send(submission(key));
    await until(nothingPending);
  });
  equal(sent.map(({ after }) => after), ["0", "A".repeat(22) + ".1"]);
});

Deno.test("a grant that the server rejects is deleted, a refusal never", async () => {
  const { answers } = await box([reply(403)], async (send, _sent, answers) => {
    send(submission("grant"));
    send(submission("refusal", { action: "refuse", purposes: { ads: false } }));
    await until(() => answers.length > 1);
    equal(pendingSubmissions().map(({ key }) => key), ["refusal"]);
    clear(); // else it is sent for ever
    await later(300);
  });
  equal(answers.slice(0, 2), [["grant", 403, null], ["refusal", 0, null]]);
});

Deno.test("a refusal of an older notice is made one of the new notice", async () => {
  const { sent, answers } = await box([reply(409), reply(201)], async (send) => {
    send(submission("old", { action: "reject_all", purposes: { ads: false } }));
    await until(nothingPending);
  }, { renew: (each) => ({ ...each, key: "new" }) });
  equal(sent.map(({ key }) => key), ["old", "new"]);
  equal(answers, [["new", 201, true]]);
});

Deno.test("one that the server cannot read blocks no other, and yields to what is answered later", async () => {
  const { sent } = await box([reply(422), reply(201)], async (send) => {
    send(submission("unreadable", { action: "refuse", purposes: { ads: false } }));
    send(submission("readable", { action: "refuse", purposes: { ads: false } }));
    await until(nothingPending);
    equal(pendingSubmissions(), []);
  });
  equal(sent.map(({ key }) => key), ["unreadable", "readable"]);
});

Deno.test("a server that is away is asked again", async () => {
  const { sent, answers } = await box([new Error("away"), reply(201)], async (send) => {
    send(submission("a"));
    await until(nothingPending);
  });
  equal(sent.map(({ key }) => key), ["a", "a"]);
  equal(answers, [["a", 0, null], ["a", 201, true]]);
});

const NO_LOCKS = {
  "has no locks": {},
  "has locks that fail": { locks: { request: () => Promise.reject(new Error("SecurityError")) } },
  "has broken locks": { locks: { request: () => {} } },
};
for (const [what, navigator] of Object.entries(NO_LOCKS)) {
  Deno.test(`a page that ${what} sends all the same, once`, async () => {
    const { sent } = await box([reply(201)], async (send) => {
      send(submission("a"));
      await until(nothingPending);
    }, { navigator });
    equal(sent.map(({ key }) => key), ["a"]);
  });
}

/** Locks that tell whether one is held. */
const watchedLocks = () => {
  const inner = locks();
  const outer = {
    held: false,
    request: (name, work) =>
      inner.request(name, async () => {
        outer.held = true;
        try {
          return await work();
        } finally {
          outer.held = false;
        }
      }),
  };
  return outer;
};

Deno.test("when a listener fails, the rest is sent under the lock", async () => {
  const locks = watchedLocks();
  const held = [];
  const onAnswer = () => {
    held.push(locks.held);
    throw new Error("the page broke something");
  };
  const { sent } = await box([reply(201)], async (send) => {
    for (const key of ["a", "b"]) send(submission(key));
    await until(nothingPending);
  }, { navigator: { locks }, onAnswer });
  equal(sent.map(({ key }) => key), ["a", "b"]);
  equal(held, [true, true]);
});

Deno.test("when a token cannot be saved, its submission is not sent again without the lock", async () => {
  const locks = watchedLocks();
  const held = [];
  const saveToken = () => {
    held.push(locks.held);
    throw new Error("the page broke something");
  };
  await box([reply(201, { token: "t" })], async (send) => {
    send(submission("a"));
    await until(() => held.length);
    equal(pendingSubmissions().map(({ key }) => key), ["a"]);
  }, { navigator: { locks }, saveToken });
  equal(held, [true]);
});
