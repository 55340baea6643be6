// A link as a QR code: dark on light, with its quiet zone, in every theme.
import qrcode from 'qrcode-generator';

const SVG = 'http://www.w3.org/2000/svg';
const QUIET = 4;        // modules around it, as the standard asks
const BYTES_MAX = 2953; // of version 40 with the least correction
const EASY = 400;       // up to here there is room for more correction

function s(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** The modules of a link as rows of booleans; null when it is too long. */
export function modulesOf(link) {
  if (link.length > BYTES_MAX) return null;
  const code = qrcode(0, link.length <= EASY ? 'M' : 'L');
  code.addData(link, 'Byte');
  code.make();
  const count = code.getModuleCount();
  return Array.from({ length: count }, (_, row) => Array.from({ length: count }, (_, column) => code.isDark(row, column)));
}

/** label: what the code leads to, for who does not see it. */
export function drawCode(modules, label) {
  const size = modules.length + 2 * QUIET;
  const path = modules.flatMap((row, y) => runs(row).map(([x, length]) => `M${x + QUIET} ${y + QUIET}h${length}v1h-${length}z`)).join('');
  const svg = s('svg', { viewBox: `0 0 ${size} ${size}`, class: 'qr', role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' });
  svg.append(s('rect', { width: size, height: size, fill: '#fff' }), s('path', { d: path, fill: '#000' }));
  return svg;
}

// [[where, how many]...] of the dark ones that stand side by side.
function runs(row) {
  const found = [];
  row.forEach((dark, x) => {
    if (!dark) return;
    if (x > 0 && row[x - 1]) found.at(-1)[1] += 1;
    else found.push([x, 1]);
  });
  return found;
}
