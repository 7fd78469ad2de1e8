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
 * Makes a call for a tenant's look or words: nothing private, and it seldom changes, so that the browser's
 * cache may keep it. Rejects with NoAnswer and nothing else.
 * @param {string} origin
 * @param {typeof fetch} load
 * @returns {(path: string) => Promise<any>}
 */
export const createGet = (origin, load) => async (path) => {
  let status = 0;
  try {
    const response = await load(origin + path, { credentials: 'omit' });
    if (response.ok) return await response.json();
    status = response.status;
  } catch {
    // No line, or no JSON: as if nobody had answered.
  }
  throw new NoAnswer(status);
};
