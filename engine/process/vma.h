#pragma once
// A VMA: addresses of a process in a row that are mapped alike. Its number stays while it lives; a number is used
// again.
//
// Mirrors: include/linux/mm_types.h (struct vm_area_struct), include/linux/mm.h (VM_ flags; Linux 6.1).
#include "base/rb_tree.h"
#include "base/types.h"

namespace mm {

using vma_id = u32;
inline constexpr vma_id VMA_NONE = RB_NONE;
using vm_flags_t = u64;

// vm_flags, the kernel's bits.
inline constexpr vm_flags_t VM_READ = 0x1;
inline constexpr vm_flags_t VM_WRITE = 0x2;
inline constexpr vm_flags_t VM_EXEC = 0x4;
inline constexpr vm_flags_t VM_SHARED = 0x8;
inline constexpr vm_flags_t VM_MAYREAD = 0x10;
inline constexpr vm_flags_t VM_MAYWRITE = 0x20;
inline constexpr vm_flags_t VM_MAYEXEC = 0x40;
inline constexpr vm_flags_t VM_MAYSHARE = 0x80;
inline constexpr vm_flags_t VM_GROWSDOWN = 0x100;
inline constexpr vm_flags_t VM_PFNMAP = 0x400;
inline constexpr vm_flags_t VM_DENYWRITE = 0x800;
inline constexpr vm_flags_t VM_LOCKED = 0x2000;
inline constexpr vm_flags_t VM_IO = 0x4000;
inline constexpr vm_flags_t VM_SEQ_READ = 0x8000;
inline constexpr vm_flags_t VM_RAND_READ = 0x1'0000;
inline constexpr vm_flags_t VM_DONTCOPY = 0x2'0000;
inline constexpr vm_flags_t VM_DONTEXPAND = 0x4'0000;
inline constexpr vm_flags_t VM_LOCKONFAULT = 0x8'0000;
inline constexpr vm_flags_t VM_ACCOUNT = 0x10'0000;
inline constexpr vm_flags_t VM_NORESERVE = 0x20'0000;
inline constexpr vm_flags_t VM_HUGETLB = 0x40'0000;
inline constexpr vm_flags_t VM_WIPEONFORK = 0x200'0000;
inline constexpr vm_flags_t VM_DONTDUMP = 0x400'0000;
inline constexpr vm_flags_t VM_SOFTDIRTY_BIT = 0x800'0000; // where the architecture has soft-dirty entries
inline constexpr vm_flags_t VM_MIXEDMAP = 0x1000'0000;
inline constexpr vm_flags_t VM_HUGEPAGE = 0x2000'0000;
inline constexpr vm_flags_t VM_NOHUGEPAGE = 0x4000'0000;
inline constexpr vm_flags_t VM_MERGEABLE = 0x8000'0000;
inline constexpr vm_flags_t VM_DROPPABLE = 1ull << 40;
inline constexpr vm_flags_t VM_SEALED = 1ull << 63;

inline constexpr vm_flags_t VM_ACCESS_FLAGS = VM_READ | VM_WRITE | VM_EXEC;
inline constexpr vm_flags_t VM_SPECIAL = VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP;
inline constexpr vm_flags_t VM_LOCKED_MASK = VM_LOCKED | VM_LOCKONFAULT;

// Counts up from 1 as anon_vmas are made; 0: none yet.
using anon_vma_id = u32;
// A struct file by its place in process_memory::files; 0: anonymous.
using file_id = u32;

enum class special_mapping : u8 { none, vvar, vdso, sigpage, vectors };

struct vm_area_struct {
    u64 vm_start = 0;
    u64 vm_end = 0; // first address behind it
    vm_flags_t vm_flags = 0;
    u64 vm_pgoff = 0; // in the file; of anonymous memory, of the address at which it began
    anon_vma_id anon_vma = 0;
    u32 anon_vma_chain = 0; // anon_vmas that its pages may belong to: more than one behind a fork
    file_id vm_file = 0;
    // By address, in the order of the process. kernel: vm_prev, vm_next
    vma_id vm_prev = VMA_NONE;
    vma_id vm_next = VMA_NONE;
    // The red-black or AVL tree of its mm (vma_index.h): links, and of all that stands at and below it: where it begins
    // and ends, and the longest hole in it.
    vma_id parent = VMA_NONE; // records not in use: the next one
    vma_id left = VMA_NONE;
    vma_id right = VMA_NONE;
    u64 subtree_start = 0;
    u64 subtree_end = 0;
    u64 subtree_max_gap = 0;
    special_mapping special = special_mapping::none;
    bool close = false;   // vm_ops->close is set
    bool has_ops = false; // vm_ops is: it is not anonymous memory
    bool red = false;
    u8 avl_height = 0; // levels at and below it; 0: it stands in no AVL tree

    [[nodiscard]] u64 size() const { return vm_end - vm_start; }
    [[nodiscard]] bool is_anonymous() const { return !has_ops; }
    // kernel: vma_is_accessible
    [[nodiscard]] bool is_accessible() const { return (vm_flags & VM_ACCESS_FLAGS) != 0; }
};

} // namespace mm
