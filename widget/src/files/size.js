const STEP = 1024;
const UNITS = ['byte', 'kilobyte', 'megabyte'];

/** A file's size in words, such as "1.2 MB". @param {number} bytes @param {string} locale */
export function sizeOf(bytes, locale) {
  const at = bytes < STEP ? 0 : bytes < STEP * STEP ? 1 : 2;
  const value = bytes / STEP ** at;
  const maximumFractionDigits = at === 2 && value < 100 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'unit', unit: UNITS[at], maximumFractionDigits }).format(value);
}
