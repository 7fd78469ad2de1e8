/** What the parts of the widget pass to each other. Wire spellings are kept as the server has them. */

declare global {
  interface Window {
    SupportChat?: import('./types').SupportChatApi;
    SupportChatV2?: import('./types').SupportChatApi;
  }
}

export type Strings = Record<string, string>;
export type PathPattern = string | RegExp;
export type Scheme = 'light' | 'dark';

export interface Theme {
  /** Any CSS colour. */
  brand?: string | null;
  /** The tenant's brand as CSS variables, computed by the server. */
  colors?: Record<Scheme, Record<string, string>> | null;
  /** Corner radius of the panel in pixels. */
  radius?: number;
  /** A CSS font-family list. */
  font?: string | null;
  scheme?: Scheme | 'auto';
}

export interface Options {
  origin?: string;
  /** The slug of one of several tenants of the server. */
  tenant?: string;
  /** The tenant's public widget key, in place of the slug. */
  key?: string;
  position?: string;
  locale?: string;
  strings?: Strings;
  stringsByLocale?: Record<string, Strings>;
  showSoundToggle?: boolean;
  showVibrationToggle?: boolean;
  soundVolume?: number;
  soundGain?: number;
  soundDefaultOn?: boolean;
  vibrationDefaultOn?: boolean;
  openOnLoad?: boolean;
  /** Another way to reach the team: an e-mail address, a telephone number, a web address. */
  contact?: string;
  includePaths?: PathPattern[];
  excludePaths?: PathPattern[];
  observeRoute?: boolean;
  theme?: Theme;
  /** What agents see of the visitor: short texts, numbers and booleans by name. */
  attributes?: Record<string, unknown>;
  /** A token of the page's server that says who the visitor is, or what gives one. */
  identity?: string | (() => string | null | Promise<string | null>);
  /** For the `<style>` element that browsers without constructed style sheets need. */
  nonce?: string;
  onEvent?: (event: WidgetEvent) => void;
}

/** `unread`: how many messages the visitor has not seen. */
export type WidgetEvent = { type: 'opened' } | { type: 'closed' } | { type: 'message'; unread: number };

/** Options after reading: complete, of the right types, within their bounds. */
export interface Settings extends Required<Omit<Options, 'position' | 'theme'>> {
  position: 'left' | 'right' | '';
  theme: Theme;
  /** The page did not name a locale: the widget follows the page's. */
  followsPage: boolean;
  /** The page names its tenant, so that the tenant's own settings and texts are asked for. */
  isConfigured: boolean;
  /** Which options the page has given itself. */
  given: (keyof Options)[];
  /** The tenant's public configuration, once it is known. */
  config?: { features: { attachments?: boolean }; limits?: { attachment_bytes?: number } };
}

export interface Controls {
  show(): void;
  hide(): void;
  recheck(): void;
  setLocale(locale: string): void | Promise<void>;
  open(): void;
  close(): void;
  forget(): void | Promise<void>;
  destroy(): void;
}

/** What an instance hands to the one that takes its place. */
export interface Legacy {
  open: boolean;
  /** Whether the visitor has asked for it. */
  focus: boolean;
  hidden: boolean;
  locale?: string;
}

export interface Instance extends Omit<Controls, 'destroy' | 'open'> {
  /** @param moveFocus unless given, as if the visitor had asked for it */
  open(moveFocus?: boolean): void;
  destroy(): Legacy;
}

/** What the loader knows of the page and of its own tag. */
export interface HostPage {
  scriptUrl: string;
  scriptData: DOMStringMap;
  nonce: string;
  /** Has the server's present loader take over; false when there is none, or it may not. */
  renew(): Promise<boolean>;
}

/** Makes the instance of a call of `init`. */
export type Create = (options: Options, tenant: string | undefined, page: HostPage) => Instance;

export interface SupportChatApi extends Controls {
  init(options?: Options): Controls;
  /** For the loader of another `build`, which has been sent for: it brings its own `Create`. */
  adopt(create: Create, build: string): void;
}

/** The words on the screen, always in the present language. */
export interface Words {
  t: Translate;
  /** Knows the page's own texts only. */
  pageWords: Translate;
  locale(): string;
}

/** The part that paints the widget in the page's own colours. @param brand an option's or the tenant's, '' for none */
export type Look = (brand: string) => {
  /** Of the page's surfaces; undefined where it says nothing of them. */
  isPaperDark: boolean | undefined;
  paint(scheme: Scheme): Record<string, string>;
};

/** The part for pages that say where the widget belongs. */
export interface Routes {
  isAllowed(): boolean;
  stop(): void;
}

/** What the loader hands to the engine. */
export interface Shell {
  settings: Settings;
  signal: AbortSignal;
  timers: Timers;
  frame: ReturnType<typeof import('./view/frame.js').createFrame>;
  locale(): string;
  /** The tenant's own words, as the server has sent them. */
  entries(): Strings;
  prefix: string;
  isDefault: boolean;
  area: Storage | null;
  /** Of this tab. */
  tabArea: Storage | null;
  /** One of the widget's files. @param hash of one that the loader does not know */
  part(name: string, hash?: string): Promise<any>;
  tell(event: WidgetEvent): void;
  onOpen(): void;
}

/** What the engine's file has for the loader. */
export interface EngineModule {
  /** Null where a part that it needs first cannot be had. */
  create(shell: Shell): Promise<Engine | null>;
  /** SHA-256 in base64 of the file of each language's words. */
  words: Record<string, string>;
}

export interface Engine {
  isOpen(): boolean;
  setOpen(open: boolean, moveFocus: boolean): void;
  /** Laid out again: shown after it was hidden. */
  measure(): void;
  /** The language has changed, or more is known of it. */
  retell(): void;
  localeChanged(): void;
  /** The tenant's, on a page that does not read its settings. */
  ownWords(get: ReturnType<typeof import('./chat/look_api.js').createGet>, locale: string): Promise<unknown>;
  forget(): Promise<void>;
  destroy(): void;
}

export interface Message {
  id: string;
  seq: number;
  createdAt: string;
  direction: 'INBOUND' | 'OUTBOUND';
  text: string;
  agent?: string;
  /** Of a message that this or another of the visitor's tabs has sent, where the server says it. */
  clientId?: string;
  files?: Attachment[];
  /** An agent has taken it back: only its place is left. */
  deleted?: boolean;
}

/** A file of a message; without `url` it has not been sent yet. */
export interface Attachment {
  id: string;
  name: string;
  /** By its content, as the server has found it. */
  kind: string;
  bytes: number;
  /** Of a picture, in pixels. */
  width?: number;
  height?: number;
  /** Good for 12 to 24 hours. */
  url?: string;
}

/** A message's files on the screen. */
export interface FilesRow {
  files?: Attachment[];
  /** Which message that is. */
  at?: { conversation: string; seq: number };
}

export interface Json {
  parse(text: string): any;
  /** A text as JSON has it. */
  quote(text: string): string;
}

/** Cuts what somebody wrote into plain pieces, links and codes. */
export type SplitWords = (text: string) => (Node | string)[];

/** A switch of the menu. */
export interface Toggle {
  key: 'sound' | 'vibration';
  icon: 'sound' | 'phone';
  isOn(): boolean;
  isShown(): boolean;
  toggle(): void;
}

/** Where the menu belongs in the panel. */
export interface MenuPlace {
  header: HTMLElement;
  /** The button that opens it. */
  more: HTMLButtonElement;
  /** Back to where the visitor writes. */
  focus(): void;
}

/** What the engine hands to the part for the menu. */
export interface MenuDeps extends MenuPlace {
  t: Translate;
  toggles: Toggle[];
  /** Whether there may be earlier conversations to read. */
  hasEarlier(): boolean;
  onEarlier(): void;
  chat: Pick<ReturnType<typeof import('./chat/chat.js').createChat>, 'rename' | 'clear' | 'picture'>;
  announce(text: string): void;
  /** The part's own words, by language. */
  learn(words: Record<string, Strings>): void;
  addStyles(css: string): void;
}

/** What the engine hands to the part for earlier conversations. */
export interface EarlierDeps {
  t: Translate;
  locale(): string;
  /** What time it is for the server, in ms. */
  now(): number;
  panel: HTMLElement;
  header: HTMLElement;
  chat: Pick<ReturnType<typeof import('./chat/chat.js').createChat>, 'earlier' | 'sessionId'>;
  drawFiles: FilesPart['draw'];
  wordsOf: ReturnType<typeof import('./view/words.js').createWords>;
  /** The part's own words, by language. */
  learn(words: Record<string, Strings>): void;
  addStyles(css: string): void;
  onClose(): void;
}

/** What a visitor has talked about before, over the chat. */
export interface EarlierPart {
  open(): void;
  /** The language may be another one, and the session. */
  update(): void;
  close(): void;
  destroy(): void;
}

/** The menu with its sheets. */
export interface MenuPart {
  /** Opens or closes it. */
  press(): void;
  update(picture: Picture): void;
}

/** What the engine hands to the part for files. */
export interface FilesDeps {
  t: Translate;
  locale(): string;
  /** The part's own words, by language. */
  learn(words: Record<string, Strings>): void;
  addStyles(css: string): void;
  /** Asks the server for a message again, whose files then have fresh addresses. */
  renew(at: { conversation: string; seq: number }): void;
  announce(text: string): void;
  redraw(): void;
  panel(): HTMLElement;
  composer(): ReturnType<typeof import('./view/composer.js').createComposer>;
  /** How large a file may be, in bytes. */
  limit(): number;
  /** What is written under this name is no other tab's. */
  tabName(tab: string): string;
  tab: string;
  /** Makes the call that sends a file. Rejects with ApiError. */
  post(load: any, conversation: string, token: string): Promise<any>;
}

/** The part that shows files, and sends them. */
export interface FilesPart {
  /** False while there is nothing to draw with. */
  draw(holder: HTMLElement, row: FilesRow): boolean;
  /** Lets the visitor choose files. */
  offer(): void;
  /** Says everything again, in the present language. */
  retell(): unknown;
  /** Takes files to send, by client id. */
  keep(clientId: string, file: File): unknown;
  has(clientId: string): boolean;
  /** Rejects with ApiError. */
  send(conversation: string, token: string, item: PendingMessage): Promise<any>;
  /** How it goes with one that is on its way, in words; '' for one that is not. */
  said(clientId: string): string;
  /** All of it has left: there is no taking it back. */
  isGone(clientId: string): boolean;
  /** Why it is refused for good, or until the visitor tries again: a string key; '' to go on trying. */
  reason(error: { status: number; code: string }, attempts: number): string;
  /** Lets go of all files but these. */
  sweep(clientIds: string[]): unknown;
  /** Whether a tab that has files to send has been closed. */
  isClosed(tab: string): Promise<boolean>;
  destroy(): unknown;
}

export interface History {
  status: string;
  messages: Message[];
  closed_note?: string;
  receipts?: unknown;
}

export interface Started {
  conversation_id: string;
  token: string;
  codename?: string;
}

export interface Begun {
  session_id: string;
  conversation_id: string;
  token: string;
  expires_in: number;
}

/** What this browser keeps of its session; `keys` is null where it lives in memory on a v1 token. */
export interface SessionRecord {
  id: string;
  locale: string;
  keys: CryptoKeyPair | null;
  /** Whose it is, by the page's word; absent for nobody in particular. */
  person?: string;
}

/** What the page knows of its visitor. */
export interface Visitor {
  page(): string | undefined;
  said(): Record<string, unknown>;
  /** Both are empty for nobody in particular; null while the page cannot say. */
  identity(): Promise<{ token: string; person: string } | null>;
}

/** The right to read and write one conversation. */
export interface Session {
  id: string;
  /** The visitor's language, as the server was last told. */
  locale(): string;
  /** The conversation's id; '' until a call has been made. */
  conversation(): string;
  /** Makes a call with a valid token. Rejects with ApiError, 410 when the session is over. */
  call<T>(use: (conversation: string, token: string) => Promise<T>): Promise<T>;
}

export interface PendingMessage {
  clientId: string;
  text: string;
  createdAt: string;
  /** Which browser tab wrote it. */
  tab: string;
  /** Where it was written: the conversation, '' before there was one, and its newest `seq` then. */
  after: { id: string; seq: number };
  state: 'sending' | 'failed';
  /** Why it failed: a string key of i18n, or a sentence of the server. */
  reason?: string;
  /** What goes along. Its bytes are in the memory of the tab that wrote it. */
  file?: { name: string; bytes: number };
}

/** A quiet line that the server pushed and does not keep. It stands after message `afterSeq`. */
export interface Note {
  id: string;
  kind: 'joined' | 'info';
  key: string;
  text: string;
  afterSeq: number;
}

/** Up to which `seq` the other side has got messages, and seen them. */
export interface Marks {
  delivered: number;
  seen: number;
}

export type Frame =
  | { kind: 'ready' }
  | { kind: 'message'; message: Message }
  | { kind: 'edited'; id: string; text: string; deleted?: boolean }
  | { kind: 'reopened' }
  | { kind: 'joined'; agent: string }
  | { kind: 'note'; key: string; text: string; storedAs: string; message: Message | null }
  | { kind: 'closed' }
  | { kind: 'delivered'; id: string }
  | { kind: 'receipts'; marks: Marks }
  | { kind: 'typing'; agent: string; seconds: number }
  | { kind: 'error'; code: string }
  | { kind: 'unknown' };

export type Link = 'off' | 'connecting' | 'open' | 'waiting';

export interface Segment {
  id: string;
  messages: Message[];
  notes: Note[];
  marks: Marks;
}

/** Everything the view draws from. */
export interface Picture {
  segments: Segment[];
  pending: PendingMessage[];
  /** Keeps a bubble's identity while it turns from pending into sent: message id → client id. */
  aliases: Map<string, string>;
  /** 'failed': nothing could be loaded yet, and we keep trying. */
  phase: 'empty' | 'loading' | 'ready' | 'failed';
  link: Link;
  online: boolean;
  /** The last look at the history worked: then a missing socket only makes things slower. */
  reachable: boolean;
  /** Sends have failed several times in a row for want of an answer. */
  stalled: boolean;
  closed: boolean;
  closedNote: string;
  blocked: boolean;
  /** The session is over: the next message begins another conversation. */
  expired: boolean;
  /** Nobody can write here at the moment, and it is not the visitor's doing. */
  unavailable: boolean;
  /** What time it is for the server, in ms. */
  now: number;
  /** An agent has ended this browser's session: what was here is not shown any more. */
  ended: boolean;
  agent: string;
  /** Which agent is writing; '' for nobody. */
  typing: string;
  unread: number;
  name: string;
}

export type Row =
  | { kind: 'day'; key: string; text: string }
  /** `dir`: 'auto' for somebody else's words, which need not be in the reader's language. */
  | { kind: 'note'; key: string; text: string; dir: 'auto' | '' }
  | {
      kind: 'message';
      key: string;
      own: boolean;
      author: string;
      text: string;
      time: string;
      iso: string;
      first: boolean;
      last: boolean;
      state: '' | 'sending' | 'waiting' | 'sent' | 'delivered' | 'seen' | 'failed';
      reason: string;
      clientId: string;
      canRetry: boolean;
      canEdit: boolean;
      /** What the button says that takes it back: a string key. */
      editWord: string;
    } & FilesRow;

export interface Timers {
  set(fn: () => void, ms: number): number;
  clear(id: number): void;
  /** The visitor's clock, in ms. It may be wrong, and be put right at any time. */
  now(): number;
  /** Ms since some moment that stays the same while the page lives: for durations. */
  elapsed(): number;
}

export interface TabLock {
  /** Whether one tab at a time can be had. */
  isShared(): boolean;
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** `otherwise`: what to say when nobody has written a text for the key; the key unless given. */
export type Translate = (
  key: string,
  values?: Record<string, string | number>,
  otherwise?: string,
) => string;
