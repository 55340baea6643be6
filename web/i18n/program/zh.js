// 程序清单的文字，中文。
export default {
  'program.label': '进程的操作，写成 C 程序',
  'program.of': '进程 {name}',
  'program.asked': '这一行之前有一个问题。',
  'program.toQuestion': '看问题',
  'program.before': '前面还有 {n} 行',
  'program.after': '后面还有 {n} 行',
};
