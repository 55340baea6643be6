#pragma once
// What the inspector shows: structs of the kernel with their fields, as the files of the bridge write them.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/bridge.h"

namespace shell {

struct Field {
    std::string name;
    std::string value;
    std::string place; // what the value points at, if anything
};

struct Struct {
    std::string title;
    std::vector<Field> fields;

    void add(std::string name, std::string value, std::string place = {}) {
        fields.push_back({std::move(name), std::move(value), std::move(place)});
    }
    void number(std::string name, mm::i64 value) { add(std::move(name), std::to_string(value)); }
};

// Words of ours, among the kernel's names.
struct OwnWords {
    mm::Language language;

    [[nodiscard]] std::string operator()(std::string_view en, std::string_view zh) const {
        return std::string(language == mm::Language::zh ? zh : en);
    }
    [[nodiscard]] std::string field(std::string_view en, std::string_view zh) const { return "// " + (*this)(en, zh); }
};

// The structs of the slab allocators behind a selection: of a cache, of an object, of a page that is a slab's. Nothing
// for others. inspect_slab.cpp
[[nodiscard]] std::vector<Struct> slab_structs(const mm::Machine& machine, mm::Language language,
                                               const Selection& selection);

// What an address is: its region, the way through the tables, the last entry field by field. inspect_address.cpp
[[nodiscard]] std::vector<Struct> address_structs(const mm::Machine& machine, mm::Language language,
                                                  const Selection& selection);

// The VMA and the mm of the process whose address is selected; none for an address of others. inspect_process.cpp
[[nodiscard]] std::vector<Struct> process_structs(const mm::Machine& machine, mm::Language language,
                                                  const Selection& selection);

// Where a step of a process came to last, an address of one of its VMAs; its first address, if to none; nullopt: the step is about
// no process. inspect_process.cpp
[[nodiscard]] std::optional<Selection> process_place_of(const mm::Moment& moment);

// A task that a step is about: the one that a CPU runs after `schedule`, or a kernel thread.
struct StepTask {
    mm::u32 pid = 0, cpu = 0;   // 0: that CPU's idle task
    mm::mm_id mm = mm::MM_NONE; // it runs with
};
// nullopt: the step is about a process or something else. inspect_process.cpp
[[nodiscard]] std::optional<StepTask> task_of_step(const mm::Moment& moment);
// The task, the mm that it runs with, and who else does. inspect_process.cpp
[[nodiscard]] std::vector<Struct> task_structs(const mm::Machine& machine, mm::Language language, const StepTask& task);

// What processes and the page cache keep of a frame, and each entry that maps it; nothing where they have none of it.
// inspect_process.cpp
[[nodiscard]] std::vector<Struct> user_page_structs(const mm::Machine& machine, mm::Language language, mm::pfn_t pfn);

} // namespace shell
