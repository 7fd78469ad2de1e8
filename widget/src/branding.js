/** @typedef {import('./types').Settings} Settings */

/**
 * What a tenant has set, where the page itself says nothing.
 * @param {Settings} page
 * @param {any} config as the server answers it
 * @returns {Partial<Settings>}
 */
export function branded(page, config) {
  const { features } = config;
  const { brand, colors, font, radius, scheme, position, contact } = config.branding;
  /** @type {Partial<Settings>} */
  const ofTenant = {
    position: position === 'auto' ? '' : position,
    contact: contact ?? '',
    showSoundToggle: features.sound_toggle,
    showVibrationToggle: features.vibration_toggle,
    soundDefaultOn: features.sound_default_on,
    vibrationDefaultOn: features.vibration_default_on,
  };
  const ofPage = Object.fromEntries(page.given.map((name) => [name, page[name]]));
  return { ...ofTenant, ...ofPage, config, theme: { brand, font, radius, scheme, ...page.theme, ...(page.theme.brand ? {} : { colors }) } };
}
