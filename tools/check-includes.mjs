// No two headers define the same `inline constexpr` name: no file that includes both compiles, and without one the linker
// silently keeps either value.
//
// Rooms include only rooms to their left, in the order of ROOMS; rooms of APART stand side by side and do not know each
// other. A room is a folder of engine/ or of shell/ with all below it, or one that ROOMS names there; "shell" is what lies
// in shell/ itself, "main" its main.cpp.
// The engine includes neither Dear ImGui nor anything of a platform; nlohmann_json is for json and what stands to its right,
// zlib for the recordings' gunzip; the session is the bridge's, not the views'; SDL, OpenGL and Emscripten are for shell/main.cpp and shell/bridge/exports.cpp alone.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ENGINE = ['base', 'physical', 'slab', 'mmu', 'kernel', 'process', 'heap', 'machine', 'json', 'scenario', 'recording', 'oracle'];
const SHELL = ['cli', 'shell', 'views/parts', 'views/pages', 'views/slab', 'views/kernel', 'views/process', 'views', 'bridge', 'main'];
const ROOMS = [...ENGINE, ...SHELL];
const APART = [
  ['scenario', 'recording'],
  ['views/pages', 'views/slab', 'views/kernel', 'views/process'],
  // The command and the page: neither knows the other.
  ...SHELL.filter((room) => room !== 'cli').map((room) => ['cli', room]),
];
const UI = /^(imgui|backends\/imgui)/;
const PLATFORM = /^(SDL|GLES|GL\/|emscripten)/;
const PACKED = /^zlib\.h$/;
const SYSTEM = /^(unistd|sys\/|windows|pthread|fcntl)/;
// A view draws a moment and cannot move the cursor.
const SEEKS = ['app.h', 'machine/session.h'];
const BROWSER_FILES = ['shell/main.cpp', 'shell/bridge/exports.cpp'];

function sourcesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(h|cpp)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).replaceAll('\\', '/'))
    .sort();
}

// The room of a file of engine/ or shell/. A folder that is no room is its own, unknown one.
function roomOf(file) {
  if (file === 'shell/main.cpp') return 'main';
  const folders = file.split('/').slice(1, -1);
  const inner = folders.slice(0, 2).join('/');
  return ROOMS.includes(inner) ? inner : folders[0] ?? 'shell';
}

// The file of ours that is included, or null.
function ours(included) {
  return [`engine/${included}`, `shell/${included}`].find((file) => existsSync(file)) ?? null;
}

// What is wrong with including `included` from `file`, or null.
function complaint(file, included) {
  const inEngine = file.startsWith('engine/');
  const room = roomOf(file);
  const target = ours(included) && roomOf(ours(included));

  if (!(inEngine ? ENGINE : SHELL).includes(room)) return `${room} is not a room`;
  if (included.startsWith('.')) return 'includes begin at engine/ or shell/';
  if (target !== null && room !== target) {
    if (ROOMS.indexOf(target) > ROOMS.indexOf(room)) return `${room} must not include ${target}: includes go left only`;
    if (APART.some((group) => group.includes(room) && group.includes(target))) {
      return `${room} and ${target} stand side by side and do not know each other`;
    }
  }
  if (room.startsWith('views') && SEEKS.includes(included)) return 'a view gets the moment, not the session (views/parts/view.h)';
  if (inEngine && (UI.test(included) || PLATFORM.test(included) || SYSTEM.test(included))) {
    return 'the engine knows the standard library alone';
  }
  if (inEngine && ROOMS.indexOf(room) < ROOMS.indexOf('json') && included.startsWith('nlohmann/')) {
    return 'JSON is for engine/json and what stands to its right';
  }
  if (PACKED.test(included) && file !== 'engine/recording/gunzip.cpp') return 'zlib is for engine/recording/gunzip.cpp alone';
  if (PLATFORM.test(included) && !BROWSER_FILES.includes(file)) {
    return `SDL, OpenGL and Emscripten are for ${BROWSER_FILES.join(' and ')} alone`;
  }
  return null;
}

// ---- one constant of a name ------------------------------------------------------------------------------------------

// What a header defines as `inline constexpr` outside of functions and classes: ["mm::physical_rows::ZONE", ...].
function inlineConstants(text) {
  const code = text.replace(/\/\/.*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'/g, (piece) => (piece.startsWith('/') ? '' : '""')).replace(/^\s*#.*/gm, '');
  const names = [];
  const open = [];  // of each brace: the namespace that it opens, or null
  for (let at = 0, from = 0; at < code.length; ++at) {
    if (!'{};'.includes(code[at])) continue;
    const statement = code.slice(from, at).trim();
    from = at + 1;
    if (code[at] === '}') open.pop();
    if (!open.includes(null) && /^inline\s+constexpr\b/.test(statement)) {
      // "Type NAME", "Type NAME[N]", "Type NAME =", "Type A = 1, B = 2": values in brackets count for nothing.
      const flat = statement.replace(/\bnoexcept\b/g, '').replace(/<[^<>]*>/g, '').replace(/<[^<>]*>/g, '');
      const isFunction = /\w\s*\([^=]*\)\s*(const)?\s*$/.test(flat) && !flat.includes('=');
      const declared = isFunction ? [] : flat.replace(/\([^()]*\)/g, '').split(',').map((one) => one.split('=')[0].replace(/\[[^\]]*\]/g, '').trim());
      for (const one of declared) names.push([...open, /([A-Za-z_]\w*)$/.exec(one)?.[1]].join('::'));
    }
    if (code[at] === '{') open.push(/\bnamespace(?:\s+([\w:]+))?$/.exec(statement)?.[1] ?? null);
  }
  return names;
}

const definedIn = new Map();
for (const file of [...sourcesBelow('engine'), ...sourcesBelow('shell')].filter((name) => name.endsWith('.h'))) {
  for (const name of inlineConstants(readFileSync(file, 'utf8'))) definedIn.set(name, [...(definedIn.get(name) ?? []), file]);
}

if (definedIn.size < 100) throw new Error('inline constants are written another way than this file reads them');

let passed = 0;
let failed = 0;
for (const [name, files] of definedIn) {
  if (files.length === 1) continue;
  failed += 1;
  console.log(`${files.join(' and ')}: both define ${name}; the linker keeps one of them`);
}
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
