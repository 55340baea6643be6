// Where a written step stands in the text of a scenario.

/** [begin, end] of element n, from 1, of the list "steps" of the outermost object; null when the text has none. */
export function stepIn(text, n) {
  const parts = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;
  let depth = 0;
  let within = false;  // the list of steps
  let count = 0;
  let begin = -1;
  for (let part = parts.exec(text); part; part = parts.exec(text)) {
    const [word] = part;
    if (word === '{' || word === '[') {
      if (within && depth === 2 && ++count === n) begin = part.index;
      depth += 1;
    } else if (word === '}' || word === ']') {
      depth -= 1;
      if (begin >= 0 && depth === 2) return [begin, part.index + 1];
      if (within && depth < 2) return null;
    } else if (word === '"steps"' && depth === 1) {
      within = /^\s*:\s*\[/.test(text.slice(parts.lastIndex, parts.lastIndex + 200));
    }
  }
  return null;
}
