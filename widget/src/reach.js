import { report } from './browser.js';

/**
 * Finds out why no answer comes, as far as a page may know, and tells its developers. A browser
 * hides from scripts that a server has answered a website that it does not allow: it looks like a
 * broken line. But the widget's own file may be read from everywhere.
 * @param {{
 *   origin: string,
 *   tenant: string,
 *   load: typeof fetch,
 *   signal: AbortSignal,
 *   onChange: () => void,
 * }} deps
 */
export function createReach({ origin, tenant, load, signal, onChange }) {
  const sockets = origin.replace(/^http/, 'ws');
  let failures = 0;
  let isAlive = false;
  let refused = false;

  /** @param {boolean} now */
  function setRefused(now) {
    if (refused === now) return;
    refused = now;
    onChange();
  }

  document.addEventListener(
    'securitypolicyviolation',
    ({ effectiveDirective, blockedURI }) => {
      const isHttp = blockedURI.startsWith(origin);
      if (effectiveDirective !== 'connect-src' || (!isHttp && !blockedURI.startsWith(sockets))) return;
      report(null, `Add to connect-src in this page's Content-Security-Policy: ${origin} ${sockets}`);
      if (isHttp) setRefused(true);
    },
    { signal },
  );

  async function failed() {
    failures += 1;
    // Twice in a row, alive in between, and then again: the line is not what is broken.
    if (isAlive) {
      setRefused(true);
      report(
        null,
        `${origin} works, but not for this page. Does the workspace "${tenant || 'default'}" exist? Add ${location.origin} to its allowed origins.`,
      );
    } else if (failures > 1) {
      isAlive = await load(`${origin}/widget.min.js`, { method: 'HEAD', credentials: 'omit', cache: 'no-store' }).then(
        (answer) => answer.ok && failures > 1,
        () => false,
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
    },
  };
}
