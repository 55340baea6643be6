#pragma once
// A request that nobody watches, which is nearly every one: what it usually needs is compiled into one function
// (page_alloc.cpp) that keeps the count of events in a register. For that the address of the counter must not leave the
// function: what is called from there, and not inline, counts for itself.
#include "physical/memory.h"

namespace mm {

struct unwatched_context : counting_context {
    EventSink& counted_in; // where the counter adds its count at its end
};

// Functions of the usual path are compiled for requests that are watched and for those that are not.
template <class Context>
concept usual_context = std::same_as<Context, physical_context> || std::same_as<Context, unwatched_context>;

// The context for a call of a function that is not inline.
template <class Context>
class apart;
template <>
class apart<physical_context> {
  public:
    explicit apart(physical_context& from) : context_(from) {}
    [[nodiscard]] physical_context& context() { return context_; }

  private:
    physical_context& context_;
};
template <>
class apart<unwatched_context> {
  public:
    explicit apart(const unwatched_context& from)
        : counter_(from.counted_in), context_{from.mem, counter_, from.cpu, from.step} {}
    [[nodiscard]] counting_context& context() { return context_; }

  private:
    EventCounter counter_;
    counting_context context_;
};
template <class Context>
apart(Context&) -> apart<Context>;

// The context for what happens so rarely that a copy for counting is not worth its bytes.
[[nodiscard]] inline physical_context whole(const physical_context& cx) { return cx; }
[[nodiscard]] inline physical_context whole(const unwatched_context& cx) {
    return {cx.mem, cx.counted_in, cx.cpu, cx.step};
}

// The struct page of a reference from before an emit. Only a sink that is armed may have copied the machine since, and
// made the page's chunk shared.
[[nodiscard]] inline page& page_after_emit(physical_context& cx, page&, pfn_t pfn) { return cx.mem.page_mut(pfn); }
[[nodiscard]] inline page& page_after_emit(unwatched_context&, page& known, pfn_t) { return known; }

} // namespace mm
