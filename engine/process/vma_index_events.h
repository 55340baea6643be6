#pragma once
// The events of the index of VMAs: kinds here, arguments and sentences in vma_index_event_rows.h. Kinds follow those of tasks.
#include "base/event_words.h"
#include "process/task_events.h"

namespace mm {

enum class vma_index_event : u16 {
    vma_searched = static_cast<u16>(task_event::count),
    vmacache_flushed,
    vma_tree_turned,
    avl_tree_built,
    maple_changed,
    count,
};

// Of `tree` in vma_tree_turned.
enum class turned_tree : u8 { rbtree, avl };

[[nodiscard]] EventPart vma_index_events();

} // namespace mm
