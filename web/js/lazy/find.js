// What is fetched when something is first looked for or brought.
import en from '../../i18n/find/en.js';
import zh from '../../i18n/find/zh.js';
import { mountBring } from '../find/bring.js';
import { mountExpectations } from '../find/expect.js';
import { mountIndex } from '../find/index.js';
import { mountSearch } from '../find/search.js';

export const texts = { en, zh };

export function mount(app, dialogs, read) {
  const showIndex = mountIndex(app, dialogs, read);
  return { showIndex, search: mountSearch(app, dialogs, read, showIndex), ...mountBring(app, dialogs), checkExpectations: mountExpectations(app) };
}
