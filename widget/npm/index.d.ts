/** Texts of the chat by key; the keys stand in the widget's documentation. */
export type Strings = Record<string, string>;
/** A whole path with `*` for anything, one that begins with `#` for the hash, or a pattern. */
export type PathPattern = string | RegExp;

export interface Theme {
  /** Any CSS colour. */
  brand?: string | null;
  /** Corner radius of the panel in pixels. */
  radius?: number;
  /** A CSS font-family list. */
  font?: string | null;
  scheme?: 'light' | 'dark' | 'auto';
}

/** `unread`: how many messages the visitor has not seen. */
export type WidgetEvent = { type: 'opened' } | { type: 'closed' } | { type: 'message'; unread: number };

/** What the chat can be told; all but `origin` may be left out. */
export interface Options {
  /** The address of your Chatorical server, such as `https://chat.example.com`. */
  origin: string;
  /** The workspace's slug. */
  tenant?: string;
  /** The workspace's public widget key, in place of the slug. */
  key?: string;
  /** Which corner: `right` or `left`. */
  position?: string;
  /** Language tag; without it the chat follows the page. */
  locale?: string;
  strings?: Strings;
  stringsByLocale?: Record<string, Strings>;
  showSoundToggle?: boolean;
  showVibrationToggle?: boolean;
  /** From 0 to 1. */
  soundVolume?: number;
  /** From 0 to 5; multiplies the volume. */
  soundGain?: number;
  soundDefaultOn?: boolean;
  vibrationDefaultOn?: boolean;
  /** Open the chat by itself; once the visitor has closed it, it stays closed in that tab. */
  open?: boolean;
  /** Another name of `open`, which counts where both are given. */
  openOnLoad?: boolean;
  /** Another way to reach the team: an e-mail address, a telephone number, a web address. */
  contact?: string;
  includePaths?: PathPattern[];
  excludePaths?: PathPattern[];
  /** Follow navigation inside of a single-page application. */
  observeRoute?: boolean;
  theme?: Theme;
  /** What agents see of the visitor: up to 20 short texts, numbers and booleans by name. */
  attributes?: Record<string, unknown>;
  /** A token of your server that says who the visitor is, or what gives one. */
  identity?: string | (() => string | null | Promise<string | null>);
  /** Of your Content Security Policy; for the script, and for a style element in old browsers. */
  nonce?: string;
  onEvent?: (event: WidgetEvent) => void;
}

export interface Controls {
  /** Make it visible, also where the path rules would not, until the next navigation. */
  show(): void;
  /** Take it off the page, until `show()`. */
  hide(): void;
  /** Apply the path rules to the present address. */
  recheck(): void;
  /** Resolves when the words of the language are on the screen. */
  setLocale(locale: string): void | Promise<void>;
  open(): void;
  close(): void;
  /**
   * End the visitor's session and clear the chat on this device. Rejects when the server could not
   * be told; the device is cleared all the same.
   */
  forget(): void | Promise<void>;
  /** Remove everything from the page; `init` may be called again. */
  destroy(): void;
}

export interface SupportChatApi extends Controls {
  /** Put the chat on the page; the first call counts, until `destroy()`. */
  init(options?: Partial<Options>): Controls;
}

/**
 * Load the script of the server, once however often it is asked for, and start nothing.
 *
 * Rejects outside of a browser, without an `origin`, and when the script does not come; the next
 * call tries again.
 */
export function load(options: Pick<Options, 'origin' | 'nonce'>): Promise<SupportChatApi>;

/** Load the script and put the chat on the page. Rejects as `load` does. */
export function init(options: Options): Promise<Controls>;
