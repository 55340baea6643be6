// What an embedded frame is told in its link, beside what every link says: embed.html#s=02-buddy&steps=3-7&views=zones,map.
// Pure functions; docs/embedding.md has the table.

const VIEW = /^[a-z0-9-]{1,32}$/;
const MOST_VIEWS = 20;
const RANGE = /^([1-9]\d{0,9})(?:-([1-9]\d{0,9}))?$/;

const oneOf = (...words) => (text) => (words.includes(text) ? text : undefined);

const readers = {
  views: readViews,
  readonly: oneOf('0', '1'),
  steps: readRange,
  controls: oneOf('full', 'step', 'none'),
  theme: oneOf('light', 'dark', 'auto'),
  follow: oneOf('0', '1'),
};

// How each is written, for who has written it otherwise.
const FORMS = {
  views: 'views=map,zones', readonly: 'readonly=1', steps: 'steps=4, steps=3-7',
  controls: 'controls=full|step|none', theme: 'theme=light|dark|auto', follow: 'follow=0|1',
};

function readViews(text) {
  const views = [...new Set(text.split(','))];
  return views.length <= MOST_VIEWS && views.every((view) => VIEW.test(view)) ? views : undefined;
}

/** "4" → [4, 4], "3-7" → [3, 7]. */
export function readRange(text) {
  const [, first, last = first] = RANGE.exec(text) ?? [];
  return first && Number(first) <= Number(last) ? [Number(first), Number(last)] : undefined;
}

/**
 * {parts: {views, steps, …}, bad: [{piece: 'steps=7-3', form: 'steps=4, steps=3-7'}, …], twice: ['theme', …], kept, rest}: only
 * what is well formed is in `parts`; `kept` is how that was written, `rest` the link without any of it. Of a name that comes
 * twice the last counts.
 */
export function readFrame(hash) {
  const written = new Map();
  const twice = new Set();
  const rest = hash.replace(/^#/, '').split('&').filter((piece) => {
    const [name] = piece.split('=', 1);
    const ours = Object.hasOwn(readers, name);
    if (ours && written.has(name)) twice.add(name);
    if (ours) written.set(name, piece);
    return !ours;
  }).join('&');
  const told = { parts: {}, bad: [], twice: [...twice], kept: '', rest: rest && `#${rest}` };
  for (const [name, piece] of written) {
    const value = read(name, piece.slice(name.length + 1));
    if (value === undefined) {
      told.bad.push({ piece: piece.slice(0, 40), form: FORMS[name] });
      continue;
    }
    told.parts[name] = value;
    told.kept += `${piece}&`;
  }
  return told;
}

function read(name, written) {
  try {
    return readers[name](decodeURIComponent(written));
  } catch (malformed) {
    return undefined;
  }
}

/** Of steps 3 to 7 those that a lesson of `count` has: [3, 5], or null. */
export function rangeWithin([first, last], count) {
  return first <= count ? [first, Math.min(last, count)] : null;
}
