// What is derived from the op table stands in the project as it is derived now.
#include "scenario/reference.h"

#include "golden_file.h"
#include "json/json.h"
#include "scenario/scenario.h"

namespace mm {

namespace {

void expect_generated(const std::string& path, const std::string& text, const std::string& command) {
    EXPECT_TRUE(test::read_file(MMSCOPE_SOURCE_DIR "/" + path) == text)
        << path << " is not what the op table says now.\n  mmscope " << command << " > " << path;
}

// Calls `visit(value)` for each value of the tree.
template <class Visit>
void walk(const JsonValue& value, Visit visit) {
    visit(value);
    for (const JsonValue& item : value.items) walk(item, visit);
}

} // namespace

TEST(Reference, TheOpPageIsUpToDate) { expect_generated("docs/ops.md", op_reference(), "ops --markdown"); }

// Only -1 stands for a field that is left out; any other number below 0 is a bound.
TEST(Reference, BoundsBelowZeroAreShown) {
    const std::string page = op_reference();
    EXPECT_NE(page.find("| `offset` | a number | `0` | -4096 to "), std::string::npos);
}

TEST(Reference, ThePublishedSchemaIsUpToDate) {
    expect_generated("web/schema/mmscope-1.schema.json", scenario_schema(), "schema");
}

TEST(Reference, EveryOpIsInEveryDerivedText) {
    const std::string list = op_list_text(), json = op_list_json(), page = op_reference(), schema = scenario_schema();
    for (u16 kind = 0; kind < op_count(); ++kind) {
        const std::string name(op_spec(kind).name);
        EXPECT_NE(list.find(name), std::string::npos) << name;
        EXPECT_NE(json.find("\"name\": \"" + name + "\""), std::string::npos) << name;
        EXPECT_NE(page.find("\n## " + name + "\n"), std::string::npos) << name;
        EXPECT_NE(schema.find("\"const\": \"" + name + "\""), std::string::npos) << name;
    }
}

TEST(Reference, EveryReferenceOfTheSchemaIsDefined) {
    const std::string text = scenario_schema();
    const Result<JsonValue> schema = parse_json(text);
    ASSERT_TRUE(schema.ok()) << schema.error().text();
    const JsonValue* defs = schema->find("$defs");
    ASSERT_NE(defs, nullptr);
    int references = 0;
    walk(*schema, [&](const JsonValue& value) {
        const JsonValue* ref = value.find("$ref");
        if (!ref) return;
        ++references;
        ASSERT_TRUE(ref->string.starts_with("#/$defs/")) << ref->string;
        EXPECT_NE(defs->find(ref->string.substr(8)), nullptr) << ref->string;
    });
    EXPECT_GT(references, 50);
}

TEST(Reference, TheFormatPageNamesEveryCap) {
    const std::string page = test::read_file(MMSCOPE_SOURCE_DIR "/docs/scenario-format.md");
    const JsonLimits limits;
    const u64 caps[] = {MAX_SCENARIO_BYTES >> 20,
                        limits.values,
                        static_cast<u64>(limits.depth),
                        MAX_SCENARIO_OPS,
                        MAX_SCENARIO_STEPS,
                        MAX_NOTE_LENGTH,
                        MAX_RANDOM_SLOTS,
                        MAX_RESULTS,
                        MAX_PROCESSES,
                        MAX_FILES,
                        MAX_MAP_COUNT,
                        MAX_CPUS,
                        MAX_NODES,
                        MAX_MEMORY_PAGES};
    for (u64 cap : caps) {
        std::string grouped = std::to_string(cap);
        for (std::size_t at = grouped.size(); at > 3; at -= 3) grouped.insert(at - 3, ",");
        EXPECT_NE(page.find("| " + grouped + " "), std::string::npos) << grouped;
    }
}

} // namespace mm
