// 函数在内核源码中的位置，中文。
export default {
  'place.path': '调用路径',
  'place.rule': '规则所在函数',
  'place.loading': '正在载入位置表……',
  'place.none': '没有这个函数的位置。',
  'place.mine': '本机',
  'place.as': '此处为 {name}()',
  'place.link': '{file}，第 {lines} 行，{tag}，在新标签页打开',
  'place.source': '行号以这些稳定版本为准。点击链接会在新标签页打开 {site}，点击之前不会访问该网站。',
  'place.glibc': '（glibc 2.36，C 库）：运行它的是程序，不是内核。链接在新标签页打开 {site}。',
};
