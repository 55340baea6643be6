#include "physical/kernel_log.h"

#include "physical/event_rows.h"
#include "physical/memory.h"
#include "physical/page_alloc.h"
#include "physical/page_check.h"
#include "physical/page_event_rows.h"
#include "physical/procfs_text.h"

namespace mm {

namespace {

// PAGE_MAPCOUNT of a free block: PageBuddy is kept where _mapcount is.
constexpr int BUDDY_MAPCOUNT = -128;

// PG_table in the place of _mapcount: bit 10, since 5.11 bit 9.
int table_mapcount(const kernel_rules& rules) { return rules.before(5, 11) ? -1024 : -512; }

// What page_bad_reason() and free_tail_pages_check() call it.
const char* reason_text(const physical_memory& mem, pfn_t pfn, bad_page_reason reason) {
    switch (reason) {
    case bad_page_reason::none: break;
    case bad_page_reason::nonzero_refcount: return "nonzero _refcount";
    case bad_page_reason::nonzero_mapcount:
    case bad_page_reason::page_table: return "nonzero mapcount";
    case bad_page_reason::reserved: return "PAGE_FLAGS_CHECK_AT_FREE flag(s) set";
    case bad_page_reason::tail_of_compound:
        return mem.page_at(pfn).state() == page_state::tail ? "non-NULL mapping" : "PageTail not set";
    case bad_page_reason::slab:
        return mem.rules.slab_is_page_type() ? "nonzero mapcount" : "PAGE_FLAGS_CHECK_AT_FREE flag(s) set";
    }
    return "";
}

class PageDump {
  public:
    PageDump(const physical_memory& mem, const linear_map& map, pfn_t pfn)
        : mem_(mem), map_(map), pfn_(pfn), digits_(has_highmem(mem) ? 8 : 16) {
        const block_info block = find_block(mem, pfn);
        const page& head = mem.page_at(block.head);
        head_ = head.compound() && block.state == page_state::allocated ? block.head : pfn;
        order_ = block.order;
        compound_ = head.compound() && block.state == page_state::allocated;
    }

    // kernel: __dump_page
    std::string text() {
        const bool typed = mem_.rules.slab_is_page_type(); // since 6.10
        const page& frame = mem_.page_at(pfn_);
        const bool buddy = frame.state() == page_state::buddy;
        append_line(out_, "page:%s refcount:%d mapcount:%d mapping:%0*d index:0x0 pfn:0x%x\n",
                    typed ? "" : address(pfn_).c_str(), int{mem_.page_at(head_).refcount},
                    typed                 ? 0
                    : buddy               ? BUDDY_MAPCOUNT
                    : frame.table_typed() ? table_mapcount(mem_.rules)
                                          : 0,
                    digits_, 0, pfn_);
        if (compound_) head_line();
        out_ += "flags: " + page_flags_text(mem_, head_, bits(), names()) + cma() + "\n";
        if (typed && buddy) out_ += "page_type: f0(buddy)\n";
        if (typed && frame.table_typed()) out_ += "page_type: f2(table)\n";
        if (typed && frame.slab()) out_ += "page_type: f5(slab)\n";
        return std::move(out_);
    }

  private:
    [[nodiscard]] std::string address(pfn_t pfn) const {
        std::string text;
        if (map_.vmemmap)
            append_line(text, "%0*llx", digits_,
                        static_cast<unsigned long long>(*map_.vmemmap + u64{pfn} * STRUCT_PAGE_BYTES));
        else
            append_line(text, "pfn:0x%x", pfn);
        return text;
    }

    void head_line() {
        if (mem_.rules.dumps_folios())
            append_line(out_, "head: order:%u mapcount:0 entire_mapcount:0 nr_pages_mapped:0 pincount:0\n",
                        u32{order_});
        else
            append_line(out_, "head:%s order:%u compound_mapcount:0 compound_pincount:0\n", address(head_).c_str(),
                        u32{order_});
    }

    // enum pageflags: reserved, slab and head moved with 6.10 and 6.12.
    [[nodiscard]] u32 bits() const {
        const bool typed = mem_.rules.slab_is_page_type();
        const page& head = mem_.page_at(head_);
        u32 out = 0;
        if (mem_.page_at(pfn_).slab() && !typed) out |= 1u << 9;
        if (head.state() == page_state::reserved) out |= typed ? 1u << 13 : 1u << 12;
        if (compound_) out |= typed ? 1u << 6 : 1u << 16;
        return out;
    }
    [[nodiscard]] std::string names() const {
        std::string out;
        const auto name = [&](const char* text) { out += (out.empty() ? "" : "|") + std::string(text); };
        if (mem_.page_at(pfn_).slab() && !mem_.rules.slab_is_page_type()) name("slab");
        if (mem_.page_at(head_).state() == page_state::reserved) name("reserved");
        if (compound_) name("head");
        return out;
    }
    [[nodiscard]] const char* cma() const {
        return mem_.page_at(pfn_).state() != page_state::hole && mem_.block_type(pfn_) == MIGRATE_CMA ? " CMA" : "";
    }

    const physical_memory& mem_;
    const linear_map& map_;
    pfn_t pfn_;
    int digits_;
    pfn_t head_ = 0;
    u8 order_ = 0;
    bool compound_ = false;
    std::string out_;
};

} // namespace

std::string print_tainted(const physical_memory& mem) {
    if (!mem.log.bad_page && !mem.log.warned) return "Not tainted";
    // P F S R M B U D A W C I O E L K X T, since 5.18 N. G stands for a kernel without a proprietary module.
    std::string letters(mem.rules.before(5, 18) ? 18 : 19, ' ');
    letters[0] = 'G';
    if (mem.log.bad_page) letters[5] = 'B';
    if (mem.log.warned) letters[9] = 'W';
    return "Tainted: " + letters;
}

std::string page_flags_text(const physical_memory& mem, pfn_t pfn, u32 bits, std::string_view names) {
    std::string out;
    append_line(out, "0x%x(", bits);
    out += names;
    if (mem.rules.names_zone_in_flags() && has_struct_page(mem, pfn)) {
        const zone& z = mem.zones[mem.page_zone(pfn)];
        if (!names.empty()) out += '|';
        if (!has_highmem(mem)) append_line(out, "node=%u|", unsigned{z.node});
        append_line(out, "zone=%u", unsigned{z.index});
    }
    return out + ")";
}

std::string bad_page_report(const physical_memory& mem, const linear_map& map, const Event& event) {
    const Args<physical_event::bad_page> in(event);
    const auto pfn = in.as<pfn_t>("pfn");
    if (!mem.pfn_valid(pfn)) return "";
    std::string out;
    append_line(out, "BUG: Bad page state in process mmscope  pfn:%05x\n", pfn);
    out += PageDump(mem, map, pfn).text();
    out += "page dumped because: ";
    out += reason_text(mem, pfn, in.as<bad_page_reason>("reason"));
    return out + "\n";
}

std::string contig_warning(const Event& event) {
    std::string out;
    append_line(out, "%s\n%lld pages are still in use!\n%s\n", CUT_HERE,
                static_cast<long long>(Args<page_event::contig_still_in_use>(event)["held"]), END_TRACE);
    return out;
}

} // namespace mm
