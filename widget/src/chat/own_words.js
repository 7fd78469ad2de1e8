import { tenantHint } from './look_api.js';

/**
 * The tenant's own words, by key, on a page that does not read its settings.
 * @param {ReturnType<typeof import('./look_api.js').createGet>} get
 * @param {{tenant?: string, key?: string}} whose without either, the server's default tenant
 * @param {string} locale
 * @returns {Promise<unknown>}
 */
export async function ownWords(get, whose, locale) {
  const names = [whose.tenant || whose.key || 'default', locale].map(encodeURIComponent);
  const hint = tenantHint(whose);
  return (await get(`/v1/i18n/${names.join('/')}${hint && '?'}${hint}`)).entries;
}
