// Text from elsewhere (links, files, scenarios) as one line of a sentence or a title may show it. Characters that are not
// seen, or that turn the direction of what stands beside them, are written as \u200b; what is too long is cut.

// Controls, formats (bidi, zero width, tags), separators of lines, halves of characters, numbers that are no
// characters, and letters that show nothing.
// Variation selectors stay: they choose between two looks of the character before them.
const UNSEEN = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/gu;

export function plain(text, most = Infinity) {
  const shown = text.length > most ? `${text.slice(0, wholeAt(text, most))}…` : text;
  return shown.replace(/[\t\n\r]+/g, ' ').replace(UNSEEN, escaped);
}

function escaped(character) {
  const code = character.codePointAt(0);
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Where to cut near `at`, so that no character is halved. */
export function wholeAt(text, at) {
  const halves = at > 0 && /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1]);
  return halves ? at - 1 : at;
}

/** Where line n of a text begins and ends, both counted in UTF-16 units; lines are counted from 1. */
export function lineAt(text, n) {
  let from = 0;
  for (let i = 1; i < n; ++i) {
    const end = text.indexOf('\n', from);
    if (end < 0) return [text.length, text.length];
    from = end + 1;
  }
  const end = text.indexOf('\n', from);
  return [from, end < 0 ? text.length : end];
}

/** How many UTF-16 units stand before a column of a line. Columns are counted from 1, in characters. */
export function unitsBefore(line, column) {
  let units = 0;
  for (let i = 1; i < column && units < line.length; ++i) units += line.codePointAt(units) > 0xffff ? 2 : 1;
  return units;
}

/** A message that may end with a full stop, to stand before a full stop of ours. */
export const withoutStop = (message) => message.replace(/[.。]+$/, '');
