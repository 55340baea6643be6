// What a person puts into another page, as text. Pure functions: names and links may hold any character.

export const SIZES = [
  { id: 'wide', width: 640, height: 400 },
  { id: 'small', width: 480, height: 320 },
  { id: 'phone', width: 374, height: 480 },
];

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const attribute = (text) => text.replace(/[&<>"]/g, (character) => escapes[character]);

/** [title](link): brackets in the title and in the link are not those of Markdown. */
export function markdown(title, link) {
  const words = title.replace(/[\\[\]`*_<>]/g, (character) => `\\${character}`);
  return `[${words}](${link.replace(/[()]/g, (character) => (character === '(' ? '%28' : '%29'))})`;
}

/** page: the address of the page, hash: of the link. */
export function iframe(page, hash, { title, width, height }) {
  const source = new URL('embed.html', page).href + hash;
  return `<iframe src="${attribute(source)}" title="${attribute(title)}" width="${width}" height="${height}" loading="lazy" allow="clipboard-write"></iframe>`;
}

/** What a frame is asked for, behind the link. */
export const frameHash = (parts) => Object.entries(parts).map(([name, value]) => `&${name}=${value}`).join('');

/** The element of embed/mm-scope.js, which has an attribute for each of these parts of a link. */
export function element(page, { s, at, view, sel, lang, views, steps, readonly, theme }, { title, width, height }) {
  const attributes = Object.entries({ scenario: s, at, view, sel, lang, views, steps, readonly, theme, title, style: `height: ${height}px; max-width: ${width}px` })
    .filter(([, value]) => value !== undefined && value !== '' && value !== '0')
    .map(([name, value]) => `${name}="${attribute(value)}"`);
  return `<script src="${attribute(new URL('embed/mm-scope.js', page).href)}" defer></script>\n<mm-scope ${attributes.join(' ')}></mm-scope>`;
}

export const packCommand = (lesson) => `./dev pack --course ${lesson}`;
