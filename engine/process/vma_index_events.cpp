// Events of the index of VMAs: the words of their reasons.
#include "process/vma_index.h"
#include "process/vma_index_event_rows.h"

namespace mm {

namespace {

using ev = vma_index_event;

constexpr auto table = event_table(vma_index_rows::rows, ev::vma_searched);

// clang-format off
constexpr EventWords way(search_way value, LateText en, LateText zh) { return words_for(ev::vma_searched, "way", value, en, zh); }
constexpr EventWords changed(maple_change value, LateText en, LateText zh) {
    return words_for(ev::maple_changed, "reason", value, en, zh);
}

constexpr EventWords words[] = {
    way(search_way::maple, "Of the maple tree {looked} {looked|node is|nodes are} read ({vmas} VMAs).", "在 maple 树里读了 {looked} 个节点（共 {vmas} 个 VMA）。"),
    way(search_way::rbtree, "The vmacache has none, so {looked} {looked|node|nodes} of the red-black tree {looked|is|are} looked at ({vmas} VMAs).", "vmacache 里没有，于是在红黑树里看了 {looked} 个节点（共 {vmas} 个 VMA）。"),
    way(search_way::avl, "It is not the one found last, so {looked} {looked|node|nodes} of the AVL tree {looked|is|are} looked at ({vmas} VMAs).", "不是上次找到的那个，于是在 AVL 树里看了 {looked} 个节点（共 {vmas} 个 VMA）。"),
    way(search_way::list, "It is not the one found last, and there is no tree yet: {looked} of {vmas} VMAs in the list {looked|is|are} looked at.", "不是上次找到的那个，树也还没有：沿链表看了 {vmas} 个 VMA 中的 {looked} 个。"),
    way(search_way::vmacache, "The task's vmacache has it, after {looked} of its 4 slots: the tree is not asked.", "任务的 vmacache 里就有，看了 4 个槽中的 {looked} 个：不用查树。"),
    way(search_way::mmap_cache, "It is the one found last (mmap_cache): nothing else is asked.", "就是上次找到的那个（mmap_cache）：别的都不用查。"),
    words_for(ev::vma_searched, "found", 1, "The first that ends above it is {start} to {end}.", "第一个末尾高于它的是 {start} 到 {end}。"),
    words_for(ev::vma_searched, "found", 0, "None ends above it.", "没有末尾高于它的。"),
    words_for(ev::vma_tree_turned, "tree", turned_tree::rbtree, "red-black", "红黑"),
    words_for(ev::vma_tree_turned, "tree", turned_tree::avl, "AVL", "AVL "),
    changed(maple_change::split, "the node at {start} would have {before} slots, too many. It is split: {left} in it, {right} in a new node.", "{start} 处的节点放不下 {before} 个槽，一分为二：留下 {left} 个，{right} 个进新节点。"),
    changed(maple_change::split_in_three, "a store over two full nodes leaves {before} slots from {start} on, too many for two: three nodes share them.", "写入跨过两个满节点，从 {start} 起共 {before} 个槽，两个节点放不下：分给三个。"),
    changed(maple_change::pushed_left, "a node would have {before} slots, too many, but the one before, at {start}, has room and takes some: {left} there, {right} here. No new node.", "{before} 个槽放不下，但前一个节点（{start}）有空位：挪过去一些，它有 {left} 个，这里剩 {right} 个，不用新节点。"),
    changed(maple_change::pushed_right, "the node at {start} would have {before} slots, too many, but the one behind has room and takes some: {left} here, {right} there. No new node.", "{start} 处的节点放不下 {before} 个槽，但后一个节点有空位：这里留 {left} 个，它有 {right} 个，不用新节点。"),
    changed(maple_change::joined, "too few slots were left: nodes from {start} on are put together, and {before} slots need fewer nodes.", "剩下的槽太少：从 {start} 起的节点合在一起，{before} 个槽用更少的节点就够。"),
    changed(maple_change::balanced, "nodes from {start} on share their {before} slots anew: {left} and {right}.", "从 {start} 起的节点重新分配 {before} 个槽：{left} 个和 {right} 个。"),
    changed(maple_change::root_above, "the root was split, so a new root with {before} slots stands above. The tree has a level more.", "根节点分裂了，上面放一个有 {before} 个槽的新根：树高了一层。"),
    changed(maple_change::root_gone, "one node holds everything again: it is the root now, with {before} slots, and what stood above goes.", "一个节点又装得下全部：它成为根，有 {before} 个槽，上面的层撤掉。"),
};
// clang-format on

} // namespace

EventPart vma_index_events() { return table.with(words); }

} // namespace mm
