// The inspector for an address of a process: its VMA, and the mm with its counts and marks.
#include "base/hex.h"
#include "bridge/structs.h"
#include "machine/facts/process_facts.h"
#include "views/parts/pen.h"

namespace shell {

namespace {

using mm::i64;
using mm::u64;

// Writes the structs of one process.
class ProcessInspector {
  public:
    ProcessInspector(const mm::Machine& machine, mm::Language language, const mm::MappingFacts& facts)
        : machine_(machine), proc_(machine.processes), words_{language}, facts_(facts) {}

    std::vector<Struct> structs() {
        std::vector<Struct> all;
        if (facts_.vma != mm::VMA_NONE) all.push_back(vma());
        all.push_back(mm());
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

    [[nodiscard]] Struct mm() const {
        const mm::mm_struct& mm = of();
        Struct s{"struct mm_struct " + mm::process_text(proc_, facts_.process), {}};
        s.number("map_count", mm.map_count);
        const auto pages = [&](const char* name, u64 value) { s.number(name, static_cast<i64>(value)); };
        pages("total_vm", mm.total_vm);
        pages("locked_vm", mm.locked_vm);
        pages("data_vm", mm.data_vm);
        pages("exec_vm", mm.exec_vm);
        pages("stack_vm", mm.stack_vm);
        address(s, "task_size", mm.task_size);
        address(s, "mmap_base", mm.mmap_base);
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
        return s;
    }

    const mm::Machine& machine_;
    const mm::process_memory& proc_;
    OwnWords words_;
    const mm::MappingFacts& facts_;
};

} // namespace

std::vector<Struct> process_structs(const mm::Machine& machine, mm::Language language, const Selection& selection) {
    const auto space = static_cast<mm::space_id>(selection.second);
    const auto mapping = mm::mapping_of(machine, static_cast<u64>(selection.value), space);
    if (!mapping) return {};
    return ProcessInspector(machine, language, *mapping).structs();
}

} // namespace shell
