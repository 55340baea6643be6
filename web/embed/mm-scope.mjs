// <mm-scope> as a module: import './mm-scope.mjs'. See mm-scope.js, which must stand beside it. From another origin a browser takes
// a module only with Access-Control-Allow-Origin; the plain script needs nothing.
import './mm-scope.js';

export const MmScope = globalThis.customElements?.get('mm-scope');
// The element asks for it when its frame is made, which is later.
if (MmScope) MmScope.base ??= new URL('..', import.meta.url).href;

export default MmScope;
