// Smaller copies beside the files of a folder that is served: NAME.br and NAME.gz. tools/dist.mjs writes them, tools/serve.mjs
// and hosts that know the convention send them.

import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// What a client calls the coding, and how the copy's name goes on. The smallest first.
export const COPIES = [{ coding: 'br', suffix: '.br' }, { coding: 'gzip', suffix: '.gz' }];

const LEAST_BYTES = 1024;  // less goes in one packet as it is

const smaller = {
  br: (bytes) => promisify(brotliCompress)(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/** files: [{ path, bytes }]. What does not get smaller has no copy. */
export async function writeCopies(files) {
  await Promise.all(files.filter(({ bytes }) => bytes.length >= LEAST_BYTES).flatMap(({ path, bytes }) =>
    COPIES.map(async ({ coding, suffix }) => {
      const copy = await smaller[coding](bytes);
      if (copy.length < bytes.length) writeFileSync(path + suffix, copy);
    })));
}
