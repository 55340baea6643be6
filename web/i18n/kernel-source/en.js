// The box with the places of a function in the kernel's sources, in English.
export default {
  'place.path': 'Called from',
  'place.rule': 'The rule stands in',
  'place.loading': 'Loading the table of places…',
  'place.none': 'No place is known for this function.',
  'place.mine': 'this machine',
  'place.as': 'here {name}()',
  'place.link': '{file}, lines {lines}, {tag}, opens in a new tab',
  'place.source': 'Lines of these stable releases. A link opens {site} in a new tab; nothing is fetched from there before.',
  'place.glibc': 'of glibc 2.36, the C library: the program runs it, not the kernel. The link opens {site} in a new tab.',
};
