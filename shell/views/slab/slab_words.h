#pragma once
// The phrases of the slab views in both languages; words.h holds those that all views share.
#include "views/parts/pen.h"
#include "views/slab/slab_touched.h"

namespace shell::words {

inline constexpr Phrase NO_SLABS{
    "The slab allocator has not come up yet: it starts when the page allocator serves requests.",
    "slab 分配器尚未启动：页分配器可用之后它才启动。"};
inline constexpr Phrase NO_SLAB_LISTS{
    "SLOB keeps no slabs: it cuts pages into blocks of any size. See Cache for its pages.",
    "SLOB 没有 slab：它把页切成任意大小的块。它的页见“缓存”。"};
inline constexpr Phrase NO_SLAB_YET{
    "It has no slab now: the next allocation takes pages for one. Step on, or select another cache.",
    "现在没有 slab：下一次分配时才取页建立。请走到下一步，或选择另一个缓存。"};

inline constexpr Phrase NO_CACHE_YET{"No cache has a slab yet: the first allocation of an object makes one. Step on.",
                                     "还没有哪个缓存有 slab：第一次分配对象时才建立。请走到下一步。"};

// The table of caches.
inline constexpr Phrase NAME{"name", "名称"};
inline constexpr Phrase IN_USE{"in use", "在用"};
inline constexpr Phrase OBJECTS{"objects", "对象"};
inline constexpr Phrase USE{"use", "使用率"};
inline constexpr Phrase SIZE{"size", "大小"};
inline constexpr Phrase MEMORY{"memory", "内存"};
inline constexpr Phrase PER_SLAB{"per slab", "每 slab"};
inline constexpr Phrase SLABS{"slabs", "slab 数"};
inline constexpr Phrase NR_SLAB{"slab", "个 slab"};
inline constexpr Phrase NR_SLABS{"slabs", "个 slab"};
inline constexpr Phrase NR_OBJECT{"object", "个对象"};
inline constexpr Phrase NR_OBJECTS{"objects", "个对象"};
inline constexpr Phrase CPUS_KEEP{"ready on CPUs", "CPU 备用"};
inline constexpr Phrase ON_CPUS{"on CPUs", "CPU 持有"};
inline constexpr Phrase PARTIAL{"partial", "部分空闲"};
inline constexpr Phrase TOTAL{"total", "合计"};
inline constexpr Phrase NR_CACHE{"cache", "个缓存"};
inline constexpr Phrase NR_CACHES{"caches", "个缓存"};
inline constexpr Phrase HIDDEN_ONE{"kmalloc cache without slabs is hidden: show",
                                   "个没有 slab 的 kmalloc 缓存未显示：点此显示"};
inline constexpr Phrase HIDDEN{"kmalloc caches without slabs are hidden: show",
                               "个没有 slab 的 kmalloc 缓存未显示：点此显示"};
inline constexpr Phrase HIDE{"hide kmalloc caches without slabs", "隐藏没有 slab 的 kmalloc 缓存"};
inline constexpr Phrase ACTIVE_TOO{"/proc/slabinfo says", "/proc/slabinfo 记为"};
inline constexpr Phrase ACTIVE_WHY{"it counts what CPUs keep ready as active", "它把 CPU 备用的对象也算作活动"};

// One cache.
inline constexpr Phrase ALSO{"also", "别名"};
inline constexpr Phrase HOLD_NOTHING{"hold nothing of it", "没有它的对象"};
inline constexpr Phrase HOLDS_NOTHING{"holds nothing of it", "没有它的对象"};
inline constexpr Phrase CPU_PARTIAL{"partial list of the CPU", "本地部分空闲链表"};
inline constexpr Phrase NODE_PARTIAL{"partial list of the node", "节点的部分空闲链表"};
inline constexpr Phrase NODE_NAME{"node", "节点"};
inline constexpr Phrase FULL_SLABS{"full slabs", "已满的 slab"};
inline constexpr Phrase WITH_CPUS{"All of its slabs are with the CPUs, above.", "它的 slab 都由 CPU 持有，见上。"};
inline constexpr Phrase ON_NO_SLAB_LIST{"on no list", "不在任何链表"};
inline constexpr Phrase ON_THEIR_WAY{"on their way to a list", "正移往链表"};
inline constexpr Phrase SLABS_PARTIAL{"slabs_partial", "slabs_partial"};
inline constexpr Phrase SLABS_FULL{"slabs_full", "slabs_full"};
inline constexpr Phrase SLABS_FREE{"slabs_free", "slabs_free"};
inline constexpr Phrase NEWEST_FIRST{"taken next: left", "左端先取"};

// The pages of SLOB.
inline constexpr Phrase SLOB_TITLE{"SLOB: pages cut into blocks, the first that fits is taken",
                                   "SLOB：把页切成块，取第一个放得下的"};
inline constexpr Phrase SLOB_SMALL_LIST{"below 256 bytes", "小于 256 字节"};
inline constexpr Phrase SLOB_MEDIUM_LIST{"below 1024 bytes", "小于 1024 字节"};
inline constexpr Phrase SLOB_LARGE_LIST{"larger ones", "更大的"};
inline constexpr Phrase SLOB_FULL_LIST{"full pages, on no list", "已满的页，不在链表上"};
inline constexpr Phrase SLOB_HEADER{"header with the size", "存大小的头部"};
inline constexpr Phrase BLOCK_HELD{"block in use", "已分配的块"};
inline constexpr Phrase BLOCK_FREE{"free block", "空闲块"};
inline constexpr Phrase NO_SLOB_PAGE{"No page yet: the first allocation takes one.", "还没有页：第一次分配时取一页。"};
inline constexpr Phrase SEARCH_STARTS{"searched from the first page on", "从第一页开始查找"};

// One slab, byte by byte.
inline constexpr Phrase SLAB_OF{"slab of", "slab，属于"};
inline constexpr Phrase BYTES{"bytes", "字节"};
inline constexpr Phrase BYTES_IN_A_ROW{"bytes in a row", "每行字节"};
inline constexpr Phrase COLOUR_OFFSET{"colour offset", "着色偏移"};
inline constexpr Phrase RED_ZONE{"red zone", "红区"};
inline constexpr Phrase FREE_POINTER{"free pointer", "空闲指针"};
inline constexpr Phrase TRACKING{"tracking", "使用者记录"};
inline constexpr Phrase PADDING{"padding", "填充"};
inline constexpr Phrase LEFT_OVER{"left over", "剩余"};
inline constexpr Phrase INDEX_ARRAY{"index array", "索引数组"};

// Colouring.
inline constexpr Phrase L1_WHAT{
    "An L1 cache of 32 KiB with 8 ways and lines of 64 bytes has 64 sets: set = (address / 64) mod 64. Of lines on one "
    "set it keeps 8; more push each other out.",
    "32 KiB、8 路、行 64 字节的 L1 缓存有 64 组：组 =（地址 / 64）mod 64。同一组只放得下 8 行，再多就会互相挤出。"};
inline constexpr Phrase SLUB_HAS_NO_COLOURS{
    "SLUB has no colours: every slab begins at a page, so the objects of one number share their sets.",
    "SLUB 没有着色：每个 slab 都从整页开始，所以同号的对象落在同样的组。"};
inline constexpr Phrase WITH_COLOUR{"with colouring, as it is", "着色（实际）"};
inline constexpr Phrase WITHOUT_COLOUR{"without colouring", "不着色"};
inline constexpr Phrase OTHER_OBJECTS{"other objects of the slab", "slab 里的其他对象"};
inline constexpr Phrase MORE_THAN_WAYS{"more than 8 first lines on the set", "组内超过 8 个首行"};
inline constexpr Phrase FIRST_LINE{"first line", "的首行"};
inline constexpr Phrase OTHER_LINES{"other lines", "的其余行"};
inline constexpr Phrase LINES_A_SET{"first lines on a set", "每组的首行数"};
inline constexpr Phrase SET{"set", "组"};
inline constexpr Phrase MOST_ON_A_SET{"most on one set:", "单组最多："};

// The three allocators side by side.
inline constexpr Phrase SAME_STEPS{"The same steps on each allocator", "同样的步骤，不同的分配器"};
inline constexpr Phrase RUNNING{"running:", "运行中："};
inline constexpr Phrase FIRST_STEPS_ONLY{"a long session: the first steps only, up to", "步骤很多，只比较前面的，到"};
inline constexpr Phrase ONLY_SLUB{"This kernel has SLUB alone: SLOB went with 6.4, SLAB with 6.8.",
                                  "这个内核只有 SLUB：SLOB 于 6.4 移除，SLAB 于 6.8 移除。"};
inline constexpr Phrase PAGE{"page", "页"};
inline constexpr Phrase PAGES{"pages", "页"};
inline constexpr Phrase AT_STEP{"step #", "第 # 步"};
inline constexpr Phrase BYTES_AT{"Bytes at step #", "第 # 步时的字节"};
inline constexpr Phrase ASKED{"asked for and held", "请求并持有"};
inline constexpr Phrase ROUNDING{"rounding up", "向上取整"};
inline constexpr Phrase METADATA{"metadata", "元数据"};
inline constexpr Phrase FREE_OBJECTS{"free objects", "空闲对象"};
inline constexpr Phrase COLOURS{"colouring", "着色"};
inline constexpr Phrase ALLOCS_FAST_SLOW{"allocations fast / slow", "分配 快 / 慢"};
inline constexpr Phrase FREES_FAST_SLOW{"frees fast / slow", "释放 快 / 慢"};
inline constexpr Phrase FULL_PARTIAL_EMPTY{"full / partial / empty slabs", "slab 满 / 部分 / 空"};
inline constexpr Phrase FAILED_OPS{"failed steps", "失败的步骤"};

// Objects and slabs.
inline constexpr Phrase OBJECT{"object", "对象"};
inline constexpr Phrase OBJECT_HELD{"allocated", "已分配"};
inline constexpr Phrase OBJECT_ON_CPU{"free, on the CPU's freelist", "空闲，在 CPU 的空闲链表上"};
inline constexpr Phrase OBJECT_IN_ARRAY{"free, in an array", "空闲，在数组中"};
inline constexpr Phrase OBJECT_IN_SLAB{"free, in its slab", "空闲，在 slab 中"};
inline constexpr Phrase TOUCHED_NOW{"this step", "本步"};
inline constexpr Phrase OBJECT_ON_SLAB{"free, on the slab's own freelist", "空闲，在 slab 自己的空闲链表上"};
inline constexpr Phrase HANDED_OUT_NEXT{"handed out next", "下一个分配"};
inline constexpr Phrase AFTER_IT{"the next one after it", "其后是"};
inline constexpr Phrase NEW_SLAB{"new", "新建"};
inline constexpr Phrase GIVEN_BACK{"given back", "已归还"};
inline constexpr Phrase LET_GO{"let go", "放开"};
inline constexpr Phrase LEFT_LIST{"left the list", "离开链表"};
inline constexpr Phrase ROLE_TAKEN{"taken", "取走"};
inline constexpr Phrase ROLE_FREED{"freed", "释放"};
inline constexpr Phrase ROLE_ADDED{"added", "放入"};
inline constexpr Phrase ROLE_BAD{"misuse", "误用"};
inline constexpr Phrase NOTHING{"", ""};

// The phrase with a number where its # stands.
[[nodiscard]] inline std::string with_number(const Teller& pen, const Phrase& phrase, mm::u64 number) {
    std::string text = pen.say(phrase);
    return text.replace(text.find('#'), 1, grouped(static_cast<mm::i64>(number)));
}

[[nodiscard]] inline const Phrase& role_words(SlabRole role) {
    switch (role) {
    case SlabRole::let_go: return LET_GO;
    case SlabRole::removed: return LEFT_LIST;
    case SlabRole::added: return ROLE_ADDED;
    case SlabRole::taken: return ROLE_TAKEN;
    case SlabRole::freed: return ROLE_FREED;
    case SlabRole::made: return NEW_SLAB;
    case SlabRole::gone: return GIVEN_BACK;
    case SlabRole::bad: return ROLE_BAD;
    case SlabRole::touched: break;
    }
    return NOTHING;
}

} // namespace shell::words
