// read_process_facts() and read_process_vmas() of process_facts.h.
#include "scenario/process_facts.h"

#include <algorithm>

#include "base/program_place.h"
#include "scenario/reader.h"

namespace mm {

namespace {

constexpr u64 MAX_OFFSET = u64{1} << 40;

// true, false, or one of the words.
bool read_word(JsonReader& reader, const Field& at, const ProcessFact& fact, const FactReading& reading, i64& out) {
    if (!reading.other(at)) return false;
    if (fact.flag()) {
        bool flag = false;
        if (!reader.flag(at, flag)) return false;
        out = flag ? 1 : 0;
        return true;
    }
    std::size_t index = 0;
    if (!reader.one_of(at, fact.words, index)) return false;
    out = static_cast<i64>(index);
    return true;
}

bool read_fact(JsonReader& reader, const Field& at, const ProcessFact& fact, Expectation about,
               const ExpectContext& context, const FactReading& reading) {
    const auto value = [&](const Field& f, Expectation one) {
        const bool read = !fact.words.empty() ? read_word(reader, f, fact, reading, one.value)
                          : fact.address      ? reading.address(f, one.value)
                                              : reading.number(f, one.value);
        return read && reading.add(f, std::move(one));
    };
    if (!fact.by_region) return value(at, std::move(about));
    return reader.any_object(at) && reader.each(at, [&](const Field& item, std::size_t) {
        Expectation one = about;
        u32 slot = 0;
        if (!context.results.read(reader, item, item.key, ResultKind::region, slot)) return false;
        one.key = slot;
        return value(item, std::move(one));
    });
}

// An address in hex, or a place in a region, as a key.
bool read_place_key(JsonReader& reader, const Field& at, const ExpectContext& context, i64& out) {
    if (!at.key.empty() && at.key.front() >= '0' && at.key.front() <= '9') {
        const std::optional<u64> address = number_from_hex(at.key);
        if (address) out = static_cast<i64>(*address);
        return (address && !is_in_result(out)) ||
               reader.fail(at, told("\"{0}\" is no address, as \"0x400000\", and no region, as \"a+0x1000\"",
                                    "\"{0}\" 不是 \"0x400000\" 这样的地址，也不是 \"a+0x1000\" 这样的区域",
                                    {quotable(at.key)}));
    }
    std::string_view name;
    i64 offset = 0;
    u32 slot = 0;
    if (!read_place_text(reader, at, at.key, name, offset) ||
        !context.results.read(reader, at, name, ResultKind::region, slot))
        return false;
    out = place_in_result(slot, offset);
    return true;
}

class VmasReader {
  public:
    VmasReader(JsonReader& reader, const ExpectContext& context, const FactReading& reading)
        : reader_(reader), context_(context), reading_(reading) {}

    bool of_process(const Field& at) {
        u32 slot = 0;
        return context_.results.read(reader_, at, at.key, ResultKind::space, slot) && reader_.any_object(at) &&
               reader_.each(at, [&](const Field& item, std::size_t) {
                   Expectation about{.what = Expectation::What::vmas, .slot = slot};
                   return read_place_key(reader_, item, context_, about.key) && rows(item, about.list) &&
                          reading_.add(item, std::move(about));
               });
    }

  private:
    bool rows(const Field& at, std::vector<i64>& out) {
        if (!reading_.other(at) || !reader_.list(at, MAX_EXPECTED_VMAS)) return false;
        if (at.value->items.empty()) return reader_.fail(at, {"shows no address", "没有写任何地址"});
        return reader_.each(at, [&](const Field& item, std::size_t) {
            ExpectedVma row;
            if (!vma(item, row)) return false;
            const i64 behind = out.empty() ? row.start : out[out.size() - ExpectedVma::LENGTH + 1];
            if (row.end <= row.start || row.start < behind)
                return reader_.fail(item, {"expected VMAs by address, one after the other, each with its begin and end",
                                           "应当是按地址排列、互不重叠的 VMA，每个写明起点和终点"});
            if (row.start > behind) add(out, {behind, row.start, ExpectedVma::HOLE, NO_NAME});
            add(out, row);
            return true;
        });
    }

    static void add(std::vector<i64>& out, const ExpectedVma& row) {
        out.insert(out.end(), {row.start, row.end, row.rights, row.name});
    }

    // [0, "4KiB", "rw-p"], with a name if it matters: [0, 4096, "rw-p", "[heap]"].
    bool vma(const Field& at, ExpectedVma& out) {
        if (!reader_.list(at, ExpectedVma::LENGTH)) return false;
        if (at.value->items.size() < 3)
            return reader_.fail(at, {"expected begin, end and rights, as in [0, 4096, \"rw-p\"]",
                                     "应当是起点、终点和权限，如 [0, 4096, \"rw-p\"]"});
        out.name = NO_NAME;
        return reader_.each(at, [&](const Field& item, std::size_t i) {
            if (i < 2) return offset(item, i == 0 ? out.start : out.end);
            std::string text;
            if (!reader_.text(item, MAX_NAME_LENGTH, text)) return false;
            if (i == 2) return rights(item, text, out.rights);
            out.name = intern(text);
            return true;
        });
    }

    bool offset(const Field& at, i64& out) {
        if (at.value->kind == JsonValue::Kind::integer)
            return reader_.integer(at, -static_cast<i64>(MAX_OFFSET), static_cast<i64>(MAX_OFFSET), out);
        u64 bytes = 0;
        if (!reader_.size(at, MAX_OFFSET, bytes)) return false;
        out = static_cast<i64>(bytes);
        return true;
    }

    bool rights(const Field& at, std::string_view text, i64& out) {
        if (text == HOLE_WORD) return true;
        for (out = 0; out < 16; ++out)
            if (rights_text(out) == text) return true;
        return reader_.fail(at,
                            told("\"{0}\" are no rights: expected four letters as in \"rw-p\", or \"hole\"",
                                 "\"{0}\" 不是权限：应当是 \"rw-p\" 这样的四个字符，或 \"hole\"", {quotable(text)}));
    }

    JsonReader& reader_;
    const ExpectContext& context_;
    const FactReading& reading_;
};

} // namespace

bool read_process_facts(JsonReader& reader, const Field& at, ProcessFact::Of of, const ExpectContext& context,
                        const FactReading& reading) {
    const std::span<const ProcessFact> table = process_facts();
    const auto fact_named = [&](std::string_view name) {
        return std::find_if(table.begin(), table.end(),
                            [&](const ProcessFact& fact) { return fact.of == of && fact.name == name; });
    };
    Expectation about{.what = Expectation::What::process};
    if (of == ProcessFact::Of::machine) {
        about.fact = static_cast<u8>(fact_named(at.key) - table.begin());
        return read_fact(reader, at, table[about.fact], about, context, reading);
    }
    std::vector<std::string_view> known;
    for (const ProcessFact& fact : table)
        if (fact.of == of) known.push_back(fact.name);
    const ResultKind kind = of == ProcessFact::Of::region ? ResultKind::region : ResultKind::space;
    return reader.any_object(at) && reader.each(at, [&](const Field& subject, std::size_t) {
        const auto facts = [&](const Field& whose) {
            return reader.object(whose, known) && reader.each(whose, [&](const Field& item, std::size_t) {
                about.fact = static_cast<u8>(fact_named(item.key) - table.begin());
                return read_fact(reader, item, table[about.fact], about, context, reading);
            });
        };
        if (!context.results.read(reader, subject, subject.key, kind, about.slot)) return false;
        if (of != ProcessFact::Of::page && of != ProcessFact::Of::chunk) return facts(subject);
        return reader.any_object(subject) && reader.each(subject, [&](const Field& place, std::size_t) {
            return read_place_key(reader, place, context, about.key) && facts(place);
        });
    });
}

bool read_process_vmas(JsonReader& reader, const Field& at, const ExpectContext& context, const FactReading& reading) {
    return reader.any_object(at) && reader.each(at, [&](const Field& process, std::size_t) {
        return VmasReader(reader, context, reading).of_process(process);
    });
}

} // namespace mm
