#pragma once
// The phrases of the view of TLBs in both languages; words.h holds those that all views share.
#include "mmu/tlb_belief.h"
#include "views/kernel/tlb_state.h"
#include "views/parts/pen.h"

namespace shell::words {

inline constexpr Phrase NO_TLB{
    "TLBs of x86-64 are not modelled: those of arm64 and i386 are. Boot has to have set up memory, too.",
    "未模拟 x86-64 的 TLB；arm64 和 i386 有，并且要等启动建好内存。"};
inline constexpr Phrase TLB_TITLE{"TLB: translations that each CPU remembers", "TLB：每个 CPU 记住的转换"};

// The machine's TLBs in a line.
inline constexpr Phrase TLB_SIZE{"# entries, @", "# 项，@"};
inline constexpr Phrase TLB_SETS{"# sets of @ ways", "# 组，每组 @ 路"};
inline constexpr Phrase WALK_CACHE_OF{"walk cache of # tables", "遍历缓存 # 项"};
inline constexpr Phrase ASIDS_OF{"ASIDs of # bits, generation @", "ASID # 位，第 @ 代"};
inline constexpr Phrase ONE_TLB_ARM64{
    "One TLB for code and data, like the second level of a Cortex-A57; the small TLBs before it, one for instructions "
    "and "
    "one for data, are left out.",
    "代码和数据共用一个 TLB，与 Cortex-A57 的 L2 TLB 一样；它前面的小 TLB（代码、数据各一个）未模拟。"};
inline constexpr Phrase ONE_TLB_I386{"One TLB for code and data, and for pages of 4 KiB and of 4 MiB. A Pentium II has "
                                     "four: for 4 KiB pages 64 entries for "
                                     "data and 32 for code, for 4 MiB pages 8 and 2.",
                                     "代码和数据、4 KiB 页和 4 MiB 页共用一个 TLB。Pentium II 有 4 个：4 KiB 页的数据 "
                                     "64 项、代码 32 项，4 MiB 页的数据 8 项、"
                                     "代码 2 项。"};
inline constexpr Phrase TLB_KEY{
    "In a corner: the order of use in the set; 1 was used last, the highest gives way first. rwx/rwx: user mode, "
    "kernel. "
    "Dashed: invalidated by this step.",
    "角上的数字：组内的使用顺序，1 为最近使用，数字最大的最先被替换。rwx/rwx：用户态、内核。虚线：被本步失效。"};

// What a CPU runs with.
inline constexpr Phrase RUNS_WITH_ASID{"runs @, ASID #", "运行 @，ASID #"};
inline constexpr Phrase RUNS_THREAD{"@, in the mm of #", "@（用 # 的 mm）"};
inline constexpr Phrase RUNS_BORROWING{"@, which has no mm and borrows that of # (active_mm)",
                                       "@（没有 mm，active_mm 是 # 的）"};
inline constexpr Phrase OF_GENERATION{"of generation #", "属于第 # 代"};
inline constexpr Phrase RUNS_BY_CR3{"runs @: CR3 names its page directory", "运行 @：CR3 指向它的页目录"};
inline constexpr Phrase RUNS_KERNEL{"runs the kernel alone: reserved_pg_dir, ASID 0",
                                    "只运行内核：reserved_pg_dir，ASID 0"};
inline constexpr Phrase RUNS_KERNEL_CR3{"runs the kernel alone: swapper_pg_dir", "只运行内核：swapper_pg_dir"};
inline constexpr Phrase DROPS_AT_SWITCH{"drops its TLB at the next switch", "下次切换时清空 TLB"};

// Counters.
inline constexpr Phrase TLB_HIT{"hit", "次命中"};
inline constexpr Phrase TLB_HITS{"hits", "次命中"};
inline constexpr Phrase TLB_MISS{"miss", "次未命中"};
inline constexpr Phrase TLB_MISSES{"misses", "次未命中"};
inline constexpr Phrase HIT_RATE{"hit rate", "命中率"};
inline constexpr Phrase WALK_SHORTENED{"walk shortened by the walk cache", "次遍历由遍历缓存缩短"};
inline constexpr Phrase WALKS_SHORTENED{"walks shortened by the walk cache", "次遍历由遍历缓存缩短"};
inline constexpr Phrase ENTRY_READ{"table entry read", "个页表项被读取"};
inline constexpr Phrase ENTRIES_READ{"table entries read", "个页表项被读取"};
inline constexpr Phrase EVICTED_ONE{"evicted", "项被替换"};
inline constexpr Phrase INVALIDATED_ONE{"invalidated", "项失效"};
inline constexpr Phrase FAULT_ONE{"fault", "次异常"};
inline constexpr Phrase FAULT_MANY{"faults", "次异常"};
inline constexpr Phrase REACH{"reach", "覆盖"};
inline constexpr Phrase REACH_FULL{"when full, of", "装满时，按页大小"};
inline constexpr Phrase REACH_PARTS{" (@)", "（@）"};
inline constexpr Phrase NEXT_SIZE{", ", "，"};
inline constexpr Phrase OF_SIZE{": ", "："};
inline constexpr Phrase STALE_ONE{"entry says what the tables no longer say", "项与现在的页表不符"};
inline constexpr Phrase STALE_MANY{"entries say what the tables no longer say", "项与现在的页表不符"};

// Sets and entries.
inline constexpr Phrase TLB_SET{"set", "组"};
inline constexpr Phrase EMPTY_SETS{"sets # to @: empty", "第 # 至 @ 组：空"};
inline constexpr Phrase EMPTY_SET{"set #: empty", "第 # 组：空"};
inline constexpr Phrase TLB_GLOBAL{"global", "全局"};
inline constexpr Phrase UNTIL_CR3{"until CR3", "到装入 CR3"};
inline constexpr Phrase IN_SET{"set #, way @", "第 # 组第 @ 路"};
inline constexpr Phrase USED_AS{"order of use # of @", "使用顺序 # / @"};
inline constexpr Phrase USER_KERNEL{"user mode / kernel", "用户态 / 内核"};
inline constexpr Phrase STILL_CLEAN{"the first write has to be noted", "首次写入需要记录"};
inline constexpr Phrase IN_ITS_PLACE{"in place of", "替换了"};
inline constexpr Phrase TABLES_SAY{"tables now", "页表现在"};
inline constexpr Phrase NOTHING_MAPPED{"nothing", "没有映射"};
inline constexpr Phrase WALK_CACHE{"walk cache: tables that a walk need not look for", "遍历缓存：无需再查找的页表"};
inline constexpr Phrase WALK_CACHE_EMPTY{"empty", "空"};
inline constexpr Phrase STALE{"stale", "过时"};
inline constexpr Phrase STALE_ENTRY{"stale, struck out: the tables say something else",
                                    "过时（划线处）：页表所说已不同"};

[[nodiscard]] inline const Phrase& touch_words(TlbTouch touch) {
    static constexpr Phrase NONE{}, HIT{"hit", "命中"}, FILLED{"filled", "填入"}, REPLACED{"replaced", "替换"},
        INVALIDATED{"invalidated", "失效"};
    switch (touch) {
    case TlbTouch::none: return NONE;
    case TlbTouch::hit: return HIT;
    case TlbTouch::filled: return FILLED;
    case TlbTouch::replaced: return REPLACED;
    case TlbTouch::invalidated: return INVALIDATED;
    }
    return NONE;
}

// Why an entry is stale.
[[nodiscard]] inline const Phrase& belief_words(mm::tlb_belief belief) {
    static constexpr Phrase HOLDS{"the tables say the same", "与页表一致"};
    static constexpr Phrase NOBODYS{"its ASID is no process's now", "它的 ASID 现在不属于任何进程"};
    static constexpr Phrase UNMAPPED{"still believed: the tables map nothing there any more",
                                     "仍被相信：页表在那里已没有映射"};
    static constexpr Phrase OTHER{"still believed: the tables name other memory now", "仍被相信：页表现在指向别的内存"};
    static constexpr Phrase MORE{"still believed: the tables allow less now", "仍被相信：页表现在允许的更少"};
    static constexpr Phrase FEWER{"still believed: the tables allow more now; an access may fault for nothing",
                                  "仍被相信：页表现在允许的更多，访问可能白白出错"};
    static constexpr Phrase TWO{"another entry translates the address, too: either may answer",
                                "另有一项也转换这个地址：由哪项作答不定"};
    switch (belief) {
    case mm::tlb_belief::nobodys: return NOBODYS;
    case mm::tlb_belief::unmapped: return UNMAPPED;
    case mm::tlb_belief::other_memory: return OTHER;
    case mm::tlb_belief::more_rights: return MORE;
    case mm::tlb_belief::fewer_rights: return FEWER;
    case mm::tlb_belief::two_answers: return TWO;
    default: return HOLDS;
    }
}

} // namespace shell::words
