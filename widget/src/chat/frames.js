import { decode } from '../wire.js';
import { timeOf } from './text.js';

/** @typedef {import('../types').Frame} Frame */
/** @typedef {import('../types').Message} Message */

/**
 * Reads one frame of `chatorical.v2`. What it does not know is 'unknown', never an exception: the
 * server may learn new frames before this widget does.
 * @param {unknown} raw
 * @returns {Frame}
 */
export function parseFrame(raw) {
  const frame = parse(raw);
  if (!frame) return { kind: 'unknown' };
  if (frame.ok === true) return { kind: 'ready' };
  if (frame.type === 'agent_joined') return { kind: 'joined', agent: textOf(frame.agent) };
  if (frame.type === 'conversation_closed') return { kind: 'closed' };
  if (frame.type === 'conversation_reopened') return { kind: 'reopened' };
  // Of a message that was taken back no words are left; a file without words is still there.
  const deleted = frame.type === 'message_deleted';
  if (deleted || frame.type === 'message_edited') {
    return { kind: 'edited', id: textOf(frame.id), text: textOf(frame.text), deleted };
  }
  if (frame.type === 'delivered') return { kind: 'delivered', id: textOf(frame.id) };
  if (frame.type === 'receipts') return { kind: 'receipts', marks: marksIn(frame) };
  if (frame.type === 'typing' && frame.from === 'agent') {
    return { kind: 'typing', agent: textOf(frame.agent), seconds: +frame.expires_in || 0 };
  }
  if (frame.type === 'error') return { kind: 'error', code: textOf(frame.code) };
  if (frame.type === 'info_note') {
    return {
      kind: 'note',
      key: textOf(frame.key),
      text: textOf(frame.text),
      // A note that was stored too is a message that history has: it is shown as that.
      storedAs: textOf(frame.id),
      message: asMessage({ direction: 'OUTBOUND', ...frame }),
    };
  }
  const message = frame.type === 'message' && asMessage(frame);
  if (message) return { kind: 'message', message };
  return { kind: 'unknown' };
}

/** A message as history has it, or null when it lacks its identity. @param {any} row @returns {Message | null} */
export function asMessage(row) {
  if (typeof row?.id !== 'string' || !Number.isInteger(row.seq) || typeof row.text !== 'string') return null;
  const files = filesIn(row.attachments);
  return {
    id: row.id,
    seq: row.seq,
    createdAt: timeIn(row.createdAt) || timeIn(row.created_at) || new Date().toISOString(),
    direction: row.direction === 'OUTBOUND' ? 'OUTBOUND' : 'INBOUND',
    text: typeof row.caption === 'string' ? row.caption : row.text,
    ...(files.length ? { files } : {}),
    deleted: row.deleted,
    ...(textOf(row.agent) ? { agent: row.agent } : {}),
    ...(textOf(row.client_id) ? { clientId: row.client_id } : {}),
  };
}

/** @param {unknown} attachments @returns {import('../types').Attachment[]} */
const filesIn = (attachments) =>
  Array.isArray(attachments) ? attachments.filter((file) => /^https?:/.test(file?.url)) : [];

/** How far the visitor's messages have come. @param {any} row @returns {import('../types').Marks} */
export const marksIn = (row) => ({ delivered: +row?.delivered_seq || 0, seen: +row?.seen_seq || 0 });

/** @param {unknown} raw @returns {any} */
function parse(raw) {
  if (typeof raw !== 'string') return null;
  try {
    const value = decode(raw);
    return value && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** @param {any} iso */
const timeIn = (iso) => (isNaN(timeOf(iso)) ? '' : iso);

/** @param {unknown} value */
const textOf = (value) => (typeof value === 'string' ? value : '');
