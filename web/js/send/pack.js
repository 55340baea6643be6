// A scenario's text as a part of a link, and back. docs/links.md says the same for those who write or read links elsewhere.
//
//   z=1.<base64url of: CRC-32 of the text, 4 bytes, the highest first; the text in UTF-8 as a raw DEFLATE stream>
//
// The number names the codec and is there for ever: what is packed in another way gets another one. Where the text derives
// from a lesson, the lesson's text is DEFLATE's preset dictionary (its last 32 kB), so that the difference is nearly all
// there is in the link.
import { Inflate, deflateSync } from 'fflate';
import { versionOf } from '../../embed/result-code.js';
import { SCENARIO_MAX } from '../limits.js';

const CODEC = '1';
const CRC_BYTES = 4;
const PIECE = 256;  // bytes that are unpacked at a time: they become at most 256 kB, which is counted

/** The text for `z=`. base: of the lesson that it derives from, or ''. */
export function pack(text, base = '') {
  const squeezed = deflateSync(utf8(text), { level: 9, mem: 12, ...dictionary(base) });
  const bytes = new Uint8Array(CRC_BYTES + squeezed.length);
  new DataView(bytes.buffer).setUint32(0, parseInt(versionOf(text), 16));
  bytes.set(squeezed, CRC_BYTES);
  return `${CODEC}.${toBase64(bytes)}`;
}

/** {text}, or {wrong}: 'newer', 'cut', 'changed' or 'large'. */
export function unpack(packed, base = '') {
  const [, codec, letters] = /^(\d{1,4})\.(.*)$/s.exec(packed) ?? [];
  if (codec === undefined) return { wrong: packed.length < 3 ? 'cut' : 'changed' };
  if (codec !== CODEC) return { wrong: 'newer', codec };
  const bytes = fromBase64(letters);
  if (bytes === null) return { wrong: 'changed' };
  if (bytes.length <= CRC_BYTES) return { wrong: 'cut' };
  const { plain, wrong } = inflate(bytes.subarray(CRC_BYTES), base);
  if (wrong) return { wrong };
  const sum = new DataView(bytes.buffer).getUint32(0).toString(16).padStart(8, '0');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain);
    return versionOf(text) === sum ? { text } : { wrong: 'changed' };
  } catch (malformed) {
    return { wrong: 'changed' };
  }
}

// A few bytes may stand for gigabytes: what comes out is counted while it comes.
function inflate(bytes, base) {
  const parts = [];
  let length = 0;
  const stream = new Inflate(dictionary(base), (part) => {
    parts.push(part);
    length += part.length;
  });
  try {
    for (let at = 0; at < bytes.length; at += PIECE) {
      stream.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
      if (length > SCENARIO_MAX) return { wrong: 'large' };
    }
  } catch (failed) {
    return { wrong: failed.code === UNEXPECTED_END ? 'cut' : 'changed' };
  }
  const plain = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    plain.set(part, at);
    at += part.length;
  }
  return { plain };
}

const UNEXPECTED_END = 0;  // of fflate's errors

const utf8 = (text) => new TextEncoder().encode(text);
const dictionary = (base) => (base ? { dictionary: utf8(base) } : {});

const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

// One letter more than bytes have is what a cut has left.
function fromBase64(letters) {
  if (!/^[\w-]*$/.test(letters)) return null;
  const whole = letters.length % 4 === 1 ? letters.slice(0, -1) : letters;
  return Uint8Array.from(atob(whole.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}
