// Words of the kernel in a text. A word that means two things is found in the chapters where it means this.

/** What finds the words of a language in a text. words: those of find/glossary.<language>.json; chapter: of the lesson. */
export class Finder {
  #entries = new Map();  // a form, as it is written → its word
  #pattern;
  #patterns;  // of words that are found by more than their forms

  constructor(words, chapter) {
    const patterns = [];
    for (const word of words) {
      if (word.mark === false || (word.chapters && !word.chapters.includes(chapter))) continue;
      if (word.mark) patterns.push([word.mark, word]);
      else for (const form of word.forms) if (form.length > 1) this.#entries.set(form, word);
    }
    this.#patterns = patterns.map(([source, word]) => [new RegExp(`^(?:${source})$`), word]);
    const forms = [...this.#entries.keys()].sort((a, b) => b.length - a.length).map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    this.#pattern = new RegExp([...patterns.map(([source]) => source), ...forms].join('|'), 'gi');
  }

  /** [{from, to, word}] of a text. */
  find(text) {
    const found = [];
    for (const match of text.matchAll(this.#pattern)) {
      const from = match.index;
      const to = from + match[0].length;
      if (/\w$/.test(text.slice(0, from)) && /^\w/.test(match[0])) continue;  // the end of a longer name
      if (/^\w/.test(text.slice(to)) && /\w$/.test(match[0])) continue;
      const word = this.#wordOf(match[0]);
      if (word) found.push({ from, to, word });
    }
    return found;
  }

  // Small letters may be written large at the beginning of a sentence; names are as the kernel writes them.
  #wordOf(text) {
    return this.#entries.get(text) ?? this.#entries.get(text[0].toLowerCase() + text.slice(1))
      ?? this.#patterns.find(([pattern]) => pattern.test(text))?.[1];
  }
}
