// The inspector: the kernel's structs behind the selection, field by field, and what the shown op changed in them.
//
// Names and order are the kernel's (Linux 6.1). A field that is ours begins with "//": it says what a person would
// otherwise have to work out, like the buddy of a block.
#include "base/hex.h"
#include "bridge/replies.h"
#include "bridge/structs.h"
#include "physical/linear_map.h"
#include "physical/pcp.h"

namespace shell {
namespace {

using mm::i64;
using mm::pfn_t;
using mm::u32;

constexpr u32 MAX_MEMBERS = 256; // of a list that is written out

std::string indexed(std::string_view name, std::string_view index) {
    return std::string(name) + "[" + std::string(index) + "]";
}
std::string indexed(std::string_view name, u32 index) { return indexed(name, std::to_string(index)); }

std::string type_name(mm::migratetype type) {
    constexpr std::array<std::string_view, mm::MIGRATE_TYPES> names = {"MIGRATE_UNMOVABLE",   "MIGRATE_MOVABLE",
                                                                       "MIGRATE_RECLAIMABLE", "MIGRATE_HIGHATOMIC",
                                                                       "MIGRATE_CMA",         "MIGRATE_ISOLATE"};
    return std::string(names[type]);
}

// Writes the structs of one machine, for one selection. Run on two machines, its fields can be compared by name.
class Inspector {
  public:
    Inspector(const mm::Machine& machine, mm::Language language)
        : machine_(machine), memory_(machine.physical), language_(language) {}

    std::vector<Struct> structs(const Selection& selection) {
        using Kind = Selection::Kind;
        switch (selection.kind) {
        case Kind::none: nodes(); break;
        case Kind::pfn:
            add_slab(selection);
            page(static_cast<pfn_t>(selection.value));
            for (Struct& s : user_page_structs(machine_, language_, static_cast<pfn_t>(selection.value)))
                structs_.push_back(std::move(s));
            break;
        case Kind::cache:
        case Kind::object: add_slab(selection); break;
        case Kind::address:
            for (Struct& s : address_structs(machine_, language_, selection)) structs_.push_back(std::move(s));
            for (Struct& s : process_structs(machine_, language_, selection)) structs_.push_back(std::move(s));
            break;
        case Kind::zone: zone(zone_at(selection.value)); break;
        case Kind::free_list:
            free_list(zone_at(selection.value), static_cast<u32>(selection.second), static_cast<u32>(selection.third));
            break;
        case Kind::pcp_list:
            pcp_list(zone_at(selection.value), static_cast<u32>(selection.third), static_cast<u32>(selection.second));
            break;
        }
        return std::move(structs_);
    }

  private:
    // ---- helpers ----------------------------------------------------------------------------------------------------

    const mm::zone& zone_at(i64 index) const { return memory_.zones[static_cast<std::size_t>(index)]; }
    std::string place(const Selection& selection) const { return place_text(machine_, selection); }
    i64 index_of(const mm::zone& z) const { return &z - memory_.zones.data(); }
    std::string zone_place(const mm::zone& z) const { return place({Selection::Kind::zone, index_of(z), 0, 0}); }

    // Words of ours, among the kernel's names.
    std::string words(std::string_view en, std::string_view zh) const {
        return std::string(language_ == mm::Language::zh ? zh : en);
    }
    std::string ours(std::string_view en, std::string_view zh) const { return "// " + words(en, zh); }

    void add_slab(const Selection& selection) {
        for (Struct& s : slab_structs(machine_, language_, selection)) structs_.push_back(std::move(s));
    }

    Struct& open(std::string title) {
        structs_.push_back({std::move(title), {}});
        return structs_.back();
    }

    void link(Struct& s, std::string name, pfn_t pfn) const {
        if (pfn == mm::PFN_NONE)
            s.add(std::move(name), "—");
        else if (!memory_.pfn_valid(pfn))
            s.add(std::move(name), mm::address_hex(pfn));
        else
            s.add(std::move(name), mm::address_hex(pfn), place({Selection::Kind::pfn, pfn, 0, 0}));
    }

    void members(Struct& s, const mm::page_list& list) const {
        u32 i = 0;
        for (pfn_t pfn = list.first; pfn != mm::PFN_NONE && i < MAX_MEMBERS; pfn = memory_.page_at(pfn).next, ++i) {
            link(s, ours("block ", "第 ") + std::to_string(i + 1) + words("", " 块"), pfn);
        }
        if (list.nr > i) s.add(ours("more", "更多"), std::to_string(list.nr - i));
    }

    // ---- nothing selected: the nodes and their zones ----------------------------------------------------------------

    void nodes() {
        const mm::mem_map_size map = mm::mem_map_size_of(*machine_.profile);
        Struct& mem_map = open("struct page mem_map[]");
        mem_map.number("sizeof(struct page)", static_cast<i64>(map.struct_page_bytes));
        mem_map.number(ours("sections with memory", "有内存的区段"), static_cast<i64>(map.sections));
        mem_map.number("1 << SECTION_SIZE_BITS", static_cast<i64>(map.section_bytes));
        mem_map.number(ours("bytes", "字节"), static_cast<i64>(map.bytes));
        mem_map.add(ours("part of memory", "占内存"), std::to_string(map.per_mille) + "‰");
        for (const mm::pglist_data& node : memory_.nodes) {
            Struct& s = open("struct pglist_data node " + std::to_string(node.node_id));
            for (const mm::zone& z : memory_.zones) {
                if (z.node != node.node_id || z.spanned_pages == 0) continue;
                s.add(indexed("node_zones", z.index), std::string(z.name()), zone_place(z));
            }
            std::string order;
            for (const mm::u8 index : node.node_zonelists[mm::ZONELIST_FALLBACK]) {
                const mm::zone& z = zone_at(index);
                order += (order.empty() ? "" : " → ") + std::string(z.name());
                if (memory_.nodes.size() > 1) order += words(" of node ", " 节点 ") + std::to_string(z.node);
            }
            s.add("node_zonelists[0]", order);
            s.add("node_start_pfn", mm::address_hex(node.node_start_pfn));
            s.number("node_present_pages", node.node_present_pages);
            s.number("node_spanned_pages", node.node_spanned_pages);
            s.number("node_id", node.node_id);
            s.number("totalreserve_pages", node.totalreserve_pages);
        }
    }

    // ---- a zone -----------------------------------------------------------------------------------------------------

    void zone(const mm::zone& z) {
        Struct& s = open("struct zone " + std::string(z.name()));
        constexpr std::array<std::string_view, mm::NR_WMARK> marks = {"WMARK_MIN", "WMARK_LOW", "WMARK_HIGH"};
        for (u32 i = 0; i < mm::NR_WMARK; ++i) s.number(indexed("_watermark", marks[i]), z.watermark[i]);
        s.number("watermark_boost", z.watermark_boost);
        s.number("nr_reserved_highatomic", z.nr_reserved_highatomic);
        for (u32 i = 0; i < memory_.nr_zone_types; ++i) s.number(indexed("lowmem_reserve", i), z.lowmem_reserve[i]);
        s.number("node", z.node);
        s.number("pageset_batch", z.pcp_batch);
        s.add("zone_start_pfn", mm::address_hex(z.start_pfn));
        s.number("managed_pages", z.managed_pages);
        s.number("spanned_pages", z.spanned_pages);
        s.number("present_pages", z.present_pages);
        s.number("cma_pages", z.cma_pages);
        s.add("name", std::string(z.name()));
        s.number("vm_stat[NR_FREE_PAGES]", z.nr_free_pages);
        s.number("vm_stat[NR_FREE_CMA_PAGES]", z.nr_free_cma);
        free_areas(z);
        for (u32 cpu = 0; cpu < z.pcp.size(); ++cpu) per_cpu_pages(z, cpu);
    }

    void free_areas(const mm::zone& z) {
        Struct& s = open("struct free_area free_area[]");
        for (u32 order = 0; order < memory_.nr_orders; ++order) {
            s.number(indexed("free_area", order) + ".nr_free", z.area[order].nr_free);
        }
    }

    void per_cpu_pages(const mm::zone& z, u32 cpu) {
        Struct& s = open("struct per_cpu_pages CPU " + std::to_string(cpu));
        const mm::per_cpu_pages& pcp = z.pcp[cpu];
        s.number("count", pcp.count);
        s.number("high", pcp.high);
        if (memory_.rules.pcp_auto_tuned()) {
            s.number("high_min", pcp.high_min);
            s.number("high_max", pcp.high_max);
        }
        s.number("batch", pcp.batch);
        if (memory_.rules.pcp_auto_tuned()) {
            s.number("flags", pcp.flags);
            s.number("alloc_factor", pcp.alloc_factor);
            s.number("free_count", pcp.free_count);
        } else if (memory_.rules.pcp_high_orders()) {
            s.number("free_factor", pcp.free_factor);
        }
    }

    // ---- a list -----------------------------------------------------------------------------------------------------

    void free_list(const mm::zone& z, u32 order, u32 type) {
        Struct& s = open("struct free_area free_area[" + std::to_string(order) + "]");
        const mm::free_area& area = z.area[order];
        const mm::page_list& list = area.free_list[type];
        s.add(ours("zone", "内存域"), std::string(z.name()), zone_place(z));
        s.number("nr_free", area.nr_free);
        s.number(ours("blocks in free_list[", "块数 free_list[") + type_name(static_cast<mm::migratetype>(type)) + "]",
                 list.nr);
        s.number(ours("pages in each block", "每块页数"), 1ll << order);
        members(s, list);
    }

    void pcp_list(const mm::zone& z, u32 cpu, u32 index) {
        per_cpu_pages(z, cpu);
        Struct& s = structs_.back();
        const mm::page_list& list = z.pcp[cpu].lists[index];
        s.add(ours("zone", "内存域"), std::string(z.name()), zone_place(z));
        s.number(ours("order of lists[", "阶 lists[") + std::to_string(index) + "]",
                 mm::pindex_to_order(memory_, index));
        s.number(ours("blocks in lists[", "块数 lists[") + std::to_string(index) + "]", list.nr);
        members(s, list);
    }

    // ---- a frame ----------------------------------------------------------------------------------------------------

    void page(pfn_t pfn) {
        const mm::page& page = memory_.page_at(pfn);
        const mm::block_info block = mm::find_block(memory_, pfn);
        Struct& s = open("struct page pfn 0x" + mm::hex(pfn));
        if (block.state == mm::page_state::hole) {
            s.add(ours("state", "状态"), state_words(block.state));
            s.add(ours("physical address", "物理地址"),
                  mm::address_hex(static_cast<mm::u64>(pfn) << memory_.page_shift));
            return;
        }
        const bool head = block.head == pfn;
        const mm::zone& z = zone_at(memory_.page_zone(pfn));
        s.add("flags", flags(page));
        s.add("// page_zone()", std::string(z.name()), zone_place(z));
        if (head && (page.state() == mm::page_state::buddy || page.state() == mm::page_state::pcp)) {
            link(s, "lru.next", page.next);
            link(s, "lru.prev", page.prev);
        }
        if (head && page.state() == mm::page_state::pcp) s.add("index", type_name(page.type()));
        if (head && page.state() == mm::page_state::buddy) {
            s.add("page_type", "PG_buddy");
            s.number("private", page.order());
        }
        s.number("_refcount", page.refcount);
        if (page.table())
            s.add(ours("page table", "页表"),
                  page.table_freed() ? words("stands here, and was freed under it: damaged", "在此页，却被释放：已损坏")
                                     : words("stands here", "在此页"));
        s.add(ours("physical address", "物理地址"), mm::address_hex(static_cast<mm::u64>(pfn) << memory_.page_shift));
        s.add(ours("pageblock type", "页块类型"), type_name(memory_.block_type(pfn)));
        block_of(pfn, block);
    }

    std::string flags(const mm::page& page) const {
        std::string text;
        if (page.state() == mm::page_state::reserved) text = "PG_reserved";
        if (page.compound()) text += text.empty() ? "PG_head" : " | PG_head";
        if (page.slab()) text += text.empty() ? "PG_slab" : " | PG_slab";
        if (page.table_typed()) text += text.empty() ? "PG_table" : " | PG_table";
        return text.empty() ? "0" : text;
    }

    std::string state_words(mm::page_state state) const {
        switch (state) {
        case mm::page_state::hole: return words("no memory here", "此处没有内存");
        case mm::page_state::reserved: return words("reserved", "保留");
        case mm::page_state::tail: return words("tail", "尾页");
        case mm::page_state::buddy: return words("free, on a free list", "空闲，在空闲链表中");
        case mm::page_state::pcp: return words("free, on a per-CPU list", "空闲，在每 CPU 链表中");
        case mm::page_state::allocated: return words("allocated", "已分配");
        case mm::page_state::leaked: return words("taken out of use by bad_page()", "被 bad_page() 停用");
        }
        return "";
    }

    //   [ buddy ][ block ]     the buddy is the other half of the block of the next order
    void block_of(pfn_t pfn, const mm::block_info& block) {
        Struct& s = open(ours("the block it belongs to", "所在的块"));
        s.add(ours("state", "状态"), state_words(block.state));
        if (block.state == mm::page_state::reserved) return;
        const mm::page& head = memory_.page_at(block.head);
        link(s, ours("head", "首页框"), block.head);
        s.number(ours("order", "阶"), block.order);
        s.number(ours("pages", "页数"), 1ll << block.order);
        if (block.head != pfn) s.number(ours("index in block", "块内序号"), pfn - block.head);
        if (block.state == mm::page_state::buddy)
            s.add(ours("free list", "空闲链表"), type_name(head.type()), list_place(block));
        if (block.order + 1u < memory_.nr_orders) link(s, ours("buddy", "伙伴"), block.head ^ (1u << block.order));
        s.number(ours("last changed by op", "最近改变它的操作"), head.stamp);
    }

    std::string list_place(const mm::block_info& block) const {
        const mm::page& head = memory_.page_at(block.head);
        return place({Selection::Kind::free_list, memory_.page_zone(block.head), block.order, head.type()});
    }

    const mm::Machine& machine_;
    const mm::physical_memory& memory_;
    mm::Language language_;
    std::vector<Struct> structs_;
};

// The value that the field had before the op; the same when there was no such field.
const std::string* value_before(const std::vector<Struct>& before, const Struct& s, const Field& field) {
    for (const Struct& other : before) {
        if (other.title != s.title) continue;
        for (const Field& old : other.fields) {
            if (old.name == field.name) return &old.value;
        }
    }
    return nullptr;
}

} // namespace

std::string Bridge::inspect() const {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::Moment& now = moment();
    const bool none = app.selection.kind == Selection::Kind::none;
    const std::optional<StepTask> task = none ? task_of_step(now) : std::nullopt;
    const std::optional<Selection> of_step = none && !task ? process_place_of(now) : std::nullopt;
    const auto structs_of = [&](const mm::Machine& machine) {
        if (task) return task_structs(machine, app.language, *task);
        return of_step ? process_structs(machine, app.language, *of_step)
                       : Inspector(machine, app.language).structs(app.selection);
    };
    std::vector<Struct> before;
    if (now.before && (task || of_step || place_exists(*now.before, app.selection))) before = structs_of(*now.before);

    Json structs = Json::array();
    for (const Struct& s : structs_of(now.at)) {
        Json fields = Json::array();
        for (const Field& field : s.fields) {
            Json row = {{"name", field.name}, {"value", field.value}};
            if (!field.place.empty()) row["place"] = field.place;
            const std::string* was = value_before(before, s, field);
            if (was && *was != field.value) row["was"] = *was;
            if (!was && now.before) row["was"] = "";
            fields.push_back(std::move(row));
        }
        structs.push_back({{"title", s.title}, {"fields", std::move(fields)}});
    }
    Json seen = Json::array();
    for (const auto& view : views_) {
        const ViewRow& row = view->row();
        const Shown look = row.shows ? row.shows(now.at, app.selection) : std::nullopt;
        if (!look) continue;
        seen.push_back({{"view", row.id}});
        if (!look->empty()) seen.back()["look"] = *look;
    }
    return to_text({{"select", place_text(now.at, app.selection)},
                    {"of_process", of_step.has_value()},
                    {"of_task", task.has_value()},
                    {"structs", std::move(structs)},
                    {"views", std::move(seen)}});
}

} // namespace shell
