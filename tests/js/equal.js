// @ts-nocheck: plain values, compared as JSON.
export const equal = (actual, expected, why = "") => {
  const [left, right] = [actual, expected].map((value) => JSON.stringify(value) ?? "undefined");
  if (left != right) throw new Error(`${why}\n  is:     ${left}\n  should: ${right}`);
};
