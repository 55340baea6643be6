// Small pictures to choose from: free lists as rows of blocks, one block with what is free in it, or VMAs side by side.
const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 150;
const ROW = 16;
const BLOCKS = 9;       // drawn of a list; how many there are stands beside
const BLOCK_HEIGHT = 26;
const LETTERS = 25;     // four of a VMA's rights

function s(name, attributes, text = '') {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

const frame = (height, parts) => {
  const svg = s('svg', { viewBox: `0 0 ${WIDTH} ${height}`, class: 'picture', 'aria-hidden': 'true', focusable: 'false' });
  svg.append(...parts);
  return svg;
};

/** lists: [[order, count]...]. Each free block is a hollow box, as in the view of the free lists. */
function lists(rows) {
  const parts = rows.flatMap(([order, count], row) => {
    const y = row * ROW + 2;
    const shown = Math.min(count, BLOCKS);
    const boxes = Array.from({ length: shown }, (_, i) => s('rect', { x: 22.5 + i * 11, y: y + 0.5, width: 8, height: 10, class: 'free' }));
    const many = String(count);
    return [
      s('text', { x: 16, y: y + 10, 'text-anchor': 'end', class: 'order' }, String(order)),
      ...boxes,
      s('text', { x: 26 + shown * 11, y: y + 10, class: 'count' }, many),
    ];
  });
  return frame(rows.length * ROW + 2, parts);
}

/** free: [[first frame in the block, order]...]. What is free is hollow, what is in use is filled. */
function block(order, free) {
  const scale = (WIDTH - 2) / 2 ** order;
  const box = (first, size, name) => s('rect', {
    x: (1 + first * scale).toFixed(2), y: 2, width: Math.max(1.5, size * scale - 1).toFixed(2), height: BLOCK_HEIGHT - 4, class: name,
  });
  return frame(BLOCK_HEIGHT, [box(0, 2 ** order, 'held'), ...free.map(([first, log]) => box(first, 2 ** log, 'free'))]);
}

/** rows: [[begin, end, rights]...]; without rights it is a hole. Rights too long for their VMA stand below, in turn. */
function vmas(rows) {
  const [from, to] = [rows[0][0], rows.at(-1)[1]];
  const scale = (WIDTH - 2) / (to - from);
  const narrow = rows.some(([begin, end, rights]) => rights && (end - begin) * scale < LETTERS);
  let below = 0;
  const parts = rows.flatMap(([begin, end, rights]) => {
    const x = 1 + (begin - from) * scale;
    const width = Math.max(2, (end - begin) * scale - 1);
    const box = s('rect', { x: x.toFixed(2), y: 2, width: width.toFixed(2), height: BLOCK_HEIGHT - 4, class: rights ? 'vma' : 'gap' });
    if (!rights) return [box];
    const y = narrow ? BLOCK_HEIGHT + 9 + 11 * (below++ % 2) : BLOCK_HEIGHT / 2 + 3.5;
    const middle = Math.min(WIDTH - LETTERS / 2, Math.max(LETTERS / 2, x + width / 2));
    return [box, s('text', { x: middle.toFixed(2), y, 'text-anchor': 'middle' }, rights)];
  });
  return frame(BLOCK_HEIGHT + (narrow ? 24 : 0), parts);
}

export function drawPicture(picture) {
  if (picture.vmas) return vmas(picture.vmas);
  return picture.lists ? lists(picture.lists) : block(picture.order, picture.free);
}
