import { isFinal, timeOf } from '../chat/text.js';

/** @typedef {import('../types').Row} Row */
/** @typedef {import('../types').Picture} Picture */
/** @typedef {import('../types').Message} Message */
/** @typedef {import('../types').Translate} Translate */
/** @typedef {Extract<Row, {kind: 'message'}>} MessageRow */

/**
 * Turns the picture into what stands on the screen, top to bottom: day separators, bubbles grouped
 * by author and minute, quiet notes, messages on their way.
 * @param {Picture} picture
 * @param {{t: Translate, pageWords: Translate, clock: ReturnType<typeof createClock>, contact: string,
 *   sending: Pick<import('../types').FilesPart, 'said' | 'isGone'>}} words
 *   `pageWords` knows the page's own texts only; `contact` is another way to reach the team, '' for none;
 *   `sending`: how it goes with a file
 * @returns {Row[]}
 */
export function createRows(picture, { t, pageWords, clock, contact, sending }) {
  /** @type {Row[]} */
  const rows = [];
  let day = '';

  /** @param {Row} row @param {number} at */
  const add = (row, at) => {
    const dayKey = clock.dayKey(at);
    if (dayKey !== day && row.kind === 'message') {
      day = dayKey;
      rows.push({ kind: 'day', key: `day:${dayKey}`, text: clock.day(at, picture.now, t) });
    }
    rows.push(row);
  };

  for (const { id, messages, notes, marks } of picture.segments) {
    const waiting = [...notes];
    /** @param {number} upTo */
    const addNotes = (upTo) => {
      for (let note = waiting[0]; note && note.afterSeq <= upTo; note = waiting[0]) {
        const agent = note.text || t('supportLabel');
        const text = note.kind === 'joined' ? t('joined', { agent }) : note.text;
        rows.push({ kind: 'note', key: note.id, text, dir: note.kind === 'joined' ? '' : 'auto' });
        waiting.shift();
      }
    };
    addNotes(0);
    for (const message of messages) {
      add(sentRow(message, id, marks, picture, t, clock), timeOf(message.createdAt));
      addNotes(message.seq);
    }
    addNotes(Infinity);
  }
  for (const item of picture.pending) {
    const at = timeOf(item.createdAt);
    const held = !picture.online || picture.stalled;
    const failed = item.state === 'failed';
    const { file, clientId } = item;
    add(
      {
        ...blank(t('you'), item.text, at, clock),
        key: clientId,
        own: true,
        state: failed ? 'failed' : held ? 'waiting' : 'sending',
        reason: failed ? t(item.reason || 'failed') : (file ? sending.said(clientId) : ''),
        clientId,
        canEdit: (failed || !!file) && !sending.isGone(clientId) && !picture.blocked,
        editWord: !file ? 'edit' : failed ? 'fileDiscard' : 'fileCancel',
        canRetry: failed ? !isFinal(item.reason) && !picture.blocked : picture.online && held,
        ...(file ? { files: [{ ...file, id: clientId, kind: '' }] } : {}),
      },
      at,
    );
  }
  const state = stateOf(picture, t, pageWords, contact);
  // A tenant may have written the same words for both the closing and what stands below it.
  const last = rows[rows.length - 1];
  if (state && !(last && 'text' in last && last.text === state.text)) rows.push(state);
  return finish(rows);
}

/**
 * The line below everything that says why writing is not as usual.
 * @param {Picture} picture @param {Translate} t @param {Translate} pageWords @param {string} contact
 * @returns {Extract<Row, {kind: 'note'}> | null}
 */
function stateOf({ blocked, unavailable, ended, expired, closed, closedNote, pending }, t, pageWords, contact) {
  /** @param {string} key */
  const line = (key, text = t(key)) => ({ kind: /** @type {const} */ ('note'), key, text, dir: /** @type {const} */ ('') });
  if (blocked) return line('blocked');
  if (unavailable) {
    const elsewhere = contact && `\n${t('reachUs', { contact })}`;
    return line('unavailable', t('unavailable') + elsewhere);
  }
  if (pending.some((item) => item.state !== 'failed')) return null;
  if (ended) return line('ended');
  if (expired) return line('expired');
  if (!closed) return null;
  return closedNote && !pageWords('closed', {}, '') ? { ...line('closed', closedNote), dir: 'auto' } : line('closed');
}

/** @param {Message} message @param {string} conversation @param {import('../types').Marks} marks @param {Picture} picture @param {Translate} t
 * @param {ReturnType<typeof createClock>} clock @returns {MessageRow} */
function sentRow(message, conversation, marks, picture, t, clock) {
  const own = message.direction === 'INBOUND';
  const state = message.seq <= marks.seen ? 'seen' : message.seq <= marks.delivered ? 'delivered' : 'sent';
  return {
    ...blank(
      own ? t('you') : message.agent || t('supportLabel'),
      message.text,
      timeOf(message.createdAt),
      clock,
    ),
    key: picture.aliases.get(message.id) ?? message.id,
    own,
    state: own ? state : '',
    files: message.files,
    at: { conversation, seq: message.seq },
  };
}

/** @param {string} author @param {string} text @param {number} at
 * @param {ReturnType<typeof createClock>} clock @returns {MessageRow} */
const blank = (author, text, at, clock) => ({
  kind: 'message',
  key: '',
  own: false,
  author,
  text,
  time: clock.time(at),
  iso: new Date(at).toISOString(),
  first: true,
  last: true,
  state: '',
  reason: '',
  clientId: '',
  canRetry: false,
  canEdit: false,
  editWord: 'edit',
});

/** Marks the groups, and leaves what became of it to the newest own message only. @param {Row[]} rows */
function finish(rows) {
  let newestSent = true;
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    const row = rows[i];
    if (row?.kind !== 'message') continue;
    row.first = !isSameGroup(rows[i - 1], row);
    row.last = row.canEdit || !isSameGroup(rows[i + 1], row); // what can be done stands below it
    if (/^(sent|delivered|seen)$/.test(row.state)) {
      if (!newestSent) row.state = '';
      newestSent = false;
    }
  }
  return rows;
}

/** @param {Row | undefined} a @param {MessageRow} b */
const isSameGroup = (a, b) =>
  a?.kind === 'message' && a.own === b.own && a.author === b.author && a.iso.slice(0, 16) === b.iso.slice(0, 16);

/**
 * Times and days in the reader's own language and zone.
 * @param {string} locale
 * @param {string} [timeZone] the browser's own unless given
 */
export function createClock(locale, timeZone) {
  /** @type {Map<string, Intl.DateTimeFormat>} */
  const formats = new Map();
  /**
   * Made at the first use: a browser takes milliseconds for each.
   * @param {number} at ms @param {Intl.DateTimeFormatOptions} options
   */
  const format = (at, options, of = locale) => {
    const name = Object.keys(options).join();
    const made = formats.get(name) ?? new Intl.DateTimeFormat(of, { timeZone, ...options });
    formats.set(name, made);
    return made.format(at);
  };
  const DAY_MS = 24 * 3600 * 1000;

  /** @param {number} at ms */
  const dayKey = (at) => format(at, { dateStyle: 'short' }, 'en-CA');
  return {
    dayKey,
    /** @param {number} at ms */
    time: (at) => format(at, { hour: 'numeric', minute: '2-digit' }),
    /** @param {number} at ms @param {number} now ms @param {Translate} t */
    day(at, now, t) {
      if (dayKey(at) === dayKey(now)) return t('today');
      if (dayKey(at) === dayKey(now - DAY_MS)) return t('yesterday');
      const isNear = Math.abs(now - at) < 180 * DAY_MS;
      return format(at, { day: 'numeric', month: 'long', ...(isNear ? { weekday: 'long' } : { year: 'numeric' }) });
    },
  };
}
