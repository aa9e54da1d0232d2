/** What a page can do with the widget: read decisions, open it, refuse, withdraw. It cannot grant for the visitor. */

/** Who changed the decisions: the visitor in this page, a script, or another tab (also while this page was hidden). */
export type By = "visitor" | "script" | "tab";

export interface Change {
  by: By;
  /** Empty where it was not in this page. */
  action:
    | "accept_all"
    | "reject_all"
    | "save"
    | "close"
    | "withdraw_all"
    | "allow"
    | "refuse"
    | "acknowledge"
    | "age_child"
    | "age_teen"
    | "age_adult"
    | "";
  /** Where it was pressed; empty where it was not in this page. */
  surface: "layer" | "centre" | "placeholder" | "ask" | "page" | "api" | "bar" | "again" | "tcf" | "gpp" | "";
  /** The cookies and storage keys of services that may not run, where some could not be deleted. The console says why. */
  left: string[] | undefined;
}

export interface Widget {
  /** Is this purpose granted now? A purpose of separate consent is granted to a recipient. False for unknown ids. */
  readonly granted: (purpose: string, recipient?: string) => boolean;
  /** May this service of the notice run now? Visitors can decide about it alone. False for unknown ids. */
  readonly grantedService: (service: string) => boolean;
  /** Calls `listener` after each change of the visitor's decisions. Returns a function that removes the listener. */
  on(event: "change", listener: (change: Change) => void): () => void;
  /**
   * Asks the visitor for one purpose in a dialog, when it is needed. Resolves to true once they have agreed and
   * that is saved; closing the dialog refuses. If the server does not answer within 3 seconds, it resolves to false,
   * though the visitor may have agreed: the grant can still come, with a `change`. A visitor who has refused is not
   * asked again while the refusal is valid, unless `again` is true: for a button with which they ask for it themselves.
   * A purpose of separate consent needs a `recipient`. If the notice has no purpose that is asked when needed
   * (`just_in_time`), nobody is asked, and it resolves to what `granted` returns.
   */
  ask(purpose: string, about?: { recipient?: string; again?: boolean }): Promise<boolean>;
  /**
   * Loads the script of a service that has a place in the page, such as a map or a captcha: at once where it is granted,
   * else when the visitor presses for it. Resolves to what the script makes (`AMap`, `turnstile`, the captcha of GeeTest)
   * as soon as that can be used. Only where the notice has such a service.
   */
  load?(service: string): Promise<any>;
  /** Opens the preference centre. */
  open(): void;
  /** Denies everything in the preference centre, and ends every grant. */
  reject(): void;
  /** The same as `reject`, recorded as a withdrawal. */
  withdraw(): void;
  /** The locale of the widget. Set it to another locale of the notice to change it. */
  language: string;
  /** Calls `callback` with the widget in a task of its own. Also works before the widget is loaded: see Queue. */
  push(callback: (widget: Widget) => void): void;
}

/** The value until the widget is loaded: `globalThis.ConsentWidget ??= []`. Its entries are then called one by one. */
export type Queue = Pick<Widget, "push"> | ((widget: Widget) => void)[];

declare global {
  // deno-lint-ignore no-var
  var ConsentWidget: Widget | Queue;
  interface DocumentEventMap {
    "consent:change": CustomEvent<Change>;
  }
}
