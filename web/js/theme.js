// Runs before the first paint, so that a dark page does not flash white.
'use strict';
(function () {
  var theme = null;
  try { theme = localStorage.getItem('mmscope.theme'); } catch (refused) { /* private mode: auto */ }
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.toggleAttribute('data-dark', dark);
})();
