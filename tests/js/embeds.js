// @ts-nocheck: what the script makes of addresses of vendors. Reads [[facade, address], …] and writes the address of each frame.
import { built, readAddress } from "../../static/src/embeds/vendorAddress.js";

const cases = JSON.parse(await new Response(Deno.stdin.readable).text());
const made = cases.map(([facade, address]) => {
  const values = readAddress(facade, address);
  return values ? built(facade.frame, values) : null;
});
console.log(JSON.stringify(made));
