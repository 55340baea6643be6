#include "scenario/scenario.h"

#include <algorithm>

#include "physical/gfp.h"
#include "scenario/scenario_text.h"
#include "scenario/view_names.h"

namespace mm {

using test::error_of;
using test::field;
using test::op_name;
using test::parsed;
using test::scenario_of;

namespace {

// The least that a field may be, with pages "a", a cache "c", a row of objects "b[]", an area "v", an address space "m", a file
// "f" and a region "r" to name.
std::string least_value(const OpSpec& spec, const FieldSpec& row) {
    switch (row.unit) {
    case Unit::name: return "\"y\"";
    case Unit::cache_result: return "\"c\"";
    case Unit::object_result: return spec.has_row() ? "\"b[]\"" : "\"b[0]\"";
    case Unit::area_result: return "\"v\"";
    case Unit::space_result: return "\"m\"";
    case Unit::file_result: return "\"f\"";
    case Unit::place: return "\"r\"";
    case Unit::path: return "\"/y\"";
    case Unit::map_prot: return "\"PROT_NONE\"";
    case Unit::map_flags:
    case Unit::mremap_flags:
    case Unit::mlock_flags:
    case Unit::msync_flags: return "\"0\"";
    case Unit::result: return "\"a\"";
    default: break;
    }
    return row.names.empty() ? std::to_string(row.min) : "\"" + std::string(row.names.front()) + "\"";
}

} // namespace

TEST(Scenario, AnOpGetsWhatItsStepSaysAndDefaultsForTheRest) {
    const Scenario scenario = parsed(scenario_of(
        R"({"op": "alloc_pages", "order": 3, "gfp": "GFP_ATOMIC|__GFP_ZERO", "as": "a"}, {"op": "alloc_pages"},
           {"op": "__free_pages", "page": "a", "order": 2}, {"op": "__free_pages", "pfn": "0x40010"})"));
    ASSERT_EQ(scenario.ops.size(), 4u);
    EXPECT_EQ(op_name(scenario.ops[0]), "alloc_pages");
    EXPECT_EQ(field(scenario.ops[0], "order"), 3);
    EXPECT_EQ(field(scenario.ops[0], "gfp"), GFP_BIT_HIGH | GFP_BIT_ATOMIC | GFP_BIT_KSWAPD_RECLAIM | GFP_BIT_ZERO);
    EXPECT_EQ(scenario.ops[0].result, 0u);
    EXPECT_EQ(field(scenario.ops[1], "order"), 0);
    EXPECT_EQ(field(scenario.ops[1], "gfp"), GFP_KERNEL);
    EXPECT_EQ(scenario.ops[1].result, Op::NO_RESULT);
    EXPECT_EQ(field(scenario.ops[2], "page"), 0);
    EXPECT_EQ(field(scenario.ops[2], "order"), 2);
    EXPECT_EQ(field(scenario.ops[3], "page"), -1);
    EXPECT_EQ(field(scenario.ops[3], "pfn"), 0x40010);
    EXPECT_EQ(scenario.result_names, (std::vector<std::string>{"a"}));
}

// Not by its first field that a scenario has not.
TEST(Scenario, AMachineFileIsToldAsSuch) {
    EXPECT_EQ(
        error_of(R"({"format": "mmscope-machine/1", "profile": {"memory": "8MiB"}})"),
        "format: found a machine file, \"mmscope-machine/1\", expected a scenario, \"mmscope/1\": a scenario has the "
        "profile in \"machine\"");
}

TEST(Scenario, TextIsMeasuredInCharacters) {
    const auto titled = [](std::size_t characters) {
        std::string title;
        for (std::size_t i = 0; i < characters; ++i) title += "页";
        return R"({"format": "mmscope/1", "title": ")" + title +
               R"(", "machine": {"profile": {"memory": "8MiB"}}, "steps": []})";
    };
    EXPECT_EQ(parsed(titled(200)).title.en.size(), 600u);
    EXPECT_EQ(error_of(titled(201)), "title: 201 characters of text are above 200");
}

// Addresses of the kernel are above 2^53 and above 2^63: hex text keeps all their bits.
TEST(Scenario, AddressesAreHexTextOf64Bits) {
    const Scenario scenario =
        parsed(test::scenario_of(R"({"op": "virt_to_page", "address": "0xffff000001234567", "as": "a"})"));
    EXPECT_EQ(static_cast<u64>(field(scenario.ops[0], "address")), 0xffff000001234567ull);
    EXPECT_EQ(error_of(test::scenario_of(R"({"op": "virt_to_page", "address": "ffff0000", "as": "a"})")),
              "steps[0].address: found \"ffff0000\", expected an address as hex text like \"0xffff000005f10000\"");
    EXPECT_EQ(error_of(test::scenario_of(R"({"op": "virt_to_page", "address": "0x10000000000000000", "as": "a"})")),
              "steps[0].address: 0x10000000000000000 has more than the 64 bits of an address");
    EXPECT_EQ(error_of(test::scenario_of(R"({"op": "virt_to_page", "address": -1, "as": "a"})")),
              "steps[0].address: -1 is below 0");
}

TEST(Scenario, GfpNamesMeanWhatTheyMeanInTheMachinesKernel) {
    const auto atomic_in = [](const std::string& kernel) {
        const std::string machine = R"({"profile": {"memory": "64MiB", "kernel": ")" + kernel + "\"}}";
        return field(parsed(scenario_of(R"({"op": "alloc_page", "gfp": "GFP_ATOMIC"})", machine)).ops[0], "gfp");
    };
    EXPECT_NE(atomic_in("6.1") & GFP_BIT_ATOMIC, 0);
    EXPECT_EQ(atomic_in("6.12") & GFP_BIT_ATOMIC, 0);
}

TEST(Scenario, EveryOpOfTheTableCanBeAStep) {
    for (u16 kind = 0; kind < op_count(); ++kind) {
        const OpSpec& spec = op_spec(kind);
        SCOPED_TRACE(spec.name);
        std::string step = R"({"op": "kmem_cache_create", "name": "x", "size": 8, "as": "c"},
                              {"op": "kmem_cache_alloc_bulk", "cache": "c", "nr": 4, "as": "b[]"},
                              {"op": "vmalloc", "size": 1, "as": "v"}, {"op": "alloc_page", "as": "a"},
                              {"op": "execve", "as": "m"}, {"op": "open", "path": "/x", "as": "f"},
                              {"op": "mmap", "process": "m", "size": 1, "as": "r"}, {"op": ")" +
                           std::string(spec.name) + "\"";
        for (const FieldSpec& row : spec.field_list())
            if (row.required) step += ", \"" + std::string(row.name) + "\": " + least_value(spec, row);
        const Scenario scenario = parsed(scenario_of(step + "}"));
        ASSERT_EQ(scenario.ops.size(), 8u);
        EXPECT_EQ(scenario.ops[7].kind, kind);
    }
}

TEST(Scenario, TextsFallBackToOneLanguage) {
    const Scenario scenario = parsed(R"({"format": "mmscope/1", "title": {"en": "Buddies", "zh": "伙伴"},
        "summary": "short", "notes": {"en": "two\nlines"}, "machine": {"profile": {"memory": "64MiB"}}, "steps": []})");
    EXPECT_EQ(scenario.title.zh, "伙伴");
    EXPECT_EQ(scenario.summary.en, "short");
    EXPECT_EQ(scenario.summary.zh, "");
    EXPECT_EQ(scenario.notes.en, "two\nlines");
}

TEST(Scenario, AStepKeepsItsNoteAndItsOps) {
    const Scenario scenario = parsed(scenario_of(
        R"({"op": "alloc_page", "note": "first", "view": "map"}, {"repeat": {"count": 3, "steps": [{"op": "alloc_page"}, {"op": "drain_all_pages"}]},
            "note": {"en": "six", "zh": "六"}}, {"op": "alloc_page"})"));
    ASSERT_EQ(scenario.steps.size(), 3u);
    EXPECT_EQ(scenario.steps[0].note.en, "first");
    EXPECT_EQ(scenario.steps[0].view, "map");
    EXPECT_EQ(scenario.steps[1].view, "");
    EXPECT_EQ(scenario.steps[1].first_op, 1u);
    EXPECT_EQ(scenario.steps[1].nr_ops, 6u);
    EXPECT_EQ(scenario.steps[1].note.zh, "六");
    EXPECT_EQ(scenario.steps[2].first_op, 7u);
    EXPECT_EQ(op_name(scenario.ops[2]), "drain_all_pages");
}

TEST(Scenario, AMachineIsNamedOrWrittenInPlace) {
    const Scenario named = parsed(scenario_of("", R"({"name": "arm64-6.1-1g"})"));
    EXPECT_EQ(named.profile.name, "arm64-6.1-1g");
    EXPECT_FALSE(named.profile.recorded.empty());
    EXPECT_EQ(error_of(scenario_of("", R"({"name": "none"})")), "machine.name: there is no machine file \"none.json\"");
    EXPECT_EQ(error_of(scenario_of("", R"({"name": "a", "profile": {}})")),
              "machine: expected either \"name\" (a machine file) or \"profile\"");
    EXPECT_EQ(error_of(scenario_of("", "{}")), "machine: expected either \"name\" (a machine file) or \"profile\"");
    const Result<Scenario> broken =
        parse_scenario(scenario_of("", R"({"name": "x"})"), [](std::string_view) { return "{\n}"; });
    EXPECT_EQ(broken.error().message, "x.json does not load: line 1, column 1: format: is missing");
}

TEST(Scenario, AMachineNameCannotLeaveItsFolder) {
    bool asked = false;
    const MachineSource source = [&](std::string_view) {
        asked = true;
        return std::string();
    };
    for (const char* name : {"../secret", "/etc/passwd", "", ".hidden", "a/b", "a\\\\b"})
        EXPECT_FALSE(parse_scenario(scenario_of("", "{\"name\": \"" + std::string(name) + "\"}"), source).ok()) << name;
    EXPECT_FALSE(asked);
}

TEST(Scenario, ASteppedBootBeginsWithoutZones) {
    const std::string head = R"({"format": "mmscope/1", "title": "t", "boot": "stepped", "machine": )";
    const Scenario scenario =
        parsed(head + R"({"profile": {"memory": "64MiB"}}, "steps": [{"op": "free_area_init"}]})");
    EXPECT_TRUE(scenario.unbooted);
    const Result<Machine> machine = start_machine(scenario);
    ASSERT_TRUE(machine.ok());
    EXPECT_TRUE(machine->physical.zones.empty());
    EXPECT_EQ(error_of(head + R"({"name": "arm64-6.1-1g"}, "steps": []})"),
              "boot: a machine with a recorded state has booted already");
}

TEST(Scenario, TheViewIsKept) {
    const auto with_view = [](const std::string& view) {
        return R"({"format": "mmscope/1", "title": "t", "machine": {"profile": {"memory": "64MiB"}}, "view": )" + view +
               R"(, "steps": [{"op": "alloc_page", "as": "a"}]})";
    };
    const Scenario pfn = parsed(with_view(R"({"open": "map", "select": {"pfn": "0x40000"}})"));
    EXPECT_EQ(pfn.view.open, "map");
    EXPECT_EQ(pfn.view.select_pfn, 0x40000);
    EXPECT_EQ(parsed(with_view(R"({"select": {"result": "a"}})")).view.select_result, "a");
    EXPECT_EQ(parsed(with_view(R"({"select": {"zone": "0:DMA"}})")).view.select_zone, "0:DMA");
    EXPECT_EQ(error_of(with_view(R"({"select": {"result": "b"}})")),
              "view.select.result: no step makes a result \"b\" (expected a)");
    EXPECT_EQ(error_of(with_view(R"({"select": {"zone": "1:DMA"}})")),
              "view.select.zone: this machine has no zone \"1:DMA\" (did you mean \"0:DMA\"?)");
    EXPECT_EQ(error_of(with_view(R"({"select": {}})")), "view.select: expected one of \"pfn\", \"result\" or \"zone\"");
}

TEST(Scenario, AViewThatThereIsNotIsRefusedWithItsPlaceAndTheNames) {
    const auto opens = [](const std::string& view, const std::string& of_step) {
        return R"({"format": "mmscope/1", "title": "t", "machine": {"profile": {"memory": "64MiB"}},
"view": {"open": ")" +
               view + R"("},
"steps": [{"op": "alloc_page", "view": ")" +
               of_step + R"("}]})";
    };
    EXPECT_EQ(parsed(opens("zones", "pcp")).steps[0].view, "pcp");
    EXPECT_EQ(error_of(opens("zone", "pcp")), "view.open: \"zone\" is unknown (did you mean \"zones\"?)");
    const std::string sky = error_of(opens("map", "sky"));
    EXPECT_TRUE(sky.starts_with("steps[0].view: \"sky\" is unknown (expected ")) << sky;
    for (const std::string_view name : VIEW_NAMES) EXPECT_NE(sky.find(name), std::string::npos) << name;
    EXPECT_EQ(parse_scenario(opens("map", "sky"), nullptr).error().line, 3);
}

TEST(Scenario, ErrorsNameLineAndColumnOfTheValue) {
    const Result<Scenario> scenario = parse_scenario("{\n"
                                                     "  \"format\": \"mmscope/1\", \"title\": \"t\",\n"
                                                     "  \"machine\": {\"profile\": {\"memory\": \"64MiB\"}},\n"
                                                     "  \"steps\": [\n"
                                                     "    {\"op\": \"alloc_page\"},\n"
                                                     "    {\"op\": \"alloc_pages\", \"order\": 12}\n"
                                                     "  ]\n"
                                                     "}\n",
                                                     nullptr);
    ASSERT_FALSE(scenario.ok());
    EXPECT_EQ(scenario.error().text(), "line 6, column 36: steps[1].order: 12 is above MAX_ORDER 10");
    EXPECT_EQ(place_and_message(scenario.error()).zh, "第 6 行第 36 列：steps[1].order：12 超过了 MAX_ORDER 10");
    const Result<Scenario> chinese = parse_scenario(
        R"({"format": "mmscope/1", "title": {"en": "b", "zh": "伙伴"}, "machin": {}, "steps": []})", nullptr);
    EXPECT_EQ(chinese.error().text(), "line 1, column 59: machin: no such field (did you mean \"machine\"?)");
    EXPECT_EQ(chinese.error().message_zh, "没有这个字段（是否指 \"machine\"？）");
}

TEST(Scenario, ErrorsOfAStepNameTheFieldAndWhatWasExpected) {
    const auto step_error = [](const std::string& step) { return error_of(scenario_of(step)); };
    EXPECT_EQ(step_error("7"), "steps[0]: found a number, expected an object {...}");
    EXPECT_EQ(step_error("{}"), "steps[0]: expected a step with \"op\", \"random\" or \"repeat\"");
    EXPECT_EQ(step_error(R"({"op": "aloc_pages"})"),
              "steps[0].op: there is no op \"aloc_pages\" (did you mean \"alloc_pages\"?)");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "ordr": 1})"),
              "steps[0].ordr: no such field (did you mean \"order\"?)");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "order": 99})"), "steps[0].order: 99 is above MAX_ORDER 10");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "order": -1})"), "steps[0].order: -1 is below 0");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "gfp": "GFP_DMA|__GFP_HIGHMEM"})"),
              "steps[0].gfp: names two zones; at most one of __GFP_DMA, __GFP_DMA32 and __GFP_HIGHMEM is allowed");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "gfp": "__GFP_MOVABLE|__GFP_RECLAIMABLE"})"),
              "steps[0].gfp: is both movable and reclaimable; at most one of the two is allowed");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "order": "many"})"),
              "steps[0].order: found \"many\", expected a number or hex text like \"0x45f10\"");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "order": 1.5})"),
              "steps[0].order: found a number with a fraction, expected a whole number");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "order": null})"),
              "steps[0].order: found null, expected a whole number");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "gfp": "GFP_KERNEL|__GFP_ZER"})"),
              "steps[0].gfp: \"__GFP_ZER\" is no gfp flag of Linux 6.1 (did you mean \"__GFP_ZERO\"?)");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "gfp": 3264})"), "steps[0].gfp: found a number, expected text");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages_node"})"), "steps[0].node: is missing");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages_node", "node": 1})"),
              "steps[0].node: node 1 does not exist; the machine has 1");
    EXPECT_EQ(step_error(R"({"op": "alloc_page", "cpu": 1})"), "steps[0].cpu: CPU 1 does not exist; the machine has 1");
    EXPECT_EQ(step_error(R"({"op": "alloc_page", "note": 1})"),
              "steps[0].note: found a number, expected text or, in two languages, {\"en\": \"...\", \"zh\": \"...\"}");
    EXPECT_EQ(step_error(R"({"op": "ALLOC_PAGES"})"),
              "steps[0].op: there is no op \"ALLOC_PAGES\" (did you mean \"alloc_pages\"?)");
    EXPECT_EQ(step_error("{\"op\": \"alloc_pages\", \"order\u200b\": 1}"),
              "steps[0].order\\u200b: no such field (did you mean \"order\"?)");
    EXPECT_EQ(step_error(R"({"op": "alloc_pages", "gfp": "gfp_kernel"})"),
              "steps[0].gfp: \"gfp_kernel\" is no gfp flag of Linux 6.1 (did you mean \"GFP_KERNEL\"?)");
    EXPECT_EQ(step_error(R"({"op": "alloc_page", "note": {"zh": "一"}})"), "steps[0].note.en: is missing");
    EXPECT_EQ(step_error(R"({"op": "alloc_page", "note": "a\u0007"})"),
              "steps[0].note: has a control character; only \\n may stand in text");
    EXPECT_EQ(step_error(R"({"op": "alloc_page", "note": ")" + std::string(4001, 'x') + "\"}"),
              "steps[0].note: 4001 characters of text are above 4000");
    EXPECT_EQ(step_error(R"({"op": "drain_all_pages", "as": "a"})"),
              "steps[0].as: no such field (expected op, cpu, note, view, question or expect)");
}

// "page" says which page, and so does "pfn".
TEST(Scenario, TwoFieldsThatSayTheSameAreAnError) {
    const auto step_error = [](const std::string& step) {
        return error_of(scenario_of(R"({"op": "alloc_page", "as": "a"}, {"op": "kmalloc", "size": 8, "as": "o"},
                                       {"op": "vmalloc", "size": 1, "as": "v"},
                                       {"op": "kmem_cache_create", "name": "x", "size": 8, "as": "c"}, )" +
                                    step));
    };
    const auto both = [](const char* a, const char* b) {
        return "steps[4]." + std::string(b) + ": \"" + a + "\" and \"" + b +
               "\" say the same in two ways: write one of them";
    };
    EXPECT_EQ(step_error(R"({"op": "__free_pages", "page": "a", "pfn": "0x40010"})"), both("page", "pfn"));
    EXPECT_EQ(step_error(R"({"op": "__free_pages", "pfn": "0x40010", "page": "a"})"), both("page", "pfn"));
    EXPECT_EQ(step_error(R"({"op": "free_pages", "page": "a", "address": "0xffff000000010000"})"),
              both("page", "address"));
    EXPECT_EQ(step_error(R"({"op": "virt_to_phys", "area": "v", "object": "o"})"), both("area", "object"));
    EXPECT_EQ(step_error(R"({"op": "virt_to_phys", "page": "a", "address": "0xffff000000010000"})"),
              both("address", "page"));
    EXPECT_EQ(step_error(R"({"op": "validate", "cache": "c", "name": "x"})"), both("cache", "name"));
    EXPECT_EQ(step_error(R"({"op": "__free_pages", "page": "a", "order": 0})"), "accepted");
    // Every row that says so names a field of its op.
    for (u16 kind = 0; kind < op_count(); ++kind)
        for (const FieldSpec& row : op_spec(kind).field_list()) {
            const auto fields = op_spec(kind).field_list();
            const bool says_so = std::string_view(row.help).find("instead of ") != std::string_view::npos;
            EXPECT_TRUE(!says_so || !row.instead_of.empty()) << row.help.c_str();
            const bool is_there = std::any_of(fields.begin(), fields.end(),
                                              [&](const FieldSpec& other) { return other.name == row.instead_of; });
            EXPECT_TRUE(row.instead_of.empty() || is_there) << op_spec(kind).name << " " << row.name;
        }
}

TEST(Scenario, ANameOfAnotherKindIsToldAsWhatItIs) {
    const auto error = [](const std::string& step) {
        return error_of(scenario_of(R"({"op": "kmem_cache_create", "name": "dentries", "size": 64, "as": "cache"},
                                       {"op": "alloc_page", "as": "block"}, )" +
                                    step));
    };
    EXPECT_EQ(error(R"({"op": "__free_pages", "page": "cache"})"),
              "steps[2].page: cache is a cache, made by kmem_cache_create at steps[0]; expected pages");
    EXPECT_EQ(error(R"({"op": "__free_pages", "page": "dentries"})"),
              "steps[2].page: no earlier step makes a result \"dentries\": that is the name of a cache, made by "
              "kmem_cache_create at steps[0], whose result is \"cache\"; expected pages");
    EXPECT_EQ(error(R"({"op": "kmem_cache_alloc", "cache": "dentries"})"),
              "steps[2].cache: no earlier step makes a result \"dentries\": that is the name of a cache, made by "
              "kmem_cache_create at steps[0], whose result is \"cache\"");
    EXPECT_EQ(error(R"({"op": "__free_pages", "page": "cachE"})"),
              "steps[2].page: no earlier step makes a result \"cachE\", and \"cache\" is a cache, made by "
              "kmem_cache_create at steps[0]; expected pages (expected block)");
    EXPECT_EQ(error(R"({"op": "kmem_cache_alloc", "cache": "CACHE"})"),
              "steps[2].cache: no earlier step makes a result \"CACHE\" (did you mean \"cache\"?)");
    EXPECT_EQ(error(R"({"op": "alloc_page", "expect": {"cache": {"Dentries": {"nr_slabs": 0}}}})"),
              "steps[2].expect.cache.Dentries: there is no cache \"Dentries\" (did you mean \"dentries\"?)");
    EXPECT_EQ(error(R"({"op": "alloc_page", "expect": {"cache": {"blok": {"nr_slabs": 0}}}})").find("block"),
              std::string::npos)
        << "pages are no cache";
}

TEST(Scenario, SizesNameTheirUnits) {
    const auto error = [](const std::string& size) {
        return error_of(scenario_of("{\"op\": \"kmalloc\", \"size\": \"" + size + "\"}"));
    };
    const auto expected = [](const std::string& found, const std::string& meant) {
        return "steps[0].size: found \"" + found +
               "\", expected a size in B, KiB, MiB, GiB or TiB, like \"512MiB\", or hex "
               "text like \"0x100000\"" +
               (meant.empty() ? "" : " (did you mean \"" + meant + "\"?)");
    };
    EXPECT_EQ(error("1K"), expected("1K", "1KiB"));
    EXPECT_EQ(error("1 KB"), expected("1 KB", "1KiB"));
    EXPECT_EQ(error("4kib"), expected("4kib", "4KiB"));
    EXPECT_EQ(error("2m"), expected("2m", "2MiB"));
    EXPECT_EQ(error("8b"), expected("8b", "8B"));
    EXPECT_EQ(error("1.5MiB"), expected("1.5MiB", ""));
    EXPECT_EQ(error("7"), expected("7", ""));
    EXPECT_EQ(error("K"), expected("K", ""));
    EXPECT_EQ(error("1\u200bKiB"), expected("1\\u200bKiB", ""));
    EXPECT_EQ(error("1 KiB"), "accepted");
}

TEST(Scenario, ErrorsOfResultNames) {
    const auto steps_error = [](const std::string& steps) { return error_of(scenario_of(steps)); };
    EXPECT_EQ(steps_error(R"({"op": "__free_pages", "page": "a"})"),
              "steps[0].page: no earlier step makes a result \"a\"");
    EXPECT_EQ(steps_error(R"({"op": "alloc_page", "as": "block"}, {"op": "__free_pages", "page": "blok"})"),
              "steps[1].page: no earlier step makes a result \"blok\" (did you mean \"block\"?)");
    EXPECT_EQ(steps_error(R"({"op": "alloc_page", "as": "a"}, {"op": "alloc_page", "as": "a"})"),
              "steps[1].as: an earlier step made \"a\": choose another name");
    EXPECT_EQ(steps_error(R"({"op": "alloc_page", "as": "9a"})"),
              "steps[0].as: \"9a\" is no name: a letter, then letters, digits and _");
    EXPECT_EQ(steps_error(R"({"op": "alloc_page", "as": "a[]"})"),
              "steps[0].as: \"[]\" takes its number from a repeat around it, and there is none");
    EXPECT_EQ(steps_error(R"({"op": "alloc_page", "as": "a"}, {"op": "__free_pages", "page": "a[0]"})"),
              "steps[1].page: a is one result, not a row of them");
}

TEST(Scenario, SizesAreCapped) {
    const std::string too_long = scenario_of("") + std::string(MAX_SCENARIO_BYTES, ' ');
    EXPECT_EQ(error_of(too_long),
              ": " + std::to_string(too_long.size()) + " bytes are more than the 4194304 that a file may have");
    std::string steps = "{\"op\":\"alloc_page\"}";
    for (u32 i = 0; i < MAX_SCENARIO_STEPS; ++i) steps += ",{\"op\":\"alloc_page\"}";
    EXPECT_EQ(error_of(scenario_of(steps)), "steps: 20001 items are above 20000");
    std::string regions = "{\"start\":0,\"size\":1}";
    for (int i = 0; i < 512; ++i) regions += ",{\"start\":0,\"size\":1}";
    EXPECT_EQ(error_of(scenario_of("", "{\"profile\": {\"memory\": [" + regions + "]}}")),
              "machine.profile.memory: 513 items are above 512");
}

} // namespace mm
