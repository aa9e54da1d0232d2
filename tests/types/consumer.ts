// How a page's own code uses the widget: only type-checked, against the types that are shipped.
import type { Change, Widget } from "../../consent_widget/widget.d.ts";

globalThis.ConsentWidget ??= [];

ConsentWidget.push((widget) => {
  const start = (): void => {};
  if (widget.granted("data_analytics")) start();
  const partner: boolean = widget.granted("partner_sharing", "acme");
  const stop: () => void = widget.on("change", ({ by, action, surface }) => {
    const who: "visitor" | "script" | "tab" = by;
    if (action === "withdraw_all" && surface === "api") console.log(who, partner);
  });
  stop();
  widget.open();
  widget.reject();
  widget.withdraw();
  widget.language = widget.language === "en" ? "zh-CN" : "en";
});

document.addEventListener("consent:change", (event) => {
  const change: Change = event.detail;
  console.log(change.by);
});

export const never = (widget: Widget) => {
  // @ts-expect-error nobody grants in the visitor's name
  widget.accept();
  // @ts-expect-error nor by setting anything
  widget.granted = () => true;
  // @ts-expect-error there is no such event
  widget.on("grant", () => {});
  // @ts-expect-error a purpose is named by its id
  widget.granted(7);
  // @ts-expect-error it is yes or no
  const maybe: string = widget.granted("data_analytics");
  return maybe;
};
