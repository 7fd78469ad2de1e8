import ar from '../../templates_i18n/catalog/widget/ar.json' with { type: 'json' };
import de from '../../templates_i18n/catalog/widget/de.json' with { type: 'json' };
import en from '../../templates_i18n/catalog/widget/en.json' with { type: 'json' };
import es from '../../templates_i18n/catalog/widget/es.json' with { type: 'json' };
import fr from '../../templates_i18n/catalog/widget/fr.json' with { type: 'json' };
import lv from '../../templates_i18n/catalog/widget/lv.json' with { type: 'json' };
import ru from '../../templates_i18n/catalog/widget/ru.json' with { type: 'json' };
import uk from '../../templates_i18n/catalog/widget/uk.json' with { type: 'json' };

/**
 * The built-in languages. The server offers the same files for translation, so they are its. The
 * build leaves in the loader what it says itself; a whole language comes when it is to be read. Adding
 * a language: a file there with the same keys, the plural forms it needs, and two lines here.
 * @type {Record<string, import('./types').Strings>}
 */
export const BUILT_IN = { ar, de, en, es, fr, lv, ru, uk };
