// The inspector for an address of a process: its VMA, the mm with its counts and marks, and the tasks that run in it.
#include <ranges>

#include "base/hex.h"
#include "bridge/structs.h"
#include "machine/facts/process_facts.h"
#include "process/rmap.h"
#include "process/tasks.h"
#include "views/parts/pen.h"
#include "views/process/process_choice.h"

namespace shell {

namespace {

using mm::i64;
using mm::u64;

constexpr std::size_t MAX_STRUCTS = 12; // of a process with its tasks

// Writes the structs of one process.
class ProcessInspector {
  public:
    ProcessInspector(const mm::Machine& machine, mm::Language language, const mm::MappingFacts& facts)
        : machine_(machine), proc_(machine.processes), words_{language}, facts_(facts) {}

    std::vector<Struct> structs() {
        std::vector<Struct> all;
        if (facts_.vma != mm::VMA_NONE) all.push_back(vma());
        const mm::mapped_page page =
            page_at_address(proc_, machine_.mmu, machine_.physical, facts_.process, facts_.address);
        if (page.kind != mm::mapped_page::page_kind::none) all.push_back(mapped(page));
        all.push_back(mm());
        for (const mm::task_id task : tasks_of(proc_, facts_.process)) {
            if (all.size() >= MAX_STRUCTS) break;
            all.push_back(this->task(task));
        }
        for (const mm::u32 cpu : borrowing_cpus(proc_, facts_.process))
            if (const mm::task_id borrower = current_task(proc_, cpu);
                borrower != mm::TASK_NONE && all.size() < MAX_STRUCTS)
                all.push_back(task(borrower));
        return all;
    }

  private:
    [[nodiscard]] const mm::mm_struct& of() const { return proc_.mms[facts_.process]; }
    [[nodiscard]] std::string place(u64 address) const {
        return place_text(machine_, {Selection::Kind::address, static_cast<i64>(address), i64{of().space}, 0});
    }
    void address(Struct& s, const char* name, u64 value) const {
        s.add(name, mm::address_hex(value), value == 0 ? std::string() : place(value));
    }

    [[nodiscard]] Struct vma() const {
        const mm::vm_area_struct& vma = proc_.vmas[facts_.vma];
        Struct s{"struct vm_area_struct " + mm::vma_text(proc_, facts_.process, facts_.vma), {}};
        address(s, "vm_start", vma.vm_start);
        address(s, "vm_end", vma.vm_end);
        s.add(words_.field("size", "大小"), size_text(vma.size()));
        s.add("vm_flags", unit_text(machine_, mm::Unit::vm_flags, static_cast<i64>(vma.vm_flags)));
        s.add("vm_pgoff", mm::address_hex(vma.vm_pgoff));
        const std::string file(vma.vm_file == 0 ? "NULL" : mm::name_text(proc_.files[vma.vm_file].path));
        s.add("vm_file", file);
        s.number("anon_vma", vma.anon_vma);
        return s;
    }

    // The entry of the address and the page behind it.
    [[nodiscard]] Struct mapped(const mm::mapped_page& page) const {
        Struct s{words_("page at ", "页：") + mm::address_hex(facts_.address), {}};
        s.add("pte", mm::address_hex(page.entry));
        s.add("pfn", mm::address_hex(page.pfn), place_text(machine_, {Selection::Kind::pfn, page.pfn, 0, 0}));
        s.add(words_.field("kind", "种类"), std::string(kind_name(page.kind)));
        s.add("pte_write", page.writable ? "1" : "0");
        s.add("pte_young", page.young ? "1" : "0");
        s.add("pte_dirty", page.dirty ? "1" : "0");
        s.add("PageAnonExclusive", page.exclusive ? "1" : "0");
        s.number("page_mapcount", page.mapcount);
        return s;
    }

    [[nodiscard]] std::string_view kind_name(mm::mapped_page::page_kind kind) const {
        using enum mm::mapped_page::page_kind;
        switch (kind) {
        case none: return "";
        case zero: return zh() ? "零页" : "the zero page";
        case anon: return zh() ? "匿名页" : "anonymous";
        case file: return zh() ? "文件页" : "of a file";
        case shmem: return zh() ? "共享内存" : "shared memory";
        }
        return "";
    }
    [[nodiscard]] bool zh() const { return words_.language == mm::Language::zh; }

    // What a task is known by here; the place leads to the mm that it runs with.
    [[nodiscard]] std::string task_link_text(mm::task_id task) const {
        return task == mm::TASK_NONE ? "NULL" : task_text(proc_, task);
    }
    [[nodiscard]] std::string mm_place(mm::mm_id mm) const {
        if (mm == mm::MM_NONE) return "";
        const mm::mm_struct& of = proc_.mms[mm];
        return place_text(machine_, {Selection::Kind::address, static_cast<i64>(of.start_code), i64{of.space}, 0});
    }
    [[nodiscard]] std::string task_place(mm::task_id task) const {
        return task == mm::TASK_NONE ? "" : mm_place(proc_.tasks[task].mm);
    }

    // In the order of struct task_struct.
    [[nodiscard]] Struct task(mm::task_id id) const {
        const mm::task_struct& task = proc_.tasks[id];
        Struct s{"struct task_struct " + task_text(proc_, id), {}};
        s.add("__state", std::string(state_text(proc_, id)));
        s.add("flags", mm::address_hex(task.flags) + (task.kernel_thread() ? " PF_KTHREAD" : "") +
                           ((task.flags & mm::PF_FORKNOEXEC) != 0 ? " PF_FORKNOEXEC" : ""));
        s.add("on_cpu", task.cpu == mm::CPU_NONE ? "0" : "1");
        s.add("cpu", task.cpu == mm::CPU_NONE ? "-" : std::to_string(task.cpu));
        const auto of_mm = [&](const char* name, mm::mm_id mm, const char* none) {
            s.add(name, mm == mm::MM_NONE ? none : mm::process_text(proc_, mm), mm_place(mm));
        };
        of_mm("mm", task.mm, "NULL");
        of_mm("active_mm", task.active_mm, task.cpu == mm::CPU_NONE ? "NULL" : "init_mm");
        s.number("pid", task.pid);
        s.number("tgid", task.tgid);
        const std::string parent = task.kernel_thread() ? "kthreadd, pid 2" : "init, pid 1";
        s.add("real_parent", task.real_parent == mm::TASK_NONE ? parent : task_text(proc_, task.real_parent),
              task_place(task.real_parent));
        s.add("group_leader", task_text(proc_, task.group_leader), task_place(task.group_leader));
        s.add("vfork_done", task_link_text(task.vfork_done), task_place(task.vfork_done));
        s.add("comm", std::string(mm::name_text(task.comm)));
        s.number("signal->nr_threads", proc_.tasks[task.group_leader].nr_threads);
        return s;
    }

    [[nodiscard]] Struct mm() const {
        const mm::mm_struct& mm = of();
        Struct s{"struct mm_struct " + mm::process_text(proc_, facts_.process), {}};
        address(s, "mmap_base", mm.mmap_base);
        address(s, "task_size", mm.task_size);
        s.number("mm_users", mm.mm_users);
        s.number("mm_count", mm.mm_count);
        s.number("map_count", mm.map_count);
        const auto pages = [&](const char* name, u64 value) { s.number(name, static_cast<i64>(value)); };
        pages("total_vm", mm.total_vm);
        pages("locked_vm", mm.locked_vm);
        pages("data_vm", mm.data_vm);
        pages("exec_vm", mm.exec_vm);
        pages("stack_vm", mm.stack_vm);
        pages("rss_stat[MM_ANONPAGES]", mm.rss.anon);
        pages("rss_stat[MM_FILEPAGES]", mm.rss.file);
        pages("rss_stat[MM_SHMEMPAGES]", mm.rss.shmem);
        pages("min_flt", mm.min_flt);
        pages("maj_flt", mm.maj_flt);
        address(s, "start_code", mm.start_code);
        address(s, "end_code", mm.end_code);
        address(s, "start_data", mm.start_data);
        address(s, "end_data", mm.end_data);
        address(s, "start_brk", mm.start_brk);
        address(s, "brk", mm.brk);
        address(s, "start_stack", mm.start_stack);
        address(s, "arg_start", mm.arg_start);
        address(s, "arg_end", mm.arg_end);
        address(s, "env_start", mm.env_start);
        address(s, "env_end", mm.env_end);
        s.add("owner", task_link_text(mm.owner), task_place(mm.owner));
        return s;
    }

    const mm::Machine& machine_;
    const mm::process_memory& proc_;
    OwnWords words_;
    const mm::MappingFacts& facts_;
};

constexpr std::size_t MAX_MAPPINGS = 64; // that are listed

// The reverse map of a frame: each entry that maps it.
Struct reverse_map(const mm::Machine& machine, OwnWords words, mm::pfn_t pfn) {
    Struct s{words("reverse map", "反向映射"), {}};
    const std::vector<mm::frame_mapping> mappings = rmap_walk(machine.processes.user, pfn);
    for (std::size_t i = 0; i < mappings.size() && i < MAX_MAPPINGS; ++i) {
        const mm::frame_mapping& mapping = mappings[i];
        const i64 space = machine.processes.mms[mapping.mm].space;
        const Selection place{Selection::Kind::address, static_cast<i64>(mapping.address), space, 0};
        s.add(mm::process_text(machine.processes, mapping.mm), mm::address_hex(mapping.address),
              place_text(machine, place));
    }
    if (mappings.empty()) s.add(words.field("mapped", "映射"), words("by nobody", "没有"));
    if (mappings.size() > MAX_MAPPINGS)
        s.add(words.field("more", "更多"), std::to_string(mappings.size() - MAX_MAPPINGS));
    return s;
}

} // namespace

std::vector<Struct> user_page_structs(const mm::Machine& machine, mm::Language language, mm::pfn_t pfn) {
    const mm::user_page page = machine.processes.user.at(pfn);
    if (page.kind == mm::user_page_kind::none) return {};
    const OwnWords words{language};
    Struct s{words("page of processes", "进程的页"), {}};
    s.number("page_mapcount", page_mapcount(machine.processes.user, pfn));
    s.number("page_count", page_count(machine.processes.user, machine.physical, pfn));
    s.add("PageAnon", page.anon() ? "1" : "0");
    s.add("PageAnonExclusive", page.has(mm::user_page::EXCLUSIVE) ? "1" : "0");
    s.add("PageDirty", page.has(mm::user_page::DIRTY) ? "1" : "0");
    if (page.in_cache()) s.number("index", page.index);
    s.number(words.field("last byte written", "最后写入的字节"), page.value);
    return {std::move(s), reverse_map(machine, words, pfn)};
}

std::vector<Struct> process_structs(const mm::Machine& machine, mm::Language language, const Selection& selection) {
    const auto space = static_cast<mm::space_id>(selection.second);
    const auto mapping = mm::mapping_of(machine, static_cast<u64>(selection.value), space);
    if (!mapping) return {};
    return ProcessInspector(machine, language, *mapping).structs();
}

std::optional<Selection> process_place_of(const mm::Moment& moment) {
    const mm::mm_id process = process_of_step(moment);
    if (process == mm::MM_NONE) return std::nullopt;
    const mm::space_id space = moment.at.processes.mms[process].space;
    const auto place = [space](i64 address) { return Selection{Selection::Kind::address, address, i64{space}, 0}; };
    for (const mm::Event& event : moment.happened() | std::views::reverse) {
        const auto args = mm::event_spec(event.kind).arg_list();
        for (std::size_t i = 0; i < args.size(); ++i) {
            if (args[i].unit != mm::Unit::virt_address) continue;
            const auto mapping = mm::mapping_of(moment.at, static_cast<u64>(event.arg[i]), space);
            if (mapping && mapping->vma != mm::VMA_NONE) return place(event.arg[i]);
        }
    }
    return place(0);
}

} // namespace shell
