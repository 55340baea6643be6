// memblock-dmesg: every call that a boot made to memblock, made again as ops of a machine that boots in steps.
//
// What was reserved before the kernel began to print is taken from the first configuration; all behind it is the engine's. An
// allocation is asked for with the recorded bounds and has to find the address that the kernel found. NODE_DATA is no line of
// memblock: its size is taken from where it was put. The second configuration, and in the end the pages that each zone gets, are
// compared: what zoneinfo calls managed, less what boot freed later.
#include <algorithm>

#include "base/hex.h"
#include "machine/machine.h"
#include "oracle/oracle.h"
#include "physical/memblock_event_rows.h"
#include "recording/memblock.h"

namespace mm {
namespace {

using Step = RecordedMemblockStep;
using Kind = RecordedMemblockStep::Kind;

struct OpField {
    std::string_view name;
    u64 value;
};

std::string range_text(u64 base, u64 end) { return address_hex(base) + ".." + address_hex(end); }

std::string region_text(const RecordedMemblockRegion& region) {
    return range_text(region.base, region.end) + (region.node < 0 ? "" : " node " + std::to_string(region.node));
}

class MemblockReplay {
  public:
    MemblockReplay(Machine machine, FactLog& log) : machine_(std::move(machine)), log_(log) {}

    void run(const RecordedMemblock& recorded) {
        apply("memblock_allow_resize", {}, 0);
        for (const Step& step : recorded.steps) {
            place_ = "line " + std::to_string(step.line);
            follow(step);
        }
    }

    // Zones, sized and filled by the lists.
    void boot() {
        apply("free_area_init", {}, 0);
        apply("memblock_free_all", {}, 0);
    }
    [[nodiscard]] const Machine& machine() const { return machine_; }

  private:
    void follow(const Step& step) {
        switch (step.kind) {
        case Kind::add: return range_op("memblock_add", step);
        case Kind::remove: return range_op("memblock_remove", step);
        case Kind::reserve: return printing_ ? range_op("memblock_reserve", step) : void();
        case Kind::free: return range_op("memblock_free", step);
        case Kind::alloc: return allocate(step);
        case Kind::node_data: return allocate_node_data(step);
        case Kind::nodes: return set_nodes(step);
        case Kind::lists: return printing_ ? compare_lists(step.lists) : begin(step.lists);
        }
    }

    void range_op(std::string_view name, const Step& step) {
        apply(name, {{"base", step.base}, {"size", step.end - step.base}}, 0);
    }

    // The first configuration: memory has been added and trimmed, and something is reserved.
    void begin(const RecordedMemblockLists& lists) {
        apply("memblock_trim_memory", {{"align", machine_.profile->page_size}}, 0);
        const memblock_state& blocks = machine_.physical.memblock;
        compare_list("memory", lists.memory, blocks.memory);
        log_.equal_number("memblock.total", place_ + ", memory size", static_cast<i64>(lists.memory_size),
                          static_cast<i64>(blocks.memory.total_size));
        for (const RecordedMemblockRegion& region : lists.reserved)
            apply("memblock_reserve", {{"base", region.base}, {"size", region.end - region.base}}, 0);
        printing_ = true;
    }

    void compare_lists(const RecordedMemblockLists& lists) {
        const memblock_state& blocks = machine_.physical.memblock;
        compare_list("memory", lists.memory, blocks.memory);
        compare_list("reserved", lists.reserved, blocks.reserved);
        log_.equal_number("memblock.total", place_ + ", memory size", static_cast<i64>(lists.memory_size),
                          static_cast<i64>(blocks.memory.total_size));
        log_.equal_number("memblock.total", place_ + ", reserved size", static_cast<i64>(lists.reserved_size),
                          static_cast<i64>(blocks.reserved.total_size));
        log_.equal_number("memblock.cnt", place_ + ", memory.cnt", static_cast<i64>(lists.memory_cnt),
                          memblock_cnt({machine_.profile->kernel}, blocks.memory));
        log_.equal_number("memblock.cnt", place_ + ", reserved.cnt", static_cast<i64>(lists.reserved_cnt),
                          memblock_cnt({machine_.profile->kernel}, blocks.reserved));
    }

    void compare_list(const std::string& name, const std::vector<RecordedMemblockRegion>& recorded,
                      const memblock_type& engine) {
        for (std::size_t i = 0; i < std::max(recorded.size(), engine.regions.size()); ++i) {
            std::string there = "none", here = "none";
            if (i < recorded.size()) there = region_text(recorded[i]);
            if (i < engine.regions.size())
                here = region_text({engine.regions[i].base, engine.regions[i].end(), engine.regions[i].nid});
            log_.check("memblock." + name, there == here, [&] {
                return place_ + ", " + name + "[" + std::to_string(i) + "]: recorded " + there + ", engine " + here;
            });
        }
    }

    void allocate(const Step& step) {
        const u64 node = static_cast<u64>(step.node);
        const u64 exact = step.call.find("_exact_nid") != std::string::npos;
        if (step.call == "memblock_phys_alloc_range")
            apply(step.call,
                  {{"size", step.size}, {"align", step.align}, {"min_addr", step.from}, {"max_addr", step.max_addr}},
                  step.base);
        else
            apply("memblock_alloc",
                  {{"size", step.size},
                   {"align", step.align},
                   {"min_addr", step.from},
                   {"max_addr", step.max_addr},
                   {"node", node},
                   {"exact", exact}},
                  step.base);
        compare_found(step);
    }

    // kernel: alloc_node_data
    void allocate_node_data(const Step& step) {
        apply("memblock_alloc",
              {{"size", step.size}, {"align", SMP_CACHE_BYTES}, {"node", static_cast<u64>(step.node)}}, step.base);
        compare_found(step);
    }

    void compare_found(const Step& step) {
        log_.check("memblock.alloc", found_ == step.base, [&] {
            return place_ + ": " + std::to_string(step.size) + " bytes were found at " + address_hex(step.base) +
                   ", the engine finds them at " + address_hex(found_);
        });
    }

    // kernel: numa_register_memblks, numa_clear_kernel_node_hotplug
    void set_nodes(const Step& step) {
        for (const memblock_list list : {memblock_list::memory, memblock_list::reserved})
            for (const RecordedMemblockRegion& range : step.nodes)
                apply("memblock_set_node",
                      {{"base", range.base},
                       {"size", range.end - range.base},
                       {"node", static_cast<u64>(range.node)},
                       {"list", static_cast<u64>(list)}},
                      0);
    }

    // `expected`: nothing but an address that an allocation is to find. What the engine finds stands in found_.
    void apply(std::string_view name, std::initializer_list<OpField> fields, u64 expected) {
        Op op;
        const std::optional<u16> kind = find_op(name);
        MM_ASSERT(kind.has_value());
        op.kind = *kind;
        const auto specs = op_spec(op.kind).field_list();
        for (std::size_t i = 0; i < specs.size(); ++i) {
            op.arg[i] = specs[i].default_value;
            for (const OpField& field : fields)
                if (field.name == specs[i].name) op.arg[i] = static_cast<i64>(field.value);
        }
        std::vector<Event> events;
        EventSink sink;
        sink.store_in(&events);
        const OpOutcome outcome = mm::apply(machine_, op, sink);
        found_ = 0;
        for (const Event& event : events)
            if (event.kind == static_cast<u16>(memblock_event::alloc_done))
                found_ = Args<memblock_event::alloc_done>(event).as<u64>("start");
        const bool wanted = outcome == OpOutcome::done || (expected == 0 && outcome == OpOutcome::returned_null);
        log_.check("memblock.call", wanted, [&] { return place_ + ": the engine refuses " + std::string(name); });
    }

    Machine machine_;
    FactLog& log_;
    std::string place_;
    u64 found_ = 0;
    bool printing_ = false; // behind the first configuration all that changes is printed
};

// Pages that a zone got from memblock: those it manages in the end without what boot freed later. All of the kernel's image
// lies in one zone, and the initrd in one.
void compare_managed(const Machine& booted, const RecordedMemblock& recorded, const std::vector<ZoneinfoZone>& zones,
                     FactLog& log) {
    constexpr u64 IMAGE_START = 16ull << 20, KIB_A_PAGE = 4; // x86: CONFIG_PHYSICAL_START
    const physical_memory& mem = booted.physical;
    for (const ZoneinfoZone& recorded_zone : zones) {
        const zone* z = find_zone(mem, recorded_zone.zone);
        if (!z || !z->populated()) continue;
        const auto holds = [&](u64 address) {
            const pfn_t pfn = mem.pfn_of(address);
            return pfn >= z->start_pfn && pfn < z->end_pfn();
        };
        i64 later = 0;
        if (holds(IMAGE_START))
            later += static_cast<i64>(recorded.image_freed_kib / KIB_A_PAGE + recorded.late_freed_pages);
        if (recorded.ramdisk && holds(*recorded.ramdisk))
            later += static_cast<i64>(recorded.initrd_freed_kib / KIB_A_PAGE);
        log.equal_number("memblock.managed", "zone " + zone_text(recorded_zone.zone) + " pages from memblock",
                         recorded_zone.managed - later, z->managed_pages);
        log.equal_number("memblock.present", "zone " + zone_text(recorded_zone.zone) + " present pages",
                         recorded_zone.present, z->present_pages);
    }
}

} // namespace

void compare_memblock(const OracleMachine& machine, const RecordedMemblock& recorded, FactLog& log) {
    log.check("memblock.lines", recorded.unreadable == 0,
              [&] { return std::to_string(recorded.unreadable) + " lines of memblock are not understood"; });
    machine_profile profile = machine.machine.profile;
    profile.reserved.clear();
    profile.cma.clear();
    profile.memblock_empty = true;
    Result<Machine> empty = make_unbooted_machine(std::move(profile));
    if (!log.check("memblock.machine", empty.ok(), [&] { return empty.error().text(); })) return;
    MemblockReplay replay(std::move(*empty), log);
    replay.run(recorded);
    replay.boot();
    if (const auto zones = parse_zoneinfo(machine.folder.text("static-zoneinfo.txt")))
        compare_managed(replay.machine(), recorded, *zones, log);
}

} // namespace mm
