/** A connection on which nothing moves for so long is dead; scanning a file takes less. */
const IDLE_MS = 120_000;
/** So many attempts get no answer before the messages behind a file are let go. */
const ATTEMPTS = 5;
/** No answer, or a proxy's that it got none. */
const NO_ANSWER = new Set([0, 408, 502, 504]);

const REASONS = /** @type {Record<string, string>} */ ({
  attachment_too_large: 'fileRefusedSize',
  attachment_kind_not_allowed: 'fileRefusedKind',
  invalid_attachment: 'fileRefusedDamaged',
  attachment_infected: 'fileRefusedInfected',
  attachments_not_allowed: 'fileRefusedOff',
  attachments_full: 'fileFailedFull',
  scanner_unavailable: 'fileFailedScanner',
});

/** @typedef {{xhr: XMLHttpRequest, part: number}} Upload `part`: how much of it has left, 0 to 1 */

/**
 * Files on their way, which live in this tab's memory: no browser lets a page keep them otherwise.
 * @param {import('../types').FilesDeps} deps
 */
export function createUploads({ t, locale, redraw, post, tab, tabName }) {
  /** @type {Map<string, File>} */
  const files = new Map();
  /** @type {Map<string, Upload>} */
  const uploads = new Map();
  let isNamed = false;

  /** Other tabs can see by this that the one with the files lives. */
  function nameTab() {
    if (isNamed) return;
    isNamed = true;
    // Held until the tab is closed; where a browser has no locks, nobody is told.
    navigator.locks?.request(tabName(tab), () => new Promise(() => undefined)).catch(() => undefined);
  }

  /**
   * `fetch` tells nothing of what has left, so that this is its likeness.
   * @param {import('../types').PendingMessage} item @param {File} file
   * @returns {(address: string, init: {headers: Record<string, string>}) => Promise<any>}
   */
  const loader = (item, file) => (address, { headers }) =>
    new Promise((resolve, reject) => {
      const form = new FormData();
      form.append('client_id', item.clientId);
      form.append('text', item.text);
      form.append('file', file, file.name);
      const xhr = new XMLHttpRequest();
      let timer = 0;
      const stir = () => {
        clearTimeout(timer);
        timer = window.setTimeout(() => xhr.abort(), IDLE_MS);
      };
      /** @param {number} part */
      const moved = (part) => {
        stir();
        uploads.set(item.clientId, { xhr, part });
        redraw();
      };
      xhr.upload.onprogress = ({ loaded, total }) => moved(total ? Math.min(loaded / total, 0.99) : 0);
      xhr.upload.onload = () => moved(1);
      xhr.onload = () =>
        resolve({
          ok: xhr.status >= 200 && xhr.status < 300,
          status: xhr.status,
          headers: { get: (/** @type {string} */ name) => xhr.getResponseHeader(name) },
          text: async () => xhr.responseText,
        });
      xhr.onerror = xhr.onabort = () => reject(new Error('No answer.'));
      xhr.onloadend = () => {
        clearTimeout(timer);
        uploads.delete(item.clientId);
      };
      xhr.open('POST', address);
      if (headers.Authorization) xhr.setRequestHeader('Authorization', headers.Authorization);
      xhr.send(form);
      moved(0);
    });

  return {
    /** @param {string} clientId @param {File} file */
    keep(clientId, file) {
      nameTab();
      files.set(clientId, file);
    },
    /** @param {string} clientId */
    has: (clientId) => files.has(clientId),
    isBusy: () => files.size > 0,
    /** @param {string} conversation @param {string} token @param {import('../types').PendingMessage} item */
    send: (conversation, token, item) =>
      post(loader(item, /** @type {File} */ (files.get(item.clientId))), conversation, token),
    /** @param {string} clientId */
    said(clientId) {
      const upload = uploads.get(clientId);
      if (!upload) return '';
      if (upload.part === 1) return t('fileChecking');
      const percent = new Intl.NumberFormat(locale(), { style: 'percent' }).format(upload.part);
      return t('fileSending', { percent });
    },
    /** @param {string} clientId */
    isGone: (clientId) => uploads.get(clientId)?.part === 1,
    /** @param {{status: number, code: string}} error @param {number} attempts */
    reason({ status, code }, attempts) {
      if (status === 413) return 'fileRefusedSize'; // a proxy's as well
      if (NO_ANSWER.has(status) && navigator.onLine && attempts >= ATTEMPTS) return 'fileFailedUpload';
      return REASONS[code] ?? '';
    },
    /** @param {string[]} clientIds */
    sweep(clientIds) {
      for (const id of files.keys()) {
        if (clientIds.includes(id)) continue;
        files.delete(id);
        uploads.get(id)?.xhr.abort();
      }
    },
    /** @param {string} of another tab */
    async isClosed(of) {
      if (!navigator.locks?.query) return false;
      const { held = [] } = await navigator.locks.query();
      return !held.some(({ name }) => name === tabName(of));
    },
  };
}
