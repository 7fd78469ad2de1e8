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

/** Where a policy asks for trusted types: the address is the page's own word. @type {{createScriptURL(url: string): any} | null} */
let policy = null;

/** @param {string} url */
function trusted(url) {
  const { trustedTypes } = /** @type {any} */ (window);
  policy ??= trustedTypes?.createPolicy('chatorical', { createScriptURL: (/** @type {string} */ one) => one }) ?? null;
  return policy ? policy.createScriptURL(url) : url;
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
      reject(new Error(`@chatorical/widget: ${server}${PATH} ${fault ?? 'is no chat script'}.`));
    };
    script.async = true;
    script.src = trusted(server + PATH);
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
  let pending = loaded.get(server);
  if (!pending) {
    pending = fetchScript(server, options.nonce);
    loaded.set(server, pending);
    // Whatever it was, the next call tries again.
    pending.catch(() => loaded.delete(server));
  }
  return pending;
}

/** @type {typeof import('./index').init} */
export async function init(options) {
  return (await load(options)).init(options);
}
