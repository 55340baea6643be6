// Where things stand: the view in which a step is best seen, and the way from the machine down to what is selected.
#include <algorithm>

#include "base/hex.h"
#include "bridge/bridge.h"
#include "bridge/replies.h"
#include "bridge/structs.h"
#include "machine/facts/address_facts.h"
#include "machine/facts/owner.h"
#include "machine/facts/process_facts.h"
#include "machine/facts/slab_state.h"
#include "machine/rooms.h"
#include "slab/slab.h"
#include "views/process/process_choice.h"

namespace shell {
namespace {

using mm::i64;
using mm::u32;
using Kind = Selection::Kind;

mm::room_id room_of_op(mm::u16 kind) {
    std::size_t end = 0;
    for (const mm::Room& room : mm::rooms())
        if (kind < (end += room.op_count())) return room.id;
    return mm::room_id::count;
}

bool is_view(std::span<const std::unique_ptr<View>> views, std::string_view id) {
    for (const auto& view : views)
        if (view->id() == id) return true;
    return false;
}

//   machine › node 0 › zone Normal › pfn 0x48050 › slab of kmalloc-64 › object 3
//   machine › node 0 › zone Normal › pfn 0x45340 › page table pmd, init_mm
//   machine › init_mm › 0xffff800008000000 › pfn 0x48050
//   machine › 300 /bin/prog › rw-p [heap] › 0x491000
class Way {
  public:
    // `shown`: the process that the views of processes show.
    Way(const mm::Machine& machine, mm::Language language, std::span<const std::unique_ptr<View>> views,
        mm::mm_id shown)
        : machine_(machine), words_{language}, views_(views), shown_(shown) {}

    Json to(const Selection& selection) {
        add("", {}, "map");
        switch (selection.kind) {
        case Kind::none: break;
        case Kind::zone: zone(selection.value); break;
        case Kind::free_list: free_list(selection); break;
        case Kind::pcp_list: pcp_list(selection); break;
        case Kind::pfn: frame(static_cast<mm::pfn_t>(selection.value), selection); break;
        case Kind::cache: cache(selection.value); break;
        case Kind::object: object(selection); break;
        case Kind::address: address(selection); break;
        }
        return std::move(crumbs_);
    }

  private:
    void add(std::string text, const Selection& place, std::string_view view) {
        Json crumb = {{"text", std::move(text)}, {"place", place_text(machine_, place)}, {"view", view}};
        for (const auto& one : views_) {
            if (one->id() != view || !one->row().shows) continue;
            const Shown look = one->row().shows(machine_, place);
            if (look && !look->empty()) crumb["look"] = *look;
        }
        crumbs_.push_back(std::move(crumb));
    }

    void zone(i64 index, std::string_view view = "zones") {
        const mm::zone& z = machine_.physical.zones[static_cast<std::size_t>(index)];
        const Selection place{Kind::zone, index, 0, 0};
        add(words_("node ", "节点 ") + std::to_string(z.node), place, view);
        add("zone " + std::string(z.name()), place, view);
    }

    void free_list(const Selection& list) {
        zone(list.value, "free-lists");
        const std::string type(mm::migratetype_names[static_cast<std::size_t>(list.third)]);
        add(words_("order ", "阶 ") + std::to_string(list.second) + " " + type, list, "free-lists");
    }

    void pcp_list(const Selection& list) {
        zone(list.value, "pcp");
        add("CPU " + std::to_string(list.third) + words_(", list ", "，链表 ") + std::to_string(list.second), list,
            "pcp");
    }

    // Down to the frame. What has a frame of its own is `end`.
    void frame_only(mm::pfn_t pfn) {
        if (!machine_.physical.zones.empty()) zone(machine_.physical.page_zone(pfn));
        add("pfn " + mm::address_hex(pfn), {Kind::pfn, pfn, 0, 0}, "map");
    }

    void frame(mm::pfn_t pfn, const Selection& end) {
        frame_only(pfn);
        const mm::phys_addr_t phys = static_cast<mm::phys_addr_t>(pfn) << machine_.physical.page_shift;
        const mm::FrameOwner owner = mm::owner_of(machine_, phys);
        if (owner.use == mm::FrameUse::slab) slab(owner.cache, end);
        if (owner.use == mm::FrameUse::page_table) table(owner.table, pfn);
        if (owner.use == mm::FrameUse::vmalloc)
            add(words_("vmalloc area ", "vmalloc 区域 ") + mm::address_hex(owner.area),
                {Kind::address, static_cast<i64>(owner.area), mm::INIT_MM, 0}, "vmalloc");
        if (owner.use == mm::FrameUse::process) user_page({Kind::pfn, pfn, 0, 0});
    }

    // In the process that is shown, where it maps the page.
    void user_page(const Selection& page) {
        const std::vector<SelectedPlace> places = selected_places(machine_, page);
        if (places.empty()) return;
        const auto in_shown = std::find_if(places.begin(), places.end(),
                                           [&](const SelectedPlace& place) { return place.process == shown_; });
        const SelectedPlace& place = in_shown == places.end() ? places.front() : *in_shown;
        const i64 space = machine_.processes.mms[place.process].space;
        add(mm::process_text(machine_.processes, place.process),
            {Kind::address, static_cast<i64>(place.address), space, 0}, "address-space");
    }

    std::string name_of(mm::cache_id id) const { return std::string(mm::name_text(machine_.slabs.caches[id].name)); }
    void slab(mm::cache_id id, const Selection& at) { add(words_("slab of ", "slab：") + name_of(id), at, "slab"); }

    void table(mm::table_id id, mm::pfn_t pfn) {
        const mm::page_table& table = machine_.mmu.tables[id];
        const std::string level(machine_.mmu.geometry().level_name(table.level));
        add(level + words_(" table, ", " 表，") + mm::space_text(machine_, table.space, {}), {Kind::pfn, pfn, 0, 0},
            "page-tables");
    }

    void cache(i64 id) {
        if (!cache_exists(machine_.slabs, id)) return;
        const Selection place{Kind::cache, id, 0, 0};
        add(words_("slab caches", "slab 缓存"), place, "caches");
        add(name_of(static_cast<mm::cache_id>(id)), place, "cache");
    }

    void object(const Selection& at) {
        const auto phys = static_cast<mm::phys_addr_t>(at.value);
        frame_only(machine_.physical.pfn_of(phys));
        const mm::cache_id id = cache_of(machine_, at);
        if (id != mm::CACHE_NONE) {
            add(name_of(id), {Kind::cache, id, 0, 0}, "cache");
            const mm::object_ref found = mm::object_of_address(machine_.slabs, machine_.physical, phys);
            if (found.index != mm::OBJ_NONE) {
                add(words_("object ", "对象 ") + std::to_string(found.index), at, "slab");
                return;
            }
        }
        add(mm::address_hex(phys), at, "slab");
    }

    void address(const Selection& at) {
        const auto virt = static_cast<mm::u64>(at.value);
        const auto space = static_cast<mm::space_id>(at.second);
        process(at);
        const mm::AddressFacts facts = mm::facts_of(machine_, virt, space);
        add(mm::address_hex(virt), at, "address");
        const mm::frame_t frame = facts.frame(machine_.physical.page_shift);
        if (frame == mm::FRAME_NONE || !machine_.physical.pfn_valid(frame)) return;
        add("pfn " + mm::address_hex(frame), {Kind::pfn, static_cast<i64>(frame), 0, 0}, "map");
    }

    // The process and its VMA, else the space.
    void process(const Selection& at) {
        const auto space = static_cast<mm::space_id>(at.second);
        const auto mapping = mm::mapping_of(machine_, static_cast<mm::u64>(at.value), space);
        if (!mapping) return add(mm::space_text(machine_, space, {}), at, "page-tables");
        add(mm::process_text(machine_.processes, mapping->process), at, "address-space");
        if (mapping->vma == mm::VMA_NONE) return;
        add(mm::vma_text(machine_.processes, mapping->process, mapping->vma),
            {Kind::address, static_cast<i64>(mapping->start), at.second, 0}, "address-space");
    }

    const mm::Machine& machine_;
    OwnWords words_;
    std::span<const std::unique_ptr<View>> views_;
    mm::mm_id shown_;
    Json crumbs_ = Json::array();
};

} // namespace

std::string_view best_view(std::span<const std::unique_ptr<View>> views, const mm::Scenario& scenario, const mm::Op* op,
                           u32 index) {
    if (op)
        if (const mm::ScenarioStep* step = step_of(scenario, index); step && is_view(views, step->view))
            return step->view;
    if (is_view(views, scenario.view.open)) return scenario.view.open;
    if (!op) return {};
    const std::string_view name = mm::op_spec(op->kind).name;
    const mm::room_id room = room_of_op(op->kind);
    std::string_view best;
    std::size_t longest = 0; // of the names that the op's begins with
    for (const auto& view : views) {
        const ViewRow& row = view->row();
        if (longest == 0 && best.empty() && row.room == room) best = row.id;
        for (const std::string_view begin : row.ops) {
            if (begin.size() <= longest || !name.starts_with(begin)) continue;
            best = row.id;
            longest = begin.size();
        }
    }
    return best;
}

std::string Bridge::crumbs() const {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::mm_id shown = process_to_show(moment(), app.selection, app.chosen);
    return to_text({{"crumbs", Way(machine(), app.language, views_, shown).to(app.selection)}});
}

} // namespace shell
