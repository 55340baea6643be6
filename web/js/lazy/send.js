// What is fetched when a scenario is packed into a link, comes out of one, or is to come from another site.
import en from '../../i18n/send/en.js';
import zh from '../../i18n/send/zh.js';
import { mountMark } from '../send/changed.js';
import { mountElsewhere } from '../send/elsewhere.js';
import { mountParcels } from '../send/parcels.js';

export const texts = { en, zh };

export function mount(app, dialogs, fetchText) {
  mountMark(app, dialogs);
  return { ...mountParcels(app, fetchText), askElsewhere: mountElsewhere(app, dialogs) };
}
