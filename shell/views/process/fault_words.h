#pragma once
// The phrases of the view of page faults in both languages; questions and answers stand in machine/facts/fault_tree.cpp.
#include "views/parts/pen.h"

namespace shell::words {

inline constexpr Phrase FAULT_TITLE{"Page fault", "缺页"};
inline constexpr Phrase NO_FAULT{"No page fault in this step. This is what the kernel asks when there is one.",
                                 "这一步没有缺页。发生缺页时，内核这样逐一判断。"};
inline constexpr Phrase FAULT_OF_MANY{"# of @", "第 # 次，共 @ 次"};
inline constexpr Phrase FAULT_READ{"read of #", "读 #"};
inline constexpr Phrase FAULT_WRITE{"write of #", "写 #"};
inline constexpr Phrase FAULT_EXEC{"instruction fetch at #", "从 # 取指令"};
inline constexpr Phrase FAULT_BY_KERNEL{"the kernel brings the page of #", "内核取 # 的页"};
inline constexpr Phrase FAULT_ONCE_MORE{"once more, from the beginning", "从头再来一次"};
inline constexpr Phrase FAULT_MINOR{"minor: min_flt is #", "次要：min_flt 为 #"};
inline constexpr Phrase FAULT_MAJOR{"major: maj_flt is #", "主要：maj_flt 为 #"};
inline constexpr Phrase COLON{": ", "："};
inline constexpr Phrase FAULT_ELSE{"else", "否则"};

// What decided.
inline constexpr Phrase NO_ENTRY_THERE{"no entry, level #", "没有表项，第 # 级"};
inline constexpr Phrase NO_ACCESS_FLAG{"access flag is 0, level #", "访问标志为 0，第 # 级"};
inline constexpr Phrase NOT_PERMITTED{"the entry forbids it, level #", "表项不允许，第 # 级"};
inline constexpr Phrase BAD_ENTRY{"the entry is bad, level #", "表项不合法，第 # 级"};
inline constexpr Phrase HOLE_BETWEEN{"hole from # to @", "空洞从 # 到 @"};
inline constexpr Phrase NEXT_BEGINS{"the next begins at #", "下一个始于 #"};
inline constexpr Phrase GROWS_TO{"# in all, at most @", "共 #，上限 @"};
inline constexpr Phrase GAP_TO_CLOSED{"gap # to a mapping that nobody may access", "间隔 #，下面的映射不可访问"};
inline constexpr Phrase ASKED_AND_LIMIT{"# against a limit of @", "# 对上限 @"};
inline constexpr Phrase GAP_BELOW{"gap #, at least @", "间隔 #，至少 @"};
inline constexpr Phrase LOWEST_TABLE{"lowest table: #", "最低一级的表：#"};
inline constexpr Phrase TABLES_MADE{"tables made: #", "新建页表 # 个"};
inline constexpr Phrase HUGE_NOT_ANON{"not anonymous memory", "不是匿名内存"};
inline constexpr Phrase HUGE_OFF{"enabled is never", "enabled 为 never"};
inline constexpr Phrase HUGE_NOT_ASKED{"enabled is madvise, and MADV_HUGEPAGE was not called",
                                       "enabled 为 madvise，而没有用 MADV_HUGEPAGE 要求过"};
inline constexpr Phrase HUGE_FORBIDDEN{"MADV_NOHUGEPAGE", "MADV_NOHUGEPAGE"};
inline constexpr Phrase HUGE_NO_ROOM{"its 2 MiB do not fit in # to @", "它的 2 MiB 放不进 # 到 @"};
inline constexpr Phrase HUGE_NO_BLOCK{"no block of order #", "没有 # 阶的块"};
inline constexpr Phrase ENTRY_IS{"entry #", "表项 #"};
inline constexpr Phrase FLAG_ACCESS{"access flag", "访问标志"};
inline constexpr Phrase FLAG_DIRTY{"mark of the first write", "首次写入的标记"};
inline constexpr Phrase IS_ANONYMOUS{"anonymous memory", "匿名内存"};
inline constexpr Phrase OF_FILE{"a file", "文件"};
inline constexpr Phrase A_READ{"read", "读"};
inline constexpr Phrase A_WRITE{"write", "写"};
inline constexpr Phrase A_FETCH{"instruction fetch", "取指令"};
inline constexpr Phrase WRITE_PRIVATE{"write, private mapping", "写，私有映射"};
inline constexpr Phrase WRITE_SHARED{"write, shared mapping", "写，共享映射"};
inline constexpr Phrase PAGES_AROUND{"# of @ pages get entries", "@ 页中 # 页建立表项"};
inline constexpr Phrase PAGE_OF_FILE{"page # of the file", "文件的第 # 页"};
inline constexpr Phrase PAGES_READ{"# of @ come from the disk", "@ 页中 # 页从磁盘读入"};
inline constexpr Phrase FILE_HAS{"the file has # pages", "文件有 # 页"};
inline constexpr Phrase PAGE_ADDED{"shared memory: frame # becomes it", "共享内存：页框 # 充当"};
inline constexpr Phrase IN_FRAME{"frame #", "页框 #"};
inline constexpr Phrase COPIED_TO{"frame # copied to @", "页框 # 复制到 @"};
inline constexpr Phrase REFS_AND_MAPS{"references #, mappings @", "引用数 #，映射数 @"};
inline constexpr Phrase MARKED_EXCLUSIVE{"PageAnonExclusive", "PageAnonExclusive"};

// Columns, legend.
inline constexpr Phrase QUESTION{"question", "问题"};
inline constexpr Phrase ANSWER{"answer", "答案"};
inline constexpr Phrase NUMBERS{"what decided", "依据"};
inline constexpr Phrase FUNCTION{"function", "函数"};
inline constexpr Phrase WAY_OF_FAULT{"way of this fault", "这次缺页的路径"};
inline constexpr Phrase ENDS_IN_SIGNAL{"it ends in a signal", "以信号告终"};
inline constexpr Phrase NOT_TAKEN{"not taken", "没有走到"};

} // namespace shell::words
