// Runs before the first paint, so that a dark page does not flash white and a small one begins as the small frame (frame.js).
'use strict';
(function () {
  var root = document.documentElement;
  // Where the page is the small frame: a low window, or one that is narrow and lower than a telephone. For frame.js, too.
  var small = '(max-width: 699.9px) and (max-height: 430px), (max-width: 430px) and (max-height: 560px)';
  root.dataset.smallFrame = small;
  var theme = null;
  if (root.hasAttribute('data-embed')) {
    theme = (/[#&]theme=(light|dark)(&|$)/.exec(location.hash) || [])[1];
    root.toggleAttribute('data-frame', true);
  } else {
    try { theme = localStorage.getItem('mmscope.theme'); } catch (refused) { /* private mode: auto */ }
    root.toggleAttribute('data-frame', matchMedia(small).matches);
  }
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.toggleAttribute('data-dark', dark);
})();
