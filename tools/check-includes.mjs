// The rooms of the engine include only rooms to their left, in the order of ROOMS; scenario and recording, which stand
// side by side, do not know each other. The engine includes neither Dear ImGui nor anything of a platform; nlohmann_json
// is for json and what stands to its right, zlib for the recordings' gunzip; SDL, OpenGL and Emscripten are for shell/main.cpp and shell/*_exports.cpp alone.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOMS = ['base', 'physical', 'slab', 'mmu', 'kernel', 'process', 'machine', 'json', 'scenario', 'recording',
  'oracle', 'shell'];
const APART = [['scenario', 'recording']];
const UI = /^(imgui|backends\/imgui)/;
const PLATFORM = /^(SDL|GLES|GL\/|emscripten)/;
const PACKED = /^zlib\.h$/;
const SYSTEM = /^(unistd|sys\/|windows|pthread|fcntl)/;

function sourcesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(h|cpp)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).replaceAll('\\', '/'))
    .sort();
}

// What is wrong with including `included` from `file`, or null.
function complaint(file, included) {
  const parts = file.split('/');
  const inEngine = parts[0] === 'engine';
  const room = inEngine ? parts[1] : 'shell';
  const browserFile = /^shell\/(main|[a-z_]*_exports)\.cpp$/.test(file);
  const target = included.split('/')[0];

  if (inEngine && !ROOMS.includes(room)) return `${room} is not a room of the engine`;
  if (inEngine && ROOMS.includes(target) && ROOMS.indexOf(target) > ROOMS.indexOf(room)) {
    return `${room} must not include ${target}: includes go left only`;
  }
  if (APART.some((pair) => pair.includes(room) && pair.includes(target) && room !== target)) {
    return `${room} and ${target} stand side by side and do not know each other`;
  }
  if (inEngine && (UI.test(included) || PLATFORM.test(included) || SYSTEM.test(included))) {
    return 'the engine knows the standard library alone';
  }
  if (inEngine && ROOMS.indexOf(room) < ROOMS.indexOf('json') && included.startsWith('nlohmann/')) {
    return 'JSON is for engine/json and what stands to its right';
  }
  if (PACKED.test(included) && file !== 'engine/recording/gunzip.cpp') return 'zlib is for engine/recording/gunzip.cpp alone';
  if (PLATFORM.test(included) && !browserFile) {
    return 'SDL, OpenGL and Emscripten are for shell/main.cpp and shell/*_exports.cpp alone';
  }
  return null;
}

let passed = 0;
let failed = 0;
for (const file of [...sourcesBelow('engine'), ...sourcesBelow('shell')]) {
  const lines = readFileSync(file, 'utf8').split('\n');
  let clean = true;
  lines.forEach((line, index) => {
    const match = line.match(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/);
    const problem = match && complaint(file, match[1]);
    if (problem) {
      clean = false;
      console.log(`${file}:${index + 1}: #include "${match[1]}": ${problem}`);
    }
  });
  if (clean) passed += 1;
  else failed += 1;
}
console.log(`includes go left: ${ROOMS.join(' <- ')}`);
console.log(`@counts ${passed} ${failed}`);
process.exitCode = failed ? 1 : 0;
