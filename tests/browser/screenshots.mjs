// ./dev screenshot: pictures of the page as different people meet it.
//
//   node tests/browser/screenshots.mjs FOLDER [QUERY]

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, stopShared, waitAtRest } from './harness.mjs';

const SIZES = {
  wide: { viewport: { width: 1440, height: 900 } },
  laptop: { viewport: { width: 1024, height: 700 } },
  phone: { viewport: { width: 390, height: 844 }, density: 2, touch: true },
  embed: { viewport: { width: 640, height: 400 } },
};
const LANGUAGES = { en: 'en-US', zh: 'zh-CN' };
const THEMES = ['light', 'dark'];

const [folder = 'build/screenshots', query = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
try {
  for (const [size, options] of Object.entries(SIZES)) {
    for (const [language, locale] of Object.entries(LANGUAGES)) {
      for (const theme of THEMES) {
        const opened = await open({ ...options, locale, theme, query });
        await opened.page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
        await waitAtRest(opened.page);
        const path = join(folder, `${size}-${language}-${theme}.png`);
        await opened.page.screenshot({ path });
        console.log(path);
        for (const problem of opened.problems) console.error(`  ${problem}`);
        await opened.close();
      }
    }
  }
} finally {
  await stopShared();
}
