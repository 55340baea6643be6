// The first load of the page: in what languages it is weighed, and how many bytes in brotli it may have.
export const FIRST_LOAD = [
  { language: 'English', locale: 'en-US', limit: 450_000 },
  { language: 'Chinese', locale: 'zh-CN', limit: 490_000 },
];
