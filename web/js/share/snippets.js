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
  return `<iframe src="${attribute(source)}" title="${attribute(title)}" width="${width}" height="${height}" loading="lazy"></iframe>`;
}

/** The element of embed/mm-scope.js; parts: of the link. */
export function element(page, parts, { width, height }) {
  const { s, ...others } = parts;
  const attributes = Object.entries({ ...(s ? { scenario: s } : {}), ...others, width, height })
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}="${attribute(String(value))}"`);
  return `<script type="module" src="${attribute(new URL('embed/mm-scope.js', page).href)}"></script>\n<mm-scope ${attributes.join(' ')}></mm-scope>`;
}

export const packCommand = (lesson) => `./dev pack --course ${lesson}`;
