/*! Chatorical widget 2.0.0-dev.0 | MIT */
"use strict";
(() => {
  // src/browser.js
  function attempt(use, otherwise) {
    try {
      return use();
    } catch {
      return otherwise;
    }
  }
  var reported = /* @__PURE__ */ new Set();
  function report(error, hint = "") {
    const words = hint || String(error);
    if (reported.has(words)) return;
    reported.add(words);
    console.error(...hint ? [`SupportChat: ${hint}`] : ["SupportChat:", error]);
  }
  function makeId() {
    return attempt(
      () => crypto.randomUUID(),
      attempt(
        () => [...crypto.getRandomValues(new Uint8Array(16))],
        Array(16).fill(0).map(() => Math.floor(Math.random() * 256))
      ).map((byte) => (byte + 256).toString(16).slice(1)).join("")
    );
  }
  function tabId(tabStorage) {
    const saved = tabStorage.get("tab");
    if (typeof saved === "string") return saved;
    const id = makeId();
    tabStorage.set("tab", id);
    return id;
  }
  function tabLock(name, manager = () => navigator.locks) {
    let locks = attempt(manager, void 0);
    return {
      isShared: () => !!locks,
      async run(work) {
        if (!locks) return work();
        let begun = false;
        const begin = () => {
          begun = true;
          return work();
        };
        try {
          return await await locks.request(name, begin);
        } catch (error) {
          if (begun) throw error;
          locks = void 0;
          return work();
        }
      }
    };
  }
  function watchMedia(query, onChange, signal) {
    const list2 = attempt(() => matchMedia(query), null);
    attempt(() => list2?.addEventListener("change", onChange, { signal }), void 0);
    return () => !!list2?.matches;
  }
  function watchSize(element, onResize) {
    const observer = attempt(() => new ResizeObserver(onResize), null);
    observer?.observe(element);
    return () => observer?.disconnect();
  }
  var vibrate = (pattern) => attempt(() => navigator.vibrate(pattern), false);
  function whenBodyExists(work) {
    if (document.body) work();
    else document.addEventListener("DOMContentLoaded", work, { once: true });
  }

  // src/branding.js
  function branded(page, { branding, features }) {
    const { brand, font, radius, scheme, position, contact } = branding;
    const ofTenant = {
      position: position === "auto" ? "" : position,
      contact: contact ?? "",
      showSoundToggle: features.sound_toggle,
      showVibrationToggle: features.vibration_toggle,
      soundDefaultOn: features.sound_default_on,
      vibrationDefaultOn: features.vibration_default_on
    };
    const ofPage = Object.fromEntries(page.given.map((name) => [name, page[name]]));
    return { ...ofTenant, ...ofPage, theme: { brand, font, radius, scheme, ...page.theme } };
  }

  // src/wire.js
  var own = Object.prototype.hasOwnProperty;
  var ESCAPES = (
    /** @type {Record<string, string>} */
    { b: "\b", f: "\f", n: "\n", r: "\r", t: "	" }
  );
  function encode(value) {
    if (typeof value === "string") return quote(value);
    if (typeof value === "boolean" || typeof value === "number" && isFinite(value)) return `${value}`;
    if (!value || typeof value !== "object") return "null";
    let members = "";
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i += 1) members += (i ? "," : "") + encode(value[i]);
      return `[${members}]`;
    }
    const row = (
      /** @type {Record<string, unknown>} */
      value
    );
    for (const key in row) {
      if (!own.call(row, key) || row[key] === void 0) continue;
      members += `${members && ","}${quote(key)}:${encode(row[key])}`;
    }
    return `{${members}}`;
  }
  function quote(text2) {
    let quoted = '"';
    for (let i = 0; i < text2.length; i += 1) {
      const code = text2.charCodeAt(i);
      const isPlain = code > 31 && code !== 34 && code !== 92 && (code < 55296 || code > 57343);
      quoted += isPlain ? text2[i] : `\\u${(code + 65536).toString(16).slice(1)}`;
    }
    return `${quoted}"`;
  }
  var TOKEN = /\s*(?:([[\]{},:])|"((?:[^"\\\0-\x1f]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*)"|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))\s*/y;
  var unquote = (text2) => text2.replace(
    /\\(?:u(....)|(.))/g,
    (_, hex, sign) => hex ? String.fromCharCode(parseInt(hex, 16)) : ESCAPES[sign] ?? sign
  );
  function fail() {
    throw new SyntaxError("No JSON");
  }
  function decode(text2) {
    let sign;
    let quoted;
    let word;
    let at = 0;
    function next() {
      TOKEN.lastIndex = at;
      [, sign, quoted, word] = TOKEN.exec(text2) ?? fail();
      at = TOKEN.lastIndex;
    }
    function value() {
      if (quoted !== void 0) return unquote(quoted);
      if (word) return word === "null" ? null : word === "true" || word !== "false" && +word;
      const isList = sign === "[";
      if (!isList && sign !== "{") fail();
      const end = isList ? "]" : "}";
      const row = isList ? [] : {};
      next();
      let isDone = sign === end;
      while (!isDone) {
        let key = row.length;
        if (!isList) {
          key = unquote(quoted ?? fail());
          next();
          if (sign !== ":") fail();
          next();
        }
        const member = value();
        if (key !== "__proto__") row[key] = member;
        next();
        isDone = sign === end;
        if (!isDone) {
          if (sign !== ",") fail();
          next();
        }
      }
      return row;
    }
    next();
    const result = value();
    return at < text2.length ? fail() : result;
  }

  // src/chat/text.js
  function cleanText(text2) {
    return text2.replace(/\0/g, "").replace(/[\ud800-\udfff]/gu, "\uFFFD").trim();
  }
  var timeOf = (iso) => new Date(iso).getTime();

  // src/chat/frames.js
  function parseFrame(raw) {
    const frame = parse(raw);
    if (!frame) return { kind: "unknown" };
    if (frame.ok === true) return { kind: "ready" };
    if (frame.type === "agent_joined") return { kind: "joined", agent: textOf(frame.agent) };
    if (frame.type === "conversation_closed") return { kind: "closed" };
    if (frame.type === "conversation_reopened") return { kind: "reopened" };
    if (frame.type === "message_edited") return { kind: "edited", id: textOf(frame.id), text: textOf(frame.text) };
    if (frame.type === "error") return { kind: "error", code: textOf(frame.code) };
    if (frame.type === "info_note") {
      return {
        kind: "note",
        key: textOf(frame.key),
        text: textOf(frame.text),
        // A note that was stored too is a message that history has: it is shown as that.
        storedAs: textOf(frame.id),
        message: asMessage({ direction: "OUTBOUND", ...frame })
      };
    }
    const message = frame.type === "message" && asMessage(frame);
    if (message) return { kind: "message", message };
    return { kind: "unknown" };
  }
  function asMessage(row) {
    if (typeof row?.id !== "string" || !Number.isInteger(row.seq) || typeof row.text !== "string") return null;
    return {
      id: row.id,
      seq: row.seq,
      createdAt: timeIn(row.createdAt) || timeIn(row.created_at) || (/* @__PURE__ */ new Date()).toISOString(),
      direction: row.direction === "OUTBOUND" ? "OUTBOUND" : "INBOUND",
      text: row.text,
      ...textOf(row.agent) ? { agent: row.agent } : {},
      ...textOf(row.client_id) ? { clientId: row.client_id } : {}
    };
  }
  function parse(raw) {
    if (typeof raw !== "string") return null;
    try {
      const value = decode(raw);
      return value && typeof value === "object" && !Array.isArray(value) ? value : null;
    } catch {
      return null;
    }
  }
  var timeIn = (iso) => isNaN(timeOf(iso)) ? "" : iso;
  var textOf = (value) => typeof value === "string" ? value : "";

  // src/chat/api.js
  var TIMEOUT_MS = 15e3;
  var ENDED = (
    /** @type {Record<string, [number, string]>} */
    {
      blocked: [403, "conversation_blocked"],
      erased: [404, "conversation_not_found"]
    }
  );
  var ApiError = class extends Error {
    /** @param {number} status @param {string} code @param {string} message @param {number} retryAfterMs */
    constructor(status, code, message, retryAfterMs = 0) {
      super(message);
      this.status = status;
      this.code = code;
      this.retryAfterMs = retryAfterMs;
    }
  };
  function createApi(origin, fetchImpl, whose = {}) {
    const base = `${origin}/v1/conversations`;
    const sessions = `${origin}/v2/sessions`;
    const hint = tenantHint(whose);
    const visit = Math.random().toString(36).slice(2);
    let looks = 0;
    async function call(method, url, token, body, cache = "no-store") {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
      const address = hint ? `${url}${url.includes("?") ? "&" : "?"}${hint}` : url;
      try {
        const response = await fetchImpl(address, {
          method,
          headers: {
            ...body ? { "Content-Type": "application/json" } : {},
            ...token ? { Authorization: `Bearer ${token}` } : {}
          },
          ...body ? { body: encode(body) } : {},
          credentials: "omit",
          cache,
          keepalive: method !== "GET",
          // a message survives a click that leaves the page
          signal: abort.signal
        });
        const answer = read(await response.text());
        if (!response.ok) throw refusal(response, answer);
        return answer ?? (response.status === 204 ? {} : unreadable());
      } catch (error) {
        if (error instanceof ApiError) throw error;
        throw new ApiError(0, "no_answer", String(error));
      } finally {
        clearTimeout(timer);
      }
    }
    const path = (id) => `${base}/${encodeURIComponent(id)}`;
    const session = (id) => `${sessions}/${encodeURIComponent(id)}`;
    return {
      /**
       * @param {{name?: string, locale?: string, public_key: JsonWebKey}} customer
       * @param {string} earlier the token of a conversation to go on with; '' for a new one
       * @returns {Promise<Begun>}
       */
      async begin(customer, earlier) {
        const begin = (query = "") => call("POST", sessions + query, earlier, customer);
        const begun = await (hint || earlier ? begin() : begin("?t=default")).catch((error) => {
          if (error.code === "tenant_mismatch" && !hint) return begin();
          throw error;
        });
        return begun.session_id && begun.conversation_id && begun.token ? begun : unreadable();
      },
      /** @param {string} id of a session @returns {Promise<{challenge: string}>} */
      challenge: (id) => call("POST", `${session(id)}/challenge`, ""),
      /** @param {string} id @param {string} challenge @param {string} signature @returns {Promise<{token: string, expires_in: number}>} */
      async renew(id, challenge, signature) {
        const answer = await call("POST", `${session(id)}/token`, "", { challenge, signature });
        return answer.token ? answer : unreadable();
      },
      /** Ends the session for good. @param {string} id @param {string} token */
      end: (id, token) => call("DELETE", session(id), token),
      /** For one socket. @param {string} token @returns {Promise<string>} */
      async socketToken(token) {
        const answer = await call("POST", `${origin}/v2/ws/token`, token);
        return answer.token || unreadable();
      },
      /** @param {{name?: string, locale?: string}} customer @returns {Promise<Started>} */
      async start(customer) {
        const started = await call("POST", `${base}/start`, "", customer);
        return started.conversation_id && started.token ? started : unreadable();
      },
      /** @param {string} id @param {string} token @param {number} after @returns {Promise<History>} */
      history: (id, token, after) => call("GET", `${path(id)}/messages?_=${visit}${looks += 1}${after ? `&after=${after}` : ""}`, token),
      /**
       * The same `clientId` again answers with the first message.
       * @param {string} id @param {string} token @param {string} text @param {string} clientId
       * @returns {Promise<Message>}
       */
      async send(id, token, text2, clientId) {
        const answer = await call("POST", `${path(id)}/messages`, token, { text: text2, client_id: clientId });
        return asMessage(answer.message) ?? unreadable();
      },
      /** @param {string} id @param {string} token @param {string} name @returns {Promise<{customerName: string}>} */
      rename: (id, token, name) => call("PATCH", `${path(id)}/name`, token, { name }),
      /** @param {string} id @param {string} token @param {string} locale */
      setLocale: (id, token, locale) => call("PATCH", `${path(id)}/locale`, token, { locale }),
      /** How the tenant's widget looks and speaks. @param {string} locale */
      config: (locale) => call("GET", `${origin}/v2/widget/config?locale=${encodeURIComponent(locale)}`, "", void 0, "default"),
      /** The tenant's own words, by key. @param {string} locale @returns {Promise<unknown>} */
      async translations(locale) {
        const names = [whose.tenant || whose.key || "default", locale].map(encodeURIComponent);
        const answer = await call("GET", `${origin}/v1/i18n/${names.join("/")}`, "", void 0, "default");
        return answer.entries;
      }
    };
  }
  function tenantHint({ tenant, key }) {
    if (tenant) return `t=${encodeURIComponent(tenant)}`;
    return key ? `k=${encodeURIComponent(key)}` : "";
  }
  function read(text2) {
    try {
      return decode(text2);
    } catch {
      return null;
    }
  }
  function unreadable() {
    throw new ApiError(0, "unreadable_answer", "Not an answer of the customer API.");
  }
  function refusal(response, answer) {
    const { code, message, details } = answer?.error ?? {};
    const seconds = Number(response.headers.get("Retry-After") ?? details?.retry_after ?? 0);
    const ended2 = code === "session_ended" && ENDED[details?.reason];
    const status = [404, 410].includes(response.status) && !code ? 0 : response.status;
    return new ApiError(
      ended2 ? ended2[0] : status,
      ended2 ? ended2[1] : typeof code === "string" ? code : "",
      typeof message === "string" ? message : "",
      seconds > 0 ? seconds * 1e3 : 0
    );
  }

  // src/chat/backoff.js
  function backoffMs(failures, capMs = 3e4, random = Math.random) {
    const full = Math.min(capMs, 500 * 2 ** Math.min(failures - 1, 20));
    return Math.round(full / 2 + full / 2 * random());
  }

  // src/chat/timeline.js
  function createTimeline() {
    const byId = /* @__PURE__ */ new Map();
    let ordered = [];
    let completeUpTo = 0;
    const advance = () => {
      for (const { seq } of ordered) if (seq === completeUpTo + 1) completeUpTo = seq;
    };
    return {
      /** False when nothing changed. An edited text replaces the old one. @param {Message} message */
      add(message) {
        const known = byId.get(message.id);
        const merged = { ...known, ...message };
        if (known && known.text === merged.text && known.agent === merged.agent) return false;
        byId.set(message.id, merged);
        ordered = [...byId.values()].sort((a, b) => a.seq - b.seq);
        advance();
        return true;
      },
      /** @param {string} id @param {string} text */
      edit(id, text2) {
        const known = byId.get(id);
        if (known) this.add({ ...known, text: text2 });
      },
      /**
       * Takes a whole history answer, which is complete up to its last message.
       * @param {Message[]} messages
       * @returns {Message[]} the ones that were new
       */
      addHistory(messages) {
        const fresh = messages.filter((message) => !byId.has(message.id));
        for (const message of messages) byId.set(message.id, { ...byId.get(message.id), ...message });
        ordered = [...byId.values()].sort((a, b) => a.seq - b.seq);
        completeUpTo = Math.max(completeUpTo, ...messages.map((message) => message.seq));
        advance();
        return fresh;
      },
      /** History has nothing for the gaps that are left: they are no gaps. */
      acceptGaps() {
        completeUpTo = ordered[ordered.length - 1]?.seq ?? completeUpTo;
      },
      /** @param {string} id */
      has: (id) => byId.has(id),
      messages: () => ordered,
      completeUpTo: () => completeUpTo,
      lastSeq: () => ordered[ordered.length - 1]?.seq ?? 0,
      hasGap: () => (ordered[ordered.length - 1]?.seq ?? 0) > completeUpTo,
      /** Messages from the agents' side after `seq`. @param {number} seq */
      countOutboundAfter: (seq) => ordered.filter((message) => message.seq > seq && message.direction === "OUTBOUND").length
    };
  }

  // src/chat/conversation.js
  var LISTEN_MS = 1500;
  var STALE = "A service worker answers from its cache. Let it leave the chat's server alone.";
  function createConversation({ id, session, isNew, api: api2, timers, ...on }) {
    const timeline = createTimeline();
    let notes = [];
    const echoed = /* @__PURE__ */ new Set();
    let socket = null;
    let link2 = "off";
    const listeners = [];
    let phase = isNew ? "ready" : "loading";
    let status = "";
    let closedNote = "";
    let noteCount = 0;
    let syncing = false;
    let syncAgain = false;
    let syncFailures = 0;
    let syncTimer = 0;
    let readable = isNew;
    let refusal2 = "";
    let isPast = !session;
    const history = (after) => session && !isPast ? session.call((conversation, token) => api2.history(conversation, token, after)) : api2.history(session?.conversation() ?? id, "", after);
    async function sync() {
      if (isPast && session?.conversation() === "") return;
      if (syncing) {
        syncAgain = true;
        return;
      }
      syncing = true;
      timers.clear(syncTimer);
      try {
        const after = timeline.completeUpTo();
        const known = Math.max(timeline.lastSeq(), on.seenUpTo());
        const answer = await history(after);
        readable = true;
        if (refusal2) socket?.resume();
        refusal2 = "";
        if (take(answer, after, known)) syncFailures = 0;
        else retrySync(0);
      } catch (error) {
        if (!(error instanceof ApiError)) on.report(error);
        failed(error instanceof ApiError ? error : new ApiError(0, "fault", ""));
      }
      syncing = false;
      on.onChange();
      if (syncAgain) {
        syncAgain = false;
        void sync();
      }
    }
    function take(answer, after, known) {
      const messages = (Array.isArray(answer.messages) ? answer.messages : []).map(asMessage).filter((message) => message !== null);
      const first = phase === "loading" || phase === "failed";
      const newest = messages.reduce((most, { seq }) => Math.max(most, seq), after);
      const fresh = timeline.addHistory(messages);
      phase = "ready";
      for (const message of fresh) {
        on.onMessage(message, false);
        noticed(message, !first);
      }
      if (newest < known) {
        on.report(null, STALE);
        return false;
      }
      if (timeline.hasGap()) {
        if (timeline.completeUpTo() > after) syncAgain = true;
        else timeline.acceptGaps();
      }
      status = answer.status || status;
      closedNote = answer.closed_note ?? "";
      return true;
    }
    function failed(error) {
      readable = false;
      if (error.status === 404) return on.onUnknown();
      if (error.code === "conversation_blocked") status = "BLOCKED";
      if ([401, 403, 410].includes(error.status)) {
        refusal2 = error.status === 410 ? "expired" : error.code || "refused";
        phase = "ready";
        socket?.stop();
        return;
      }
      if (phase === "loading") phase = "failed";
      retrySync(error.retryAfterMs);
    }
    function retrySync(wishMs) {
      syncFailures += 1;
      syncTimer = timers.set(sync, wishMs || Math.max(1e3, backoffMs(syncFailures)));
    }
    function noticed(message, live) {
      if (message.direction === "INBOUND") on.onInbound(message, live);
      else if (live) on.onIncoming(message);
    }
    function push(message) {
      const isNewMessage = !timeline.has(message.id);
      echoed.add(message.id);
      timeline.add(message);
      if (isNewMessage) {
        reopenBy(message);
        on.onMessage(message, true);
        noticed(message, true);
      }
      if (timeline.hasGap()) void sync();
    }
    function reopenBy(message) {
      if (status !== "CLOSED") return;
      if (message.direction === "INBOUND") status = "OPEN_UNCLAIMED";
      void sync();
    }
    function addNote(kind, key, text2) {
      const former = notes.find((other) => key ? other.key === key : other.text === text2);
      const noteId = former?.id ?? `${id}:${noteCount += 1}`;
      const note = { id: noteId, kind, key, text: text2, afterSeq: timeline.lastSeq() };
      notes = notes.filter((other) => other !== former);
      if (kind === "joined") notes = notes.filter((other) => other.key !== "waiting_for_agent");
      notes = [...notes, note];
    }
    function onFrame(frame) {
      if (frame.kind === "message") push(frame.message);
      if (frame.kind === "edited") timeline.edit(frame.id, frame.text);
      if (frame.kind === "reopened") void sync();
      if (frame.kind === "joined" && status === "CLOSED") void sync();
      if (frame.kind === "joined") addNote("joined", `joined:${frame.agent}`, frame.agent);
      if (frame.kind === "note") {
        if (frame.message) push(frame.message);
        else if (frame.storedAs) timeline.has(frame.storedAs) || void sync();
        else if (frame.text) addNote("info", frame.key, frame.text);
      }
      if (frame.kind === "closed") {
        status = "CLOSED";
        void sync();
      }
      on.onChange();
    }
    return {
      id,
      sync,
      /** @param {Parameters<typeof import('./chat.js').createChat>[0]['openSocket']} openSocket */
      connect(openSocket) {
        if (socket || !session) return;
        socket = openSocket(session, {
          onFrame,
          onLink(next) {
            link2 = next;
            if (link2 === "open") {
              listeners.splice(0).forEach((heard) => heard());
              void sync();
              on.onConnected();
            }
            on.onChange();
          },
          // Tells "server away" from "conversation unknown", and brings what we cannot be pushed.
          onRefused: () => void sync()
        });
        socket.connect();
      },
      /** It can only be read from now on. */
      leave() {
        isPast = true;
        this.disconnect();
      },
      disconnect() {
        socket?.stop();
        socket = null;
        timers.clear(syncTimer);
      },
      refresh() {
        if (!refusal2) socket?.hurry();
        void sync();
      },
      /** Until the socket is open, or has taken too long. @returns {Promise<void>} */
      async listening() {
        if (link2 === "open") return;
        await new Promise((resolve) => {
          listeners.push(resolve);
          timers.set(resolve, LISTEN_MS);
        });
      },
      /** The answer to our own POST. @param {Message} message */
      sent(message) {
        if (!timeline.has(message.id)) reopenBy(message);
        timeline.add(message);
        if (timeline.hasGap() || refusal2) void sync();
      },
      /** @param {string} messageId */
      expectEcho(messageId) {
        if (link2 === "open" && !echoed.has(messageId)) socket?.restart();
      },
      isReachable: () => readable || refusal2 !== "" || phase === "loading",
      /** The session is over: the next message begins another conversation. */
      isExpired: () => refusal2 === "expired",
      /** Nobody may write here at the moment, and it is not the visitor's doing. */
      isUnavailable: () => refusal2 !== "" && refusal2 !== "expired" && status !== "BLOCKED",
      block() {
        status = "BLOCKED";
      },
      /** @param {number} seq */
      unreadAfter: (seq) => timeline.countOutboundAfter(seq),
      lastSeq: timeline.lastSeq,
      phase: () => phase,
      link: () => link2,
      isClosed: () => status === "CLOSED",
      isBlocked: () => status === "BLOCKED",
      closedNote: () => closedNote,
      /** Who is with the visitor: the last to have joined or answered; '' for nobody. */
      agent() {
        const joined = [...notes].reverse().find((note) => note.kind === "joined");
        if (!joined && !/OPEN_ASSIGNED|AWAITING_CUSTOMER/.test(status)) return "";
        const answered = [...timeline.messages()].reverse().find(({ agent }) => agent);
        return joined && joined.afterSeq >= (answered?.seq ?? 0) ? joined.text : answered?.agent ?? "";
      },
      segment: () => ({ id, messages: timeline.messages(), notes })
    };
  }

  // src/chat/echoes.js
  function createEchoes(pending) {
    const aliases = /* @__PURE__ */ new Map();
    const forget = (clientId) => aliases.forEach((value, key) => value === clientId && aliases.delete(key));
    function confirm(messageId, clientId) {
      forget(clientId);
      aliases.set(messageId, clientId);
    }
    const isKnown = (clientId) => [...aliases.values()].includes(clientId);
    return {
      aliases,
      confirm,
      forget,
      isKnown,
      /**
       * A message of the visitor has come in that may be the echo of one that is on its way.
       * @param {{id: string, isCurrent: boolean}} conversation
       * @param {Message} message
       * @param {boolean} live false for old history, where the same words may have been said before
       */
      match({ id, isCurrent }, message, live) {
        if (aliases.has(message.id)) return;
        const waiting = pending().find(
          (item) => item.state !== "failed" && !isKnown(item.clientId) && (message.clientId ? item.clientId === message.clientId : item.text === message.text && (live || (item.after?.id === id ? message.seq > item.after.seq : isCurrent)))
        );
        if (waiting) confirm(message.id, waiting.clientId);
      }
    };
  }

  // src/chat/locale_sync.js
  var PATIENCE_MS = 1500;
  var PAUSE_MS = 5e3;
  function createLocaleSync({ api: api2, sessions, timers, locale, onTold }) {
    let running = null;
    let timer = 0;
    let notBefore = 0;
    function isTold() {
      const session = sessions.current();
      return !session || session.locale() === locale();
    }
    async function sync() {
      if (timer || isTold()) return;
      if (!running) {
        const pauseMs = notBefore - timers.elapsed();
        if (pauseMs > 0) {
          timer = timers.set(again, Math.min(pauseMs, PAUSE_MS));
          return;
        }
        running = begin();
      }
      await running;
    }
    function begin() {
      let patience = 0;
      const enough = new Promise((resolve) => {
        patience = timers.set(resolve, PATIENCE_MS);
      });
      return Promise.race([tellAll(), enough]);
      async function tellAll() {
        let done;
        do
          done = await tell();
        while (done && !isTold());
        timers.clear(patience);
        running = null;
      }
    }
    async function tell() {
      const session = sessions.current();
      const wanted = locale();
      if (!session) return false;
      try {
        await session.call((id, token) => api2.setLocale(id, token, wanted));
        sessions.saveLocale(session, wanted);
        onTold();
      } catch (error) {
        const wishMs = error instanceof ApiError ? error.retryAfterMs : 0;
        if (wishMs) timer = timers.set(again, wishMs);
        else notBefore = timers.elapsed() + PAUSE_MS;
        return false;
      }
      return true;
    }
    function again() {
      timer = 0;
      void sync();
    }
    return { sync, stop: () => timers.clear(timer) };
  }

  // src/chat/past.js
  var LOOK_MS = 6e4;
  var FRESH_MS = 24 * 3600 * 1e3;
  function createPast({ timers, isHidden }) {
    let rows2 = [];
    let timer = 0;
    function watch() {
      timers.clear(timer);
      timer = timers.set(() => {
        for (const { conversation, since } of rows2) {
          if (!isHidden() && timers.elapsed() - since < FRESH_MS) conversation.sync();
        }
        if (rows2.length) watch();
      }, LOOK_MS);
    }
    return {
      all: () => rows2.map((row) => row.conversation),
      hasMessages: () => rows2.some((row) => row.conversation.lastSeq() > 0),
      /** @param {Conversation} conversation the current one until now */
      add(conversation) {
        rows2 = [...rows2, { conversation, since: timers.elapsed() }];
        watch();
      },
      forget() {
        rows2.forEach((row) => row.conversation.disconnect());
        rows2 = [];
      },
      stop() {
        timers.clear(timer);
        rows2.forEach((row) => row.conversation.disconnect());
      }
    };
  }

  // src/chat/refusals.js
  function judge(error, { attempts, isUnproven, random }) {
    const { status, code } = error;
    if (code === "over_limit") return { act: "fail", reason: "failedLimit", isUnavailable: true };
    if (code === "conversation_blocked") return { act: "block" };
    if (status === 403 || /^tenant_/.test(code)) {
      return { act: "fail", reason: "failed", isUnavailable: true };
    }
    if (status === 410 || status === 404) {
      return isUnproven ? { act: "fail", reason: "failed" } : { act: "renew", keepHistory: status === 410 };
    }
    if (status === 401) return { act: "fail", reason: "failed" };
    if (status === 429) {
      return wait(error, Math.max(2e3, backoffMs(attempts, 3e4, random)));
    }
    if (status === 0 || status >= 500 || status === 408) {
      return wait(error, backoffMs(attempts, 3e4, random));
    }
    return { act: "fail", reason: "failedRefused" };
  }
  var wait = ({ retryAfterMs }, otherwiseMs) => ({
    act: "wait",
    ms: retryAfterMs || otherwiseMs,
    firm: retryAfterMs > 0
  });

  // src/chat/sender.js
  var FOREIGN_MS = 15e3;
  var STALLED_AFTER = 2;
  function createSender(deps) {
    const { api: api2, store, sessions, timers, tab, lock } = deps;
    const attempts = /* @__PURE__ */ new Map();
    const seenAt = /* @__PURE__ */ new Map();
    let unproven = "";
    let running = false;
    let wanted = false;
    let stopped = false;
    let wake = null;
    let firm = false;
    function kick() {
      wanted = true;
      if (!firm) wake?.();
      if (!running && !stopped) void run();
    }
    async function run() {
      running = true;
      try {
        while (wanted && !stopped) {
          wanted = false;
          const waitMs = await lock.run(sendNext).catch(broken);
          if (waitMs === null) continue;
          wanted = true;
          if (waitMs > 0) await pause(waitMs);
        }
      } finally {
        running = false;
      }
    }
    async function pause(ms) {
      await new Promise((resolve) => {
        const timer = timers.set(resolve, ms);
        wake = () => {
          timers.clear(timer);
          resolve();
        };
      });
      wake = null;
      firm = false;
    }
    function broken(error) {
      deps.report(error);
      const item = store.pending().find((each) => each.state !== "failed" && isOurs(each));
      if (!item) return null;
      fail2(item.clientId, "failed");
      return 0;
    }
    async function sendNext() {
      const open = store.pending().filter((item2) => item2.state !== "failed");
      if (!sessions.current() && open.some((item2) => item2.tab !== tab)) await sessions.load();
      let session = sessions.current();
      if (session) deps.onStarted(session, false);
      const item = open.find(isOurs);
      if (!item) attempts.clear();
      if (stopped || !item) return open.length && !stopped ? 5e3 : null;
      try {
        session ?? (session = await begin(item.clientId));
        if (!session) return 0;
        await deps.tellLocale();
        if (!isWanted(item.clientId)) return 0;
        const message = await session.call((id, token) => api2.send(id, token, item.text, item.clientId));
        if (unproven === session.id) unproven = "";
        const again = attempts.delete(item.clientId);
        seenAt.delete(item.clientId);
        store.removePending(item.clientId);
        deps.onSent(session, item, message, again);
        return 0;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return await refused(error, item, session);
      }
    }
    const isOurs = (item) => item.tab === tab || sessions.isShared() && (lock.isShared() || isAbandoned(item.clientId));
    function isAbandoned(clientId) {
      const since = seenAt.get(clientId) ?? timers.elapsed();
      seenAt.set(clientId, since);
      return timers.elapsed() - since > FOREIGN_MS;
    }
    const isWanted = (clientId) => store.pending().some((item) => item.clientId === clientId);
    async function begin(clientId) {
      const { name, locale } = deps.customer();
      const wanted2 = () => isWanted(clientId);
      const known = await sessions.open(locale);
      const session = known ?? await sessions.begin(name ? { name, locale } : { locale }, wanted2).catch((error) => {
        if (error instanceof ApiError && error.status === 400 && name) return sessions.begin({ locale }, wanted2);
        throw error;
      });
      if (!session) return null;
      const isNew = !known && session.conversation() !== "";
      deps.onStarted(session, isNew);
      if (!isNew) return session;
      unproven = session.id;
      await deps.listening();
      return session;
    }
    async function refused(error, item, session) {
      const count = (attempts.get(item.clientId) ?? 0) + 1;
      attempts.set(item.clientId, count);
      const isUnproven = !session || session.id === unproven;
      const verdict = judge(error, { attempts: count, isUnproven });
      if (verdict.act === "renew") {
        await deps.onRenew(session, verdict.keepHistory);
        return 0;
      }
      if (verdict.act === "wait") {
        firm = verdict.firm;
        deps.onChange();
        return verdict.ms;
      }
      if (verdict.act === "block") deps.onBlocked();
      else if (verdict.isUnavailable) deps.onUnavailable(error);
      fail2(item.clientId, verdict.act === "fail" ? verdict.reason : "failed");
      return 0;
    }
    function fail2(clientId, reason) {
      attempts.delete(clientId);
      store.updatePending(clientId, { state: "failed", reason });
      deps.onFailed(clientId);
      deps.onChange();
    }
    return {
      kick,
      /** With what failed before it, so that the order stays. @param {string} clientId */
      retry(clientId) {
        const all = store.pending();
        const last = all.find((item) => item.clientId === clientId);
        for (const item of last ? all.slice(0, all.indexOf(last) + 1) : []) {
          if (item === last || item.state === last?.state && item.reason !== "failedRefused") {
            store.updatePending(item.clientId, { state: "sending", reason: "", tab });
          }
        }
        kick();
      },
      /** Whether the message in front has gone unanswered several times. */
      isStalled: () => [...attempts.values()].some((count) => count >= STALLED_AFTER),
      stop() {
        stopped = true;
        wake?.();
      }
    };
  }

  // src/chat/session.js
  var MARGIN_MS = 6e4;
  function createSession({ record: record2, api: api2, keys: keys2, timers, first }) {
    let conversation = first?.conversation ?? "";
    let held = first ? hold(first.token, first.seconds, timers.elapsed()) : null;
    let renewing = null;
    function hold(token, seconds, since) {
      const ms = seconds * 1e3;
      return { token, until: since + Math.max(ms / 2, ms - MARGIN_MS) };
    }
    async function renew() {
      try {
        const since = timers.elapsed();
        const { challenge } = await api2.challenge(record2.id);
        const answer = await api2.renew(record2.id, challenge, await signed(challenge));
        conversation = subjectOf(answer.token) || conversation;
        return held = hold(answer.token, answer.expires_in, since);
      } catch (error) {
        throw asRenewalError(error);
      } finally {
        renewing = null;
      }
    }
    function signed(challenge) {
      return keys2.sign(
        /** @type {CryptoKeyPair} */
        record2.keys,
        challenge
      ).catch(() => ended());
    }
    async function access() {
      if (held && timers.elapsed() < held.until) return held;
      if (!record2.keys) return ended();
      renewing ?? (renewing = renew());
      return renewing;
    }
    return {
      id: record2.id,
      locale: () => record2.locale,
      conversation: () => conversation,
      async call(use) {
        const { token } = await access();
        try {
          return await use(conversation, token);
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 401) throw error;
          if (held?.token === token) held = null;
          return use(conversation, (await access()).token);
        }
      }
    };
  }
  function ended() {
    throw new ApiError(410, "session_ended", "");
  }
  function asRenewalError(error) {
    if (!(error instanceof ApiError)) return error;
    const { status, code } = error;
    if (code === "session_not_found" || code === "signature_invalid") {
      return new ApiError(410, "session_ended", "");
    }
    return status === 401 ? new ApiError(0, code, "") : error;
  }
  function subjectOf(token) {
    try {
      const { sub } = decode(atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")));
      return typeof sub === "string" ? sub : "";
    } catch {
      return "";
    }
  }

  // src/chat/sessions.js
  var OVER = /^(invalid_token|conversation_not_found|conversation_blocked|session_ended)$/;
  function createSessions({ api: api2, keys: keys2, store, timers, onOver }) {
    let current = null;
    let record2 = null;
    let opening = null;
    function become(next, first) {
      if (next?.id === record2?.id) return current;
      record2 = next;
      current = next && createSession({ record: next, api: api2, keys: keys2, timers, ...first ? { first } : {} });
      if (keys2.isShared()) store.saveSessionId(next?.id ?? "");
      return current;
    }
    async function begin(customer, isWanted, earlier) {
      const pair = await keys2.makeKeys();
      const begun = pair ? await api2.begin({ ...customer, public_key: await keys2.publicKey(pair) }, earlier?.token ?? "") : await beginInMemory(customer, earlier);
      if (!isWanted()) return null;
      if (earlier && record2) await keys2.remove(record2.id);
      const next = { id: begun.session_id, locale: customer.locale, keys: pair };
      const kept = await keys2.add(next);
      if (!isWanted()) {
        await keys2.remove();
        return null;
      }
      if (kept?.id !== next.id) return become(kept);
      return become(next, { conversation: begun.conversation_id, token: begun.token, seconds: begun.expires_in });
    }
    async function beginInMemory(customer, earlier) {
      const { conversation_id, token } = earlier ? { conversation_id: earlier.id, token: earlier.token } : await api2.start(customer);
      return { session_id: `page:${timers.now()}`, conversation_id, token, expires_in: Infinity };
    }
    async function open(locale) {
      try {
        become(await keys2.load());
        const earlier = store.earlierSession();
        if (earlier) await goOn(earlier, locale);
        return current;
      } finally {
        opening = null;
      }
    }
    async function goOn(earlier, locale) {
      try {
        await begin({ locale: earlier.locale || locale }, () => store.earlierSession()?.id === earlier.id, earlier);
      } catch (error) {
        if (!(error instanceof ApiError) || !OVER.test(error.code)) throw error;
        onOver(earlier.id);
      }
      store.moveMarks(earlier.id, current?.id ?? "");
      store.forgetEarlier(earlier);
    }
    return {
      current: () => current,
      isShared: keys2.isShared,
      begin,
      /** What the tabs share by now. */
      load: async () => become(await keys2.load()),
      /**
       * The session of this browser, with what an earlier version has left in the storage.
       * Rejects with ApiError while that cannot be decided.
       * @param {string} locale
       */
      open: (locale) => opening ?? (opening = open(locale)),
      /** @param {Session} session @param {string} locale */
      saveLocale(session, locale) {
        if (record2?.id !== session.id) return;
        record2.locale = locale;
        void keys2.update(record2);
      },
      /** It is over; another tab may have begun the next one already. @param {string} id */
      async leave(id) {
        if (record2?.id !== id) return;
        record2 = current = null;
        become(await keys2.remove(id));
      },
      /** Nothing of it stays on this device. @param {string} [id] any, unless given */
      async forget(id) {
        become(null);
        become(await keys2.remove(id));
      }
    };
  }

  // src/chat/server_clock.js
  var SMALL_MS = 9e4;
  function createServerClock({ now }) {
    let aheadMs = 0;
    const at = () => now() + aheadMs;
    return {
      now: at,
      /** @param {import('../types').Message} message @param {boolean} live it was stored just now */
      observe({ createdAt }, live) {
        const ms = timeOf(createdAt) - at();
        if (live ? Math.abs(ms) > SMALL_MS : ms > SMALL_MS) aheadMs += ms;
      }
    };
  }

  // src/chat/chat.js
  var ECHO_MS = 6e3;
  function createChat(deps) {
    const { api: api2, store, timers } = deps;
    let current = null;
    let unavailable = false;
    let isRestoring = false;
    let restoreFailures = 0;
    let restoreTimer = 0;
    const clock = createServerClock(timers);
    const sessions = createSessions({
      ...deps,
      onOver: (conversation) => past.add(readOnly(conversation))
    });
    function onChange() {
      if (current && current.id === sessions.current()?.id) {
        store.saveSeenUpTo(current.id, current.lastSeq());
      }
      deps.onChange();
    }
    const echoes = createEchoes(store.pending);
    const past = createPast(deps);
    const language = createLocaleSync({ ...deps, sessions, onTold: () => void current?.sync() });
    const sender = createSender({
      ...deps,
      sessions,
      customer: () => ({ name: name(), locale: deps.locale() }),
      tellLocale: language.sync,
      listening: async () => current?.listening(),
      onStarted: adopt,
      async onRenew(session, keepHistory) {
        if (session) await sessions.leave(session.id);
        leaveCurrent(keepHistory);
        if (sessions.current()) follow();
      },
      onSent(session, item, message, again) {
        unavailable = false;
        clock.observe(message, !again);
        echoes.confirm(message.id, item.clientId);
        const conversation = current?.id === session.id ? current : null;
        conversation?.sent(message);
        if (conversation) timers.set(() => conversation.expectEcho(message.id), ECHO_MS);
        onChange();
      },
      onFailed: echoes.forget,
      onBlocked: () => current?.block(),
      onUnavailable(error) {
        unavailable = true;
        deps.report(error, `${error.message} (${error.code})`);
      },
      onChange
    });
    const name = () => {
      const saved = store.preference("name");
      return typeof saved === "string" ? saved : "";
    };
    function readOnly(id) {
      const conversation = makeConversation(id, null, false);
      void conversation.sync();
      return conversation;
    }
    const makeConversation = (id, session, isNew) => createConversation({
      id,
      session,
      isNew,
      api: api2,
      timers,
      seenUpTo: () => store.seenUpTo(id),
      report: deps.report,
      onChange,
      onIncoming: deps.onIncoming,
      onUnknown() {
        if (current?.id !== id) return;
        void sessions.forget(id);
        leaveCurrent(false);
      },
      onInbound: (message, live) => echoes.match({ id, isCurrent: sessions.current()?.id === id }, message, live),
      onMessage: clock.observe,
      onConnected: () => void language.sync()
    });
    function adopt(session, isNew) {
      if (current?.id === session.id) return;
      leaveCurrent(true);
      const conversation = current = makeConversation(session.id, session, isNew);
      conversation.connect(deps.openSocket);
      if (!isNew) conversation.sync();
      void language.sync();
      onChange();
    }
    function leaveCurrent(keepHistory) {
      if (!current) return;
      current.leave();
      if (keepHistory) past.add(current);
      current = null;
      onChange();
    }
    function follow() {
      const session = sessions.current();
      if (session) return adopt(session, false);
      leaveCurrent(false);
      past.forget();
    }
    async function restore() {
      timers.clear(restoreTimer);
      isRestoring = true;
      onChange();
      try {
        const open = () => sessions.open(deps.locale());
        await (store.earlierSession() ? deps.lock.run(open) : open());
        isRestoring = false;
        if (sessions.current()) follow();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        restoreFailures += 1;
        restoreTimer = timers.set(restore, error.retryAfterMs || Math.max(1e3, backoffMs(restoreFailures)));
      }
      onChange();
    }
    async function clear() {
      store.clear();
      const forgotten = sessions.forget();
      follow();
      sender.kick();
      onChange();
      await forgotten;
    }
    function unread() {
      return current ? current.unreadAfter(store.readUpTo(current.id)) : 0;
    }
    return {
      start() {
        void restore().catch(deps.report).then(sender.kick);
      },
      /** Whether the visitor has a conversation here. */
      isActive: () => !!current,
      /** @param {string} text */
      send(text2) {
        store.addPending({
          clientId: deps.makeId(),
          text: cleanText(text2),
          createdAt: new Date(clock.now()).toISOString(),
          tab: deps.tab,
          after: { id: current?.id ?? "", seq: current?.lastSeq() ?? 0 },
          state: "sending"
        });
        onChange();
        sender.kick();
      },
      retry: sender.retry,
      /** Takes a refused message back. @param {string} clientId @returns {string} its text */
      withdraw(clientId) {
        const item = store.pending().find((each) => each.clientId === clientId);
        store.removePending(clientId);
        onChange();
        return item?.text ?? "";
      },
      /** Rejects with ApiError when the server does not take the name. @param {string} wish */
      async rename(wish) {
        const session = sessions.current();
        let saved = wish;
        if (session) {
          try {
            saved = (await session.call((id, token) => api2.rename(id, token, wish))).customerName;
          } catch (error) {
            if (!(error instanceof ApiError) || ![401, 404, 410].includes(error.status)) throw error;
          }
        }
        store.savePreference("name", saved);
        onChange();
      },
      clear,
      /** The same, and the server ends the session. Rejects with ApiError when it could not be told. */
      async forget() {
        const session = sessions.current();
        const told = session?.call((_, token) => api2.end(session.id, token)).then(
          () => null,
          (error2) => error2
        );
        await clear();
        const error = await told;
        if (error && error.status !== 410 && error.status !== 404) throw error;
      },
      /** After `deps.locale()` has changed. */
      localeChanged: () => void language.sync(),
      markRead() {
        if (!current || unread() === 0) return;
        store.saveReadUpTo(current.id, current.lastSeq());
        onChange();
      },
      /** The network is back, or the visitor is: look at once what has happened meanwhile. */
      refresh() {
        if (isRestoring) void restore().catch(deps.report);
        current?.refresh();
        void language.sync();
        sender.kick();
        onChange();
      },
      /** @param {string} key */
      storageChanged(key) {
        if (key === "seen") return;
        if (key === "session") void sessions.load().then(follow, deps.report);
        if (key === "pending") {
          if (current?.link() !== "open") current?.sync();
          sender.kick();
        }
        onChange();
      },
      /** Lets the page be frozen (back/forward cache). */
      pause: () => current?.disconnect(),
      resume() {
        void sessions.load().then(() => {
          follow();
          current?.connect(deps.openSocket);
          void current?.sync();
        }, deps.report);
      },
      stop() {
        timers.clear(restoreTimer);
        sender.stop();
        language.stop();
        past.stop();
        current?.disconnect();
      },
      /** @returns {import('../types').Picture} */
      picture() {
        return {
          segments: [...past.all(), ...current ? [current] : []].map((each) => each.segment()),
          pending: store.pending().filter((item) => !echoes.isKnown(item.clientId)),
          aliases: echoes.aliases,
          phase: current?.phase() ?? (past.hasMessages() ? "ready" : isRestoring && store.sessionId() ? "loading" : "empty"),
          link: current?.link() ?? "off",
          online: deps.isOnline(),
          reachable: current?.isReachable() ?? true,
          stalled: sender.isStalled(),
          closed: current?.isClosed() ?? false,
          closedNote: current?.closedNote() ?? "",
          blocked: current?.isBlocked() ?? false,
          expired: current?.isExpired() ?? false,
          unavailable: unavailable || deps.isRefused() || (current?.isUnavailable() ?? false),
          now: clock.now(),
          agent: current?.agent() ?? "",
          unread: unread(),
          name: name()
        };
      }
    };
  }

  // src/chat/key_store.js
  var STORE = "session";
  var CURRENT = "current";
  var OPEN_MS = 3e3;
  var OPEN_KNOWN_MS = 1e4;
  function createKeyStore(name, { timers, database = () => indexedDB, subtle = () => crypto.subtle, isKnown = () => false }) {
    let memory = null;
    let isRefused = !crypto_();
    let hasOpened = false;
    let queue = (async () => void 0)();
    function crypto_() {
      try {
        return subtle();
      } catch {
        return void 0;
      }
    }
    const open = () => new Promise((resolve, reject) => {
      let isLate = false;
      const refuse = () => {
        isLate = true;
        reject(new Error("IndexedDB does not answer"));
      };
      const timer = timers.set(refuse, hasOpened || isKnown() ? OPEN_KNOWN_MS : OPEN_MS);
      const request = database().open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onerror = () => {
        timers.clear(timer);
        reject(request.error);
      };
      request.onsuccess = () => {
        timers.clear(timer);
        if (isLate) request.result.close();
        else resolve(request.result);
      };
    });
    async function transact(change) {
      const db = await open();
      try {
        return await new Promise((resolve, reject) => {
          let after = null;
          const transaction = db.transaction(STORE, "readwrite");
          const store = transaction.objectStore(STORE);
          const read2 = store.get(CURRENT);
          read2.onsuccess = () => {
            const present = asRecord(read2.result);
            after = change(present);
            if (!after) store.delete(CURRENT);
            else if (after !== present) store.put(after, CURRENT);
          };
          transaction.oncomplete = () => resolve(after);
          transaction.onabort = () => reject(transaction.error);
        });
      } finally {
        db.close();
      }
    }
    function run(change) {
      const result = queue.then(async () => {
        for (let tries = isRefused ? 0 : hasOpened || isKnown() ? 2 : 1; tries; tries -= 1) {
          try {
            memory = await transact(change);
            hasOpened = true;
            return memory;
          } catch {
          }
        }
        isRefused || (isRefused = !hasOpened);
        return memory = change(memory);
      });
      queue = result;
      return result;
    }
    return {
      /** Whether all tabs see the same record. */
      isShared: () => !isRefused,
      load: () => run((present) => present),
      /** Of several tabs that add, the first one wins. @param {SessionRecord} record */
      add: (record2) => run((present) => present ?? record2),
      /** @param {SessionRecord} record */
      update: (record2) => run((present) => present?.id === record2.id ? record2 : present),
      /** @param {string} [id] any, unless given */
      remove: (id) => run((present) => id && present?.id !== id ? present : null),
      /** A new key pair; null where the browser has no WebCrypto. @returns {Promise<CryptoKeyPair | null>} */
      async makeKeys() {
        try {
          const made = await crypto_()?.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
          if (made) return made;
        } catch {
        }
        isRefused = true;
        return null;
      },
      /** @param {CryptoKeyPair} keys @returns {Promise<JsonWebKey>} */
      async publicKey({ publicKey }) {
        const { kty, crv, x, y } = await /** @type {SubtleCrypto} */
        crypto_().exportKey("jwk", publicKey);
        return { kty, crv, x, y };
      },
      /** Base64url of the raw signature. @param {CryptoKeyPair} keys @param {string} challenge ASCII */
      async sign({ privateKey }, challenge) {
        const bytes = Uint8Array.from(challenge, (sign) => sign.charCodeAt(0));
        const signature = await /** @type {SubtleCrypto} */
        crypto_().sign(
          { name: "ECDSA", hash: "SHA-256" },
          privateKey,
          bytes
        );
        return btoa(String.fromCharCode(...new Uint8Array(signature))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
      }
    };
  }
  var asRecord = (value) => typeof value?.id === "string" && value.keys?.privateKey ? value : null;

  // src/chat/socket.js
  var PROTOCOL = "chatorical.v2";
  var CONNECT_TIMEOUT_MS = 1e4;
  var CAP_MS = 3e4;
  var HIDDEN_CAP_MS = 12e4;
  function createSocket({ url, token, onFrame, onLink, onRefused, timers, isHidden, WebSocketImpl }) {
    let socket = null;
    let failures = 0;
    let timer = 0;
    let stopped = false;
    let ready = false;
    let waiting = false;
    let attempt2 = 0;
    async function connect() {
      timers.clear(timer);
      if (stopped) return;
      drop();
      waiting = false;
      const own2 = attempt2;
      onLink("connecting");
      timer = timers.set(() => own2 === attempt2 && lost(), CONNECT_TIMEOUT_MS);
      let mine;
      try {
        const ticket = await token();
        if (own2 !== attempt2) return;
        mine = socket = new WebSocketImpl(url, [PROTOCOL, ticket]);
      } catch {
        if (own2 === attempt2) lost();
        return;
      }
      mine.onmessage = (event) => {
        if (mine !== socket) return;
        const frame = parseFrame(event.data);
        if (frame.kind !== "ready") return onFrame(frame);
        timers.clear(timer);
        failures = 0;
        ready = true;
        onLink("open");
      };
      mine.onclose = () => mine === socket && lost();
    }
    function lost() {
      const refused = !ready;
      drop();
      failures += 1;
      waiting = true;
      timer = timers.set(connect, backoffMs(failures, isHidden() ? HIDDEN_CAP_MS : CAP_MS));
      onLink("waiting");
      if (refused) onRefused();
    }
    function drop() {
      timers.clear(timer);
      attempt2 += 1;
      ready = false;
      const old = socket;
      socket = null;
      old?.close();
    }
    return {
      connect,
      /** The network is back, or somebody looks again: no reason to wait any longer. */
      hurry() {
        if (!stopped && waiting) void connect();
      },
      /** Open, but we know better: messages do not come through it. */
      restart() {
        if (!stopped) void connect();
      },
      /** After `stop`. */
      resume() {
        stopped = false;
        void connect();
      },
      stop() {
        stopped = true;
        drop();
        onLink("off");
      }
    };
  }

  // src/chat/storage.js
  function createStorage(prefix, area) {
    const memory = /* @__PURE__ */ new Map();
    return {
      /** The parsed value; null when there is none or it is not ours. @param {string} key @returns {any} */
      get(key) {
        try {
          return decode(memory.get(key) ?? area?.getItem(prefix + key) ?? "null");
        } catch {
          return null;
        }
      },
      /** Null removes. @param {string} key @param {unknown} value */
      set(key, value) {
        const text2 = value === null ? null : encode(value);
        const isKept = attempt(() => {
          if (text2 === null) area?.removeItem(prefix + key);
          else area?.setItem(prefix + key, text2);
          return !!area && area.getItem(prefix + key) === text2;
        }, false);
        if (isKept) memory.delete(key);
        else memory.set(key, text2 ?? "null");
      },
      /** Our key for a browser's storage event; null for somebody else's. @param {string | null} key */
      ownKey: (key) => key?.startsWith(prefix) ? key.slice(prefix.length) : null
    };
  }
  var storageArea = (name) => attempt(() => window[name], null);

  // src/chat/store.js
  function createStore(storage) {
    const pending = () => rows(storage.get("pending")).filter(
      (row) => isText(row.clientId) && isText(row.text) && !isNaN(timeOf(row.createdAt))
    );
    const changePending = (change) => {
      const next = change(pending());
      storage.set("pending", next.length ? next : null);
    };
    const mark = (name, sessionId) => {
      const saved = storage.get(name);
      return saved?.id === sessionId ? +saved.seq || 0 : 0;
    };
    return {
      pending,
      /** The session that the tabs share, '' for none: tells them when it is another one. @returns {string} */
      sessionId: () => asText(storage.get("session")),
      /** @param {string} id */
      saveSessionId: (id) => storage.set("session", id || null),
      /** The conversation and token that an earlier version has left here. @returns {Earlier | null} */
      earlierSession() {
        const saved = storage.get("session");
        return isText(saved?.id) && isText(saved.token) ? { id: saved.id, token: saved.token, locale: asText(saved.locale) } : null;
      },
      /** @param {Earlier} earlier */
      saveEarlier: (earlier) => storage.set("session", earlier),
      /** @param {Earlier} earlier */
      forgetEarlier(earlier) {
        if (storage.get("session")?.id === earlier.id) storage.set("session", null);
      },
      /**
       * What is kept under an earlier version's conversation counts for the session, '' for none: the id of
       * a conversation opens it in the default tenant.
       * @param {string} earlierId @param {string} sessionId
       */
      moveMarks(earlierId, sessionId) {
        for (const name of ["read", "seen"]) {
          const saved = storage.get(name);
          if (saved?.id === earlierId) storage.set(name, sessionId ? { ...saved, id: sessionId } : null);
        }
        storage.set(`draft:${earlierId}`, null);
        changePending(
          (all) => all.map((row) => row.after?.id === earlierId ? { ...row, after: { ...row.after, id: sessionId } } : row)
        );
      },
      /** @param {PendingMessage} message */
      addPending: (message) => changePending((all) => [...all, message]),
      /** @param {string} clientId */
      removePending: (clientId) => changePending((all) => all.filter((row) => row.clientId !== clientId)),
      /** @param {string} clientId @param {Partial<PendingMessage>} change */
      updatePending: (clientId, change) => changePending(
        (all) => all.map((row) => row.clientId === clientId ? { ...row, ...change } : row)
      ),
      /** Highest `seq` the visitor has seen. @param {string} sessionId */
      readUpTo: (sessionId) => mark("read", sessionId),
      /** @param {string} sessionId @param {number} seq */
      saveReadUpTo: (sessionId, seq) => storage.set("read", { id: sessionId, seq }),
      /** Highest `seq` that this browser has been told. @param {string} sessionId */
      seenUpTo: (sessionId) => mark("seen", sessionId),
      /** @param {string} sessionId @param {number} seq */
      saveSeenUpTo(sessionId, seq) {
        const seen = storage.get("seen");
        if (seen?.id !== sessionId || seq > seen.seq) storage.set("seen", { id: sessionId, seq });
      },
      /** @returns {string} */
      draft: () => asText(storage.get("draft:")),
      /** @param {string} text */
      saveDraft: (text2) => storage.set("draft:", text2 || null),
      /** @param {string} name @returns {unknown} */
      preference: (name) => rowOf(storage.get("preferences"))[name],
      /** @param {string} name @param {unknown} value */
      savePreference: (name, value) => storage.set("preferences", { ...rowOf(storage.get("preferences")), [name]: value }),
      /** Nothing of the visitor stays on this device, apart from their settings. */
      clear() {
        for (const key of ["session", "pending", "read", "seen", "draft:"]) storage.set(key, null);
        storage.set("preferences", { ...rowOf(storage.get("preferences")), name: "" });
      },
      ownKey: storage.ownKey
    };
  }
  var isText = (value) => typeof value === "string" && value !== "";
  var asText = (value) => typeof value === "string" ? value : "";
  var rowOf = (value) => value && typeof value === "object" ? value : {};
  var rows = (value) => Array.isArray(value) ? value.map(rowOf) : [];

  // src/contrast.js
  var WHITE = (
    /** @type {Rgb} */
    [255, 255, 255]
  );
  var INK = (
    /** @type {Rgb} */
    [14, 17, 22]
  );
  var BLACK = (
    /** @type {Rgb} */
    [0, 0, 0]
  );
  function parseColor(text2) {
    const hex = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(text2.trim())?.[1];
    if (hex) {
      const digits = hex.length < 6 ? [...hex].map((digit) => digit + digit).join("") : hex;
      const [r2, g2, b2, alpha2 = 255] = [0, 2, 4, 6].filter((at) => at < digits.length).map((at) => parseInt(digits.slice(at, at + 2), 16));
      return color([r2, g2, b2], (alpha2 ?? 255) / 255);
    }
    const [, name, list2 = ""] = /^(rgba?|color)\((?:srgb )?([\d.,\s/%e-]+)\)$/i.exec(text2.trim()) ?? [];
    if (!name) return null;
    const [r, g, b, alpha = "1"] = list2.trim().split(/[\s,/]+/);
    const unit = name === "color" ? 255 : 1;
    const parts = [r, g, b].map((part) => Number(part) * unit);
    if (parts.some((part) => Number.isNaN(part) || unit === 1 && part > 255)) return null;
    return color(parts, parseFloat(alpha) / (alpha.endsWith("%") ? 100 : 1));
  }
  function color(parts, alpha) {
    const [r, g, b] = rgb(parts.map((part) => Math.min(255, Math.max(0, part ?? 0))));
    if (!(alpha > 0)) return null;
    return alpha < 1 ? [r, g, b, alpha] : [r, g, b];
  }
  var rgb = (parts) => [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];
  var mix = (from, to, share) => rgb(from.map((part, i) => part + ((to[i] ?? 0) - part) * share));
  var solid = (color2, background2 = WHITE) => mix(background2, rgb(color2), color2[3] ?? 1);
  var isDark = (color2) => contrast(WHITE, color2) > contrast(BLACK, color2);
  var toCss = (color2) => `rgb(${color2.map(Math.round).join(" ")})`;
  function luminance(color2) {
    const [r, g, b] = rgb(
      color2.map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      })
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  function contrast(a, b) {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
  }
  function inkOn(color2) {
    const better = contrast(WHITE, color2) >= contrast(INK, color2) ? WHITE : INK;
    return contrast(better, color2) >= 4.5 ? better : BLACK;
  }
  function readableOn(color2, background2, minimum) {
    const towards = inkOn(background2);
    for (let share = 0; share < 1; share += 0.05) {
      const mixed = mix(color2, towards, share);
      if (contrast(mixed, background2) >= minimum) return mixed;
    }
    return towards;
  }

  // src/compat/page_look.js
  var PREFIXES = ["--color-", "--mui-palette-"];
  var NAMES = {
    brand: ["primary-main"],
    brandLight: ["primary-light"],
    brandInk: ["primary-contrast", "primary-contrastText", "primary-contrast-text"],
    header: ["primary-dark"],
    paper: ["background-paper"],
    log: ["background-default"],
    ink: ["text-primary"],
    inkSoft: ["text-secondary"],
    line: ["border-main", "divider"]
  };
  var SCHEME_ATTRIBUTES = ["data-theme", "data-bs-theme", "data-mui-color-scheme", "data-color-scheme"];
  var elements = () => [document.documentElement, document.body].filter((each) => each !== null);
  function pageColors(parse2) {
    const style = getComputedStyle(document.body ?? document.documentElement);
    const read2 = (name) => parse2(style.getPropertyValue(name).trim());
    return Object.fromEntries(
      Object.entries(NAMES).flatMap(([key, names]) => {
        const color2 = PREFIXES.flatMap((prefix) => names.map((name) => read2(prefix + name))).find(Boolean);
        return color2 ? [[key, color2]] : [];
      })
    );
  }
  function pageScheme(colors, systemIsDark, parse2) {
    const marks = elements().flatMap(
      (element) => [...SCHEME_ATTRIBUTES.map((name) => element.getAttribute(name) ?? ""), ...element.classList].map(
        (mark) => mark.trim().toLowerCase().replace(/^theme-/, "")
      )
    );
    for (
      const scheme of
      /** @type {const} */
      ["dark", "light"]
    ) if (marks.includes(scheme)) return scheme;
    const surface = colors.paper ?? (systemIsDark ? background(parse2) : void 0);
    return (surface ? isDark(solid(surface)) : systemIsDark) ? "dark" : "light";
  }
  var background = (parse2) => elements().reverse().map((element) => parse2(getComputedStyle(element).backgroundColor) ?? void 0).find(Boolean);
  function watchPage(onChange, signal) {
    let timer = 0;
    const again = () => void (timer || (timer = window.setTimeout(run, 50)));
    const observer = new MutationObserver(again);
    const run = () => {
      timer = 0;
      onChange();
    };
    for (const element of elements()) {
      observer.observe(element, { attributeFilter: ["class", "style", "lang", ...SCHEME_ATTRIBUTES] });
    }
    if (document.head) observer.observe(document.head, { childList: true });
    window.addEventListener("load", again, { signal });
    document.addEventListener("load", ({ target }) => target instanceof HTMLLinkElement && again(), {
      signal,
      capture: true
    });
    signal.addEventListener("abort", () => {
      observer.disconnect();
      clearTimeout(timer);
    });
  }

  // src/unpack.js
  var shift = (text2, by) => text2.replace(/[^\0- ]/g, (sign) => {
    const code = sign.charCodeAt(0);
    const other = code < 127 ? code + by : code - by;
    return other > 32 && (code < 127 || other < 127) ? String.fromCharCode(other) : sign;
  });
  var unpack = (stems2, packed, by = 0) => Object.fromEntries(
    shift(packed, by).split("\n").flatMap((line, at) => {
      const [text2, ...forms] = line.split("	");
      return forms.length ? forms.map((form) => {
        const [name, ...rest] = form.split(":");
        return [`${stems2[at]}_${name}`, rest.join(":")];
      }) : [[stems2[at], text2]];
    })
  );

  // languages:stems
  var stems = "title presence presenceAgent presenceOffline supportLabel you launcherOpen launcherUnread close settings sound vibration name nameHint nameSave nameCancel nameSaved nameLength nameLink nameRefused nameLimit nameFailed clear clearConfirm clearHint emptyTitle emptyText loading loadFailedTitle loadFailedText loadRetry offline reconnecting newMessages log composer placeholder placeholderBlocked send charactersLeft charactersOver sending waiting sent failed failedRefused failedLimit retry edit joined closed blocked expired unavailable reachUs today yesterday".split(" ");

  // ../templates_i18n/catalog/widget/ar.json
  var ar_default = unpack(stems, "FcNXd\nePNp `i BaPG gaI ddbe\ndXb FcAe \u065C\u0642\u0648\u0646\u064F\u0655\u065E\ncF igKN FITFc GFcDeIPeI\nFcNXd\nBeI\n`IL FcNPNSH\n	\u065B\u0646\u0653\u0650\u061B`IL FcNPNSH+ cF PRFEc YiP daPg@H	\u0650\u064F\u0646\u061B`IL FcNPNSH+ PRFcH gFLNH YiP daPg@H	\u0655\u0658\u0650\u061B`IL FcNPNSH+ PRFcIFe YiP daPg@Iie	\u0647\u0646\u0658\u061B`IL FcNPNSH+ \u065C\u0644\u0650\u0656\u064F\u0655\u065E PRFEc YiP daPg@H	\u064E\u0642\u064F\u065A\u061B`IL FcNPNSH+ \u065C\u0644\u0650\u0656\u064F\u0655\u065E PRFcH YiP daPg@H	\u0650\u0655\u0649\u0646\u0653\u061B`IL FcNPNSH+ \u065C\u0644\u0650\u0656\u064F\u0655\u065E PRFcH YiP daPg@H\nDYcFa FcNPNSH\nDXNFNFI FcNPNSH\nFcTgI\nFcFfIQFQ\nFRdb\nceXP` Gdm eMFVGb\u060F de \u0613 Dch \u0614\u0613 LP`jF\u060F\nL`W\nDcYF@\nSbPjF cb+ \u065C\u064F\u0642\u064E\u0646\u065E\u060F Id L`W FRdb\u060F\niPKh bIFGH \u0613 Dch \u0614\u0613 LP`jF\u060F\ncF idbe Be iLIgi FcFRd Xch PFGV\u060F KPpG de Ngef\u060F\niPKh bIFGH \u0613 Dch \u0614\u0613 LP`jF de Nge PgFGV\u060F\nId IYiiP FcFRd XNH dPFI Fcigd\u060F iPKh FcdLFgcH YNjF\u060F\nIXOpP L`W FcFRd\u060F iPKh FcdLFgcH GXN acic\u060F\ndRL FcdLFNJH\nfc IPiN dRL FcdLFNJH>\nRIMI`i FcPRFEc gFRdb de fOF FcKfFQ\u060F giLI`W `PiaeF GdF BPRcIf\u060F\nbi` idbeeF dRFXNIb>\nFbIG ceF feF gRiPN Xcib SMT de `PiaeF\u060F idbeb dIFGXH FcIT`L `i fOf FcBJeF@\u060F\nKFPl ILdic dLFNJIb\niIXOpP FcgTgc Dch FcMFNd\nPRFEcb dL`gWH\u060F egFTc FcdLFgcH+ gidbeb FcbIFGH de FcAe\u060F\nFcdLFgcH FcAe\ncF igKN FITFc GFcDeIPeI\u060F RePRc dF IbIGf XeN XgNH FcFITFc\u060F\nFcFITFc GVi@\u060F eLFgc dKNNjF\u2026\nPRFEc KNiNH\nFcPRFEc\nFcPRFcH\nFbIG PRFcH\nFcPRFEc dIga`H\nDPRFc FcPRFcH\n	\u065B\u0646\u0653\u0650\u061Bcd iIGamp Bi LP`	\u0650\u064F\u0646\u061BGai LP` gFLN	\u0655\u0658\u0650\u061BGai LP`Fe	\u0647\u0646\u0658\u061BGaiI \u065C\u0644\u0650\u0656\u064F\u0655\u065E BLP`	\u064E\u0642\u064F\u065A\u061BGai \u065C\u0644\u0650\u0656\u064F\u0655\u065E LP`jF	\u0650\u0655\u0649\u0646\u0653\u061BGai \u065C\u0644\u0650\u0656\u064F\u0655\u065E LP`\n	\u065B\u0646\u0653\u0650\u061BcF BLP` QFENH	\u0650\u064F\u0646\u061BLP` gFLN QFEN	\u0655\u0658\u0650\u061BLP`Fe QFENFe	\u0647\u0646\u0658\u061B\u065C\u0644\u0650\u0656\u064F\u0655\u065E BLP` QFENH	\u064E\u0642\u064F\u065A\u061B\u065C\u0644\u0650\u0656\u064F\u0655\u065E LP`jF QFENjF	\u0650\u0655\u0649\u0646\u0653\u061B\u065C\u0644\u0650\u0656\u064F\u0655\u065E LP` QFEN\nKFPl FcDPRFc\n`i FeIWFP FcFITFc\nId FcDPRFc\ncd InPRc\ncd InaGc\ncd InPRc+ KPpG cFLajF\nDXFNH FcdLFgcH\nIXNic\nFeUd \u065C\u0642\u0648\u0646\u064F\u0655\u065E Dch FcdLFNJH\nFbIG ceF cDXFNH `IL fOf FcdLFNJH\u060F\ncd iXN GDdbFeb FcbIFGH `i fOf FcdLFNJH\u060F\nFeIfI dLFNJIb FcRFGaH\u060F FbIG ceF cGN@ dLFNJH KNiNH\u060F\nfOf FcNPNSH YiP dIFLH LFcijF\u060F\nidbeb FcIgFTc dXeF feF\u061B \u065C\u0644\u0650\u064F\u0655\u0642\u0644\u0655\u065E\nFcigd\nBdR", 1505);

  // ../templates_i18n/catalog/widget/de.json
  var de_default = unpack(stems, "Support\nWir antworten, so bald wir k\xF6nnen\n{agent} ist f\xFCr Sie da\nSie sind offline\nSupport\nSie\nChat \xF6ffnen\n	one:Chat \xF6ffnen, {count} ungelesene Nachricht	other:Chat \xF6ffnen, {count} ungelesene Nachrichten\nChat schlie\xDFen\nChat-Einstellungen\nTon\nVibration\nIhr Name\nDamit wir wissen, wie wir Sie ansprechen d\xFCrfen. 2 bis 32 Zeichen.\nSpeichern\nAbbrechen\nDanke, {name}. Ihr Name ist gespeichert.\nBitte geben Sie 2 bis 32 Zeichen ein.\nEin Name darf keinen Link enthalten. Bitte versuchen Sie es ohne.\nBitte geben Sie 2 bis 32 Zeichen ohne Links ein.\nDer Name wurde heute schon mehrmals ge\xE4ndert. Bitte versuchen Sie es morgen wieder.\nDer Name konnte nicht gespeichert werden. Bitte versuchen Sie es gleich noch einmal.\nVerlauf l\xF6schen\nVerlauf l\xF6schen?\nDie Nachrichten und Ihr Name verschwinden von diesem Ger\xE4t. Unser Team beh\xE4lt, was Sie gesendet haben.\nWie k\xF6nnen wir helfen?\nSchreiben Sie uns, und ein Mensch antwortet. Sie k\xF6nnen sich inzwischen weiter umsehen.\nIhr Gespr\xE4ch wird geladen\nUnser Server ist nicht erreichbar\nIhre Nachrichten sind sicher. Wir versuchen es weiter, und Sie k\xF6nnen schon schreiben.\nJetzt versuchen\nSie sind offline. Was Sie schreiben, wird gesendet, sobald Sie wieder online sind.\nDie Verbindung ist langsam. Neuer Versuch\u2026\nNeue Nachrichten\nNachrichten\nNachricht\nNachricht schreiben\nNachrichten sind abgeschaltet\nNachricht senden\n	one:Noch {count} Zeichen	other:Noch {count} Zeichen\n	one:{count} Zeichen zu viel	other:{count} Zeichen zu viel\nWird gesendet\nWartet auf Verbindung\nGesendet\nNicht gesendet\nNicht angenommen\nNicht gesendet, bitte sp\xE4ter versuchen\nNoch einmal\nBearbeiten\n{agent} ist jetzt im Chat\nSchreiben Sie uns, um dieses Gespr\xE4ch fortzusetzen.\nIn diesem Gespr\xE4ch k\xF6nnen Sie nicht mehr schreiben.\nIhr fr\xFCheres Gespr\xE4ch ist abgelaufen. Schreiben Sie uns, um ein neues zu beginnen.\nDieser Chat ist zurzeit nicht verf\xFCgbar.\nSo erreichen Sie uns: {contact}\nHeute\nGestern", 0);

  // ../templates_i18n/catalog/widget/en.json
  var en_default = unpack(stems, "Support\nWe answer as soon as we can\n{agent} is here to help\nYou are offline\nSupport\nYou\nOpen chat\n	one:Open chat, {count} unread message	other:Open chat, {count} unread messages\nClose chat\nChat settings\nSound\nVibration\nYour name\nSo that we know how to address you. 2 to 32 characters.\nSave\nCancel\nThank you, {name}. Your name is saved.\nPlease use 2 to 32 characters.\nA name cannot contain a link. Please try it without.\nPlease use 2 to 32 characters, without links.\nThe name was changed several times today. Please try again tomorrow.\nThe name could not be saved. Please try again in a moment.\nClear chat\nClear this chat?\nThe messages and your name disappear from this device. Our team keeps what you sent.\nHow can we help?\nWrite to us here and a person will answer. You can keep browsing meanwhile.\nLoading your conversation\nWe cannot reach our server\nYour messages are safe. We keep trying, and you can write already.\nTry now\nYou are offline. What you write will be sent when you are back.\nThe connection is slow. Trying again\u2026\nNew messages\nMessages\nMessage\nWrite a message\nMessages are switched off\nSend message\n	one:{count} character left	other:{count} characters left\n	one:{count} character too many	other:{count} characters too many\nSending\nWaiting for connection\nSent\nNot sent\nNot accepted\nNot sent, try later\nTry again\nEdit\n{agent} joined\nWrite again to reopen this conversation.\nYou can no longer write in this conversation.\nYour earlier conversation has expired. Write again to begin a new one.\nThis chat is not available at the moment.\nYou can reach us here: {contact}\nToday\nYesterday", 0);

  // ../templates_i18n/catalog/widget/es.json
  var es_default = unpack(stems, "Ayuda\nRespondemos lo antes posible\nTe atiende {agent}\nNo tienes conexi\xF3n\nSoporte\nT\xFA\nAbrir el chat\n	one:Abrir el chat, {count} mensaje sin leer	many:Abrir el chat, {count} de mensajes sin leer	other:Abrir el chat, {count} mensajes sin leer\nCerrar el chat\nAjustes del chat\nSonido\nVibraci\xF3n\nTu nombre\nPara saber c\xF3mo llamarte. De 2 a 32 caracteres.\nGuardar\nCancelar\nGracias, {name}. Hemos guardado tu nombre.\nEscribe entre 2 y 32 caracteres.\nUn nombre no puede llevar enlaces. Prueba sin ellos.\nEscribe entre 2 y 32 caracteres, sin enlaces.\nEl nombre ya se ha cambiado varias veces hoy. Vuelve a intentarlo ma\xF1ana.\nNo hemos podido guardar el nombre. Int\xE9ntalo de nuevo en un momento.\nBorrar el chat\n\xBFBorrar el chat?\nLos mensajes y tu nombre desaparecen de este dispositivo. Nuestro equipo conserva lo que enviaste.\n\xBFEn qu\xE9 podemos ayudarte?\nEscr\xEDbenos aqu\xED y te responder\xE1 una persona. Mientras tanto, puedes seguir navegando.\nCargando tu conversaci\xF3n\nNo conseguimos conectar con el servidor\nTus mensajes est\xE1n a salvo. Seguimos intent\xE1ndolo, y ya puedes escribir.\nIntentar ahora\nNo tienes conexi\xF3n. Lo que escribas se enviar\xE1 cuando vuelva.\nLa conexi\xF3n va lenta. Lo intentamos de nuevo\u2026\nMensajes nuevos\nMensajes\nMensaje\nEscribe un mensaje\nLos mensajes est\xE1n desactivados\nEnviar mensaje\n	one:Queda {count} car\xE1cter	many:Quedan {count} de caracteres	other:Quedan {count} caracteres\n	one:Sobra {count} car\xE1cter	many:Sobran {count} de caracteres	other:Sobran {count} caracteres\nEnviando\nEsperando conexi\xF3n\nEnviado\nNo enviado\nNo aceptado\nNo enviado, prueba m\xE1s tarde\nReintentar\nEditar\n{agent} ya est\xE1 en el chat\nEscr\xEDbenos para reabrir esta conversaci\xF3n.\nYa no puedes escribir en esta conversaci\xF3n.\nTu conversaci\xF3n anterior ha caducado. Escr\xEDbenos para empezar otra.\nEste chat no est\xE1 disponible en este momento.\nPuedes contactarnos aqu\xED: {contact}\nHoy\nAyer", 0);

  // ../templates_i18n/catalog/widget/fr.json
  var fr_default = unpack(stems, "Assistance\nNous r\xE9pondons d\xE8s que possible\n{agent} est l\xE0 pour vous aider\nVous \xEAtes hors ligne\nAssistance\nVous\nOuvrir le chat\n	one:Ouvrir le chat, {count} message non lu	many:Ouvrir le chat, {count} de messages non lus	other:Ouvrir le chat, {count} messages non lus\nFermer le chat\nR\xE9glages du chat\nSon\nVibreur\nVotre nom\nPour savoir comment nous adresser \xE0 vous. De 2 \xE0 32 caract\xE8res.\nEnregistrer\nAnnuler\nMerci, {name}. Votre nom est enregistr\xE9.\nIndiquez entre 2 et 32 caract\xE8res.\nUn nom ne peut pas contenir de lien. R\xE9essayez sans.\nIndiquez entre 2 et 32 caract\xE8res, sans lien.\nLe nom a d\xE9j\xE0 \xE9t\xE9 modifi\xE9 plusieurs fois aujourd\u2019hui. R\xE9essayez demain.\nLe nom n\u2019a pas pu \xEAtre enregistr\xE9. R\xE9essayez dans un instant.\nEffacer la conversation\nEffacer la conversation\u202F?\nLes messages et votre nom disparaissent de cet appareil. Notre \xE9quipe garde ce que vous avez envoy\xE9.\nComment pouvons-nous vous aider\u202F?\n\xC9crivez-nous ici, une vraie personne vous r\xE9pondra. Vous pouvez continuer votre visite en attendant.\nChargement de votre conversation\nNotre serveur ne r\xE9pond pas\nVos messages sont conserv\xE9s. Nous r\xE9essayons, et vous pouvez d\xE9j\xE0 \xE9crire.\nR\xE9essayer maintenant\nVous \xEAtes hors ligne. Vos messages partiront d\xE8s le retour de la connexion.\nLa connexion est lente. Nouvel essai\u2026\nNouveaux messages\nMessages\nMessage\n\xC9crivez un message\nLes messages sont d\xE9sactiv\xE9s\nEnvoyer le message\n	one:Encore {count} caract\xE8re	many:Encore {count} de caract\xE8res	other:Encore {count} caract\xE8res\n	one:{count} caract\xE8re de trop	many:{count} de caract\xE8res de trop	other:{count} caract\xE8res de trop\nEnvoi\nEn attente de connexion\nEnvoy\xE9\nNon envoy\xE9\nRefus\xE9\nNon envoy\xE9, r\xE9essayez plus tard\nR\xE9essayer\nModifier\n{agent} a rejoint la conversation\n\xC9crivez-nous pour rouvrir cette conversation.\nVous ne pouvez plus \xE9crire dans cette conversation.\nVotre conversation pr\xE9c\xE9dente a expir\xE9. \xC9crivez-nous pour en commencer une nouvelle.\nCe chat n\u2019est pas disponible pour le moment.\nVous pouvez nous joindre ici : {contact}\nAujourd\u2019hui\nHier", 0);

  // ../templates_i18n/catalog/widget/lv.json
  var lv_default = unpack(stems, "Atbalsts\nAtbildam, cik dr\u012Bz vien varam\nJums pal\u012Bdz {agent}\nNav interneta savienojuma\nAtbalsts\nJ\u016Bs\nAtv\u0113rt t\u0113rz\u0113\u0161anu\n	zero:Atv\u0113rt t\u0113rz\u0113\u0161anu, {count} nelas\u012Btu zi\u0146u	one:Atv\u0113rt t\u0113rz\u0113\u0161anu, {count} nelas\u012Bta zi\u0146a	other:Atv\u0113rt t\u0113rz\u0113\u0161anu, {count} nelas\u012Btas zi\u0146as\nAizv\u0113rt t\u0113rz\u0113\u0161anu\nT\u0113rz\u0113\u0161anas iestat\u012Bjumi\nSka\u0146a\nVibr\u0101cija\nJ\u016Bsu v\u0101rds\nLai zin\u0101m, k\u0101 J\u016Bs uzrun\u0101t. 2 l\u012Bdz 32 rakstz\u012Bmes.\nSaglab\u0101t\nAtcelt\nPaldies, {name}. V\u0101rds ir saglab\u0101ts.\nL\u016Bdzu, ievadiet 2 l\u012Bdz 32 rakstz\u012Bmes.\nV\u0101rd\u0101 nevar b\u016Bt saite. L\u016Bdzu, m\u0113\u0123iniet bez t\u0101s.\nL\u016Bdzu, ievadiet 2 l\u012Bdz 32 rakstz\u012Bmes bez sait\u0113m.\nV\u0101rds \u0161odien jau vair\u0101kk\u0101rt main\u012Bts. L\u016Bdzu, m\u0113\u0123iniet r\u012Bt.\nV\u0101rdu neizdev\u0101s saglab\u0101t. L\u016Bdzu, m\u0113\u0123iniet p\u0113c br\u012B\u017Ea v\u0113lreiz.\nNot\u012Br\u012Bt saraksti\nNot\u012Br\u012Bt saraksti?\nZi\u0146as un J\u016Bsu v\u0101rds pazud\u012Bs no \u0161\u012Bs ier\u012Bces. Nos\u016Bt\u012Btais paliks m\u016Bsu komandai.\nK\u0101 varam pal\u012Bdz\u0113t?\nUzrakstiet mums, un Jums atbild\u0113s cilv\u0113ks. Tikm\u0113r varat turpin\u0101t p\u0101rl\u016Bkot lapu.\nIel\u0101d\u0113jam sarunu\nNeizdodas sasniegt serveri\nJ\u016Bsu zi\u0146as nav zudu\u0161as. Turpin\u0101m m\u0113\u0123in\u0101t, un rakst\u012Bt varat jau tagad.\nM\u0113\u0123in\u0101t t\u016Bl\u012Bt\nNav interneta savienojuma. Nos\u016Bt\u012Bsim zi\u0146as, tikl\u012Bdz tas atjaunosies.\nL\u0113ns savienojums. M\u0113\u0123in\u0101m v\u0113lreiz\u2026\nJaunas zi\u0146as\nZi\u0146as\nZi\u0146a\nRakstiet zi\u0146u\nZi\u0146u s\u016Bt\u012B\u0161ana ir izsl\u0113gta\nNos\u016Bt\u012Bt zi\u0146u\n	zero:V\u0113l {count} rakstz\u012Bmju	one:V\u0113l {count} rakstz\u012Bme	other:V\u0113l {count} rakstz\u012Bmes\n	zero:Par {count} rakstz\u012Bm\u0113m par daudz	one:Par {count} rakstz\u012Bmi par daudz	other:Par {count} rakstz\u012Bm\u0113m par daudz\nS\u016Bta\nGaida savienojumu\nNos\u016Bt\u012Bts\nNav nos\u016Bt\u012Bts\nNav pie\u0146emts\nNav nos\u016Bt\u012Bts, m\u0113\u0123iniet v\u0113l\u0101k\nM\u0113\u0123in\u0101t v\u0113lreiz\nLabot\nSarunai pievienoj\u0101s {agent}\nUzrakstiet, lai ats\u0101ktu \u0161o sarunu.\n\u0160aj\u0101 sarun\u0101 vairs nevar rakst\u012Bt.\nIepriek\u0161\u0113j\u0101 saruna ir beigusies. Uzrakstiet, lai s\u0101ktu jaunu.\n\u0160\u012B t\u0113rz\u0113\u0161ana pa\u0161laik nav pieejama.\nAr mums var sazin\u0101ties \u0161eit: {contact}\n\u0160odien\nVakar", 0);

  // ../templates_i18n/catalog/widget/ru.json
  var ru_default = unpack(stems, "2QGGHSIMC\n1UEHZCHO\u0419 MCM UQN_MQ TOQIHO\n%CO RQOQFCHU \u0468\u044E\u0454\u0452\u045B\u0461\u046A\n0HU RQGMNaZHPKb M KPUHSPHUV\n2QGGHSIMC\n%^\n1UMS^U_ ZCU\n	\u045C\u045B\u0452\u04271UMS^U_ ZCU\u0419 \u0468\u0450\u045C\u0462\u045B\u0461\u046A PHRSQZKUCPPQH TQQD\\HPKH	\u0453\u0452\u0464\u04271UMS^U_ ZCU\u0419 \u0468\u0450\u045C\u0462\u045B\u0461\u046A PHRSQZKUCPP^X TQQD\\HPKb	\u045A\u044E\u045B\u0466\u04271UMS^U_ ZCU\u0419 \u0468\u0450\u045C\u0462\u045B\u0461\u046A PHRSQZKUCPP^X TQQD\\HPKL	\u045C\u0461\u0455\u0452\u045F\u04271UMS^U_ ZCU\u0419 \u0468\u0450\u045C\u0462\u045B\u0461\u046A PHRSQZKUCPPQFQ TQQD\\HPKb\n*CMS^U_ ZCU\n0CTUSQLMK ZCUC\n*EVM\n%KDSCYKb\n%C[H KOb\n:UQD^ O^ JPCNK\u0419 MCM M ECO QDSC\\CU_Tb\u041B 1U \u041F GQ \u0420\u041F TKOEQNQE\u041B\n4QXSCPKU_\n1UOHPC\n4RCTKDQ\u0419 \u0468\u045B\u044E\u045A\u0452\u046A\u041B +Ob TQXSCPHPQ\u041B\n%EHGKUH QU \u041F GQ \u0420\u041F TKOEQNQE\u041B\n% KOHPK PH OQIHU D^U_ TT^NMK\u041B 2QRSQDVLUH DHJ PHd\u041B\n%EHGKUH QU \u041F GQ \u0420\u041F TKOEQNQE DHJ TT^NQM\u041B\n+Ob THFQGPb VIH PHTMQN_MQ SCJ OHPbNQT_\u041B 2QRSQDVLUH JCEUSC\u041B\n0H VGCNQT_ TQXSCPKU_ KOb\u041B 2QRSQDVLUH H\\d SCJ ZVU_ RQJIH\u041B\n1ZKTUKU_ ZCU\n1ZKTUKU_ ZCU\u042C\n4QQD\\HPKb K EC[H KOb KTZHJPVU T `UQFQ VTUSQLTUEC\u041B 1URSCENHPPQH QTUCPHUTb V PC[HL MQOCPG^\u041B\n:HO O^ OQIHO RQOQZ_\u042C\n0CRK[KUH PCO\u0419 K ECO QUEHUKU ZHNQEHM\u041B # RQMC OQIPQ GCN_[H TOQUSHU_ TCLU\u041B\n*CFSVICHO RHSHRKTMV\n0H VGCdUTb TEbJCU_Tb T THSEHSQO\n%C[K TQQD\\HPKb E TQXSCPPQTUK\u041B /^ RSQGQNICHO RQR^UMK\u0419 C RKTCU_ OQIPQ VIH THLZCT\u041B\n2QEUQSKU_ THLZCT\n0HU RQGMNaZHPKb M KPUHSPHUV\u041B 4QQD\\HPKb VLGVU\u0419 MCM UQN_MQ TEbJ_ RQbEKUTb\u041B\n4QHGKPHPKH OHGNHPPQH\u041B 2SQDVHO H\\d SCJ\u2026\n0QE^H TQQD\\HPKb\n4QQD\\HPKb\n4QQD\\HPKH\n0CRK[KUH TQQD\\HPKH\n1URSCEMC TQQD\\HPKL QUMNaZHPC\n1URSCEKU_ TQQD\\HPKH\n	\u045C\u045B\u0452\u04271TUCNTb \u0468\u0450\u045C\u0462\u045B\u0461\u046A TKOEQN	\u0453\u0452\u0464\u04271TUCNQT_ \u0468\u0450\u045C\u0462\u045B\u0461\u046A TKOEQNC	\u045A\u044E\u045B\u0466\u04271TUCNQT_ \u0468\u0450\u045C\u0462\u045B\u0461\u046A TKOEQNQE	\u045C\u0461\u0455\u0452\u045F\u04271TUCNQT_ \u0468\u0450\u045C\u0462\u045B\u0461\u046A TKOEQNC\n	\u045C\u045B\u0452\u0427\u0468\u0450\u045C\u0462\u045B\u0461\u046A NK[PKL TKOEQN	\u0453\u0452\u0464\u0427\u0468\u0450\u045C\u0462\u045B\u0461\u046A NK[PKX TKOEQNC	\u045A\u044E\u045B\u0466\u0427\u0468\u0450\u045C\u0462\u045B\u0461\u046A NK[PKX TKOEQNQE	\u045C\u0461\u0455\u0452\u045F\u0427\u0468\u0450\u045C\u0462\u045B\u0461\u046A NK[PHFQ TKOEQNC\n1URSCENbHUTb\n)GdU RQGMNaZHPKb\n1URSCENHPQ\n0H QURSCENHPQ\n0H RSKPbUQ\n0H QURSCENHPQ\u0419 RQRSQDVLUH RQJIH\n2QEUQSKU_\n+JOHPKU_\n\u0468\u044E\u0454\u0452\u045B\u0461\u046A UHRHS_ E ZCUH\n0CRK[KUH\u0419 ZUQD^ EQJQDPQEKU_ `UQU SCJFQEQS\u041B\n% `UQO SCJFQEQSH DQN_[H PHN_Jb RKTCU_\u041B\n2SHG^GV\\KL SCJFQEQS JCEHS[dP\u041B 0CRK[KUH\u0419 ZUQD^ PCZCU_ PQE^L\u041B\n@UQU ZCU THLZCT PHGQTUVRHP\u041B\n4 PCOK OQIPQ TEbJCU_Tb JGHT_\u0427 \u0468\u0450\u045C\u045B\u0461\u044E\u0450\u0461\u046A\n4HFQGPb\n%ZHSC", 1005);

  // ../templates_i18n/catalog/widget/uk.json
  var uk_default = unpack(stems, "2iGUSKOMC\n%iGRQEiGCgOQ\u0419 \\QLPQ JOQIHOQ\n%CO GQRQOCFCg \u0468\u044E\u0454\u0452\u045B\u0461\u046A\n0HOCg J\u2019gGPCPPb J iPUHSPHUQO\n2iGUSKOMC\n%K\n%iGMSKUK ZCU\n	\u045C\u045B\u0452\u0427%iGMSKUK ZCU\u0419 \u0468\u0450\u045C\u0462\u045B\u0461\u046A PHRSQZKUCPH RQEiGQONHPPb	\u0453\u0452\u0464\u0427%iGMSKUK ZCU\u0419 \u0468\u0450\u045C\u0462\u045B\u0461\u046A PHRSQZKUCPi RQEiGQONHPPb	\u045A\u044E\u045B\u0466\u0427%iGMSKUK ZCU\u0419 \u0468\u0450\u045C\u0462\u045B\u0461\u046A PHRSQZKUCPKX RQEiGQONHP_	\u045C\u0461\u0455\u0452\u045F\u0427%iGMSKUK ZCU\u0419 \u0468\u0450\u045C\u0462\u045B\u0461\u046A PHRSQZKUCPQFQ RQEiGQONHPPb\n*CMSKUK ZCU\n0CNC[UVECPPb ZCUV\n*EVM\n%iDSCYib\n%C[H iO\u2019b\n<QD OK JPCNK\u0419 bM GQ ECT JEHSUCUKTb\u041B %iG \u041F GQ \u0420\u041F TKOEQNiE\u041B\n*DHSHFUK\n4MCTVECUK\n'bMVgOQ\u0419 \u0468\u045B\u044E\u045A\u0452\u046A\u041B \u0406O\u2019b JDHSHIHPQ\u041B\n%EHGiU_ EiG \u041F GQ \u0420\u041F TKOEQNiE\u041B\n% iOHPi PH OQIH DVUK RQTKNCPPb\u041B 4RSQDVLUH DHJ P_QFQ\u041B\n%EHGiU_ EiG \u041F GQ \u0420\u041F TKOEQNiE DHJ RQTKNCP_\u041B\n4_QFQGPi iO\u2019b EIH MiN_MC SCJiE JOiPaECNK\u041B 4RSQDVLUH JCEUSC\u041B\n0H EGCNQTb JDHSHFUK iO\u2019b\u041B 4RSQDVLUH \\H SCJ USQXK JFQGQO\u041B\n1ZKTUKUK ZCU\n1ZKTUKUK ZCU\u042C\n2QEiGQONHPPb UC EC[H iO\u2019b JPKMPVU_ iJ Y_QFQ RSKTUSQa\u041B 0CGiTNCPH JCNK[KU_Tb E PC[Qj MQOCPGK\u041B\n:KO OQIHOQ GQRQOQFUK\u042C\n0CRK[iU_ PCO\u0419 i ECO EiGRQEiTU_ NaGKPC\u041B # RQMK OQIPC GCNi RHSHFNbGCUK TCLU\u041B\n*CECPUCIVgOQ EC[V SQJOQEV\n0H EGCgU_Tb JE\u2019bJCUKTb iJ THSEHSQO\n%C[i RQEiGQONHPPb JDHSHIHPQ\u041B /K RSQDVgOQ GCNi\u0419 C RKTCUK OQIPC EIH JCSCJ\u041B\n4RSQDVECUK JCSCJ\n0HOCg J\u2019gGPCPPb J iPUHSPHUQO\u041B 2QEiGQONHPPb PCGiLGVU_\u0419 \\QLPQ JE\u2019bJQM EiGPQEKU_Tb\u041B\n*\u2019gGPCPPb RQEiN_PH\u041B 2SQDVgOQ \\H SCJ\u2026\n0QEi RQEiGQONHPPb\n2QEiGQONHPPb\n2QEiGQONHPPb\n0CRK[iU_ RQEiGQONHPPb\n0CGTKNCPPb RQEiGQONHP_ EKOMPHPQ\n0CGiTNCUK RQEiGQONHPPb\n	\u045C\u045B\u0452\u0427*CNK[KETb \u0468\u0450\u045C\u0462\u045B\u0461\u046A TKOEQN	\u0453\u0452\u0464\u0427*CNK[KNQTb \u0468\u0450\u045C\u0462\u045B\u0461\u046A TKOEQNK	\u045A\u044E\u045B\u0466\u0427*CNK[KNQTb \u0468\u0450\u045C\u0462\u045B\u0461\u046A TKOEQNiE	\u045C\u0461\u0455\u0452\u045F\u0427*CNK[KNQTb \u0468\u0450\u045C\u0462\u045B\u0461\u046A TKOEQNV\n	\u045C\u045B\u0452\u0427\u0468\u0450\u045C\u0462\u045B\u0461\u046A JCLEKL TKOEQN	\u0453\u0452\u0464\u0427\u0468\u0450\u045C\u0462\u045B\u0461\u046A JCLEi TKOEQNK	\u045A\u044E\u045B\u0466\u0427\u0468\u0450\u045C\u0462\u045B\u0461\u046A JCLEKX TKOEQNiE	\u045C\u0461\u0455\u0452\u045F\u0427\u0468\u0450\u045C\u0462\u045B\u0461\u046A JCLEQFQ TKOEQNV\n0CGTKNCgU_Tb\n:HMCg PC J\u2019gGPCPPb\n0CGiTNCPQ\n0H PCGiTNCPQ\n0H RSKLPbUQ\n0H PCGiTNCPQ\u0419 TRSQDVLUH RiJPi[H\n4RSQDVECUK \\H SCJ\n*OiPKUK\n\u0468\u044E\u0454\u0452\u045B\u0461\u046A UHRHS V ZCUi\n0CRK[iU_\u0419 \\QD RQPQEKUK Ya SQJOQEV\u041B\n6 YiL SQJOQEi DiN_[H PH OQIPC RKTCUK\u041B\n2QRHSHGPa SQJOQEV JCEHS[HPQ\u041B 0CRK[iU_\u0419 \\QD RQZCUK PQEV\u041B\n9HL ZCU JCSCJ PHGQTUVRPKL\u041B\n* PCOK OQIPC JE\u2019bJCUKTb UVU\u0427 \u0468\u0450\u045C\u045B\u0461\u044E\u0450\u0461\u046A\n4_QFQGPi\n6ZQSC", 1005);

  // src/locales.js
  var BUILT_IN = { ar: ar_default, de: de_default, en: en_default, es: es_default, fr: fr_default, lv: lv_default, ru: ru_default, uk: uk_default };

  // src/i18n.js
  var RIGHT_TO_LEFT = /^(ar|arc|ckb|dv|fa|he|iw|ku|ps|sd|ug|ur|yi)$/;
  function normaliseLocale(locale) {
    try {
      return new Intl.Locale(locale.trim().replace(/_/g, "-")).toString();
    } catch {
      return "en";
    }
  }
  function isLocale(locale) {
    try {
      const { language } = new Intl.Locale(locale.replace(/_/g, "-"));
      return /^(?!dev)[a-z]{2,3}$/.test(language);
    } catch {
      return false;
    }
  }
  var languageOf = (locale) => (locale.split("-")[0] ?? "").toLowerCase();
  var directionOf = (locale) => RIGHT_TO_LEFT.test(languageOf(locale)) ? "rtl" : "ltr";
  function createTranslate(locale, strings, byLocale, entries = {}, builtIn = BUILT_IN) {
    const language = languageOf(locale);
    const written = [...pick(byLocale, [locale, language, "default"]), strings, entries];
    const layers = [...written, ...pick(builtIn, [locale, language, "en"])];
    const plurals = new Intl.PluralRules(locale);
    const numbers = new Intl.NumberFormat(locale);
    const direction = directionOf(locale);
    const filling = (value) => typeof value === "number" ? numbers.format(value) : isolate(value, direction);
    const find = (key, from = layers) => from.find((layer) => typeof layer[key] === "string")?.[key];
    const formsOf = (key) => `${key}_other` in entries ? written : layers;
    return (key, values = {}, otherwise = key) => {
      const count = values.count;
      const plural = typeof count === "number" ? find(`${key}_${plurals.select(count)}`, formsOf(key)) : void 0;
      const template = plural ?? find(key) ?? find(`${key}_other`) ?? otherwise;
      return template.replace(/\{(\w+)\}/g, (whole, name) => {
        const value = values[name];
        return typeof value === "string" || typeof value === "number" ? filling(value) : whole;
      });
    };
  }
  var RTL_LETTERS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/g;
  function isolate(value, direction) {
    const others = value.replace(RTL_LETTERS, "");
    const runsAgainst = direction === "rtl" ? /[\p{L}\p{N}]/u.test(others) : others !== value;
    return runsAgainst ? `\u2068${value}\u2069` : value;
  }
  var PLURAL_FORM = /_(zero|one|two|few|many|other)$/;
  var KNOWN = new Set(Object.keys(BUILT_IN.en ?? {}).map((key) => key.replace(PLURAL_FORM, "")));
  var COUNTED = new Set(
    Object.keys(BUILT_IN.en ?? {}).filter((key) => PLURAL_FORM.test(key)).map((key) => key.replace(PLURAL_FORM, ""))
  );
  function knownTexts(entries) {
    if (!entries || typeof entries !== "object") return {};
    return Object.fromEntries(
      Object.entries(entries).filter(([key, text2]) => {
        const stem = key.replace(PLURAL_FORM, "");
        return typeof text2 === "string" && text2 !== "" && (stem === key ? KNOWN : COUNTED).has(stem);
      })
    );
  }
  function pick(table, names) {
    const plain = (name) => name.toLowerCase().replace(/_/g, "-");
    return names.flatMap((name) => {
      const key = Object.keys(table).find((candidate) => plain(candidate) === plain(name));
      const layer = key === void 0 ? void 0 : table[key];
      return layer && typeof layer === "object" ? [layer] : [];
    });
  }

  // src/compat/cookies.js
  var cookie = (name) => attempt(() => {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
    return decodeURIComponent(found?.slice(name.length + 1) ?? "");
  }, "");
  function deleteCookie(name) {
    if (cookie(name)) document.cookie = `${name}=; Max-Age=0; path=/`;
  }

  // src/compat/page_locale.js
  var I18NEXT_KEY = "i18nextLng";
  function pageLocale(area) {
    const candidates = [
      attempt(() => area?.getItem(I18NEXT_KEY), "") ?? "",
      cookie(I18NEXT_KEY),
      document.documentElement.lang,
      navigator.language
    ];
    return candidates.map((each) => each.trim().replace(/^"(.*)"$/, "$1")).find(isLocale) ?? "en";
  }

  // src/view/dom.js
  function h(tag2, attributes = {}, ...children) {
    const element = document.createElement(tag2);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else setAttribute(element, name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  function setAttribute(element, name, value) {
    if (value === false || value === null || value === void 0) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
      element.setAttribute(name, String(value === true ? "" : value));
    }
  }
  function setText(element, text2) {
    if (element.textContent !== text2) element.textContent = text2;
  }
  function setVisible(element, visible) {
    if (element.hidden === visible) element.hidden = !visible;
  }

  // src/view/name_form.js
  var LINK = /https?:\/\/|www\.|\.\p{L}{2,}/iu;
  var tidyName = (text2) => text2.trim().replace(/\s+/g, " ");
  function nameProblem(name) {
    const { length } = [...name];
    if (length < 2 || length > 32) return "nameLength";
    return LINK.test(name) ? "nameLink" : "";
  }
  function createNameForm({ t, save, announce, onDone }) {
    const label = h("label", { for: "name", class: "label" });
    const input = h("input", {
      id: "name",
      class: "input",
      maxlength: 64,
      dir: "auto",
      autocomplete: "name",
      "aria-describedby": "name-hint",
      enterkeyhint: "done"
    });
    const hint = h("p", { id: "name-hint", class: "hint", role: "status" });
    const cancel = h("button", { type: "button", class: "button quiet", onclick: () => close() });
    const submit = h("button", { type: "submit", class: "button" });
    const element = h(
      "form",
      { class: "sheet", hidden: true, novalidate: true, onsubmit: onSubmit },
      label,
      input,
      hint,
      h("div", { class: "actions" }, cancel, submit)
    );
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    });
    let said = "nameHint";
    function say(key) {
      said = key;
      const isError = key !== "nameHint";
      setText(hint, t(key));
      hint.classList.toggle("bad", isError);
      setAttribute(input, "aria-invalid", isError ? "true" : null);
    }
    async function onSubmit(event) {
      event.preventDefault();
      const name = tidyName(input.value);
      const problem = nameProblem(name);
      if (problem) return say(problem);
      submit.disabled = true;
      try {
        await save(name);
        announce(t("nameSaved", { name }));
        close();
      } catch (error) {
        say(reasonOf(error));
        input.focus();
      } finally {
        submit.disabled = false;
      }
    }
    function close() {
      setVisible(element, false);
      onDone();
    }
    return {
      element,
      /** @param {string} name */
      open(name) {
        input.value = name;
        say("nameHint");
        setVisible(element, true);
        input.focus();
        input.select();
      },
      update() {
        const placeholder = t("namePlaceholder", {}, "");
        setAttribute(input, "placeholder", placeholder || null);
        label.classList.toggle("sr", placeholder !== "");
        setText(label, t("name"));
        setText(cancel, t("nameCancel"));
        setText(submit, t("nameSave"));
        say(said);
      }
    };
  }
  function reasonOf(error) {
    const { status = 0, code = "" } = (
      /** @type {{status?: number, code?: string}} */
      error ?? {}
    );
    if (status === 429) return "nameLimit";
    return code === "invalid_name" ? "nameRefused" : "nameFailed";
  }

  // src/compat/takeover.js
  var UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
  var JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
  var DRAFT_LENGTH = 2e4;
  function takeOver(area, store, origin) {
    const take = (key) => attempt(() => {
      const value = area?.getItem(key) ?? "";
      area?.removeItem(key);
      return value;
    }, "");
    const takePart = (part) => {
      const kept = take(`scw:${part}`) || cookie(`scw_${part}`);
      deleteCookie(`scw_${part}`);
      return kept.trim();
    };
    const [id, token, server] = [takePart("id"), takePart("token"), take("scw:origin")];
    const taken = String(store.preference("taken") ?? "");
    const mark = id.slice(0, 8);
    if (!taken.includes(mark) && UUID.test(id) && JWT.test(token) && (!server || server === origin)) {
      store.savePreference("taken", `${taken} ${mark}`);
      store.saveEarlier({ id, token, locale: "" });
    }
    const name = tidyName(take("scw:name"));
    if (!nameProblem(name)) store.savePreference("name", name);
    const draft = take("scw:draft").slice(0, DRAFT_LENGTH);
    if (draft.trim() && !store.draft()) store.saveDraft(draft);
    take("scw:ts");
    return take("scw:open") === "1";
  }

  // src/compat/switches.js
  function createSwitches() {
    const storage = createStorage("scw:notify:", storageArea("localStorage"));
    return {
      /** @returns {unknown} */
      volume: () => storage.get("volume"),
      /** @param {'sound' | 'vibrate'} key @param {boolean} otherwise until the visitor has chosen */
      isOn(key, otherwise) {
        const chosen = storage.get(key);
        return chosen === 1 || chosen === 0 ? chosen === 1 : otherwise;
      },
      /** @param {'sound' | 'vibrate'} key @param {boolean} on */
      set: (key, on) => storage.set(key, on ? 1 : 0)
    };
  }

  // src/reach.js
  function createReach({ origin, tenant, load, signal, onChange }) {
    const sockets = origin.replace(/^http/, "ws");
    let failures = 0;
    let isAlive = false;
    let refused = false;
    function setRefused(now) {
      if (refused === now) return;
      refused = now;
      onChange();
    }
    document.addEventListener(
      "securitypolicyviolation",
      ({ effectiveDirective, blockedURI }) => {
        const isHttp = blockedURI.startsWith(origin);
        if (effectiveDirective !== "connect-src" || !isHttp && !blockedURI.startsWith(sockets)) return;
        report(null, `Add to connect-src in this page's Content-Security-Policy: ${origin} ${sockets}`);
        if (isHttp) setRefused(true);
      },
      { signal }
    );
    async function failed() {
      failures += 1;
      if (isAlive) {
        setRefused(true);
        report(
          null,
          `${origin} works, but not for this page. Does the workspace "${tenant || "default"}" exist? Add ${location.origin} to its allowed origins.`
        );
      } else if (failures > 1) {
        isAlive = await load(`${origin}/widget.min.js`, { method: "HEAD", credentials: "omit", cache: "no-store" }).then(
          (answer) => answer.ok && failures > 1,
          () => false
        );
      }
    }
    return {
      isRefused: () => refused,
      /** @type {typeof fetch} */
      async fetch(...args) {
        try {
          const response = await load(...args);
          failures = 0;
          isAlive = false;
          setRefused(false);
          return response;
        } catch (error) {
          if (!args[1]?.signal?.aborted) void failed();
          throw error;
        }
      }
    };
  }

  // src/routes.js
  function matches(pattern, location2) {
    if (pattern instanceof RegExp) {
      pattern.lastIndex = 0;
      return pattern.test(location2.pathname);
    }
    if (typeof pattern !== "string") return false;
    const subject = pattern.startsWith("#") ? location2.hash : location2.pathname;
    const source = bare(pattern).split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
    return new RegExp(`^${source}$`).test(bare(subject));
  }
  function bare(path) {
    return path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
  }
  function isPathAllowed(location2, include, exclude) {
    if (exclude.some((pattern) => matches(pattern, location2))) return false;
    return include.length === 0 || include.some((pattern) => matches(pattern, location2));
  }
  function observeRoutes(onChange, win) {
    const { history } = win;
    let watching = true;
    const notify = () => {
      if (watching) queueMicrotask(() => watching && onChange());
    };
    const wrap = (name) => {
      const original = history[name];
      const wrapped = function(...args) {
        original.apply(this, args);
        notify();
      };
      attempt(() => history[name] = wrapped, void 0);
      return () => {
        if (history[name] === wrapped) history[name] = original;
      };
    };
    const undo = [wrap("pushState"), wrap("replaceState")];
    win.addEventListener("popstate", notify);
    win.addEventListener("hashchange", notify);
    return () => {
      watching = false;
      undo.forEach((restore) => restore());
      win.removeEventListener("popstate", notify);
      win.removeEventListener("hashchange", notify);
    };
  }

  // src/sound.js
  function createSound({ volume, gain }) {
    let context = null;
    return {
      unlock() {
        context ?? (context = attempt(() => new AudioContext(), null));
        if (context?.state === "suspended") context.resume().catch(() => void 0);
      },
      play() {
        if (!context || context.state !== "running") return;
        const running = context;
        attempt(() => {
          const out = running.createGain();
          out.gain.value = Math.min(1, volume * gain * 0.6);
          out.connect(running.destination);
          chime(running, out, 659, 0);
          chime(running, out, 880, 0.11);
        }, void 0);
      },
      close() {
        context?.close().catch(() => void 0);
        context = null;
      }
    };
  }
  function chime(context, out, hertz, delay) {
    const at = context.currentTime + delay;
    const tone = context.createOscillator();
    const envelope = context.createGain();
    tone.frequency.value = hertz;
    envelope.gain.setValueAtTime(0, at);
    envelope.gain.linearRampToValueAtTime(1, at + 0.012);
    envelope.gain.exponentialRampToValueAtTime(1e-3, at + 0.32);
    tone.connect(envelope).connect(out);
    tone.start(at);
    tone.stop(at + 0.34);
  }

  // src/translations.js
  var AGAIN_MS = 6e4;
  function createTranslations({ load, elapsed, onLoaded }) {
    const loaded = /* @__PURE__ */ new Map();
    const askedAt = /* @__PURE__ */ new Map();
    return {
      /** @param {string} locale @returns {import('./types').Strings} */
      entries: (locale) => loaded.get(locale) ?? {},
      /** @param {string} locale */
      async want(locale) {
        const before = askedAt.get(locale);
        if (loaded.has(locale) || before !== void 0 && elapsed() - before < AGAIN_MS) return;
        askedAt.set(locale, elapsed());
        try {
          loaded.set(locale, knownTexts(await load(locale)));
          onLoaded(locale);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
        }
      }
    };
  }

  // src/view/styles.css
  var styles_default = ':host{all:initial!important;position:fixed!important;inset:auto!important;z-index:2147483000!important}:host([hidden]){display:none!important}*,*:before,*:after{box-sizing:border-box}[hidden]{display:none!important}.root{--shadow: 0 12px 40px rgb(16 20 32 / .16), 0 2px 8px rgb(16 20 32 / .08);--radius: 12px;--font: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;--gap: 20px;--ease: .16s cubic-bezier(.2, .7, .3, 1);color:var(--ink);color-scheme:light;font:400 15px/22px var(--font);text-align:start;-webkit-text-size-adjust:100%}.root[data-scheme=dark]{--shadow: 0 12px 40px rgb(0 0 0 / .5), 0 0 0 1px var(--line);color-scheme:dark}h2,p{margin:0;font:inherit}button,input,textarea{font:inherit;color:inherit;margin:0;letter-spacing:inherit}button{border:0;background:none;padding:0;cursor:pointer;-webkit-tap-highlight-color:transparent}:focus{outline:none}.panel:focus-visible{outline:none}:focus-visible{outline:2px solid var(--brand-text);outline-offset:2px}.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}.icon{display:block;width:20px;height:20px;flex:none}.line{fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}.icon-more{stroke-width:2.6}.mark{fill:currentColor}[dir=rtl] .icon-sound{transform:scaleX(-1)}.launcher{position:fixed;inset-block-end:calc(var(--gap) + env(safe-area-inset-bottom,0px));display:grid;grid-template-columns:auto auto;place-items:center;place-content:center;min-width:56px;max-width:calc(100vw - 2 * var(--gap));height:56px;border-radius:28px;background:var(--brand);color:var(--brand-ink);box-shadow:0 6px 20px #10142033,0 1px 4px #1014201f;transition:transform var(--ease)}.root[data-side=right] .launcher{right:calc(var(--gap) + env(safe-area-inset-right,0px))}.root[data-side=left] .launcher{left:calc(var(--gap) + env(safe-area-inset-left,0px))}.launcher:active{transform:scale(.95)}.launcher:focus-visible{outline:3px solid var(--brand);outline-offset:3px}.launcher .icon{grid-area:1 / 1;width:28px;height:28px;transition:transform var(--ease),opacity var(--ease)}.launcher .mark{transform:translateY(1px)}.launcher .icon-chevron{opacity:0;transform:rotate(-60deg) scale(.6);stroke-width:2.2}.open .launcher .mark{opacity:0;transform:rotate(30deg) scale(.6)}.open .launcher .icon-chevron{opacity:1;transform:none}.worded{padding-inline:16px 20px;column-gap:10px}.launcher-label{overflow:hidden;font-weight:600;text-overflow:ellipsis;white-space:nowrap}.badge{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-width:22px;height:22px;padding-inline:6px;border-radius:11px;background:var(--bad);color:var(--bad-ink);box-shadow:0 0 0 2px var(--paper);font:600 12px/22px var(--font);font-variant-numeric:tabular-nums;text-align:center}.panel{position:fixed;inset-block-end:calc(var(--gap) + 56px + 16px + env(safe-area-inset-bottom,0px));display:flex;flex-direction:column;width:380px;max-width:calc(100vw - 2 * var(--gap));height:620px;max-height:calc(100vh - 112px);max-height:calc(100dvh - 112px);overflow:hidden;border-radius:var(--radius);background:var(--paper);box-shadow:var(--shadow);opacity:0;visibility:hidden;transform:translateY(10px) scale(.985);transition:opacity var(--ease),transform var(--ease),visibility 0s .16s}.root[data-side=right] .panel{right:calc(var(--gap) + env(safe-area-inset-right,0px));transform-origin:100% 100%}.root[data-side=left] .panel{left:calc(var(--gap) + env(safe-area-inset-left,0px));transform-origin:0 100%}.open .panel{opacity:1;visibility:visible;transform:none;transition-delay:0s}.root[data-full] .panel{inset:var(--view-top, 0px) 0 auto 0;width:100%;max-width:none;height:100vh;height:var(--view-height, 100dvh);max-height:none;border-radius:0;box-shadow:none;padding-right:env(safe-area-inset-right,0px);padding-left:env(safe-area-inset-left,0px)}.root[data-full].open .launcher{visibility:hidden}.header{position:relative;display:flex;align-items:center;gap:2px;flex:none;padding-block:14px;padding-inline:16px 8px;border-bottom:1px solid var(--header-line);background:var(--header);color:var(--header-ink)}.header>:focus-visible{outline-color:var(--header-ink)}.root[data-full] .header{padding-block-start:calc(10px + env(safe-area-inset-top,0px));padding-block-end:10px}.avatar{display:grid;place-items:center;flex:none;width:40px;height:40px;margin-inline-end:8px;border-radius:50%;background:var(--avatar, var(--brand));color:var(--avatar-ink, var(--brand-ink))}.avatar .icon{width:20px;height:20px;transform:translateY(1px)}.who{flex:1;min-width:0}.title{font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.presence{display:flex;align-items:baseline;gap:6px;color:var(--header-soft);font-size:13px;line-height:18px}.presence>:last-child{display:-webkit-box;overflow:hidden;-webkit-box-orient:vertical;-webkit-line-clamp:2}.dot{flex:none;width:8px;height:8px;border-radius:50%;background:var(--line)}.dot[data-tone=calm]{display:none}.dot[data-tone=good]{background:var(--here)}.dot[data-tone=off]{background:var(--away)}.icon-button{display:grid;place-items:center;flex:none;width:36px;height:36px;border-radius:8px;color:var(--header-soft);transition:opacity var(--ease)}.icon-button[aria-expanded=true]{background:var(--header-raised);color:var(--header-ink)}.root[data-full] .icon-button{width:44px;height:44px}@media(hover:hover){.icon-button:hover{background:var(--header-raised);color:var(--header-ink)}.launcher:hover{transform:scale(1.04)}}.menu{position:absolute;z-index:3;inset-block-start:calc(100% - 6px);inset-inline-end:12px;min-width:220px;max-width:calc(100% - 24px);padding:4px;border-radius:10px;background:var(--paper);color:var(--ink);box-shadow:var(--shadow);animation:in var(--ease)}.menu-item{display:flex;align-items:center;gap:12px;width:100%;min-height:40px;padding:8px 12px;border-radius:8px;text-align:start}.menu-item .icon{color:var(--ink-soft)}.menu-item:focus-visible{background:var(--paper-2);outline-offset:-2px}@media(hover:hover){.menu-item:hover{background:var(--paper-2)}}.menu-value{flex:1;overflow:hidden;color:var(--ink-soft);text-align:end;text-overflow:ellipsis;white-space:nowrap}.switch{position:relative;width:32px;height:20px;margin-inline-start:auto;border-radius:10px;background:var(--ink-soft)}.switch:after{content:"";position:absolute;inset-block-start:2px;inset-inline-start:2px;width:16px;height:16px;border-radius:50%;background:var(--paper);transition:transform var(--ease)}[aria-checked=true] .switch{background:var(--brand)}[aria-checked=true] .switch:after{transform:translate(12px);background:var(--brand-ink)}[dir=rtl] [aria-checked=true] .switch:after{transform:translate(-12px)}.sheet{display:grid;gap:8px;flex:none;padding:16px;border-bottom:1px solid var(--line);background:var(--paper-2);animation:in var(--ease)}.label{font-weight:500}.input{width:100%;height:40px;padding:0 12px;border:1px solid var(--line);border-radius:8px;background:var(--paper);font-size:16px}.input:focus{border-color:var(--brand-text);outline:1px solid var(--brand-text)}.input[aria-invalid]{border-color:var(--bad);outline-color:var(--bad)}.hint{color:var(--ink-soft);font-size:13px;line-height:18px}.actions{display:flex;justify-content:flex-end;gap:8px;margin-top:4px}.button{min-height:36px;padding:6px 16px;border-radius:8px;background:var(--brand);color:var(--brand-ink);font-weight:500}.button:disabled{opacity:.6}.button.quiet{background:none;color:var(--ink);box-shadow:inset 0 0 0 1px var(--line)}.button.danger{background:var(--bad);color:var(--bad-ink)}.banner{flex:none;padding:8px 16px;border-bottom:1px solid var(--line);background:var(--paper-2);color:var(--warn);font-size:13px;line-height:18px;text-align:center}.body{position:relative;display:flex;background:var(--log);flex-direction:column;flex:1;min-height:0}.log{flex:1;min-height:0;overflow:hidden auto;overscroll-behavior:contain;padding:16px;scrollbar-width:thin;scrollbar-color:var(--line) transparent}.log:focus-visible{outline-offset:-3px}.rows{display:flex;flex-direction:column;min-height:100%;justify-content:flex-end}.day,.note{align-self:center;color:var(--ink-soft);font-size:13px;line-height:18px;text-align:center}.day{margin-block:12px 8px;font-weight:500}.day:first-child{margin-block-start:0}.note{max-width:85%;white-space:pre-line;margin-block:12px 4px;text-wrap:balance;overflow-wrap:anywhere}.day+.note{margin-block-start:4px}.message{position:relative;display:grid;justify-items:start;max-width:84%;margin-block-start:2px}.message.first{margin-block-start:12px}.day+.message.first{margin-block-start:4px}.message.own{align-self:flex-end;justify-items:end}.message.theirs{align-self:flex-start;padding-inline-start:36px}.author{max-width:100%;margin-block-end:4px;padding-inline-start:2px;overflow:hidden;color:var(--ink-soft);font-size:13px;line-height:18px;text-overflow:ellipsis;white-space:nowrap}.own .author,.message:not(.first) .author{position:absolute;width:1px;height:1px;margin:0;padding:0;overflow:hidden;clip-path:inset(50%)}.initial{position:absolute;inset-inline-start:0;inset-block-start:22px;display:grid;place-items:center;width:28px;height:28px;border-radius:50%;background:var(--paper-2);box-shadow:inset 0 0 0 1px var(--line);color:var(--ink-soft);font:600 12px/1 var(--font)}.own .initial,.message:not(.first) .initial{display:none}.bubble{min-width:0;max-width:100%;padding:8px 12px;border-radius:10px;background:var(--bubble);overflow-wrap:anywhere}.words{white-space:pre-wrap;unicode-bidi:plaintext}.own .bubble{background:var(--brand);color:var(--brand-ink)}.theirs.last .bubble{border-end-start-radius:4px}.own.last .bubble{border-end-end-radius:4px}.message[data-state=sending] .bubble,.message[data-state=waiting] .bubble{opacity:.72}.message[data-state=failed] .bubble{background:none;color:var(--ink);box-shadow:inset 0 0 0 1px var(--bad)}[href^="tel:"]{white-space:nowrap}.bubble a,.note a{color:inherit;text-decoration:underline;text-underline-offset:2px}.theirs .bubble a,.message[data-state=failed] .bubble a{color:var(--brand-text)}.meta{display:flex;flex-wrap:wrap;align-items:center;gap:0 6px;margin-block-start:4px;padding-inline:2px;color:var(--ink-soft);font-size:12px;line-height:16px;font-variant-numeric:tabular-nums}.own .meta{justify-content:flex-end}.message:not(.last):not([data-state=failed]):not([data-state=waiting]) .meta{display:none}.state:not(:empty):before{content:"\\b7";margin-inline-end:6px}.meta .icon{display:none;width:16px;height:16px}[data-state=failed] .meta{color:var(--bad)}[data-state=failed] .meta .icon{display:block}[data-state=failed] .meta time{display:none}[data-state=failed] .state:before{content:none!important}.link{color:var(--brand-text);font-weight:500;text-decoration:underline;text-underline-offset:2px;padding-block:4px}.live>*{animation:in var(--ease)}.jump{position:absolute;z-index:1;inset-block-end:12px;inset-inline:0;display:flex;align-items:center;gap:6px;width:max-content;margin-inline:auto;padding-block:6px;padding-inline:10px 14px;border-radius:18px;background:var(--paper);box-shadow:var(--shadow);font-size:13px;font-weight:500;line-height:20px;animation:in var(--ease)}.jump .icon{width:16px;height:16px;color:var(--brand-text)}.state-page{display:flex;flex-direction:column;align-items:center;justify-content:center;flex:1;gap:8px;padding:24px 40px;overflow-y:auto;text-align:center}.state-icon{display:grid;place-items:center;width:72px;height:72px;margin-block-end:12px;border-radius:50%;background:var(--paper-2);color:var(--brand-text)}.state-icon .icon{width:34px;height:34px;transform:translateY(1px)}.failed .state-icon{color:var(--ink-soft)}.state-title{font-size:18px;font-weight:600;line-height:24px;letter-spacing:-.01em}.state-text{max-width:28ch;color:var(--ink-soft);text-wrap:balance}.state-page .button{margin-top:12px}.skeleton{display:flex;flex-direction:column;justify-content:flex-end;flex:1;gap:12px;padding:16px}.skeleton i{width:62%;height:38px;border-radius:10px;background:var(--line);animation:pulse 1.2s ease-in-out infinite alternate,late .3s}.skeleton .b{align-self:flex-end;width:48%;animation-delay:.15s,0s}.skeleton .c{width:72%;height:60px;animation-delay:.3s,0s}.composer{flex:none;padding:12px;border-top:1px solid var(--line)}.root[data-full] .composer{padding-block-end:calc(12px + env(safe-area-inset-bottom,0px))}.field{display:flex;align-items:flex-end;border:1px solid var(--line);border-radius:10px;background:var(--paper)}.root[data-scheme=dark] .field,.root[data-scheme=dark] .input{background:var(--paper-2)}.field:focus-within{border-color:var(--brand-text);box-shadow:0 0 0 1px var(--brand-text)}.write{display:block;flex:1;min-width:0;height:42px;padding:10px 12px;border:0;outline:0;background:none;resize:none;overflow:hidden;font-size:16px;line-height:22px}.write.full{overflow-y:auto}.write::placeholder,.input::placeholder{color:var(--ink-soft);opacity:1}.disabled .field{background:var(--paper-2)}.disabled .write{cursor:not-allowed}.send{display:grid;place-items:center;flex:none;width:34px;height:34px;margin:4px;border-radius:8px;background:var(--brand);color:var(--brand-ink);animation:in var(--ease)}.send:disabled{opacity:.4;cursor:not-allowed}.counter{padding:6px 4px 0;color:var(--ink-soft);font-size:13px;line-height:18px;font-variant-numeric:tabular-nums;text-align:end}.counter.button.danger{background:var(--bad);color:var(--bad-ink)}.bad{color:var(--bad)}@keyframes in{0%{opacity:0;transform:translateY(4px)}}@keyframes pulse{to{opacity:.5}}@keyframes late{0%,to{visibility:hidden}}@media(prefers-reduced-motion:reduce){*,*:before,*:after{animation:none!important;transition:none!important}}@media(forced-colors:active){.launcher,.bubble,.panel,.button,.send,.menu,.jump{border:1px solid CanvasText}}@media print{.root{display:none}}';

  // src/view/icons.js
  var SVG = "http://www.w3.org/2000/svg";
  var MARK = "M22 4H42A18 18 0 0 1 60 22V32A18 18 0 0 1 42 50H34.5A19.5 19.5 0 0 0 4 34.9V22A18 18 0 0 1 22 4zM3.4 53.4C3.4 44.7 7.3 39.9 13.9 37.8L15.4 41.1C11.5 42.3 9.3 44.9 9.3 47.4A6 6 0 1 1 3.4 53.4zM18 53.4C18 44.7 21.9 39.9 28.5 37.8L30 41.1C26.1 42.3 23.9 44.9 23.9 47.4A6 6 0 1 1 18 53.4z";
  var LINES = {
    chevron: "M6 9.5l6 6 6-6",
    close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
    more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
    send: "M12 19V5.5M5.5 12L12 5.5l6.5 6.5",
    down: "M12 5v13.5M6 12.5l6 6 6-6",
    person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.6 3.7-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
    sound: "M4 10v4h3.5l4.5 4V6L7.5 10zM15.5 9.5a3.5 3.5 0 0 1 0 5M18 7a7 7 0 0 1 0 10",
    phone: "M8.5 3.5h7v17h-7zM4.5 9v6M19.5 9v6",
    clear: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13",
    alert: "M12 8v4.5M12 16h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z"
  };
  function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", name === "mark" ? "0 0 64 64" : "0 0 24 24");
    svg.setAttribute("class", name === "mark" ? "icon mark" : `icon line icon-${name}`);
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
    path.setAttribute("d", name === "mark" ? MARK : LINES[name]);
    svg.append(path);
    return svg;
  }

  // src/view/launcher.js
  function createLauncher({ t, onClick }) {
    const badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
    const label = h("span", { class: "launcher-label", dir: "auto", hidden: true });
    const element = h(
      "button",
      { type: "button", class: "launcher", "aria-haspopup": "dialog", onclick: onClick },
      icon("mark"),
      icon("chevron"),
      label,
      badge
    );
    return {
      element,
      /** @param {number} unread @param {boolean} open */
      update(unread, open) {
        setText(badge, unread > 99 ? "99+" : unread ? String(unread) : "");
        setVisible(badge, unread > 0 && !open);
        setAttribute(element, "aria-expanded", String(open));
        const words = t("launcherLabel", {}, "");
        setText(label, words);
        setVisible(label, words !== "" && !open);
        element.classList.toggle("worded", words !== "" && !open);
        const key = open ? "close" : unread ? "launcherUnread" : "launcherOpen";
        const name = t(key, { count: unread });
        setAttribute(element, "aria-label", unread && !open && words ? `${words}, ${name}` : name);
      }
    };
  }

  // src/view/clear_sheet.js
  function createClearSheet({ t, onConfirm, onDone }) {
    const question = h("p", { id: "clear", class: "label" });
    const hint = h("p", { id: "clear-hint", class: "hint" });
    const no = h("button", { type: "button", class: "button quiet", onclick: () => close() });
    const yes = h("button", { type: "button", class: "button danger", onclick: () => (onConfirm(), close()) });
    const element = h(
      "div",
      {
        class: "sheet",
        role: "group",
        "aria-labelledby": "clear",
        "aria-describedby": "clear-hint",
        hidden: true,
        onkeydown: (event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          close();
        }
      },
      question,
      hint,
      h("div", { class: "actions" }, no, yes)
    );
    function close() {
      setVisible(element, false);
      onDone();
    }
    return {
      element,
      open() {
        setVisible(element, true);
        no.focus();
      },
      update() {
        setText(question, t("clearConfirm"));
        setText(hint, t("clearHint"));
        setText(no, t("confirmNo", {}, t("nameCancel")));
        setText(yes, t("confirmYes", {}, t("clear")));
      }
    };
  }

  // src/view/composer.js
  var LIMIT = 4e3;
  var WARN_FROM = LIMIT - 200;
  var MAX_LINES = 5;
  var LINE_PX = 22;
  var PADDING_PX = 20;
  function createComposer({ t, onSend, onDraft }) {
    const input = h("textarea", {
      class: "write",
      rows: "1",
      enterkeyhint: "send",
      autocomplete: "off",
      "aria-describedby": "counter",
      oninput: () => (onDraft(input.value), measure()),
      onkeydown: onKey
    });
    const send = h("button", { type: "submit", class: "send", hidden: true }, icon("send"));
    const counter = h("p", { id: "counter", class: "counter", role: "status", hidden: true });
    const element = h(
      "form",
      { class: "composer", novalidate: true, onsubmit: (event) => submit(event) },
      h("div", { class: "field" }, input, send),
      counter
    );
    function onKey(event) {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      submit(event);
    }
    function submit(event) {
      event.preventDefault();
      const text2 = cleanText(input.value);
      if (!text2 || text2.length > LIMIT || input.disabled) return;
      setValue("");
      onDraft("");
      onSend(text2);
      input.focus();
    }
    function setValue(text2) {
      input.value = text2;
      measure();
    }
    function measure() {
      const { length } = cleanText(input.value);
      setAttribute(input, "dir", input.value ? "auto" : null);
      input.style.height = "auto";
      const full = MAX_LINES * LINE_PX + PADDING_PX;
      if (input.scrollHeight) input.style.height = `${Math.min(input.scrollHeight, full)}px`;
      input.classList.toggle("full", input.scrollHeight > full);
      setVisible(send, length > 0);
      send.disabled = length > LIMIT;
      setVisible(counter, length >= WARN_FROM);
      counter.classList.toggle("bad", length > LIMIT);
      const key = length > LIMIT ? "charactersOver" : "charactersLeft";
      setText(counter, length < WARN_FROM ? "" : t(key, { count: Math.abs(LIMIT - length) }));
    }
    return {
      element,
      setValue,
      value: () => input.value,
      focus: () => input.focus({ preventScroll: true }),
      measure,
      /** @param {boolean} disabled */
      update(disabled) {
        input.disabled = disabled;
        element.classList.toggle("disabled", disabled);
        setAttribute(input, "placeholder", t(disabled ? "placeholderBlocked" : "placeholder"));
        setAttribute(input, "aria-label", t("composer"));
        setAttribute(send, "aria-label", t("send"));
      }
    };
  }

  // src/view/header.js
  function createHeader({ t, toggles, onName, onClear, onClose }) {
    const title = h("h2", { class: "title", id: "title" });
    const presence = h("span");
    const dot = h("span", { class: "dot", "aria-hidden": "true" });
    const line = h("p", { class: "presence" }, dot, presence);
    const nameValue = h("bdi", { class: "menu-value" });
    const nameLabel = h("span");
    const nameItem = h(
      "button",
      { type: "button", role: "menuitem", class: "menu-item", onclick: () => (setOpen(false), onName()) },
      icon("person"),
      nameLabel,
      nameValue
    );
    const switches = toggles.map((toggle) => {
      const label = h("span");
      const item = h(
        "button",
        {
          type: "button",
          role: "menuitemcheckbox",
          class: "menu-item",
          onclick: () => (toggle.toggle(), update())
        },
        icon(toggle.icon),
        label,
        h("span", { class: "switch", "aria-hidden": "true" })
      );
      return { toggle, item, label };
    });
    const clearLabel = h("span");
    const clearItem = h(
      "button",
      { type: "button", role: "menuitem", class: "menu-item", onclick: () => (setOpen(false), onClear()) },
      icon("clear"),
      clearLabel
    );
    const items = [nameItem, ...switches.map(({ item }) => item), clearItem];
    const menu = h("div", { class: "menu", role: "menu", hidden: true, onkeydown: onMenuKey }, ...items);
    const more = h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        onclick: () => setOpen(menu.hidden !== false)
      },
      icon("more")
    );
    const close = h("button", { type: "button", class: "icon-button", onclick: onClose }, icon("close"));
    const element = h(
      "div",
      { class: "header" },
      h("span", { class: "avatar", "aria-hidden": "true" }, icon("mark")),
      h("div", { class: "who" }, title, line),
      more,
      close,
      menu
    );
    element.addEventListener("focusout", (event) => {
      if (!menu.contains(
        /** @type {Node | null} */
        event.relatedTarget
      ) && event.relatedTarget !== more) {
        setOpen(false, false);
      }
    });
    function setOpen(open, moveFocus = true) {
      if (menu.hidden === !open) return;
      setVisible(menu, open);
      setAttribute(more, "aria-expanded", String(open));
      if (moveFocus) (open ? items[0] : more)?.focus();
    }
    function onMenuKey(event) {
      const reachable = items.filter((item) => !item.hidden);
      const at = reachable.findIndex((item) => item === event.target);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) reachable[(at + step + reachable.length) % reachable.length]?.focus();
      else if (event.key === "Escape") setOpen(false);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
    function update() {
      for (const { toggle, item, label } of switches) {
        const state = `${toggle.key}${toggle.isOn() ? "On" : "Off"}`;
        setVisible(item, toggle.isShown());
        setText(label, t(state, {}, t(toggle.key)));
        setAttribute(item, "aria-checked", String(toggle.isOn()));
      }
    }
    return {
      element,
      /** @param {import('../types').Picture} picture */
      update(picture) {
        update();
        setText(title, t("title"));
        const agent = picture.agent && !picture.closed;
        const key = !picture.online ? "presenceOffline" : agent ? "presenceAgent" : "presence";
        setText(presence, t(key, { agent: picture.agent }));
        setVisible(line, !picture.online || !picture.unavailable);
        setAttribute(dot, "data-tone", !picture.online ? "off" : agent ? "good" : "calm");
        setText(clearLabel, t("clear"));
        const { segments, pending, name } = picture;
        setVisible(clearItem, !!name || pending.length > 0 || segments.some((each) => each.messages.length > 0));
        const edit = t("nameEdit", {}, "");
        setText(nameLabel, edit || t("name"));
        setText(nameValue, picture.name);
        setAttribute(more, "aria-label", t("settings"));
        setAttribute(menu, "aria-label", t("settings"));
        setAttribute(close, "aria-label", t("close"));
      }
    };
  }

  // src/codes.js
  var CODE = /(?:[A-Za-z]{1,24} ){0,3}#[A-Za-z0-9][\w-]*|\+\d[\d ()-]*\d/g;
  function splitCodes(text2) {
    const pieces = [];
    let end = 0;
    for (const match of text2.matchAll(CODE)) {
      if (match.index > end) pieces.push({ text: text2.slice(end, match.index), isCode: false });
      pieces.push({ text: match[0], isCode: true });
      end = match.index + match[0].length;
    }
    if (end < text2.length) pieces.push({ text: text2.slice(end), isCode: false });
    return pieces;
  }

  // src/links.js
  var LABEL = String.raw`[\p{L}\p{N}_][\p{L}\p{M}\p{N}_-]*`;
  var TLD = String.raw`(?:xn--[a-z\d-]+|[a-z]{2,63}(?![a-z\d-])|(?:(?![a-z])[\p{L}\p{M}]){2,63})`;
  var HOST = String.raw`(?:${LABEL}\.)+${TLD}`;
  var SERVER = String.raw`(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\]|${HOST})(?::\d{1,5})?`;
  var PATH = String.raw`(?:[/?#](?:[!#-;=?-\[\]_a-z{|}~]|[^\0-\x9f\p{P}\p{Z}\p{S}\p{C}]|[·・–’‐‑־\u200c\u200d](?=[\p{L}\p{N}]))*)?`;
  var MAIL = String.raw`[a-z\d][\w.+'-]*@${HOST}`;
  var PHONE = String.raw`\+(?:1[ ().-]{0,2}[2-9]|[2-9])(?:[ \xa0\u202f().–‑-]{0,2}\d){6,13}`;
  var ADDRESS = new RegExp(`https?://${SERVER}${PATH}|www\\.${HOST}(?::\\d{1,5})?${PATH}|${MAIL}|${PHONE}`, "giu");
  var ENDS_SENTENCE = /[.,;:!?'*|~]+$/;
  function splitLinks(text2) {
    const pieces = [];
    let from = 0;
    for (const match of text2.matchAll(ADDRESS)) {
      const address = trimEnd(match[0]);
      const end = match.index + address.length;
      const href = hrefOf(address, text2.slice(0, match.index), text2.slice(end));
      if (!href) continue;
      if (match.index > from) pieces.push({ text: text2.slice(from, match.index), href: "" });
      pieces.push({ text: address, href });
      from = end;
    }
    if (from < text2.length) pieces.push({ text: text2.slice(from), href: "" });
    return pieces;
  }
  function trimEnd(address) {
    let end = address.replace(ENDS_SENTENCE, "");
    while (/[)\]}]$/.test(end) && !isBalanced(end)) end = end.slice(0, -1).replace(ENDS_SENTENCE, "");
    return end;
  }
  function isBalanced(text2) {
    return ["()", "[]", "{}"].every(
      (pair) => text2.split(pair[0] ?? "").length >= text2.split(pair[1] ?? "").length
    );
  }
  function hrefOf(address, before, after) {
    if (/^https?:/i.test(address)) return /[a-z\d]$/i.test(before) || after[0] === "@" ? "" : address;
    if (/[\p{Lu}\p{Ll}\p{N}_@./+=-]$|:\/\/\S*$/u.test(before) || after[0] === "@") return "";
    if (address[0] === "+") {
      return /^[\p{L}\p{N}]|^\s?[%€$£¥₽]/u.test(after) ? "" : `tel:+${address.replace("(0)", "").replace(/\D/g, "")}`;
    }
    if (address.includes("@") && !/^www\.[^@]*[/?#]/i.test(address)) return /^:\w/.test(after) ? "" : `mailto:${address}`;
    return `https://${address}`;
  }

  // src/view/words.js
  var wordsOf = (text2) => splitLinks(text2).flatMap((piece) => piece.href ? [link(piece.href, piece.text)] : plainWordsOf(piece.text));
  var plainWordsOf = (text2) => splitCodes(text2).map((piece) => piece.isCode ? h("bdi", {}, piece.text) : piece.text);
  var link = (href, text2) => h(
    "a",
    // Mail and telephone open a program, for which there need be no empty tab.
    { href, dir: "ltr", target: /^http/i.test(href) && "_blank", rel: "noopener noreferrer nofollow" },
    text2
  );

  // src/view/log.js
  var END_PX = 48;
  function createLog({ t, onRetry, onEdit, onScroll }) {
    const list2 = h("div", { class: "rows" });
    const element = h(
      "div",
      { class: "log", role: "log", "aria-live": "off", "aria-relevant": "additions", tabindex: "0" },
      list2
    );
    const views = /* @__PURE__ */ new Map();
    let atEnd = true;
    element.addEventListener("scroll", () => setAtEnd(isAtEnd()), { passive: true });
    const stop = watchSize(element, () => atEnd && toEnd());
    const isAtEnd = () => element.scrollHeight - element.scrollTop - element.clientHeight < END_PX;
    function setAtEnd(now) {
      atEnd = now;
      onScroll(now);
    }
    function toEnd() {
      element.scrollTop = element.scrollHeight;
      setAtEnd(true);
    }
    function make(row) {
      if (row.kind === "message") return messageView(t, onRetry, onEdit);
      const text2 = h("span");
      return {
        element: h("div", { class: row.kind }, text2),
        update(next) {
          if (text2.textContent !== next.text) text2.replaceChildren(...wordsOf(next.text));
          setAttribute(text2, "dir", next.dir || null);
        }
      };
    }
    return {
      element,
      toEnd,
      isAtEnd: () => atEnd,
      /**
       * @param {Row[]} rows
       * @param {boolean} live whether additions are news: they are announced and may move in
       */
      update(rows2, live) {
        setAttribute(element, "aria-label", t("log"));
        setAttribute(element, "aria-live", live ? "polite" : "off");
        list2.classList.toggle("live", live);
        const stay = atEnd || rows2.some((row) => !views.has(row.key) && isFreshOwn(row));
        const keys2 = new Set(rows2.map((row) => row.key));
        views.forEach((view, key) => {
          if (keys2.has(key)) return;
          view.element.remove();
          views.delete(key);
        });
        rows2.forEach((row, index) => {
          const view = views.get(row.key) ?? make(row);
          views.set(row.key, view);
          view.update(row);
          const there = list2.children[index];
          if (there !== view.element) list2.insertBefore(view.element, there ?? null);
        });
        if (stay) toEnd();
      },
      stop
    };
  }
  var isFreshOwn = (row) => row.kind === "message" && (row.state === "sending" || row.state === "waiting");
  function messageView(t, onRetry, onEdit) {
    const author = h("span", { class: "author", dir: "auto" });
    const initial = h("span", { class: "initial", "aria-hidden": "true" });
    const words = h("div", { class: "words", dir: "auto" });
    const bubble = h("div", { class: "bubble" }, words);
    const time = h("time");
    const state = h("span", { class: "state" });
    const retry = h("button", { type: "button", class: "link" });
    const edit = h("button", { type: "button", class: "link" });
    const meta = h("div", { class: "meta", "aria-live": "off" }, icon("alert"), time, state, retry, edit);
    const element = h("div", { class: "message" }, author, initial, bubble, meta);
    let clientId = "";
    let text2 = "";
    retry.addEventListener("click", () => onRetry(clientId));
    edit.addEventListener("click", () => onEdit(clientId));
    return {
      element,
      /** @param {MessageRow} row */
      update(row) {
        clientId = row.clientId;
        element.className = `message ${row.own ? "own" : "theirs"}${row.first ? " first" : ""}${row.last ? " last" : ""}`;
        setAttribute(element, "data-state", row.state || null);
        setText(author, row.author);
        setText(initial, initialOf(row.author));
        if (text2 !== row.text || !words.firstChild) words.replaceChildren(...wordsOf(row.text));
        text2 = row.text;
        setText(time, row.time);
        setAttribute(time, "datetime", row.iso);
        setText(state, row.reason || row.state && t(row.state));
        setText(retry, t("retry"));
        setText(edit, t("edit"));
        retry.hidden = !row.canRetry;
        edit.hidden = !row.canEdit;
      }
    };
  }
  var initialOf = (name) => ([...name.trim()][0] ?? "").toUpperCase();

  // src/view/panel.js
  function createPanel({ t, toggles, chat, onDraft, onClose, announce }) {
    const header2 = createHeader({
      t,
      toggles,
      onClose,
      onName() {
        setVisible(clear.element, false);
        name.open(chat.picture().name);
      },
      onClear() {
        setVisible(name.element, false);
        clear.open();
      }
    });
    const name = createNameForm({
      t,
      announce,
      save: chat.rename,
      onDone: () => composer.focus()
    });
    const clear = createClearSheet({
      t,
      onConfirm() {
        composer.setValue("");
        onDraft("");
        chat.clear();
        announce(t("emptyTitle"));
      },
      onDone: () => composer.focus()
    });
    const log = createLog({
      t,
      onRetry: chat.retry,
      onEdit(clientId) {
        const text2 = chat.withdraw(clientId);
        const draft = composer.value();
        const both = draft ? `${text2}
${draft}` : text2;
        composer.setValue(both);
        onDraft(both);
        composer.focus();
      },
      onScroll: (atEnd) => atEnd && setVisible(jump, false)
    });
    const composer = createComposer({ t, onDraft, onSend: chat.send });
    const banner = h("p", { class: "banner", role: "status", hidden: true });
    const jumpText = h("span");
    const jump = h(
      "button",
      { type: "button", class: "jump", hidden: true, onclick: () => log.toEnd() },
      icon("down"),
      jumpText
    );
    const stateTitle = h("p", { class: "state-title" });
    const stateText = h("p", { class: "state-text" });
    const stateAction = h("button", { type: "button", class: "button quiet", onclick: () => chat.refresh() });
    const stateIcon = h("span", { class: "state-icon", "aria-hidden": "true" }, icon("mark"));
    const state = h("div", { class: "state-page" }, stateIcon, stateTitle, stateText, stateAction);
    const skeletonLabel = h("span", { class: "sr" });
    const skeleton = h(
      "div",
      { class: "skeleton", role: "status", hidden: true },
      skeletonLabel,
      ...["a", "b", "c"].map((part) => h("i", { class: part }))
    );
    const element = h(
      "div",
      { class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: "-1" },
      header2.element,
      name.element,
      clear.element,
      banner,
      h("div", { class: "body" }, state, skeleton, log.element, jump),
      composer.element
    );
    function updateStates(picture, isBare) {
      const failed = picture.phase === "failed";
      const loading = picture.phase === "loading";
      setVisible(state, isBare && !loading);
      setVisible(skeleton, isBare && loading);
      setVisible(log.element, !isBare);
      setVisible(stateAction, failed);
      state.classList.toggle("failed", failed);
      setText(skeletonLabel, loading ? t("loading") : "");
      setText(stateTitle, t(failed ? "loadFailedTitle" : "emptyTitle"));
      setText(stateText, t(failed ? "loadFailedText" : "emptyText"));
      setText(stateAction, t("loadRetry"));
    }
    return {
      element,
      composer,
      isAtEnd: log.isAtEnd,
      /** Laid out again: opened, turned, resized. */
      measure() {
        composer.measure();
        if (log.isAtEnd()) log.toEnd();
      },
      /**
       * @param {import('../types').Picture} picture
       * @param {import('../types').Row[]} rows
       * @param {{live: boolean, slow: boolean, modal: boolean, news: boolean}} mode
       *   `slow`: the connection has been away long enough to say so
       */
      update(picture, rows2, { live, slow, modal, news }) {
        header2.update(picture);
        name.update();
        clear.update();
        updateStates(picture, rows2.length === 0);
        log.update(rows2, live);
        composer.update(picture.blocked);
        const text2 = !picture.online ? t("offline") : slow ? t("reconnecting") : "";
        setVisible(banner, text2 !== "");
        setText(banner, text2);
        setText(jumpText, t("newMessages"));
        if (news && !log.isAtEnd()) setVisible(jump, true);
        setAttribute(element, "aria-modal", modal ? "true" : null);
      },
      stop: log.stop
    };
  }

  // src/view/rows.js
  function createRows(picture, { t, pageWords, clock, contact }) {
    const rows2 = [];
    let day = "";
    const add = (row, at) => {
      const dayKey = clock.dayKey(at);
      if (dayKey !== day && row.kind === "message") {
        day = dayKey;
        rows2.push({ kind: "day", key: `day:${dayKey}`, text: clock.day(at, picture.now, t) });
      }
      rows2.push(row);
    };
    for (const { messages, notes } of picture.segments) {
      const waiting = [...notes];
      const addNotes = (upTo) => {
        for (let note = waiting[0]; note && note.afterSeq <= upTo; note = waiting[0]) {
          const agent = note.text || t("supportLabel");
          const text2 = note.kind === "joined" ? t("joined", { agent }) : note.text;
          rows2.push({ kind: "note", key: note.id, text: text2, dir: note.kind === "joined" ? "" : "auto" });
          waiting.shift();
        }
      };
      addNotes(0);
      for (const message of messages) {
        add(sentRow(message, picture, t, clock), timeOf(message.createdAt));
        addNotes(message.seq);
      }
      addNotes(Infinity);
    }
    for (const item of picture.pending) {
      const at = timeOf(item.createdAt);
      const held = !picture.online || picture.stalled;
      const failed = item.state === "failed";
      add(
        {
          ...blank(t("you"), item.text, at, clock),
          key: item.clientId,
          own: true,
          state: failed ? "failed" : held ? "waiting" : "sending",
          reason: failed ? t(item.reason || "failed") : "",
          clientId: item.clientId,
          canEdit: failed && !picture.blocked,
          canRetry: failed ? item.reason !== "failedRefused" && !picture.blocked : picture.online && held
        },
        at
      );
    }
    const state = stateOf(picture, t, pageWords, contact);
    const last = rows2[rows2.length - 1];
    if (state && !(last && "text" in last && last.text === state.text)) rows2.push(state);
    return finish(rows2);
  }
  function stateOf({ blocked, unavailable, expired, closed, closedNote, pending }, t, pageWords, contact) {
    const line = (key, text2 = t(key)) => ({ kind: (
      /** @type {const} */
      "note"
    ), key, text: text2, dir: (
      /** @type {const} */
      ""
    ) });
    if (blocked) return line("blocked");
    if (unavailable) {
      const elsewhere = contact && `
${t("reachUs", { contact })}`;
      return line("unavailable", t("unavailable") + elsewhere);
    }
    if (pending.some((item) => item.state !== "failed")) return null;
    if (expired) return line("expired");
    if (!closed) return null;
    return closedNote && !pageWords("closed", {}, "") ? { ...line("closed", closedNote), dir: "auto" } : line("closed");
  }
  function sentRow(message, picture, t, clock) {
    const own2 = message.direction === "INBOUND";
    return {
      ...blank(
        own2 ? t("you") : message.agent || t("supportLabel"),
        message.text,
        timeOf(message.createdAt),
        clock
      ),
      key: picture.aliases.get(message.id) ?? message.id,
      own: own2,
      state: own2 ? "sent" : ""
    };
  }
  var blank = (author, text2, at, clock) => ({
    kind: "message",
    key: "",
    own: false,
    author,
    text: text2,
    time: clock.time(at),
    iso: new Date(at).toISOString(),
    first: true,
    last: true,
    state: "",
    reason: "",
    clientId: "",
    canRetry: false,
    canEdit: false
  });
  function finish(rows2) {
    let newestSent = true;
    for (let i = rows2.length - 1; i >= 0; i -= 1) {
      const row = rows2[i];
      if (row?.kind !== "message") continue;
      row.first = !isSameGroup(rows2[i - 1], row);
      row.last = !isSameGroup(rows2[i + 1], row);
      if (row.state === "sent") {
        if (!newestSent) row.state = "";
        newestSent = false;
      }
    }
    return rows2;
  }
  var isSameGroup = (a, b) => a?.kind === "message" && a.own === b.own && a.author === b.author && a.iso.slice(0, 16) === b.iso.slice(0, 16);
  function createClock(locale, timeZone) {
    const format = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
    const time = format({ hour: "numeric", minute: "2-digit" });
    const weekday = format({ weekday: "long", day: "numeric", month: "long" });
    const dated = format({ day: "numeric", month: "long", year: "numeric" });
    const key = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
    const DAY_MS = 24 * 3600 * 1e3;
    const dayKey = (at) => key.format(at);
    return {
      dayKey,
      /** @param {number} at ms */
      time: (at) => time.format(at),
      /** @param {number} at ms @param {number} now ms @param {Translate} t */
      day(at, now, t) {
        if (dayKey(at) === dayKey(now)) return t("today");
        if (dayKey(at) === dayKey(now - DAY_MS)) return t("yesterday");
        return Math.abs(now - at) < 180 * DAY_MS ? weekday.format(at) : dated.format(at);
      }
    };
  }

  // src/view/palette.js
  var STANDARD = {
    light: {
      brand: [59, 91, 219],
      ink: [20, 23, 31],
      inkSoft: [91, 100, 116],
      paper: [255, 255, 255],
      paper2: [245, 246, 248],
      bubble: [245, 246, 248],
      line: [227, 230, 235],
      good: [43, 138, 62],
      warn: [179, 92, 0],
      bad: [201, 42, 42]
    },
    dark: {
      brand: [116, 143, 252],
      ink: [236, 239, 244],
      inkSoft: [154, 164, 181],
      paper: [18, 21, 28],
      paper2: [26, 31, 41],
      bubble: [35, 41, 54],
      line: [42, 48, 60],
      good: [105, 219, 124],
      warn: [255, 169, 77],
      bad: [255, 135, 135]
    }
  };
  function palette(scheme, page) {
    const surfaces = surfacesOf(scheme, page);
    const { paper, bubble } = surfaces;
    const wished = page.brand ? solid(page.brand, paper) : STANDARD[scheme].brand;
    const brand = scheme === "dark" ? readableOn(wished, paper, 3) : wished;
    const ink = page.brandInk && solid(page.brandInk, brand);
    const tint = scheme === "dark" && page.brandLight ? solid(page.brandLight, paper) : brand;
    const colors = {
      brand,
      "brand-ink": ink && contrast(ink, brand) >= 4.5 ? ink : inkOn(brand),
      "brand-text": surfaces.text(tint),
      ink: surfaces.ink,
      "ink-soft": surfaces.inkSoft,
      paper,
      "paper-2": surfaces.paper2,
      log: surfaces.log,
      bubble,
      line: surfaces.line,
      warn: surfaces.warn,
      bad: surfaces.bad,
      "bad-ink": inkOn(surfaces.bad),
      ...header(page.header && solid(page.header, paper), surfaces)
    };
    return Object.fromEntries(
      Object.entries(colors).map(([name, color2]) => [`--${name}`, color2 ? toCss(color2) : ""])
    );
  }
  function surfacesOf(scheme, page) {
    const standard = STANDARD[scheme];
    const dark = scheme === "dark";
    const fitting = (color2, ofDark, least) => {
      const plain = color2 && solid(color2, standard.paper);
      return plain && contrast(plain, ofDark ? [255, 255, 255] : [0, 0, 0]) >= least ? plain : void 0;
    };
    const own2 = {
      paper: fitting(page.paper, dark, 7),
      log: fitting(page.log, dark, 7),
      ink: fitting(page.ink, !dark, 4.5),
      inkSoft: fitting(page.inkSoft, !dark, 4)
    };
    const isOwn = own2.paper || own2.log || own2.ink;
    const paper = own2.paper ?? own2.log ?? standard.paper;
    const log = own2.log ?? paper;
    const pole = own2.ink ?? standard.ink;
    const bubble = isOwn ? mix(log, pole, dark ? 0.11 : 0.06) : standard.bubble;
    const paper2 = isOwn ? mix(paper, pole, 0.05) : standard.paper2;
    const text2 = (color2) => [paper, log, paper2, bubble].reduce((so, background2) => readableOn(so, background2, 4.5), color2);
    return {
      paper,
      log,
      paper2,
      bubble,
      text: text2,
      ink: text2(pole),
      inkSoft: text2(own2.inkSoft ?? (isOwn ? mix(paper, pole, 0.65) : standard.inkSoft)),
      line: isOwn ? page.line ? solid(page.line, paper) : mix(paper, pole, 0.14) : standard.line,
      good: text2(standard.good),
      warn: text2(standard.warn),
      bad: text2(standard.bad)
    };
  }
  function header(color2, { paper, paper2, ink, inkSoft, line, good, warn }) {
    const plain = { header: paper, "header-line": line, "header-ink": ink, "header-soft": inkSoft };
    if (!color2) return { ...plain, "header-raised": paper2, here: good, away: warn, avatar: null, "avatar-ink": null };
    const own2 = inkOn(color2);
    const raised = mix(color2, own2, 0.16);
    return {
      header: color2,
      "header-line": color2,
      "header-ink": own2,
      "header-soft": readableOn(mix(own2, color2, 0.2), color2, 4.5),
      "header-raised": raised,
      here: readableOn(good, color2, 3),
      away: readableOn(warn, color2, 3),
      avatar: raised,
      "avatar-ink": own2
    };
  }

  // src/view/theme.js
  function applyTheme(root, read2, signal) {
    const isSystemDark = watchMedia("(prefers-color-scheme: dark)", () => apply(), signal);
    const parse2 = (css) => computed(root, css);
    let before = "";
    const apply = () => {
      const theme = read2();
      if (typeof theme.radius === "number") set(root, "--radius", `${Math.max(0, theme.radius)}px`);
      if (theme.font) set(root, "--font", theme.font);
      const { brand, ...surfaces } = pageColors(parse2);
      const option = theme.brand ? parse2(theme.brand) : null;
      const colors = option ? { ...withoutBrand(surfaces), brand: option } : { ...surfaces, ...brand && { brand } };
      const wanted = theme.scheme === "light" || theme.scheme === "dark" ? theme.scheme : null;
      const scheme = wanted ?? pageScheme(colors, isSystemDark(), parse2);
      const values = Object.entries(palette(scheme, colors));
      const now = scheme + values;
      if (now === before) return;
      before = now;
      root.dataset.scheme = scheme;
      for (const [name, value] of values) set(root, name, value);
    };
    apply();
    return apply;
  }
  var withoutBrand = ({ brandLight, brandInk, header: header2, ...others }) => others;
  var set = (root, name, value) => root.style.setProperty(name, value);
  function computed(root, color2) {
    const direct = parseColor(color2);
    if (direct || !color2) return direct;
    const probe = document.createElement("i");
    root.append(probe);
    const found = [`color-mix(in srgb, ${color2} 100%, red)`, color2, `rgb(${color2})`].map((css) => {
      probe.style.color = "";
      probe.style.color = css;
      return probe.style.color ? parseColor(getComputedStyle(probe).color) : null;
    }).find(Boolean);
    probe.remove();
    return found ?? null;
  }

  // src/view/viewport.js
  var SMALL = "(max-width: 479.98px), (max-height: 440px) and (max-width: 960px)";
  var SCROLLING = ["log", "write", "state-page"];
  function watchViewport(root, panel, onChange, signal) {
    const isSmall = watchMedia(SMALL, () => apply(), signal);
    const visual = window.visualViewport;
    const fit = () => {
      if (!visual || !isSmall()) return;
      root.style.setProperty("--view-top", `${visual.offsetTop}px`);
      root.style.setProperty("--view-height", `${visual.height}px`);
    };
    const apply = () => {
      root.toggleAttribute("data-full", isSmall());
      fit();
      onChange();
    };
    const hold = (event) => {
      if (!isSmall() || event.touches.length > 1) return;
      const scrolls = event.composedPath().some((part) => {
        const { classList, scrollHeight, clientHeight } = (
          /** @type {Partial<Element>} */
          part
        );
        return classList && (scrollHeight ?? 0) > (clientHeight ?? 0) && SCROLLING.some((name) => classList.contains(name));
      });
      if (!scrolls && event.cancelable) event.preventDefault();
    };
    panel.addEventListener("touchmove", hold, { signal, passive: false });
    visual?.addEventListener("resize", fit, { signal });
    visual?.addEventListener("scroll", fit, { signal });
    apply();
  }

  // src/view/widget.js
  var SLOW_MS = 4e3;
  function createWidget({ settings, chat, toggles, entries, draft, onOpenChange }) {
    const abort = new AbortController();
    const { signal } = abort;
    let locale = settings.locale;
    let translate = translator();
    let pageWords = translator({}, {});
    let clock = createClock(locale);
    let open = false;
    let settled = false;
    let news = false;
    let slow = false;
    let slowTimer = 0;
    let failures = 0;
    let frame = 0;
    const t = (...args) => translate(...args);
    const isCoarse = watchMedia("(pointer: coarse)", () => void 0, signal);
    const status = h("div", { class: "sr", role: "status" });
    const launcher = createLauncher({ t, onClick: () => setOpen(!open, true) });
    const panel = createPanel({
      t,
      toggles,
      chat,
      onDraft: draft.save,
      onClose: () => setOpen(false, true),
      announce: (text2) => status.textContent = text2
    });
    const root = h("div", { class: "root" }, panel.element, launcher.element, status);
    const host = document.createElement("support-chat");
    const shadow = host.attachShadow({ mode: "open" });
    addStyles(shadow, settings.nonce);
    shadow.append(root);
    root.addEventListener("keydown", onKey);
    for (const type of ["keydown", "keypress", "keyup"]) {
      host.addEventListener(type, (event) => event.stopPropagation());
    }
    const look = applyTheme(root, () => settings.theme, signal);
    applyLocale();
    panel.composer.setValue(draft.load());
    panel.element.inert = true;
    watchViewport(root, panel.element, () => (panel.measure(), redraw()), signal);
    function translator(ofServer = entries(locale), builtIn) {
      return createTranslate(locale, settings.strings, settings.stringsByLocale, ofServer, builtIn);
    }
    function applyLocale() {
      const direction = directionOf(locale);
      root.dir = direction;
      root.lang = locale;
      root.dataset.side = settings.position || (direction === "rtl" ? "left" : "right");
    }
    function redraw() {
      frame || (frame = requestAnimationFrame(draw));
      if (document.hidden) draw();
    }
    function draw() {
      cancelAnimationFrame(frame);
      frame = 0;
      const picture = chat.picture();
      if (open && !document.hidden && panel.isAtEnd() && picture.unread) chat.markRead();
      watchSlowness(picture.reachable || picture.unavailable || picture.link === "open");
      announceFailures(picture);
      const rows2 = createRows(picture, { t, pageWords, clock, contact: settings.contact });
      const modal = root.hasAttribute("data-full");
      panel.update(picture, rows2, { live: settled && open, slow, modal, news });
      launcher.update(picture.unread, open);
      settled = picture.phase !== "loading";
      news = false;
    }
    function watchSlowness(fine) {
      if (fine) {
        clearTimeout(slowTimer);
        slowTimer = 0;
        slow = false;
      } else if (!slow && !slowTimer) {
        slowTimer = window.setTimeout(() => {
          slow = true;
          redraw();
        }, SLOW_MS);
      }
    }
    function announceFailures({ pending }) {
      const count = pending.filter((item) => item.state === "failed").length;
      if (count > failures && settled) status.textContent = t("failed");
      failures = count;
    }
    function setOpen(wanted, moveFocus) {
      if (open === wanted) return;
      open = wanted;
      root.classList.toggle("open", open);
      panel.element.inert = !open;
      draw();
      if (open) panel.measure();
      const target = isCoarse() ? panel.element : panel.composer;
      if (moveFocus) (open ? target : launcher.element).focus();
      onOpenChange(open);
    }
    function onKey(event) {
      if (event.key === "Escape" && open) setOpen(false, true);
      else if (event.key === "Tab" && open && root.hasAttribute("data-full")) keepInside(event);
    }
    function keepInside(event) {
      const all = [...panel.element.querySelectorAll('button, input, textarea, a[href], [tabindex="0"]')];
      const reachable = (
        /** @type {HTMLElement[]} */
        all.filter(
          (element) => element.getClientRects().length > 0 && !element.matches(":disabled")
        )
      );
      const edge = event.shiftKey ? reachable[0] : reachable[reachable.length - 1];
      if (shadow.activeElement !== edge) return;
      event.preventDefault();
      (event.shiftKey ? reachable[reachable.length - 1] : reachable[0])?.focus();
    }
    return {
      host,
      redraw,
      /** The page may have changed its colours. */
      look,
      isOpen: () => open,
      setOpen,
      isSmall: () => root.hasAttribute("data-full"),
      /** The visitor is in the chat right now: no chime needed. */
      hasAttention: () => open && document.hasFocus() && shadow.activeElement !== null,
      /** Something came in: if the visitor is reading further up, offer the way down. */
      announceNews() {
        news = true;
        redraw();
      },
      /** @param {boolean} visible */
      setVisible(visible) {
        setAttribute(host, "hidden", !visible);
        if (visible) panel.measure();
      },
      /** Says everything again, in this language and with what is known of it by now. @param {string} next */
      setLocale(next) {
        locale = next;
        translate = translator();
        pageWords = translator({}, {});
        clock = createClock(locale);
        applyLocale();
        draw();
        panel.measure();
      },
      destroy() {
        abort.abort();
        clearTimeout(slowTimer);
        cancelAnimationFrame(frame);
        panel.stop();
        host.remove();
      }
    };
  }
  function addStyles(shadow, nonce) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(styles_default);
      shadow.adoptedStyleSheets = [sheet];
    } catch {
      shadow.append(h("style", nonce ? { nonce } : {}, styles_default));
    }
  }

  // src/instance.js
  var DRAFT_MS = 300;
  var LOOK_MS2 = 1e3;
  var ASK_AGAIN_MS = 65e3;
  function createInstance(given) {
    const settings = { ...given, locale: normaliseLocale(given.locale) };
    const abort = new AbortController();
    const { signal } = abort;
    const timers = {
      /** @param {() => void} fn @param {number} ms */
      set: (fn, ms) => window.setTimeout(fn, ms),
      /** @param {number} id */
      clear: (id) => window.clearTimeout(id),
      now: () => Date.now(),
      elapsed: () => performance.now()
    };
    const whose = settings.tenant || settings.key;
    const isDefault = !whose || whose === "default";
    const prefix = `chatorical:${settings.origin}${isDefault ? "" : `/${whose}`}:`;
    const area = storageArea("localStorage");
    const store = createStore(createStorage(prefix, area));
    const wasOpenBefore = isDefault && takeOver(area, store, settings.origin);
    const tabStorage = createStorage(prefix, storageArea("sessionStorage"));
    const switches = createSwitches();
    const sound = createSound({ volume: settings.soundVolume, gain: settings.soundGain });
    let locale = settings.locale;
    let followsPage = settings.followsPage;
    let started = false;
    let hidden = false;
    let shown = false;
    let waiting = settings.isConfigured;
    let configTimer = 0;
    let draftTimer = 0;
    let flushDraft = () => void 0;
    let stopObserving = () => void 0;
    const hint = tenantHint(settings);
    const socketUrl = `${settings.origin.replace(/^http/, "ws")}/v1/ws${hint && `?${hint}`}`;
    const soundOn = () => switches.isOn("sound", settings.soundDefaultOn);
    const vibrationOn = () => switches.isOn("vibrate", settings.vibrationDefaultOn);
    const canVibrate = typeof navigator.vibrate === "function" && navigator.maxTouchPoints > 0;
    const reach = createReach({
      origin: settings.origin,
      tenant: settings.tenant,
      load: (...args) => fetch(...args),
      signal,
      onChange: () => widget.redraw()
    });
    const api2 = createApi(settings.origin, reach.fetch, settings);
    const translations = createTranslations({
      load: settings.isConfigured ? configure : api2.translations,
      elapsed: timers.elapsed,
      onLoaded: (loaded) => !signal.aborted && loaded === locale && widget.setLocale(locale)
    });
    const chat = createChat({
      api: api2,
      keys: createKeyStore(prefix, { timers, isKnown: () => store.sessionId() !== "" }),
      store,
      openSocket: (session, on2) => createSocket({
        ...on2,
        url: socketUrl,
        token: () => session.call((_, token) => api2.socketToken(token)),
        timers,
        isHidden: () => document.hidden,
        WebSocketImpl: WebSocket
      }),
      timers,
      tab: tabId(tabStorage),
      lock: tabLock(`${prefix}send`),
      makeId,
      locale: () => locale,
      isOnline: () => navigator.onLine,
      isRefused: reach.isRefused,
      report,
      isHidden: () => document.hidden,
      onChange: () => widget.redraw(),
      onIncoming: notify
    });
    const widget = createWidget({
      settings,
      chat,
      entries: translations.entries,
      toggles: [
        toggle("sound", "sound", soundOn, () => (sound.unlock(), sound.play())),
        ...canVibrate ? [toggle("vibration", "phone", vibrationOn, () => vibrate(60))] : []
      ],
      draft: {
        load: store.draft,
        save(text2) {
          flushDraft = () => store.saveDraft(text2);
          timers.clear(draftTimer);
          draftTimer = timers.set(flushDraft, text2 ? DRAFT_MS : 0);
        }
      },
      onOpenChange(open) {
        tabStorage.set("open", open);
        tell({ type: open ? "opened" : "closed" });
        if (!open) return;
        followPage();
        void translations.want(locale);
      }
    });
    function toggle(key, icon2, isOnNow, sample) {
      return {
        key,
        icon: icon2,
        isOn: isOnNow,
        isShown: () => key === "sound" ? settings.showSoundToggle : settings.showVibrationToggle,
        toggle() {
          switches.set(key === "sound" ? key : "vibrate", !isOnNow());
          if (isOnNow()) sample();
        }
      };
    }
    const tell = (event) => queueMicrotask(() => settings.onEvent(event));
    async function configure(wanted) {
      timers.clear(configTimer);
      try {
        const config = await api2.config(wanted);
        Object.assign(settings, branded(given, config));
        if (!signal.aborted) widget.look();
        return config.strings;
      } catch (error) {
        const { status } = (
          /** @type {import('./chat/api.js').ApiError} */
          error
        );
        if (!signal.aborted && (status < 400 || status === 429 || status >= 500)) {
          configTimer = timers.set(() => void translations.want(locale), ASK_AGAIN_MS);
        }
        throw error;
      }
    }
    function reveal() {
      waiting = false;
      if (!signal.aborted) widget.setVisible(shown);
    }
    function notify(message) {
      widget.announceNews();
      tell({ type: "message", unread: chat.picture().unread });
      if (widget.hasAttention() || !isFirstToNotify(message.id)) return;
      if (soundOn()) sound.play();
      if (canVibrate && vibrationOn()) vibrate([40, 60, 40]);
    }
    function isFirstToNotify(messageId) {
      if (store.preference("rang") === messageId) return false;
      store.savePreference("rang", messageId);
      return true;
    }
    function start2() {
      if (started) return;
      started = true;
      chat.start();
      const left = tabStorage.get("open") ?? (wasOpenBefore || null);
      const wasOpen = left === true && !widget.isSmall();
      if (wasOpen || settings.openOnLoad && left === null) widget.setOpen(true, false);
    }
    function setVisible2(visible) {
      if (!visible) widget.setOpen(false, false);
      shown = visible;
      widget.setVisible(visible && !waiting);
      if (visible) start2();
    }
    const isAllowed = () => isPathAllowed(location, settings.includePaths, settings.excludePaths);
    const recheck = () => setVisible2(!hidden && isAllowed());
    function followPage() {
      widget.look();
      if (followsPage) speak(pageLocale(area));
    }
    function speak(wanted) {
      const next = normaliseLocale(wanted);
      if (next === locale) return;
      locale = next;
      widget.setLocale(locale);
      if (!started) return;
      void translations.want(locale);
      chat.localeChanged();
    }
    const on = (target, type, listener) => target.addEventListener(type, listener, { signal, passive: true, capture: true });
    function unlockSound(event) {
      if (soundOn() && (chat.isActive() || event.target === widget.host)) sound.unlock();
    }
    function listen() {
      const refresh = () => started && chat.refresh();
      on(window, "online", refresh);
      on(window, "offline", () => widget.redraw());
      on(document, "visibilitychange", () => !document.hidden && refresh());
      on(window, "pagehide", () => (flushDraft(), started && chat.pause()));
      on(window, "pageshow", (event) => event.persisted && started && chat.resume());
      on(window, "storage", (event) => {
        if (event.key === I18NEXT_KEY) followPage();
        const key = store.ownKey(event.key);
        if (key && started) chat.storageChanged(key);
      });
      for (const type of ["pointerdown", "keydown"]) on(document, type, unlockSound);
      const watched = settings.includePaths.length + settings.excludePaths.length > 0;
      if (settings.observeRoute && watched) stopObserving = observeRoutes(recheck, window);
    }
    whenBodyExists(() => {
      if (signal.aborted) return;
      document.body.append(widget.host);
      listen();
      watchPage(followPage, signal);
      followPage();
      recheck();
      if (!waiting) return;
      timers.set(reveal, LOOK_MS2);
      void translations.want(locale).then(reveal);
    });
    return {
      show() {
        hidden = false;
        setVisible2(true);
      },
      hide() {
        hidden = true;
        setVisible2(false);
      },
      recheck,
      setLocale(next) {
        followsPage = false;
        speak(next);
      },
      open() {
        reveal();
        if (!hidden) setVisible2(true);
        if (!hidden) widget.setOpen(true, true);
      },
      close: () => widget.setOpen(false, false),
      forget: chat.forget,
      destroy() {
        flushDraft();
        abort.abort();
        stopObserving();
        timers.clear(configTimer);
        chat.stop();
        sound.close();
        widget.destroy();
      }
    };
  }

  // src/offer.js
  function offer(api2, name = "SupportChat") {
    const own2 = Object.prototype.hasOwnProperty.call(window, name) && window[name];
    if (own2 && typeof own2.init === "function") return;
    try {
      window[name] = api2;
    } catch (error) {
      report(error);
    }
  }

  // src/compat/hint.js
  function ignoredOptions(given, settings) {
    const read2 = (
      /** @type {Record<string, unknown>} */
      { ...settings }
    );
    return Object.keys(given).filter((name) => {
      const value = given[name];
      if (value === void 0 || value === null) return false;
      if (!(name in read2)) return true;
      if (Array.isArray(read2[name])) return false;
      return typeof value !== typeof read2[name] || name === "position" && read2[name] === "";
    });
  }
  function hintAt(names) {
    if (names.length) {
      console.warn(
        `Support chat: SupportChat.init ignored ${names.join(", ")}: unknown, or a value of the wrong type.`
      );
    }
  }

  // src/compat/strings.js
  var ALIASES = new Map(Object.entries({
    chatButton: ["launcherLabel", "launcherOpen"],
    inputPlaceholder: ["placeholder"],
    sendLabel: ["send"],
    editLabel: ["nameEdit"],
    editNamePlaceholder: ["namePlaceholder", "name"],
    saveLabel: ["nameSave"],
    cancelLabel: ["nameCancel"],
    connecting: ["loading"],
    closedPrompt: ["closed"]
  }));
  function readTexts(given, ignored) {
    const texts = {};
    const aliases = {};
    for (const [key, value] of Object.entries(given && typeof given === "object" ? given : {})) {
      if (value === void 0 || value === null) continue;
      if (typeof value !== "string") ignored(key);
      else if (key === "joinedSuffix") aliases.joined = `{agent}${value}`;
      else if (ALIASES.has(key)) ALIASES.get(key)?.forEach((name) => aliases[name] = value);
      else texts[key] = value;
    }
    return { ...aliases, ...texts };
  }
  function readTextsByLocale(given, ignored) {
    const table = Object.entries(given && typeof given === "object" ? given : {});
    return Object.fromEntries(
      table.map(([locale, texts]) => {
        if (texts && typeof texts !== "object") ignored(locale);
        return [locale, readTexts(texts, (key) => ignored(`${locale}.${key}`))];
      })
    );
  }

  // src/options.js
  function readOptions(given, { scriptUrl: scriptUrl2, scriptData: scriptData2, pageOrigin, pageLocale: pageLocale2, savedVolume, tenant = "" }) {
    const ignored = [];
    const ignoredIn = (option) => (key) => void ignored.push(`${option}.${key}`);
    const settings = {
      origin: originOf(text(given.origin)) || originOf(scriptUrl2) || pageOrigin,
      ...tenantOf(given, scriptData2, tenant),
      position: sideOf(text(given.position)),
      locale: text(given.locale) || pageLocale2 || "en",
      followsPage: !text(given.locale),
      strings: readTexts(given.strings, ignoredIn("strings")),
      stringsByLocale: readTextsByLocale(given.stringsByLocale, ignoredIn("stringsByLocale")),
      showSoundToggle: flag(given.showSoundToggle, true),
      showVibrationToggle: flag(given.showVibrationToggle, true),
      soundVolume: within(given.soundVolume, 0, 1, within(savedVolume, 0, 1, 0.5)),
      soundGain: within(given.soundGain, 0, 5, 1),
      soundDefaultOn: flag(given.soundDefaultOn, false),
      vibrationDefaultOn: flag(given.vibrationDefaultOn, false),
      contact: text(given.contact),
      openOnLoad: flag(given.openOnLoad, false),
      includePaths: list(given.includePaths),
      excludePaths: list(given.excludePaths),
      observeRoute: flag(given.observeRoute, true),
      theme: record(given.theme),
      nonce: text(given.nonce),
      onEvent: typeof given.onEvent === "function" ? given.onEvent : () => void 0
    };
    const withoutEffect = ignoredOptions({ ...given }, settings);
    hintAt([...withoutEffect, ...ignored]);
    return {
      ...settings,
      isConfigured: !!(settings.tenant || settings.key),
      given: keys(given).filter((name) => given[name] != null && name in settings && !withoutEffect.includes(name))
    };
  }
  function tenantOf(given, scriptData2, otherwise) {
    const named = text(given.tenant) || text(given.key) ? given : scriptData2;
    const key = text(named.key);
    return { tenant: text(named.tenant).toLowerCase() || (key ? "" : otherwise), key };
  }
  var keys = (options) => (
    /** @type {(keyof Options)[]} */
    Object.keys(options)
  );
  var text = (value) => typeof value === "string" ? value.trim() : "";
  var flag = (value, otherwise) => typeof value === "boolean" ? value : otherwise;
  var record = (value) => value && typeof value === "object" ? value : {};
  var list = (value) => value === void 0 || value === null ? [] : [].concat(value);
  var within = (value, low, high, otherwise) => typeof value === "number" && value === value ? Math.min(high, Math.max(low, value)) : otherwise;
  function originOf(url) {
    return /^https?:\/\/[^\s/?#@\\]+(?=[/?#]|$)/i.exec(url)?.[0].toLowerCase() ?? "";
  }
  function sideOf(position) {
    const side = /(left|right)$/.exec(position.toLowerCase());
    return side ? (
      /** @type {'left' | 'right'} */
      side[1]
    ) : "";
  }

  // src/index.js
  var script = attempt(() => {
    const prototype = Object.getPrototypeOf(Object.getPrototypeOf(document));
    return Object.getOwnPropertyDescriptor(prototype, "currentScript")?.get?.call(document);
  }, null) ?? document.currentScript;
  var tag = script?.localName === "script" ? (
    /** @type {HTMLScriptElement} */
    script
  ) : null;
  var scriptUrl = tag?.src ?? "";
  var scriptData = { ...tag?.dataset };
  var instance = null;
  function start(options, tenant) {
    instance ?? (instance = createInstance(
      readOptions(options, {
        scriptUrl,
        scriptData,
        pageOrigin: location.origin,
        pageLocale: pageLocale(storageArea("localStorage")),
        savedVolume: createSwitches().volume(),
        tenant
      })
    ));
  }
  var asObject = (options) => options && typeof options === "object" ? options : {};
  var api = {
    init(options) {
      start(asObject(options));
      return api;
    },
    show: () => instance?.show(),
    hide: () => instance?.hide(),
    recheck: () => instance?.recheck(),
    setLocale: async (locale) => instance?.setLocale(locale),
    open: () => instance?.open(),
    close: () => instance?.close(),
    forget: async () => instance?.forget(),
    destroy() {
      instance?.destroy();
      instance = null;
    }
  };
  var apiV2 = (
    /** @type {SupportChatApi} */
    {
      ...api,
      init(options) {
        const { open, ...others } = asObject(options);
        start({ openOnLoad: open, ...others }, "default");
        return apiV2;
      }
    }
  );
  offer(api);
  offer(apiV2, "SupportChatV2");
  function initByTag() {
    if (window.SupportChat === api) api.init();
  }
  if (scriptData.tenant || scriptData.key) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", initByTag, { once: true });
    else setTimeout(initByTag);
  }
})();
