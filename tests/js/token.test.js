// @ts-nocheck
import "./page.js";
import { equal } from "./equal.js";
import tokens from "../choice/token_cases.json" with { type: "json" };

const { cookieValues, readToken, stateId } = await import("../../static/src/core/token.js");
const SIGNATURE = "." + "A".repeat(43);

for (const { why, payload, subject, time, band, decisions } of tokens.read) {
  Deno.test(`a token is read: ${why}`, () => {
    const token = payload + SIGNATURE;
    const [state] = readToken(token);
    equal(Object.fromEntries(state.decisions), decisions);
    equal([state.token, state.band], [token, band.slice(0, 1)]);
    equal(stateId(token), `${subject}.${payload.split(".")[2]}`);
    equal(payload.split(".")[4], time.toString(36));
  });
}

for (const { why, payload } of tokens.void) {
  Deno.test(`this is no token: ${why}`, () => {
    equal(readToken(payload), []);
    equal(readToken(payload + SIGNATURE), []);
  });
}

for (const junk of ["", ".", "1", "2.a.b.c.d.e", "1.a.b.c.d.e.f", "null", "%%%"]) {
  Deno.test(`this is no token: '${junk}'`, () => equal(readToken(junk), []));
}

for (
  const [all, values] of [
    ["cw=a", ["a"]],
    ["other=1; cw=a; more=2", ["a"]],
    ["cw=a; cw=b; xcw=c; cw-shop=d; CW=e", ["a", "b"]],
    ["c w=a", []],
    ["cw", []],
    ["xcw=a; cww=b", []],
    ["other=cw=a", []],
    ["cw=a=b", ["a=b"]],
    ["cw=", [""]],
    ["", []],
    ["\u00a0cw=a; cw\u2003=b; \u2003cw=c", []],
  ]
) {
  Deno.test(`a cookie is the widget's by its exact name: '${all}'`, () => {
    CW_SHARED.cookie = all;
    equal(cookieValues("cw"), values);
  });
}
