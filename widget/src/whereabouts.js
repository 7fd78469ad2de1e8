import { attempt } from './browser.js';
import { subjectOf } from './chat/session.js';

const MAX_ADDRESS = 2048;

/** A web page's address without what follows `#`; undefined for any other. @param {string} url */
function web(url) {
  const found = /^https?:\/\/[!"$-~]+/i.exec(url)?.[0];
  return found && found.length <= MAX_ADDRESS ? found : undefined;
}

/**
 * Where the visitor is, for agents, and who, by the word of the page.
 * @param {Pick<import('./types').Settings, 'attributes' | 'identity'>} settings
 * @param {(error: unknown, hint?: string) => void} report
 * @returns {import('./types').Visitor}
 */
export function createVisitor({ attributes, identity }, report) {
  const page = () => web(location.href);
  // What has members of its own may have itself among them.
  const shown = Object.fromEntries(
    Object.entries(attributes).filter(([, each]) => /^(string|number|boolean)$/.test(typeof each)),
  );
  return {
    page,
    said: () => ({
      page: page(),
      // Where from, and not what was looked for there.
      referrer: web(document.referrer.split('?')[0] ?? ''),
      time_zone: attempt(() => Intl.DateTimeFormat().resolvedOptions().timeZone, undefined),
      // Nothing said leaves what another page has said.
      attributes: Object.keys(shown).length ? shown : undefined,
    }),
    async identity() {
      try {
        const token = typeof identity === 'function' ? await identity() : identity;
        const given = typeof token === 'string' ? token : '';
        return { token: given, person: subjectOf(given) };
      } catch (error) {
        report(error, 'The option identity has failed.');
        return null;
      }
    },
  };
}
