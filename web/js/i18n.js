// Texts of the page in two languages. Keys are the same in both files; a test compares them.
import en from '../i18n/en.js';
import zh from '../i18n/zh.js';

export const LANGUAGES = { en, zh };

/** The text of a key, with {name} replaced by values, and {name|step|steps} by a word for one or for any other number. */
export function text(language, key, values = {}) {
  const pattern = LANGUAGES[language][key];
  if (pattern === undefined) throw new Error(`no text for ${key}`);
  return pattern.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (whole, name, one, many) => {
    if (!(name in values)) return whole;
    if (one === undefined) return String(values[name]);
    return String(values[name]) === '1' ? one : many;
  });
}

/** A text in each language, {en, zh}: tell(t, language) asks for it by t(key, values). */
export function inEach(tell) {
  return Object.fromEntries(Object.keys(LANGUAGES).map((language) =>
    [language, tell((key, values) => text(language, key, values), language)]));
}

/** The texts of a part of the page that was fetched later: {en, zh}. */
export function addTexts(more) {
  for (const language of Object.keys(LANGUAGES)) Object.assign(LANGUAGES[language], more[language]);
}

export const hasText = (key) => key in en;

/** Writes the texts of all elements that carry data-t, data-t-label, data-t-title or data-t-placeholder. */
export function writeTexts(language) {
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = text(language, element.dataset.t);
  for (const [data, attribute] of [['tLabel', 'aria-label'], ['tTitle', 'title'], ['tPlaceholder', 'placeholder']]) {
    const selector = `[data-${data.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}]`;
    for (const element of document.querySelectorAll(selector)) {
      element.setAttribute(attribute, text(language, element.dataset[data]));
    }
  }
}

export const group = (number) => Number(number).toLocaleString('en-US');
