// What is fetched when something is to be shared.
import { mountShare } from '../share/dialog.js';

export const mount = mountShare;
