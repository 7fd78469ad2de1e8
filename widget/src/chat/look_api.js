import { createCall, tenantHint } from './http.js';

/**
 * The calls that bring a tenant's look and words. They reject with ApiError and nothing else.
 * @param {string} origin
 * @param {typeof fetch} fetchImpl
 * @param {{tenant?: string, key?: string}} [whose] without either, the server's default tenant
 */
export function createLookApi(origin, fetchImpl, whose = {}) {
  const call = createCall(fetchImpl, tenantHint(whose));
  return {
    /** How the tenant's widget looks and speaks. @param {string} locale */
    config: (locale) =>
      call('GET', `${origin}/v2/widget/config?locale=${encodeURIComponent(locale)}`, '', undefined, 'default'),
    /** The tenant's own words, by key. @param {string} locale @returns {Promise<unknown>} */
    async translations(locale) {
      const names = [whose.tenant || whose.key || 'default', locale].map(encodeURIComponent);
      // Nothing private, and it seldom changes: the browser's cache may keep it.
      const answer = await call('GET', `${origin}/v1/i18n/${names.join('/')}`, '', undefined, 'default');
      return answer.entries;
    },
  };
}
