#include "views/process/fault_lines.h"

#include <cctype>

#include "base/hex.h"
#include "machine/facts/address_facts.h"
#include "machine/facts/process_facts.h"
#include "mmu/fault.h"
#include "process/event_rows.h"
#include "process/fault_event_rows.h"
#include "process/maps_text.h"
#include "process/vma_rules.h"
#include "views/parts/pen.h"
#include "views/process/fault_words.h"

namespace shell {

namespace {

using ev = mm::fault_event;
using mm::i64;
using mm::u16;
using mm::u32;
using mm::u64;
using n = mm::fault_node;
using pv = mm::process_event;

bool is(const mm::Event& event, auto kind) { return event.kind == static_cast<u16>(kind); }
std::string address_of(i64 value) { return mm::address_hex(static_cast<u64>(value)); }
std::string frame_text(i64 pfn) { return hex_pfn(static_cast<mm::frame_t>(pfn)); }

// Joins what is not empty.
void add_to(std::string& text, const std::string& more) {
    if (more.empty()) return;
    text += (text.empty() ? "" : " · ") + more;
}

class Lines {
  public:
    Lines(const Teller& teller, const mm::Moment& moment, const StepFaults& faults)
        : teller_(teller), moment_(moment), run_(faults.run()), end_(faults.end(moment)) {}

    [[nodiscard]] std::vector<FaultLine> make() const {
        std::vector<FaultLine> lines;
        for (std::size_t i = 0; i < run_.steps.size(); ++i) {
            const mm::FaultStep& step = run_.steps[i];
            const mm::FaultNode& node = mm::fault_node_of(step.node);
            FaultLine line{.node = step.node};
            line.question = say(mm::is_end(step.node) ? node.whole : node.text);
            line.question[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(line.question[0])));
            if (i + 1 < run_.steps.size())
                if (const mm::FaultEdge* edge = mm::edge_between(step.node, run_.steps[i + 1].node))
                    line.answer = say(edge->answer);
            line.function = mm::fault_function(step.node, moment_.at.processes.rules);
            line.place = address(run_.address);
            if (step.event >= 0) decide(line, event_at(step.event));
            lines.push_back(std::move(line));
        }
        return lines;
    }

  private:
    [[nodiscard]] const mm::Event& event_at(mm::i32 index) const {
        return moment_.events[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] std::string say(const Phrase& phrase) const { return teller_.say(phrase); }
    [[nodiscard]] std::string say(const Phrase& phrase, const std::string& number, const std::string& name = "") const {
        return mm::filled(teller_.say(phrase), number, name);
    }
    [[nodiscard]] Selection address(u64 value) const {
        return {Selection::Kind::address, static_cast<i64>(value),
                moment_.op ? mm::space_of_op(moment_.at, *moment_.op) : 0, 0};
    }
    [[nodiscard]] static Selection frame(i64 pfn) { return {Selection::Kind::pfn, pfn, 0, 0}; }

    void decide(FaultLine& line, const mm::Event& event) const {
        if (line.node <= n::rights) return about_vma(line, event);
        if (line.node <= n::huge_wp) return about_pmd(line, event);
        if (line.node <= n::cache) return about_missing(line, event);
        if (line.node <= n::wp) return about_present(line, event);
        about_end(line, event);
    }

    // ---- up to the rights of the VMA
    void about_vma(FaultLine& line, const mm::Event& event) const {
        if (line.node == n::entry) line.numbers = reported(event);
        if (is(event, pv::user_access)) {
            const mm::Args<pv::user_access> in(event);
            in_vma(line, in["start"], in["end"], in["flags"]);
        } else if (is(event, pv::vma_stack_grown)) {
            grown(line, mm::Args<pv::vma_stack_grown>(event));
        } else if (is(event, pv::mm_call_failed)) {
            if (line.node != n::expand) return;
            line.numbers = growth_refused(mm::Args<pv::mm_call_failed>(event));
        } else if (is(event, pv::user_sigsegv)) {
            const mm::Args<pv::user_sigsegv> in(event);
            if (in["code"] == mm::SEGV_ACCERR) return in_vma(line, in["start"], in["end"], in["flags"]);
            if (line.node == n::find_vma)
                line.numbers = say(words::HOLE_BETWEEN, address_of(in["start"]), address_of(in["end"]));
            if (line.node == n::grows) line.numbers = say(words::NEXT_BEGINS, address_of(in["end"]));
        }
    }
    void in_vma(FaultLine& line, i64 start, i64 end, i64 flags) const {
        if (line.node == n::entry) return;
        line.place = address(static_cast<u64>(start));
        if (line.node == n::find_vma) line.numbers = address_of(start) + "–" + address_of(end);
        if (line.node != n::rights) return;
        line.numbers = mm::vma_rights(static_cast<mm::vm_flags_t>(flags));
        add_to(line.numbers, say(access_words()));
    }
    void grown(FaultLine& line, const mm::Args<pv::vma_stack_grown>& in) const {
        if (line.node == n::find_vma || line.node == n::grows) {
            line.numbers = say(words::NEXT_BEGINS, address_of(in["start"]));
            if (line.node == n::grows) line.numbers = "VM_GROWSDOWN";
        }
        if (line.node != n::expand) return;
        line.numbers = say(words::GROWS_TO, size_text(in.as<u64>("size")), size_text(in.as<u64>("limit")));
        const u64 room = in.as<u64>("room"), gap = in.as<u64>("gap");
        add_to(line.numbers,
               say(room < gap ? words::GAP_TO_CLOSED : words::GAP_BELOW, size_text(room), size_text(gap)));
        line.place = address(in.as<u64>("address"));
    }
    [[nodiscard]] std::string growth_refused(const mm::Args<pv::mm_call_failed>& in) const {
        const u64 a = in.as<u64>("a"), b = in.as<u64>("b");
        switch (in.as<mm::mm_failure>("reason")) {
        case mm::mm_failure::guard_gap:
            return say(words::GAP_BELOW, size_text(a - b),
                       size_text(mm::STACK_GUARD_PAGES << moment_.at.processes.page_shift));
        case mm::mm_failure::stack_limit: return say(words::GROWS_TO, size_text(a), size_text(b));
        default: return say(words::ASKED_AND_LIMIT, grouped(in["n"]), grouped(in["m"]));
        }
    }
    [[nodiscard]] const Phrase& access_words() const {
        if (run_.kind == mm::user_access_kind::exec) return words::A_FETCH;
        return run_.kind == mm::user_access_kind::write ? words::A_WRITE : words::A_READ;
    }
    // "no entry, level 3 · ESR 0x92000007"
    [[nodiscard]] std::string reported(const mm::Event& event) const {
        if (!is(event, ev::fault_begins)) return run_.again ? say(words::FAULT_ONCE_MORE) : "";
        const mm::Args<ev::fault_begins> in(event);
        const auto kind = in.as<mm::fault_kind>("fault");
        const Phrase& what = kind == mm::fault_kind::translation   ? words::NO_ENTRY_THERE
                             : kind == mm::fault_kind::access_flag ? words::NO_ACCESS_FLAG
                             : kind == mm::fault_kind::permission  ? words::NOT_PERMITTED
                                                                   : words::BAD_ENTRY;
        const bool arm64 = moment_.at.processes.rules.arch == mm::architecture::arm64;
        return say(what, std::to_string(in["fault_level"])) + " · " + (arm64 ? "ESR " : "#PF ") + address_of(in["esr"]);
    }

    // ---- tables and huge pages
    void about_pmd(FaultLine& line, const mm::Event& event) const {
        if (is(event, ev::huge_page_refused)) return refused(line, mm::Args<ev::huge_page_refused>(event));
        if (is(event, ev::wp_decided)) return whose(line, mm::Args<ev::wp_decided>(event));
        if (line.node == n::huge_anon) {
            line.numbers = say(run_.kind == mm::user_access_kind::write ? words::A_WRITE : words::A_READ);
            if (is(event, ev::fault_no_memory))
                line.numbers = say(words::HUGE_NO_BLOCK, std::to_string(mm::Args<ev::fault_no_memory>(event)["order"]));
        }
        if (!is(event, ev::fault_branch)) return;
        const mm::Args<ev::fault_branch> in(event);
        if (line.node == n::pmd) line.numbers = tables(in.as<mm::u8>("level"));
        if (line.node == n::huge_may && in.as<mm::fault_way>("way") < mm::fault_way::huge_anon_read)
            line.numbers = say(words::HUGE_NOT_ANON);
        if (line.node == n::huge_present) line.numbers = say(words::ENTRY_IS, address_of(in["entry"]));
    }
    [[nodiscard]] std::string tables(mm::u8 level) const {
        std::string text = say(words::LOWEST_TABLE, std::string(mm::level_names[level]));
        if (run_.tables > 0) add_to(text, say(words::TABLES_MADE, std::to_string(run_.tables)));
        return text;
    }
    void refused(FaultLine& line, const mm::Args<ev::huge_page_refused>& in) const {
        if (line.node == n::pmd) {
            if (run_.tables > 0) line.numbers = say(words::TABLES_MADE, std::to_string(run_.tables));
            return;
        }
        switch (in.as<mm::huge_refusal>("reason")) {
        case mm::huge_refusal::off: line.numbers = say(words::HUGE_OFF); break;
        case mm::huge_refusal::not_asked: line.numbers = say(words::HUGE_NOT_ASKED); break;
        case mm::huge_refusal::forbidden: line.numbers = say(words::HUGE_FORBIDDEN); break;
        case mm::huge_refusal::no_room:
            line.numbers = say(words::HUGE_NO_ROOM, address_of(in["start"]), address_of(in["end"]));
            line.place = address(in.as<u64>("start"));
            break;
        }
    }

    // ---- no entry
    void about_missing(FaultLine& line, const mm::Event& event) const {
        if (is(event, ev::fault_branch)) {
            const mm::Args<ev::fault_branch> in(event);
            if (line.node == n::pte) line.numbers = say(words::ENTRY_IS, address_of(in["entry"]));
            if (line.node == n::behind) line.numbers = behind();
            if (line.node == n::file) line.numbers = file_access(in.as<mm::vm_flags_t>("flags"));
        }
        if (line.node == n::anon) line.numbers = say(access_words());
        if (line.node == n::around && is(event, ev::fault_around)) {
            const mm::Args<ev::fault_around> in(event);
            line.numbers = say(words::PAGES_AROUND, grouped(in["mapped"]), grouped(in["pages"]));
        }
        if (line.node == n::cache) cached(line, event);
    }
    // "/bin/prog", "[heap]"
    [[nodiscard]] std::string behind() const {
        if (!moment_.op) return "";
        const auto facts = mm::mapping_of(moment_.at, run_.address, mm::space_of_op(moment_.at, *moment_.op));
        if (!facts || facts->vma == mm::VMA_NONE) return "";
        const mm::process_memory& proc = moment_.at.processes;
        const std::string name = mm::vma_name(proc, facts->process, facts->vma);
        if (!name.empty()) return name;
        return say(proc.vmas[facts->vma].is_anonymous() ? words::IS_ANONYMOUS : words::OF_FILE);
    }
    [[nodiscard]] std::string file_access(mm::vm_flags_t flags) const {
        if (run_.kind != mm::user_access_kind::write) return say(access_words());
        return say((flags & mm::VM_SHARED) != 0 ? words::WRITE_SHARED : words::WRITE_PRIVATE);
    }
    void cached(FaultLine& line, const mm::Event& event) const {
        if (is(event, ev::shmem_page_added)) {
            const mm::Args<ev::shmem_page_added> in(event);
            line.function = {"shmem_fault", "mm/shmem.c"};
            line.numbers = say(words::PAGE_OF_FILE, grouped(in["index"]));
            add_to(line.numbers, say(words::PAGE_ADDED, frame_text(in["pfn"])));
            line.place = frame(in["pfn"]);
        } else if (is(event, ev::file_page_found)) {
            const mm::Args<ev::file_page_found> in(event);
            line.numbers = say(words::PAGE_OF_FILE, grouped(in["index"]));
            add_to(line.numbers, say(words::IN_FRAME, frame_text(in["pfn"])));
            line.place = frame(in["pfn"]);
        } else if (is(event, ev::file_pages_read)) {
            line.numbers = say(words::PAGE_OF_FILE, grouped(mm::Args<ev::file_pages_read>(event)["index"]));
        } else if (is(event, ev::fault_beyond_file)) {
            const mm::Args<ev::fault_beyond_file> in(event);
            line.numbers = say(words::PAGE_OF_FILE, grouped(in["index"]));
            add_to(line.numbers, say(words::FILE_HAS, grouped(in["pages"])));
        }
    }

    // ---- an entry
    void about_present(FaultLine& line, const mm::Event& event) const {
        if (is(event, ev::wp_decided)) return whose(line, mm::Args<ev::wp_decided>(event));
        if (is(event, ev::fault_branch))
            line.numbers = say(words::ENTRY_IS, address_of(mm::Args<ev::fault_branch>(event)["entry"]));
        if (is(event, ev::entry_flags_set)) {
            const mm::Args<ev::entry_flags_set> in(event);
            line.numbers = say(in["write"] != 0 ? words::FLAG_DIRTY : words::FLAG_ACCESS);
        }
        if (is(event, ev::fault_spurious))
            line.numbers = say(words::ENTRY_IS, address_of(mm::Args<ev::fault_spurious>(event)["entry"]));
    }
    void whose(FaultLine& line, const mm::Args<ev::wp_decided>& in) const {
        line.place = frame(in["pfn"]);
        line.numbers = say(words::IN_FRAME, frame_text(in["pfn"]));
        const auto reason = in.as<mm::wp_reason>("reason");
        if (reason == mm::wp_reason::zero || reason == mm::wp_reason::huge_zero) return;
        if (in["exclusive"] != 0) return add_to(line.numbers, say(words::MARKED_EXCLUSIVE));
        add_to(line.numbers, say(words::REFS_AND_MAPS, grouped(in["count"]), grouped(in["mapcount"])));
    }

    // ---- ends
    // What was mapped is told after the decision.
    void about_end(FaultLine& line, const mm::Event& decided) const {
        const auto from = static_cast<u32>(&decided - moment_.events.data());
        for (u32 i = from; i < end_; ++i) mapped(line, moment_.events[i]);
        if (line.node == n::disk_read && is(decided, ev::file_pages_read)) {
            const mm::Args<ev::file_pages_read> in(decided);
            line.numbers = say(words::PAGES_READ, grouped(in["read"]), grouped(in["pages"]));
        }
    }
    void mapped(FaultLine& line, const mm::Event& event) const {
        i64 pfn = -1;
        if (is(event, ev::page_copied)) {
            const mm::Args<ev::page_copied> in(event);
            line.place = frame(in["copy"]);
            line.numbers = say(words::COPIED_TO, frame_text(in["pfn"]), frame_text(in["copy"]));
            if (in["zero"] != 0) pfn = in["copy"];
        }
        if (is(event, ev::page_reused)) pfn = mm::Args<ev::page_reused>(event)["pfn"];
        if (is(event, ev::anon_page_mapped)) pfn = mm::Args<ev::anon_page_mapped>(event)["pfn"];
        if (is(event, ev::zero_page_mapped)) pfn = mm::Args<ev::zero_page_mapped>(event)["pfn"];
        if (is(event, ev::file_page_mapped)) pfn = mm::Args<ev::file_page_mapped>(event)["pfn"];
        if (is(event, ev::huge_page_mapped)) pfn = mm::Args<ev::huge_page_mapped>(event)["pfn"];
        if (is(event, ev::huge_zero_mapped)) pfn = mm::Args<ev::huge_zero_mapped>(event)["pfn"];
        if (pfn < 0) return;
        line.place = frame(pfn);
        line.numbers = say(words::IN_FRAME, frame_text(pfn));
    }

    const Teller& teller_;
    const mm::Moment& moment_;
    const mm::FaultRun& run_;
    const u32 end_;
};

} // namespace

std::vector<FaultLine> fault_lines(const Teller& teller, const mm::Moment& moment, const StepFaults& faults) {
    return faults.empty() ? std::vector<FaultLine>{} : Lines(teller, moment, faults).make();
}

std::string fault_text(const Teller& teller, const mm::Moment& moment, const mm::FaultRun& run) {
    const Phrase& what = run.by_kernel                             ? words::FAULT_BY_KERNEL
                         : run.kind == mm::user_access_kind::exec  ? words::FAULT_EXEC
                         : run.kind == mm::user_access_kind::write ? words::FAULT_WRITE
                                                                   : words::FAULT_READ;
    std::string text = mm::filled(teller.say(what), mm::address_hex(run.address));
    if (run.again) add_to(text, teller.say(words::FAULT_ONCE_MORE));
    if (run.done < 0) return text;
    const mm::Args<ev::fault_done> in(moment.events[static_cast<std::size_t>(run.done)]);
    const bool major = in["major"] != 0;
    add_to(text, mm::filled(teller.say(major ? words::FAULT_MAJOR : words::FAULT_MINOR),
                            grouped(major ? in["maj_flt"] : in["min_flt"])));
    return text;
}

bool ends_badly(mm::fault_node end) { return (end >= n::bad_tables && end <= n::no_memory) || end == n::beyond_file; }

} // namespace shell
