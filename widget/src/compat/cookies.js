/** @returns {string} all cookies, or none where the page may not have any */
function allCookies() {
  try {
    return document.cookie;
  } catch {
    return ''; // sandboxed frames throw
  }
}

/** @param {string} name @returns {string} '' when there is none */
export function cookie(name) {
  const found = allCookies()
    .split('; ')
    .find((pair) => pair.startsWith(`${name}=`));
  try {
    return decodeURIComponent(found?.slice(name.length + 1) ?? '');
  } catch {
    return ''; // not one of ours: a stray percent sign
  }
}

/** @param {string} name */
export function deleteCookie(name) {
  if (cookie(name)) document.cookie = `${name}=; Max-Age=0; path=/`;
}
