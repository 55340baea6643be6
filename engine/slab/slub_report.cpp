#include "slab/slub_report.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <optional>

#include "physical/kernel_log.h"
#include "slab/event_rows_common.h"
#include "slab/event_rows_debug.h"
#include "slab/event_rows_slub.h"
#include "slab/slub_debug_checks.h"

namespace mm {

namespace {

using ev = slub_debug_event;

constexpr std::string_view DOUBLE_LINE =
    "=============================================================================\n";
constexpr std::string_view SINGLE_LINE =
    "-----------------------------------------------------------------------------\n\n";
constexpr u32 HEX_ROW = 16;
constexpr u32 ASCII_COLUMN = HEX_ROW * 2 + HEX_ROW + 1;

__attribute__((format(printf, 1, 2))) std::string format(const char* text, ...) {
    char line[512];
    va_list args;
    va_start(args, text);
    std::vsnprintf(line, sizeof line, text, args);
    va_end(args);
    return line;
}

std::string_view part_name(checked_part part) {
    switch (part) {
    case checked_part::left_redzone: return "Left Redzone";
    case checked_part::right_redzone: return "Right Redzone";
    case checked_part::kmalloc_redzone: return "kmalloc Redzone";
    case checked_part::alignment_padding: return "Alignment padding";
    case checked_part::poison: return "Poison";
    case checked_part::end_poison: return "End Poison";
    case checked_part::object_padding: return "Object padding";
    case checked_part::slab_padding: return "slab padding";
    }
    return "";
}

std::string_view fault_name(object_fault fault) {
    switch (fault) {
    case object_fault::already_free: return "Object already free";
    case object_fault::freechain_corrupt: return "Freechain corrupt";
    case object_fault::freepointer_corrupt: return "Freepointer corrupt";
    }
    return "";
}

// One text under way: the cache and, while it is there, the slab.
class Report {
  public:
    Report(const slab_memory& slabs, const physical_memory& mem, cache_id cache, pfn_t pfn, u32 now)
        : slabs_(slabs), mem_(mem), cache_(slabs.caches[cache]), now_(now),
          layout_(debug_layout_of(slabs, mem, cache_)) {
        const slab_id id = slab_of_address(slabs, mem, phys_addr_t{pfn} << mem.page_shift);
        if (id != SLAB_NONE && slabs.slabs[id].cache == cache && slabs.slabs[id].pfn == pfn) slab_ = &slabs.slabs[id];
    }

    [[nodiscard]] const std::string& text() const { return out_; }
    [[nodiscard]] bool old() const { return slabs_.rules.slub_says_info(); }
    [[nodiscard]] std::string name() const { return std::string(name_text(cache_.name)); }

    // kernel: slab_bug
    void bug(const std::string& what) {
        out_ += DOUBLE_LINE;
        out_ += "BUG " + name() + " (" + print_tainted(mem_) + "): " + what + "\n";
        out_ += SINGLE_LINE;
    }

    void fix(const std::string& what) { out_ += "FIX " + name() + ": " + what + "\n"; }

    // kernel: check_bytes_and_report
    void overwritten(const Args<ev::bytes_overwritten>& in) {
        const std::string what = std::string(part_name(in.as<checked_part>("what"))) + " overwritten";
        const auto start = in.as<u64>("start");
        const auto length = in.as<u64>("length");
        if (warns())
            out_ += "[" + what + "] ";
        else
            bug(what);
        out_ += info() + format("0x%s-0x%s @offset=%llu. First byte 0x%llx instead of 0x%llx\n", at(start).c_str(),
                                at(start + length - 1).c_str(), static_cast<unsigned long long>(start),
                                in.as<unsigned long long>("found"), in.as<unsigned long long>("expected"));
        if (!warns()) object(in["index"]);
    }

    // kernel: object_err
    void object_bug(const std::string& what, i64 number) {
        bug(what);
        object(number);
        warn("object_err");
    }

    // kernel: slab_err, __slab_err
    void slab_bug(const std::string& what) {
        bug(what);
        slab_end();
    }

    // kernel: print_slab_info, print_page_info
    void slab_line() {
        if (!slab_) return;
        out_ += info() + "Slab " + page_address() +
                format(" objects=%u used=%u fp=0x%s flags=", slab_->objects, slab_->inuse,
                       object_hex(slab_->freelist).c_str()) +
                page_flags() + "\n";
    }

    // kernel: print_trailer
    void object(i64 number) {
        if (!slab_ || number < 0 || number >= slab_->objects) return;
        const auto index = static_cast<obj_index>(number);
        const u32 p = object_position(slabs_, *slab_, index);
        tracking(index);
        slab_line();
        const u64 fp = slab_->content == RUN_NONE ? 0 : freepointer_value(slabs_, mem_, *slab_, index);
        out_ += info() + format("Object 0x%s @offset=%u fp=0x%s\n\n", at(p).c_str(), p, hex(fp).c_str());
        if (slab_->content == RUN_NONE) return;
        const bool zones = cache_.flags & SLAB_RED_ZONE;
        if (zones)
            section("Redzone  ", p - cache_.red_left_pad, cache_.red_left_pad);
        else if (p > 16)
            section("Bytes b4 ", p - 16, 16);
        section("Object   ", p, std::min(cache_.object_size, 1u << mem_.page_shift));
        if (zones) section("Redzone  ", p + cache_.object_size, cache_.inuse - cache_.object_size);
        if (layout_.padding != layout_.end) section("Padding  ", p + layout_.padding, layout_.end - layout_.padding);
    }

    // kernel: slab_pad_check
    void slab_padding(u32 start, u32 length) {
        bug(format("Padding overwritten. 0x%s-0x%s @offset=%u", at(start).c_str(), at(start + length - 1).c_str(),
                   start));
        if (!warns()) slab_end();
        if (slab_ && slab_->content != RUN_NONE) {
            const u32 bytes = slab_bytes(mem_, *slab_);
            section("Padding ", bytes - bytes % cache_.size, bytes % cache_.size);
        }
        if (warns()) slab_end();
    }

    // kernel: list_slab_objects
    void objects_remaining() {
        if (warns()) {
            bug("Objects remaining on __kmem_cache_shutdown()");
            objects_in_use();
            slab_end();
        } else {
            slab_bug("Objects remaining in " + name() + " on __kmem_cache_shutdown()");
            objects_in_use();
        }
    }

    void objects_in_use() {
        if (!slab_) return;
        for (u32 i = 0; i < slab_->objects; ++i) {
            const auto index = static_cast<obj_index>(i);
            if (!is_allocated(slabs_, *slab_, index)) continue;
            const u32 p = object_position(slabs_, *slab_, index);
            out_ += info() + format("Object 0x%s @offset=%u\n", at(p).c_str(), p);
            tracking(index);
        }
    }

    void tracking_of(phys_addr_t address) {
        if (!slab_) return;
        const object_ref found = object_of_address(slabs_, mem_, address);
        if (found.index != OBJ_NONE) tracking(found.index);
    }

    // kernel: trace
    void traced(const Args<ev::object_traced>& in) {
        const i64 number = in["index"];
        if (!slab_ || number < 0 || number >= slab_->objects) return;
        const u32 p = object_position(slabs_, *slab_, static_cast<obj_index>(number));
        const bool alloc = in["alloc"] != 0;
        out_ += "TRACE " + name() + (alloc ? " alloc 0x" : " free 0x") + at(p) +
                format(" inuse=%lld fp=0x%s\n", in.as<long long>("inuse"), object_hex(in.as<obj_index>("fp")).c_str());
        if (!alloc && slab_->content != RUN_NONE) section("Object ", p, cache_.object_size);
    }

    void line(const std::string& text) { out_ += text + "\n"; }
    [[nodiscard]] std::string at(u64 position) const {
        const phys_addr_t base = slab_ ? phys_addr_t{slab_->pfn} << mem_.page_shift : 0;
        return hex(linear_address(slabs_, base + position));
    }
    [[nodiscard]] std::string address_hex(i64 address) const {
        return hex(linear_address(slabs_, static_cast<phys_addr_t>(address)));
    }

  private:
    [[nodiscard]] bool warns() const { return slabs_.rules.reports_warn(); }

    // WARN_ON(1) in a function of mm/slub.c.
    void warn(const char* function) {
        if (!warns()) return;
        line(CUT_HERE);
        line(std::string("WARNING: at mm/slub.c ") + function);
        line(END_TRACE);
    }

    // kernel: __slab_err
    void slab_end() {
        slab_line();
        warn("__slab_err");
    }

    [[nodiscard]] std::string info() const { return old() ? "INFO: " : ""; }

    [[nodiscard]] std::string hex(u64 value) const {
        return format("%0*llx", slabs_.pointer_size * 2, static_cast<unsigned long long>(value));
    }
    [[nodiscard]] std::string object_hex(obj_index index) const {
        return index < slab_->objects ? at(object_position(slabs_, *slab_, index)) : hex(0);
    }

    // The struct page, where it has a fixed place.
    [[nodiscard]] std::string page_address() const {
        if (!slabs_.map.vmemmap) return format("pfn:0x%x", slab_->pfn);
        return "0x" + hex(*slabs_.map.vmemmap + u64{slab_->pfn} * STRUCT_PAGE_BYTES);
    }

    [[nodiscard]] std::string page_flags() const {
        const bool head = slab_->order > 0;
        if (old()) return format("0x%04x", 0x200u | (head ? 0x10000u : 0u));
        if (!slabs_.rules.slab_is_page_type())
            return page_flags_text(mem_, slab_->pfn, 0x200u | (head ? 0x10000u : 0u), head ? "slab|head" : "slab");
        const bool listed = slab_->place == slab_place::node_partial;
        return page_flags_text(mem_, slab_->pfn, (listed ? 0x200u : 0u) | (head ? 0x40u : 0u),
                               listed ? (head ? "workingset|head" : "workingset") : (head ? "head" : ""));
    }

    // kernel: print_tracking
    void tracking(obj_index index) {
        if (layout_.track == 0 || slab_->content == RUN_NONE) return;
        track("Allocated", index, 0);
        track("Freed", index, layout_.track_bytes);
    }

    void track(const char* what, obj_index index, u32 behind) {
        const u32 start = object_position(slabs_, *slab_, index) + layout_.track + behind;
        const u32 word = layout_.word;
        if (load_content(slabs_, *slab_, start, word) == 0) return;
        const u32 stack = slabs_.rules.tracks_full_stack() ? 16 * word : 4;
        const u64 cpu = load_content(slabs_, *slab_, start + word + stack, 4);
        const u64 pid = load_content(slabs_, *slab_, start + word + stack + 4, 4);
        const u64 when = load_content(slabs_, *slab_, start + layout_.track_bytes - word, word);
        out_ +=
            info() + format("%s in op_%llu age=%llu cpu=%u pid=%d\n", what, static_cast<unsigned long long>(when),
                            static_cast<unsigned long long>(now_ - when), static_cast<u32>(cpu), static_cast<i32>(pid));
    }

    // kernel: print_section, print_hex_dump
    void section(const char* title, u32 start, u32 length) {
        for (u32 row = 0; row < length; row += HEX_ROW) {
            const u32 n = std::min(HEX_ROW, length - row);
            std::string bytes;
            std::string ascii;
            for (u32 i = 0; i < n; ++i) {
                const u8 byte = content_at(slabs_, *slab_, start + row + i);
                bytes += format(i ? " %02x" : "%02x", byte);
                ascii += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
            }
            bytes.resize(ASCII_COLUMN, ' ');
            out_ += title + at(start + row) + ": " + bytes + ascii + "\n";
        }
    }

    const slab_memory& slabs_;
    const physical_memory& mem_;
    const kmem_cache cache_;
    const u32 now_;
    const debug_layout layout_;
    const slab* slab_ = nullptr;
    std::string out_;
};

std::string slab_fault_text(const Report& report, const Args<ev::slab_error>& in) {
    const auto a = in.as<int>("a");
    const auto b = in.as<int>("b");
    switch (in.as<slab_fault>("reason")) {
    case slab_fault::invalid_pointer: return "Invalid object pointer 0x" + report.address_hex(in["object"]);
    case slab_fault::freepointer_corrupt: return "Freepointer corrupt";
    case slab_fault::wrong_count: return format("Wrong object count. Counter is %d but counted were %d", a, b);
    case slab_fault::too_many_inuse: return format("inuse %d > max %d", a, b);
    case slab_fault::too_few_allocated: return format("Slab has %d allocated objects but %d are to be freed\n", a, b);
    case slab_fault::disabled: return "Slab disabled since SLUB metadata consistency check failed";
    }
    return "";
}

std::string fix_text(const Report& report, const Args<ev::slub_fix>& in) {
    const auto start = in.as<u64>("start");
    const auto length = in.as<u64>("length");
    const std::string name(part_name(in.as<checked_part>("what")));
    switch (in.as<slab_repair>("reason")) {
    case slab_repair::restoring: {
        const std::string range = "0x" + report.at(start) + "-0x" + report.at(start + length - 1) +
                                  format("=0x%llx", in.as<unsigned long long>("value"));
        return report.old() ? "Restoring " + range + "\n" : "Restoring " + name + " " + range;
    }
    case slab_repair::all_used: return "Marking all objects used";
    case slab_repair::count_adjusted: return report.old() ? "Object count adjusted." : "Object count adjusted";
    case slab_repair::freelist_cleared: return "Freelist cleared";
    case slab_repair::isolated: return "Isolate corrupted freechain";
    case slab_repair::not_freed: return "Object at 0x" + report.address_hex(in["object"]) + " not freed";
    }
    return "";
}

std::string wrong_cache_text(const slab_memory& slabs, const physical_memory& mem,
                             const Args<slab_event::wrong_cache>& in, u32 now) {
    const auto asked = in.as<cache_id>("cache");
    const auto owner = in.as<cache_id>("owner");
    if (asked >= slabs.nr_caches || owner >= slabs.nr_caches) return "";
    const auto address = in.as<phys_addr_t>("object");
    const slab_id id = slab_of_address(slabs, mem, address);
    Report report(slabs, mem, owner, id == SLAB_NONE ? PFN_NONE : slabs.slabs[id].pfn, now);
    report.line(CUT_HERE);
    report.line("cache_from_obj: Wrong slab cache. " + std::string(name_text(slabs.caches[asked].name)) +
                " but object is from " + report.name());
    report.line(END_TRACE);
    report.tracking_of(address);
    return report.text();
}

// The same of all slab allocators. kernel: kmem_cache_destroy
std::string busy_cache_text(Report& report, bool warns, u32 now) {
    const std::string what = "kmem_cache_destroy " + report.name() + ": Slab cache still has objects";
    if (!warns) {
        report.line(what);
        return report.text();
    }
    report.line(CUT_HERE);
    report.line(what + " when called from op_" + std::to_string(now));
    report.line(END_TRACE);
    return report.text();
}

} // namespace

bool has_slub_report(u16 kind) {
    switch (kind) {
    case static_cast<u16>(ev::bytes_overwritten):
    case static_cast<u16>(ev::slab_padding_overwritten):
    case static_cast<u16>(ev::object_error):
    case static_cast<u16>(ev::slab_error):
    case static_cast<u16>(ev::object_printed):
    case static_cast<u16>(ev::slub_fix):
    case static_cast<u16>(ev::slabs_miscounted):
    case static_cast<u16>(ev::object_traced):
    case static_cast<u16>(slub_event::objects_remaining):
    case static_cast<u16>(slub_event::double_free_caught):
    case static_cast<u16>(slab_event::wrong_cache):
    case static_cast<u16>(slab_event::cache_busy): return true;
    default: return false;
    }
}

namespace {

using EventOfSlab =
    Args<ev::bytes_overwritten, ev::slab_padding_overwritten, ev::object_error, ev::slab_error, ev::object_printed,
         ev::slub_fix, ev::object_traced, slub_event::objects_remaining, slub_event::double_free_caught>;
using EventOfCache = Args<ev::slabs_miscounted, slab_event::cache_busy>;

bool is_of_cache(u16 kind) {
    return kind == static_cast<u16>(ev::slabs_miscounted) || kind == static_cast<u16>(slab_event::cache_busy);
}

// What the report of an event of a slab says.
void report_slab(Report& report, const Event& event) {
    switch (event.kind) {
    case static_cast<u16>(ev::bytes_overwritten): return report.overwritten(Args<ev::bytes_overwritten>(event));
    case static_cast<u16>(ev::slab_padding_overwritten): {
        const Args<ev::slab_padding_overwritten> in(event);
        return report.slab_padding(in.as<u32>("start"), in.as<u32>("length"));
    }
    case static_cast<u16>(ev::object_error): {
        const Args<ev::object_error> in(event);
        return report.object_bug(std::string(fault_name(in.as<object_fault>("reason"))), in["index"]);
    }
    case static_cast<u16>(ev::slab_error): return report.slab_bug(slab_fault_text(report, Args<ev::slab_error>(event)));
    case static_cast<u16>(ev::object_printed):
        return report.object_bug("Object corrupt", Args<ev::object_printed>(event)["index"]);
    case static_cast<u16>(ev::slub_fix): return report.fix(fix_text(report, Args<ev::slub_fix>(event)));
    case static_cast<u16>(ev::object_traced): return report.traced(Args<ev::object_traced>(event));
    case static_cast<u16>(slub_event::objects_remaining): return report.objects_remaining();
    case static_cast<u16>(slub_event::double_free_caught):
        report.line(CUT_HERE);
        return report.line("kernel BUG at mm/slub.c!");
    default: return;
    }
}

} // namespace

std::string slub_report(const slab_memory& slabs, const physical_memory& mem, const Event& event, u32 now) {
    if (!has_slub_report(event.kind)) return "";
    if (event.kind == static_cast<u16>(slab_event::wrong_cache))
        return wrong_cache_text(slabs, mem, Args<slab_event::wrong_cache>(event), now);
    const bool of_cache = is_of_cache(event.kind);
    const i64 cache = of_cache ? EventOfCache(event)["cache"] : EventOfSlab(event)["cache"];
    if (cache < 0 || cache >= slabs.nr_caches) return "";
    const pfn_t pfn = of_cache ? PFN_NONE : EventOfSlab(event).as<pfn_t>("slab");
    Report report(slabs, mem, static_cast<cache_id>(cache), pfn, now);
    if (event.kind == static_cast<u16>(slab_event::cache_busy))
        return busy_cache_text(report, slabs.rules.warns_about_busy_cache(), now);
    if (event.kind == static_cast<u16>(ev::slabs_miscounted)) {
        const Args<ev::slabs_miscounted> in(event);
        report.line(
            "SLUB: " + report.name() +
            format(" %lld slabs counted but counter=%lld", in.as<long long>("counted"), in.as<long long>("counter")));
    } else {
        report_slab(report, event);
    }
    return report.text();
}

} // namespace mm
