const PATH = '/widget.min.js';
const PATIENCE_MS = 30_000;

/** Scripts that are on their way, or here, by server. @type {Map<string, Promise<import('./index').SupportChatApi>>} */
const loaded = new Map();

/** @param {string} message */
const refuse = (message) => Promise.reject(new Error(`@chatorical/widget: ${message}`));

/**
 * @param {unknown} origin
 * @returns {string} without a slash at the end; '' for what is no address of a server
 */
function serverOf(origin) {
  try {
    const { protocol, host } = new URL(String(origin));
    return /^https?:$/.test(protocol) ? `${protocol}//${host}` : '';
  } catch {
    return '';
  }
}

/** @param {string} server @param {string | undefined} nonce */
function fetchScript(server, nonce) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    const timer = setTimeout(() => end('did not come in time'), PATIENCE_MS);
    /** @param {string} [fault] */
    const end = (fault) => {
      clearTimeout(timer);
      const api = window.SupportChatV2;
      if (!fault && api) return resolve(api);
      // Nothing stays that a second attempt would trip over.
      script.remove();
      loaded.delete(server);
      reject(new Error(`@chatorical/widget: ${server}${PATH} ${fault ?? 'is no chat script'}.`));
    };
    script.async = true;
    script.src = server + PATH;
    if (nonce) script.nonce = nonce;
    script.onload = () => end();
    script.onerror = () => end('could not be loaded');
    document.head.append(script);
  });
}

/** @type {typeof import('./index').load} */
export function load(options) {
  if (typeof document === 'undefined') return refuse('the chat starts in a browser, not on a server.');
  const server = serverOf(options?.origin);
  if (!server) return refuse("'origin' must be your server's address, such as https://chat.example.com.");
  const present = window.SupportChatV2;
  if (present) return Promise.resolve(present);
  const pending = loaded.get(server) ?? fetchScript(server, options.nonce);
  loaded.set(server, pending);
  return pending;
}

/** @type {typeof import('./index').init} */
export async function init(options) {
  return (await load(options)).init(options);
}
