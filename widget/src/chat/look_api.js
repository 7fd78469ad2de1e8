/** An answer other than 2xx, or none at all: then `status` is 0. */
export class NoAnswer extends Error {
  /** @param {number} status @param {string} [message] */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * The query that names the tenant; a slug comes before a key, and neither is ''.
 * @param {{tenant?: string, key?: string}} whose
 */
export function tenantHint({ tenant, key }) {
  if (tenant) return `t=${encodeURIComponent(tenant)}`;
  return key ? `k=${encodeURIComponent(key)}` : '';
}

/**
 * The calls that bring a tenant's look and words. They reject with NoAnswer and nothing else.
 * @param {string} origin
 * @param {typeof fetch} load
 * @param {{tenant?: string, key?: string}} [whose] without either, the server's default tenant
 */
export function createLookApi(origin, load, whose = {}) {
  const hint = tenantHint(whose);

  /** Nothing private, and it seldom changes: the browser's cache may keep it. @param {string} path @returns {Promise<any>} */
  async function get(path) {
    let status = 0;
    try {
      const response = await load(`${origin}${path}${hint}`, { credentials: 'omit' });
      if (response.ok) return await response.json();
      status = response.status;
    } catch {
      // No line, or no JSON: as if nobody had answered.
    }
    throw new NoAnswer(status);
  }

  return {
    /** How the tenant's widget looks and speaks. @param {string} locale */
    config: (locale) => get(`/v2/widget/config?locale=${encodeURIComponent(locale)}&`),
    /** The tenant's own words, by key. @param {string} locale @returns {Promise<unknown>} */
    async translations(locale) {
      const names = [whose.tenant || whose.key || 'default', locale].map(encodeURIComponent);
      return (await get(`/v1/i18n/${names.join('/')}${hint && '?'}`)).entries;
    },
  };
}
