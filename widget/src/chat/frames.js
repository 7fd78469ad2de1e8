import { decode } from '../wire.js';
import { timeOf } from './text.js';

/** @typedef {import('../types').Frame} Frame */
/** @typedef {import('../types').Message} Message */

/**
 * Reads one frame of the v1 dialect. What it does not know is 'unknown', never an exception: the
 * server may learn new frames before this widget does.
 * @param {unknown} raw
 * @returns {Frame}
 */
export function parseFrame(raw) {
  const frame = parse(raw);
  if (!frame) return { kind: 'unknown' };
  if (frame.ok === true) return { kind: 'ready' };
  if (typeof frame.error === 'string') return { kind: 'error', code: frame.error };
  if (frame.type === 'agent_joined') return { kind: 'joined', agent: textOf(frame.agent) };
  if (frame.type === 'conversation_closed') return { kind: 'closed' };
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
  if (frame.type === undefined && typeof frame.text === 'string') {
    const message = asMessage(frame);
    return message ? { kind: 'message', message } : { kind: 'bare' };
  }
  return { kind: 'unknown' };
}

/** A message as history has it, or null when it lacks its identity. @param {any} row @returns {Message | null} */
export function asMessage(row) {
  if (typeof row?.id !== 'string' || !Number.isInteger(row.seq) || typeof row.text !== 'string') return null;
  return {
    id: row.id,
    seq: row.seq,
    createdAt: isNaN(timeOf(row.createdAt)) ? new Date().toISOString() : row.createdAt,
    direction: row.direction === 'OUTBOUND' ? 'OUTBOUND' : 'INBOUND',
    text: row.text,
    ...(typeof row.agent === 'string' && row.agent ? { agent: row.agent } : {}),
  };
}

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

/** @param {unknown} value */
const textOf = (value) => (typeof value === 'string' ? value : '');
