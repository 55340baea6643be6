// "expect" of a step, "when" and "answer" of its question: reads them. step_result.cpp compares them with the machine.
#include <algorithm>
#include <charconv>

#include "machine/rooms.h"
#include "process/events.h"
#include "scenario/process_facts.h"
#include "scenario/reader.h"

namespace mm {

namespace {

constexpr i64 MAX_EXPECTED = 1ll << 40;
constexpr std::size_t MAX_WORDS = 500;

class ExpectReader {
  public:
    // `asks`: numbers are written "?": the engine is asked for them.
    ExpectReader(JsonReader& reader, const ExpectContext& context, bool asks, std::vector<Expectation>& out)
        : reader_(reader), context_(context), profile_(context.profile), asks_(asks), out_(out) {}

    bool expect(const Field& at) {
        using What = Expectation::What;
        static constexpr std::string_view fields[] = {
            "pfn",        "outcome", "events",       "no_events",     "nr_free",        "watermark",
            "free_pages", "type",    "pcp_count",    "managed_pages", "lowmem_reserve", "cache",
            "slab",       "object",  "first",        "last",          "errno",          "mm",
            "region",     "vmas",    "committed_as", "commit_limit",  "page",           "task",
            "heap",       "chunk"};
        const auto per_number = [&](const Field& f, What what, u32 limit) {
            return zones(f,
                         [&](const Field& zone, const std::string& name) { return numbers(zone, name, what, limit); });
        };
        const auto per_zone = [&](const Field& f, What what) {
            return zones(f, [&](const Field& zone, const std::string& name) { return zone_number(zone, name, what); });
        };
        return reader_.object(at, fields) && reader_.optional(at, "pfn", [&](const Field& f) { return pfn(f); }) &&
               reader_.optional(at, "outcome",
                                [&](const Field& f) { return named(f, What::outcome, outcome_names); }) &&
               reader_.optional(at, "type", [&](const Field& f) { return named(f, What::type, migratetype_names); }) &&
               reader_.optional(at, "events", [&](const Field& f) { return events(f); }) &&
               reader_.optional(at, "no_events", [&](const Field& f) { return event_list(f, What::no_event); }) &&
               reader_.optional(at, "watermark", [&](const Field& f) { return watermarks(f); }) &&
               reader_.optional(at, "free_pages", [&](const Field& f) { return per_zone(f, What::free_pages); }) &&
               reader_.optional(at, "managed_pages",
                                [&](const Field& f) { return per_zone(f, What::managed_pages); }) &&
               reader_.optional(at, "nr_free",
                                [&](const Field& f) { return per_number(f, What::nr_free, MAX_ORDERS); }) &&
               reader_.optional(at, "pcp_count",
                                [&](const Field& f) { return per_number(f, What::pcp_count, profile_.cpus); }) &&
               reader_.optional(at, "lowmem_reserve",
                                [&](const Field& f) { return per_number(f, What::lowmem_reserve, MAX_NR_ZONES); }) &&
               reader_.optional(at, "errno", [&](const Field& f) { return error_number(f); }) && arguments(at) &&
               facts(at);
    }

  private:
    // {"vmap_area_taken": {"start": "0xffff800008000000"}}, under "first" and "last".
    bool arguments(const Field& at) {
        for (std::size_t of = 0; of < argument_subjects.size(); ++of)
            if (!reader_.optional(at, argument_subjects[of], [&](const Field& f) {
                    return reader_.any_object(f) && reader_.each(f, [&](const Field& event, std::size_t i) {
                        if (!find_event(event.key)) return reader_.fail_key(f, i, no_such_event(event.key));
                        return arguments_of(event, static_cast<u8>(of));
                    });
                }))
                return false;
        return true;
    }

    bool arguments_of(const Field& event, u8 of) {
        const std::span<const ArgSpec> args = event_spec(*find_event(event.key)).arg_list();
        std::vector<std::string_view> known;
        for (const ArgSpec& arg : args)
            if (unit_row(arg.unit).expected && !(asks_ && arg.unit == Unit::reason)) known.push_back(arg.name);
        return reader_.any_object(event) && reader_.each(event, [&](const Field& item, std::size_t i) {
            if (std::find(known.begin(), known.end(), item.key) == known.end())
                return reader_.fail_key(event, i,
                                        told("{0} has no argument \"{1}\" that can be expected{2}",
                                             "{0} 没有可以期望的参数 \"{1}\"{2}",
                                             {event.key, quotable(item.key), suggestion(item.key, known)}));
            const auto arg =
                std::find_if(args.begin(), args.end(), [&](const ArgSpec& a) { return a.name == item.key; });
            i64 value = 0;
            return argument(item, *find_event(event.key), *arg, value) &&
                   add(item, {.what = Expectation::What::argument,
                              .key = arg - args.begin(),
                              .value = value,
                              .name = std::string(event.key),
                              .fact = of});
        });
    }

    // A number, or the English words of a reason.
    bool argument(const Field& at, u16 kind, const ArgSpec& arg, i64& out) {
        if (asks_) return number(at, 0, out);
        if (arg.unit != Unit::reason) return reader_.address(at, out);
        std::string words;
        if (!reader_.text(at, MAX_WORDS, words)) return false;
        std::vector<std::string_view> known;
        for (const EventWords& row : event_part(kind).words) {
            if (row.kind != kind || row.arg != arg.name) continue;
            if (std::string_view(row.text_en) == words) {
                out = row.value;
                return true;
            }
            known.push_back(row.text_en);
        }
        return reader_.fail(at, told("\"{0}\" is none of its words{1}", "\"{0}\" 不是它的说法{1}",
                                     {quotable(words), suggestion(words, known)}));
    }

    bool facts(const Field& at) {
        const FactReading reading{
            .number = [&](const Field& f, i64& out) { return number(f, -MAX_EXPECTED, out); },
            .address = [&](const Field& f, i64& out) { return asks_ ? number(f, 0, out) : reader_.address(f, out); },
            .other = [&](const Field& f) { return answers(f); },
            .add = [&](const Field& f, Expectation expectation) { return add(f, std::move(expectation)); }};
        for (std::size_t of = 0; of < slab_fact_subjects.size(); ++of)
            if (!reader_.optional(at, slab_fact_subjects[of], [&](const Field& f) {
                    return read_slab_facts(reader_, f, static_cast<SlabFact::Of>(of), context_, reading);
                }))
                return false;
        const auto process = [&](std::string_view name, ProcessFact::Of of) {
            return reader_.optional(
                at, name, [&](const Field& f) { return read_process_facts(reader_, f, of, context_, reading); });
        };
        return process("mm", ProcessFact::Of::mm) && process("region", ProcessFact::Of::region) &&
               process("page", ProcessFact::Of::page) && process("task", ProcessFact::Of::task) &&
               process("heap", ProcessFact::Of::heap) && process("chunk", ProcessFact::Of::chunk) &&
               process("committed_as", ProcessFact::Of::machine) && process("commit_limit", ProcessFact::Of::machine) &&
               reader_.optional(at, "vmas",
                                [&](const Field& f) { return read_process_vmas(reader_, f, context_, reading); });
    }

    // "ENOMEM": of the call that failed last.
    bool error_number(const Field& at) {
        constexpr u16 failed = static_cast<u16>(process_event::mm_call_failed);
        const auto args = event_spec(failed).arg_list();
        const auto row = std::find_if(args.begin(), args.end(), [](const ArgSpec& arg) { return arg.name == "errno"; });
        i64 value = 0;
        return answers(at) && argument(at, failed, *row, value) &&
               add(at, {.what = Expectation::What::errno_name, .value = value});
    }

    // The value of a number, or the "?" that asks for it.
    bool number(const Field& at, i64 min, i64& out) {
        if (!asks_) return reader_.integer(at, min, MAX_EXPECTED, out);
        if (at.value->kind == JsonValue::Kind::string && at.value->string == "?") return true;
        return reader_.fail(at, {"expected \"?\": the number is what the engine is asked for",
                                 "这里应当是 \"?\"：这个数正是要问引擎的"});
    }

    // What is no number cannot be asked for.
    bool answers(const Field& at) {
        return !asks_ || reader_.fail(at, {"is no number that can be asked for", "不是可以问的数"});
    }

    // Takes over the expectation with its place. Always true.
    bool add(const Field& at, Expectation expectation) {
        const Error place = reader_.error_at(at, "");
        expectation.path = place.path;
        expectation.line = place.line;
        expectation.column = place.column;
        out_.push_back(std::move(expectation));
        return true;
    }

    bool pfn(const Field& at) {
        i64 value = 0;
        return answers(at) && reader_.integer(at, 0, PFN_NONE - 1, value) &&
               add(at, {.what = Expectation::What::pfn, .value = value});
    }

    bool named(const Field& at, Expectation::What what, std::span<const std::string_view> names) {
        std::size_t index = 0;
        return answers(at) && reader_.one_of(at, names, index) &&
               add(at, {.what = what, .value = static_cast<i64>(index)});
    }

    // {"0:DMA": ...}: calls read(field, name) for each.
    template <class Read>
    bool zones(const Field& at, Read read) {
        return reader_.any_object(at) && reader_.each(at, [&](const Field& zone, std::size_t i) {
            if (zone_is_known(zone.key)) return read(zone, std::string(zone.key));
            return reader_.fail_key(at, i,
                                    told("this machine has no such zone{0}", "这台机器没有这个内存域{0}",
                                         {suggestion(zone.key, zone_names())}));
        });
    }

    bool zone_is_known(std::string_view name) {
        const std::vector<std::string_view> names = zone_names();
        return std::find(names.begin(), names.end(), name) != names.end();
    }

    std::vector<std::string_view> zone_names() {
        if (zone_names_.empty()) zone_names_ = zone_names_of(profile_);
        return {zone_names_.begin(), zone_names_.end()};
    }

    bool zone_number(const Field& at, const std::string& zone, Expectation::What what) {
        i64 value = 0;
        return number(at, 0, value) && add(at, {.what = what, .zone = zone, .value = value});
    }

    // {"3": 2}: a number for each key below `limit`.
    bool numbers(const Field& at, const std::string& zone, Expectation::What what, u32 limit) {
        return reader_.any_object(at) && reader_.each(at, [&](const Field& item, std::size_t i) {
            u32 key = 0;
            const char* end = item.key.data() + item.key.size();
            const auto [rest, error] = std::from_chars(item.key.data(), end, key);
            if (error != std::errc() || rest != end || key >= limit)
                return reader_.fail_key(at, i,
                                        told("expected a number from 0 to {0}", "应当是 0 到 {0} 的数", {limit - 1}));
            i64 value = 0;
            return number(item, 0, value) && add(item, {.what = what, .zone = zone, .key = key, .value = value});
        });
    }

    bool watermarks(const Field& at) {
        return zones(at, [&](const Field& zone, const std::string& name) {
            return reader_.object(zone, wmark_names) && reader_.each(zone, [&](const Field& item, std::size_t) {
                const auto mark = std::find(std::begin(wmark_names), std::end(wmark_names), item.key);
                i64 value = 0;
                return number(item, 0, value) && add(item, {.what = Expectation::What::watermark,
                                                            .zone = name,
                                                            .key = mark - std::begin(wmark_names),
                                                            .value = value});
            });
        });
    }

    bool event_name(const Field& at, std::string_view name, std::size_t key_index) {
        if (find_event(name)) return true;
        const Told message = no_such_event(name);
        if (at.value->kind == JsonValue::Kind::object) return reader_.fail_key(at, key_index, message);
        return reader_.fail(at, message);
    }

    // ["buddy_split"]: at least once. {"buddy_split": 3}: as often as that.
    bool events(const Field& at) {
        if (at.value->kind == JsonValue::Kind::array) return event_list(at, Expectation::What::event);
        if (at.value->kind != JsonValue::Kind::object)
            return reader_.fail(at, told("found {0}, expected events that happen, {1}, or how often each does, {2}",
                                         "这里是{0}，应当是要发生的事件 {1}，或各自的次数 {2}",
                                         {at.value->kind_name(), "[\"buddy_split\"]", "{\"buddy_split\": 3}"}));
        return reader_.each(at, [&](const Field& item, std::size_t i) {
            i64 times = 0;
            return event_name(at, item.key, i) && number(item, 0, times) &&
                   add(item, {.what = Expectation::What::event, .value = times, .name = std::string(item.key)});
        });
    }

    bool event_list(const Field& at, Expectation::What what) {
        return answers(at) && reader_.list(at, event_kinds().size()) &&
               reader_.each(at, [&](const Field& item, std::size_t) {
                   std::string name;
                   return reader_.text(item, 64, name) && event_name(item, name, 0) &&
                          add(item, {.what = what, .value = -1, .name = name});
               });
    }

    JsonReader& reader_;
    const ExpectContext& context_;
    const machine_profile& profile_;
    bool asks_;
    std::vector<Expectation>& out_;
    std::vector<std::string> zone_names_;
};

} // namespace

std::optional<u16> find_event(std::string_view name) {
    for (const u16 kind : event_kinds())
        if (event_spec(kind).name == name) return kind;
    return std::nullopt;
}

Told no_such_event(std::string_view name) {
    std::vector<std::string_view> names;
    for (const u16 kind : event_kinds()) names.push_back(event_spec(kind).name);
    return told("there is no event \"{0}\"{1}", "没有事件 \"{0}\"{1}", {quotable(name), suggestion(name, names)});
}

bool read_expectations(JsonReader& reader, const Field& at, const ExpectContext& context,
                       std::vector<Expectation>& expectations) {
    return ExpectReader(reader, context, false, expectations).expect(at);
}

bool read_asked_number(JsonReader& reader, const Field& at, const ExpectContext& context, Expectation& asked) {
    std::vector<Expectation> found;
    if (!ExpectReader(reader, context, true, found).expect(at)) return false;
    if (found.size() != 1)
        return reader.fail(at,
                           told("asks for {0} numbers, expected one", "问了 {0} 个数，应当只有一个", {found.size()}));
    asked = std::move(found.front());
    return true;
}

} // namespace mm
