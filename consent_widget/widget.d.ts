/** What a page may ask of the consent widget: it reads, opens, refuses and withdraws. It cannot grant in the visitor's name. */

/** Why something changed: the visitor pressed, a script did, or it happened in another tab or while this page was away. */
export type By = "visitor" | "script" | "tab";

export interface Change {
  by: By;
  /** What was pressed; empty where it was not pressed in this page. */
  action:
    | "accept_all"
    | "reject_all"
    | "save"
    | "close"
    | "withdraw_all"
    | "allow"
    | "refuse"
    | "age_child"
    | "age_teen"
    | "age_adult"
    | "";
  /** Where. */
  surface: "layer" | "centre" | "placeholder" | "ask" | "page" | "api" | "";
}

export interface Widget {
  /** May this purpose be pursued now? With separate consent: towards this recipient. False for what is unknown. */
  readonly granted: (purpose: string, recipient?: string) => boolean;
  /** Calls `listener` after each change of what is decided. Returns what undoes that. */
  on(event: "change", listener: (change: Change) => void): () => void;
  /**
   * Asks the visitor for one thing, at the moment it matters, in a dialog of its own: true once they have agreed and that
   * is stored. Closing is a no. A refusal stands: they are not asked again while it lasts, except with `again`, for a press
   * by which they asked for it themselves. Separate consent is asked for towards a named recipient.
   */
  ask(purpose: string, about?: { recipient?: string; again?: boolean }): Promise<boolean>;
  /** Opens the preference centre. */
  open(): void;
  /** Refuses everything that is asked for. */
  reject(): void;
  /** Withdraws everything that was granted. */
  withdraw(): void;
  /** The language that the widget speaks; set it to one of the notice's to have it speak that one. */
  language: string;
  /** Calls `ask` with the widget, soon. The same works before the widget is loaded: see Queue. */
  push(ask: (widget: Widget) => void): void;
}

/** What stands in the widget's place until it is loaded: `globalThis.ConsentWidget ??= []`. */
export type Queue = Pick<Widget, "push"> | ((widget: Widget) => void)[];

declare global {
  // deno-lint-ignore no-var
  var ConsentWidget: Widget | Queue;
  interface DocumentEventMap {
    "consent:change": CustomEvent<Change>;
  }
}
