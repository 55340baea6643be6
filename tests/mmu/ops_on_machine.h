#pragma once
// Ops by name on a machine of 64 MiB and two CPUs, each with its fields by name; after each all invariants are looked at.
#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

#include "machine/machine.h"

namespace mm::test {

class OpsOnMachine : public testing::Test {
  protected:
    using Fields = std::vector<std::pair<std::string_view, i64>>;
    static constexpr u32 SPACE = 0, PAGES = 1; // results

    explicit OpsOnMachine(architecture arch) : machine_(machine_of(arch)) { sink_.store_in(&events_); }

    static Machine machine_of(architecture arch) {
        machine_profile profile;
        profile.arch = arch;
        profile.cpus = 2;
        declare_memory(profile, u64{64} << 20);
        return std::move(make_machine(std::move(profile)).value());
    }
    OpOutcome run(std::string_view name, const Fields& fields, u32 result = Op::NO_RESULT, u16 cpu = 0) {
        Op op;
        op.kind = find_op(name).value();
        op.result = result;
        op.cpu = cpu;
        const auto specs = op_spec(op.kind).field_list();
        for (std::size_t i = 0; i < specs.size(); ++i) op.arg[i] = specs[i].default_value;
        for (const auto& [field, value] : fields)
            for (std::size_t i = 0; i < specs.size(); ++i)
                if (specs[i].name == field) op.arg[i] = value;
        EXPECT_FALSE(check_op(machine_, op)) << name;
        events_.clear();
        ops_.push_back(op);
        const OpOutcome outcome = apply(machine_, op, sink_);
        EXPECT_EQ(verify(machine_).value_or("all is well"), "all is well") << name;
        return outcome;
    }
    void map_a_page(i64 address) {
        run("pgd_alloc", {}, SPACE);
        run("alloc_page", {}, PAGES);
        run("vm_insert_pages", {{"mm", SPACE}, {"address", address}, {"page", PAGES}});
    }
    template <class Kind>
    [[nodiscard]] int count(Kind kind) const {
        int n = 0;
        for (const Event& event : events_) n += event.kind == static_cast<u16>(kind);
        return n;
    }
    // The last op's first event of a kind, and its last; nullptr: none.
    template <class Kind>
    [[nodiscard]] const Event* find(Kind kind) const {
        for (const Event& event : events_)
            if (event.kind == static_cast<u16>(kind)) return &event;
        return nullptr;
    }
    template <class Kind>
    [[nodiscard]] const Event* last(Kind kind) const {
        for (auto event = events_.rbegin(); event != events_.rend(); ++event)
            if (event->kind == static_cast<u16>(kind)) return &*event;
        return nullptr;
    }

    Machine machine_;
    EventSink sink_;
    std::vector<Event> events_; // of the last op
    std::vector<Op> ops_;       // all so far
};

} // namespace mm::test
