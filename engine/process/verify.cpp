#include "process/verify.h"

#include <algorithm>
#include <vector>

#include "base/hex.h"
#include "process/report.h"

namespace mm {

namespace {

using Fault = std::optional<std::string>;

// ---- The tree ------------------------------------------------------------------------------------------------------

struct Measured {
    u64 start = 0, end = 0, gap = 0;
    u32 black = 0; // nodes on each way down
    u8 height = 0; // levels
};

struct TreeCheck {
    const process_memory& proc;
    Fault fault;
    u32 nodes = 0;

    // A red-black tree by its colours, an AVL tree by its heights.
    void check_shape(const vm_area_struct& vma, vma_id parent, const Measured& left, const Measured& right) {
        const std::string at = address_hex(vma.vm_start);
        if (proc.rules.index() == vma_index_kind::avl) {
            if (left.height > right.height + 1 || right.height > left.height + 1) fault = "the AVL tree leans at " + at;
            if (vma.avl_height != std::max(left.height, right.height) + 1) fault = "a wrong height at " + at;
            return;
        }
        if (vma.red && parent != VMA_NONE && proc.vmas[parent].red) fault = "two red VMAs in a row at " + at;
        if (left.black != right.black) fault = "the tree is out of balance at " + at;
    }

    Measured check(vma_id node, vma_id parent) {
        if (node == VMA_NONE || fault) return {};
        const vm_area_struct& vma = proc.vmas[node];
        if (vma.parent != parent) fault = "a VMA at " + address_hex(vma.vm_start) + " has another parent";
        ++nodes;
        const Measured left = check(vma.left, node), right = check(vma.right, node);
        if (fault) return {};
        check_shape(vma, parent, left, right);
        Measured all{vma.vm_start, vma.vm_end, 0, left.black + (vma.red ? 0 : 1),
                     static_cast<u8>(std::max(left.height, right.height) + 1)};
        if (vma.left != VMA_NONE) {
            if (left.end > vma.vm_start) fault = "VMAs overlap below " + address_hex(vma.vm_start);
            all.start = left.start;
            all.gap = std::max(left.gap, vma.vm_start - left.end);
        }
        if (vma.right != VMA_NONE) {
            if (right.start < vma.vm_end) fault = "VMAs overlap above " + address_hex(vma.vm_end);
            all.end = right.end;
            all.gap = std::max({all.gap, right.gap, right.start - vma.vm_end});
        }
        if (all.start != vma.subtree_start || all.end != vma.subtree_end || all.gap != vma.subtree_max_gap)
            fault = "what is known of the VMAs below " + address_hex(vma.vm_start) + " is wrong";
        return all;
    }
};

// Entries of the maple tree in their order are the VMAs of the list.
Fault verify_maple_index(const process_memory& proc, const mm_struct& mm) {
    if (const Fault fault = verify_maple(proc.maple, mm.mm_mt)) return fault;
    vma_id listed = mm.mmap;
    u64 first = 0;
    for (maple_id id = maple_first_leaf(proc.maple, mm.mm_mt); id != MAPLE_NONE; id = maple_next_node(proc.maple, id)) {
        const maple_node& leaf = proc.maple.nodes[id];
        for (u32 i = 0; i < leaf.count; first = leaf.pivots[i++] + 1) {
            if (leaf.slots[i] == MAPLE_NONE) continue;
            if (leaf.slots[i] != listed || proc.vmas[listed].vm_start != first ||
                proc.vmas[listed].vm_end - 1 != leaf.pivots[i])
                return "the maple tree has another range at " + address_hex(first);
            listed = proc.vmas[listed].vm_next;
        }
    }
    if (listed != VMA_NONE) return "the maple tree lacks VMAs of the list";
    return std::nullopt;
}

// The list goes up and back, and the index of the kernel holds the same.
Fault verify_index(const process_memory& proc, const mm_struct& mm) {
    u32 listed = 0;
    vma_id prev = VMA_NONE;
    for (vma_id id = mm.mmap; id != VMA_NONE; prev = id, id = proc.vmas[id].vm_next) {
        const vm_area_struct& vma = proc.vmas[id];
        if (vma.vm_prev != prev) return "the list is not linked back at " + address_hex(vma.vm_start);
        if (prev != VMA_NONE && vma.vm_start < proc.vmas[prev].vm_end)
            return "VMAs of the list overlap at " + address_hex(vma.vm_start);
        if (++listed > mm.map_count) return "the list has more VMAs than map_count";
    }
    if (mm.last != prev) return "the list ends with another VMA";
    if (proc.rules.index() == vma_index_kind::maple) return verify_maple_index(proc, mm);
    TreeCheck tree{proc, {}};
    static_cast<void>(tree.check(mm.root, VMA_NONE));
    const bool list_alone = proc.rules.index() == vma_index_kind::avl && mm.root == VMA_NONE;
    if (!tree.fault && !list_alone && tree.nodes != listed) return "the tree has another number of VMAs than the list";
    return tree.fault;
}

// ---- VMAs and counts -----------------------------------------------------------------------------------------------

Fault verify_vma(const process_memory& proc, const mm_struct& mm, const vm_area_struct& vma) {
    const std::string at = address_hex(vma.vm_start);
    if (vma.vm_start >= vma.vm_end || proc.in_page(vma.vm_start) || proc.in_page(vma.vm_end) ||
        vma.vm_end > mm.task_size)
        return "the VMA at " + at + " has impossible ends";
    if ((vma.anon_vma == 0) != (vma.anon_vma_chain == 0))
        return "the VMA at " + at + " has an anon_vma without a chain";
    if (vma.vm_file != 0 && !proc.files[vma.vm_file].in_use) return "the VMA at " + at + " maps a file that is gone";
    return std::nullopt;
}

struct Sums {
    u64 vmas = 0, total = 0, locked = 0, data = 0, exec = 0, stack = 0, accounted = 0;
};

void add(const process_memory& proc, const vm_area_struct& vma, Sums& sums) {
    const u64 pages = proc.pages(vma);
    ++sums.vmas;
    sums.total += pages;
    if ((vma.vm_flags & VM_LOCKED) != 0) sums.locked += pages;
    if ((vma.vm_flags & VM_ACCOUNT) != 0) sums.accounted += pages;
    if ((vma.vm_flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC) {
        sums.exec += pages;
    } else if ((vma.vm_flags & VM_GROWSDOWN) != 0) {
        sums.stack += pages;
    } else if (is_data_mapping(vma.vm_flags)) {
        sums.data += pages;
    }
}

Fault verify_counts(const mm_struct& mm, const Sums& sums) {
    if (mm.map_count != sums.vmas) return "map_count is not the number of VMAs";
    if (mm.total_vm != sums.total) return "total_vm is not the sum of the VMAs";
    if (mm.locked_vm != sums.locked) return "locked_vm is not the sum of the locked VMAs";
    if (mm.data_vm != sums.data || mm.exec_vm != sums.exec || mm.stack_vm != sums.stack)
        return "data_vm, exec_vm and stack_vm are not the sums of their VMAs";
    return std::nullopt;
}

Fault verify_mm(const process_memory& proc, const mm_struct& mm, std::vector<u32>& mapped, u64& accounted) {
    if (const Fault fault = verify_index(proc, mm)) return fault;
    Sums sums;
    for (vma_id id = mm.mmap; id != VMA_NONE; id = proc.vmas[id].vm_next) {
        const vm_area_struct& vma = proc.vmas[id];
        if (const Fault fault = verify_vma(proc, mm, vma)) return fault;
        if (vma.vm_file != 0) ++mapped[vma.vm_file];
        add(proc, vma, sums);
    }
    accounted += sums.accounted;
    return verify_counts(mm, sums);
}

// ---- The hash ------------------------------------------------------------------------------------------------------

void hash_file(const process_memory& proc, file_id id, Hasher& hasher) {
    const mapped_file file = id == 0 ? mapped_file{} : proc.files[id];
    hasher.add_text(name_text(file.path));
    hasher.add(static_cast<u64>(file.kind) << 2 | u64{file.readable} << 1 | u64{file.writable});
    hasher.add(file.size);
    hasher.add(file.inode);
    hasher.add(u64{file.device} << 32 | file.vmas);
}

void hash_mm(const process_memory& proc, const mm_struct& mm, Hasher& hasher) {
    hasher.add_text(name_text(mm.name));
    hasher.add(u64{mm.pid} << 32 | mm.space);
    hasher.add(u64{mm.legacy_layout} << 1 | u64{mm.privileged});
    for (const u64 value :
         {mm.total_vm, mm.locked_vm, mm.data_vm, mm.exec_vm, mm.stack_vm, mm.hiwater_vm, mm.def_flags})
        hasher.add(value);
    for (const u64 value :
         {mm.start_code, mm.end_code, mm.start_data, mm.end_data, mm.start_brk, mm.brk, mm.start_stack, mm.arg_start,
          mm.arg_end, mm.env_start, mm.env_end, mm.mmap_base, mm.task_size, mm.vdso})
        hasher.add(value);
    for (const u64 value : {mm.rss.anon, mm.rss.file, mm.rss.shmem, mm.hiwater_rss, mm.min_flt, mm.maj_flt,
                            u64{mm.mm_users}, u64{mm.mm_count}})
        hasher.add(value);
    for (const u64 value : {mm.rlim.as, mm.rlim.data, mm.rlim.stack, mm.rlim.memlock}) hasher.add(value);
    for (vma_id id = mm.mmap; id != VMA_NONE; id = proc.vmas[id].vm_next) {
        const vm_area_struct& vma = proc.vmas[id];
        for (const u64 value : {vma.vm_start, vma.vm_end, vma.vm_flags, vma.vm_pgoff}) hasher.add(value);
        hasher.add(u64{vma.anon_vma} << 32 | vma.anon_vma_chain);
        hasher.add(static_cast<u64>(vma.special) << 2 | u64{vma.close} << 1 | u64{vma.has_ops});
        hash_file(proc, vma.vm_file, hasher);
    }
}

} // namespace

std::optional<std::string> verify_processes(const process_memory& proc) {
    std::vector<u32> mapped(proc.files_used);
    u64 accounted = 0;
    for (mm_id id = 0; id < proc.mms_used; ++id) {
        if (!proc.mms[id].in_use) continue;
        if (const Fault fault = verify_mm(proc, proc.mms[id], mapped, accounted))
            return "process " + std::to_string(id) + ": " + *fault;
    }
    for (file_id id = 1; id < proc.files_used; ++id)
        if (proc.files[id].accounted) accounted += proc.page_align(proc.files[id].size) >> proc.page_shift;
    if (accounted != proc.vm_committed) return "vm_committed is not the sum of the accounted VMAs and files";
    for (file_id id = 1; id < proc.files_used; ++id)
        if (mapped[id] != proc.files[id].vmas)
            return "file " + std::to_string(id) + " is mapped by another number of VMAs";
    return std::nullopt;
}

void hash_processes(const process_memory& proc, Hasher& hasher) {
    for (const u64 value :
         {u64{proc.overcommit_memory}, u64{proc.overcommit_ratio}, u64{proc.max_map_count}, u64{proc.legacy_va_layout},
          u64{proc.randomize_va_space}, proc.mmap_min_addr, proc.random_seed, u64{proc.last_pid}, proc.last_inode})
        hasher.add(value);
    for (mm_id id = 0; id < proc.mms_used; ++id)
        if (proc.mms[id].in_use) hash_mm(proc, proc.mms[id], hasher);
    for (file_id id = 1; id < proc.files_used; ++id)
        if (proc.files[id].opened) hash_file(proc, id, hasher);
    hasher.add(proc.vm_committed);
    hasher.add(proc.anon_vmas_made);
    hash_tasks(proc, hasher);
    for (anon_vma_id id = 0; id < proc.anon_vma_parents.size(); ++id)
        if (proc.anon_vma_parents[id] != 0) hasher.add(u64{id} << 32 | proc.anon_vma_parents[id]);
    hash_user_pages(proc, hasher);
}

} // namespace mm
