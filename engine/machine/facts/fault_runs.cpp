// The way of each fault through the tree, from its events.
#include <algorithm>
#include <initializer_list>
#include <utility>

#include "machine/facts/fault_tree.h"
#include "mmu/event_rows.h"
#include "mmu/fault.h"
#include "process/event_rows.h"
#include "process/fault_event_rows.h"

namespace mm {

namespace {

using n = fault_node;
using ev = fault_event;

constexpr u16 of(auto kind) { return static_cast<u16>(kind); }

// Those that say which answer was given.
constexpr u16 WAY_EVENTS[] = {
    of(ev::fault_begins),
    of(ev::fault_branch),
    of(ev::zero_page_mapped),
    of(ev::anon_page_mapped),
    of(ev::file_page_found),
    of(ev::file_pages_read),
    of(ev::shmem_page_added),
    of(ev::fault_around),
    of(ev::file_page_mapped),
    of(ev::page_mkwrite),
    of(ev::wp_decided),
    of(ev::page_copied),
    of(ev::entry_flags_set),
    of(ev::fault_spurious),
    of(ev::huge_page_refused),
    of(ev::huge_page_mapped),
    of(ev::huge_zero_mapped),
    of(ev::huge_page_split),
    of(ev::fault_beyond_file),
    of(ev::fault_no_memory),
    of(ev::fault_retried),
    of(ev::user_sigbus),
    of(process_event::user_access),
    of(process_event::user_sigsegv),
    of(process_event::vma_stack_grown),
};
// Those that add a number to it.
constexpr u16 NUMBER_EVENTS[] = {of(ev::page_reused), of(ev::page_dirtied), of(ev::fault_done),
                                 of(mmu_event::table_allocated)};

class RunReader {
  public:
    void add(const Event& event, u32 index) {
        at_ = index;
        if (event.kind == of(process_event::vma_stack_grown) || event.kind == of(process_event::user_access) ||
            event.kind == of(process_event::user_sigsegv))
            return found_vma(event);
        if (event.kind == of(mmu_event::table_allocated)) {
            if (open_) ++run().tables;
            return;
        }
        if (event.kind == of(process_event::mm_call_failed)) return growth_refused(event);
        switch (static_cast<ev>(event.kind)) {
        case ev::fault_begins: return begin(event);
        case ev::fault_retried: return again();
        case ev::huge_page_refused:
            need_pmd(event);
            go({n::huge_may, n::pte});
            return;
        case ev::fault_branch: return branch(event);
        case ev::fault_done:
            if (open_) run().done = static_cast<i32>(index);
            open_ = false;
            return;
        case ev::user_sigbus:
            end_at(n::beyond_file);
            open_ = false;
            return;
        case ev::fault_no_memory:
            if (!open_) return;
            if (Args<ev::fault_no_memory>(event)["order"] == 0) return end_at(n::no_memory);
            if (last() == n::huge_anon) go({n::pte});
            return;
        default: return page(event);
        }
    }

    [[nodiscard]] std::vector<FaultRun> take() { return std::move(runs_); }

  private:
    [[nodiscard]] FaultRun& run() { return runs_.back(); }
    [[nodiscard]] n last() { return run().steps.empty() ? n::entry : run().steps.back().node; }

    void open(u64 address, user_access_kind kind) {
        runs_.push_back({.address = address, .kind = kind, .first = at_});
        open_ = true;
    }
    // The questions up to here are answered by this event, and these follow; the last one is asked.
    void go(std::initializer_list<n> nodes) {
        for (const n node : nodes) {
            if (!run().steps.empty() && run().steps.back().event < 0) run().steps.back().event = static_cast<i32>(at_);
            if (!run().steps.empty() && run().steps.back().node == node) continue;
            run().steps.push_back({node, is_end(node) ? static_cast<i32>(at_) : -1});
        }
    }
    // An end that a later event of the same fault tells more of.
    void end_at(n node) {
        if (!open_) return;
        if (run().ended()) return;
        go({node});
    }

    void begin(const Event& event) {
        const Args<ev::fault_begins> in(event);
        open(in.as<u64>("address"), in.as<user_access_kind>("kind"));
        run().steps.push_back({n::entry, static_cast<i32>(at_)});
        if (in.as<fault_kind>("fault") == fault_kind::address_size) go({n::bad_tables});
    }
    void again() {
        if (runs_.empty()) return;
        const FaultRun before = run();
        open(before.address, before.kind);
        run().again = true;
        run().steps.push_back({n::entry, static_cast<i32>(at_)});
    }

    // An access that has no tables begins at the VMAs.
    void found_vma(const Event& event) {
        const u64 address = static_cast<u64>(event.arg[event.kind == of(process_event::vma_stack_grown) ? 1 : 0]);
        if (!open_) open(address, user_access_kind::read);
        if (event.kind == of(process_event::vma_stack_grown)) return go({n::find_vma, n::grows, n::expand, n::rights});
        if (event.kind == of(process_event::user_access)) {
            const Args<process_event::user_access> in(event);
            run().kind = in.as<user_access_kind>("kind");
            if (last() != n::rights) go({n::find_vma, n::rights});
            return go({n::pmd});
        }
        const Args<process_event::user_sigsegv> in(event);
        run().kind = in.as<user_access_kind>("kind");
        switch (in.as<segv_reason>("reason")) {
        case segv_reason::not_user: go({n::not_user}); break;
        case segv_reason::below_stack:
        case segv_reason::stack_refused:
            if (last() != n::expand) go({n::find_vma, n::grows, n::expand});
            go({n::stack_refused});
            break;
        case segv_reason::no_read:
        case segv_reason::no_write:
        case segv_reason::no_exec:
            if (last() != n::rights) go({n::find_vma, n::rights});
            go({n::access_error});
            break;
        default: go({n::find_vma, n::grows, n::no_vma}); break;
        }
        open_ = false;
    }
    void growth_refused(const Event& event) {
        if (!open_ || Args<process_event::mm_call_failed>(event).as<mm_call>("call") != mm_call::stack) return;
        go({n::find_vma, n::grows, n::expand});
        run().steps.back().event = static_cast<i32>(at_);
    }

    // Pages that the kernel brings without an access begin at the tables.
    void need_pmd(const Event& event) {
        const bool once_more = open_ && run().ended();
        if (!open_ || once_more) {
            open(static_cast<u64>(event.arg[0]), user_access_kind::read);
            run().by_kernel = true;
            run().again = once_more;
        }
        if (run().steps.empty() || last() == n::entry) go({n::pmd});
    }

    void branch(const Event& event) {
        const Args<ev::fault_branch> in(event);
        need_pmd(event);
        if (run().by_kernel) run().kind = in["write"] != 0 ? user_access_kind::write : user_access_kind::read;
        way_ = in.as<fault_way>("way");
        if (last() == n::pmd && way_ < fault_way::huge_anon_read) {
            if (in["level"] > 0) go({n::huge_may});
            go({n::pte});
        }
        switch (way_) {
        case fault_way::anon_read:
        case fault_way::anon_write: return go({n::behind, n::anon});
        case fault_way::file_read: return go({n::behind, n::file, n::around});
        case fault_way::file_cow:
        case fault_way::file_shared: return go({n::behind, n::file, n::cache});
        case fault_way::write_protected: return go({n::present, n::wp});
        case fault_way::flags: return go({n::present, n::flags});
        case fault_way::huge_anon_read:
        case fault_way::huge_anon_write: return go({n::huge_may, n::huge_anon});
        case fault_way::huge_write_protected: return go({n::huge_present, n::huge_wp});
        case fault_way::huge_flags: return go({n::huge_present, n::flags});
        }
    }

    void page(const Event& event) {
        if (!open_) return;
        switch (static_cast<ev>(event.kind)) {
        case ev::zero_page_mapped: return end_at(last() == n::around ? n::kernel_data : n::zero_page);
        case ev::anon_page_mapped: return end_at(n::anon_page);
        case ev::fault_around: return go({Args<ev::fault_around>(event)["found"] != 0 ? n::around_mapped : n::cache});
        case ev::file_page_found:
        case ev::shmem_page_added:
            go({n::cache});
            run().steps.back().event = static_cast<i32>(at_);
            return;
        case ev::file_pages_read: return cached(n::disk_read);
        case ev::fault_beyond_file: return cached(n::beyond_file);
        case ev::file_page_mapped: return end_at(way_ == fault_way::file_shared ? n::shared_written : n::file_mapped);
        case ev::page_mkwrite: return end_at(last() == n::cache ? n::shared_written : n::shared_made_writable);
        case ev::wp_decided: return decided(Args<ev::wp_decided>(event).as<wp_reason>("reason"));
        case ev::page_copied:
            if (last() == n::cache) return go({n::cow_copied});
            break;
        case ev::entry_flags_set: return end_at(n::flags_set);
        case ev::fault_spurious: return end_at(n::spurious);
        case ev::huge_page_mapped: return end_at(last() == n::huge_wp ? n::huge_new : n::huge_page);
        case ev::huge_zero_mapped: return end_at(n::huge_zero);
        case ev::huge_page_split:
            if (last() == n::huge_wp) go({n::pte});
            return;
        default: break;
        }
    }
    void cached(n node) { go({n::cache, node}); }
    void decided(wp_reason reason) {
        switch (reason) {
        case wp_reason::exclusive:
        case wp_reason::last_owner: return end_at(n::reused);
        case wp_reason::shared_anon: return end_at(n::copied);
        case wp_reason::zero: return end_at(n::zero_replaced);
        case wp_reason::private_file: return end_at(n::file_copied);
        case wp_reason::shared_file: return end_at(n::shared_made_writable);
        case wp_reason::huge_exclusive:
        case wp_reason::huge_last_owner: return end_at(n::huge_reused);
        case wp_reason::huge_shared:
        case wp_reason::huge_zero: run().steps.back().event = static_cast<i32>(at_); return;
        }
    }

    std::vector<FaultRun> runs_;
    bool open_ = false;
    fault_way way_ = fault_way::anon_read;
    u32 at_ = 0;
};

} // namespace

FaultPart fault_part_of(u16 kind) {
    if (std::find(std::begin(WAY_EVENTS), std::end(WAY_EVENTS), kind) != std::end(WAY_EVENTS)) return FaultPart::way;
    if (std::find(std::begin(NUMBER_EVENTS), std::end(NUMBER_EVENTS), kind) != std::end(NUMBER_EVENTS))
        return FaultPart::number;
    return FaultPart::none;
}

std::vector<FaultRun> fault_runs(std::span<const Event> events) {
    RunReader reader;
    for (u32 i = 0; i < events.size(); ++i) reader.add(events[i], i);
    return reader.take();
}

} // namespace mm
