// Own scenarios into links and out of them, with the lesson that each derives from. A link names the lesson and the CRC-32 of
// the text that it was packed with: today's, or an earlier one, which the page keeps (scenarios/earlier/).
import { versionOf } from '../../embed/result-code.js';
import { pack, unpack } from './pack.js';

const PACKED_MAX = 7680;     // characters: with an address and a place in it a link has 8 kB
const TEXT_MAX = 1 << 18;    // characters: a longer text would take long to find that it is too long
const EARLIER = 'scenarios/earlier';
const DERIVES = 0.6;         // of the size: a lesson of the same title that saves less is not what a text derives from

/** The link was packed with a text that this page does not know. */
class UnknownBase extends Error {}

export function mountParcels(app, fetchText) {
  const bases = new Map();  // 'ID.CRC' → promise of its text

  function baseText(from) {
    if (!bases.has(from)) {
      bases.set(from, findBase(from));
      bases.get(from).catch(() => bases.delete(from));
    }
    return bases.get(from);
  }

  async function findBase(from) {
    const [id, sum] = [from.slice(0, -9), from.slice(-8)];
    const fits = (text) => versionOf(text) === sum;
    if (app.index.some((lesson) => lesson.id === id)) {
      const text = app.scenario?.id === id ? app.source : await fetchText(`scenarios/${id}.json`);
      if (fits(text)) return text;
    }
    const published = JSON.parse(await fetchText(`${EARLIER}/published.json`));
    if (!Object.hasOwn(published, id) || !published[id].includes(sum)) throw new UnknownBase();
    const text = await fetchText(`${EARLIER}/${from}.json`);
    if (!fits(text)) throw new UnknownBase();
    return text;
  }

  /** Of a text that was brought from elsewhere: the lesson of the same title, as it is now. */
  async function sameTitle(text) {
    const title = titleOf(text);
    const lesson = title && app.index.find((one) => [one.title?.en, one.title?.zh].includes(title));
    if (!lesson) return null;
    return `${lesson.id}.${versionOf(await fetchText(`scenarios/${lesson.id}.json`))}`;
  }

  /** {from, z} of one's own scenario, the shorter way; null when it is too large for a link. */
  async function packOwn(text, { from }) {
    if (text.length > TEXT_MAX) return null;
    const whole = { z: pack(text) };
    const guessed = from ? null : await sameTitle(text).catch(() => null);
    const base = from ?? guessed;
    const derived = base && await baseText(base).then((known) => ({ from: base, z: pack(text, known) }), () => null);
    const better = derived && derived.z.length + base.length < whole.z.length * (guessed ? DERIVES : 1);
    const parts = better ? derived : whole;
    if (parts.z.length > PACKED_MAX) return null;
    if (guessed && better) app.own.derive(app.scenario.id, guessed);
    return parts;
  }

  async function unpackLink(z, from) {
    let base = '';
    try {
      if (from) base = await baseText(from);
    } catch (failed) {
      const id = from.slice(0, -9);
      return { wrong: () => (failed instanceof UnknownBase
        ? app.t('sent.base', { id }) : app.t('error.scenario', { id, message: failed.message })) };
    }
    const { text, wrong, codec } = unpack(z, base);
    if (wrong) return { wrong: () => app.t(`sent.${wrong}`, { codec: codec ?? '', version: app.build?.version ?? '' }) };
    const id = app.own.idFor(text);
    return { id, text, until: app.own.get(id)?.until, from };
  }

  return { pack: packOwn, unpack: unpackLink };
}

function titleOf(text) {
  try {
    const { title } = JSON.parse(text);
    const words = title?.en ?? title?.zh ?? title;
    return typeof words === 'string' ? words : '';
  } catch (broken) {
    return '';
  }
}
