#pragma once
// Events: how an op happened, one small record a decision.
//
// A room emits events while it works and lists their kinds in a table (physical/events.h). The words of an event are
// made when somebody reads them (machine/narrate.h). What runs a million times is compiled for two kinds of sink:
//
//   EventSink      stores events or calls back at one, when asked to (it is armed then)
//   EventCounter   counts: emitting is an increment, its arguments are never computed, call paths are not kept
//
// Nothing reads events back to rebuild state.
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/late_text.h"
#include "base/types.h"
#include "base/units.h"
#include "base/work.h"

namespace mm {

struct ArgSpec {
    std::string_view name;
    Unit unit = Unit::none;
};

inline constexpr int MAX_EVENT_ARGS = 8;

// One row of a room's event table. The texts hold "{name}" where an argument stands, and "{name|is|are}" where a word
// depends on whether it is 1; "{a-b}" style arithmetic is not there on purpose: what decided is an argument itself.
struct EventSpec {
    std::string_view name;   // the kernel's tracepoint where there is one, else <object>_<verb>
    bool tracepoint = false; // has a line in the kernel's trace format
    std::array<ArgSpec, MAX_EVENT_ARGS> args;
    LateText text_en;
    LateText text_zh;

    [[nodiscard]] constexpr std::span<const ArgSpec> arg_list() const {
        std::size_t n = 0;
        while (n < args.size() && !args[n].name.empty()) ++n;
        return {args.data(), n};
    }
    // Where the argument of this name stands; -1: there is none.
    [[nodiscard]] constexpr int arg_index(std::string_view arg) const {
        const std::span<const ArgSpec> list = arg_list();
        for (std::size_t i = 0; i < list.size(); ++i)
            if (list[i].name == arg) return static_cast<int>(i);
        return -1;
    }
};

// A fault that reclaims goes about 20 functions deep.
inline constexpr int MAX_CALL_DEPTH = 24;

// Its arguments are read by name (base/event_args.h).
struct Event {
    u16 kind = 0;                           // row in the joined table (event_spec() of machine/machine.h)
    u8 depth = 0;                           // kernel functions on the path, outermost first
    std::array<u16, MAX_CALL_DEPTH> path{}; // ids of kernel functions (physical/functions.h)
    std::array<i64, MAX_EVENT_ARGS> arg{};
};

// Receives the events of one op. Counts always; stores them, or calls back at one chosen event, when asked to.
class EventSink {
  public:
    using Callback = void (*)(void* context);
    using Listener = void (*)(void* context, const Event& event);

    [[nodiscard]] u64 count() const { return count_; }

    // Somebody will read events, or copy the machine at one.
    [[nodiscard]] bool armed() const { return armed_; }

    // Events that went to an EventCounter in this sink's place.
    void add_count(u64 events) { count_ += events; }

    // The op goes through `steps` entries, objects, pages or nodes that no event tells (base/work.h).
    void charge(u64 steps) { steps_ += steps; }
    // Events and steps.
    [[nodiscard]] u64 work() const { return count_ + steps_; }

    // Beyond the limit the loops of an op end early. What it leaves then is no machine: throw it away.
    void set_limit(const work_limit& limit) { limit_ = limit; }
    // `pending`: events that a counter has not handed over yet.
    [[nodiscard]] bool spent(u64 pending = 0) const {
        return count_ + pending > limit_.events || work() + pending > limit_.work;
    }

    // Appends every event to `events` from now on.
    void store_in(std::vector<Event>* events) {
        store_ = events;
        armed_ = true;
    }

    // Calls `callback(context)` as soon as `count` events have been emitted.
    void call_at(u64 count, Callback callback, void* context) {
        call_at_ = count;
        callback_ = callback;
        context_ = context;
        armed_ = true;
    }

    // Calls `listener(context, event)` at every event, while the machine is as it is at that event.
    void listen(Listener listener, void* context) {
        listener_ = listener;
        listener_context_ = context;
        armed_ = true;
    }

    template <class Kind, class... Args>
    void emit(Kind kind, Args... args) {
        static_assert(sizeof...(Args) <= MAX_EVENT_ARGS);
        ++count_;
        if (armed_) [[unlikely]]
            deliver(Event{static_cast<u16>(kind), depth_, path_, {static_cast<i64>(args)...}});
    }

    // The kernel function that is running: pushed on entry and popped on return by CallScope. Only kept when somebody
    // will read the events: arm the sink before the op starts.
    void enter(u16 function) {
        if (!armed_) [[likely]]
            return;
        MM_ASSERT(depth_ < MAX_CALL_DEPTH);
        path_[depth_++] = function;
    }
    void leave() {
        if (armed_) [[unlikely]]
            --depth_;
    }

  private:
    void deliver(const Event& event) {
        if (store_) store_->push_back(event);
        if (listener_) listener_(listener_context_, event);
        if (callback_ && count_ == call_at_) callback_(context_);
    }

    u64 count_ = 0;
    u64 steps_ = 0;
    work_limit limit_;
    u64 call_at_ = 0;
    std::vector<Event>* store_ = nullptr;
    Callback callback_ = nullptr;
    void* context_ = nullptr;
    Listener listener_ = nullptr;
    void* listener_context_ = nullptr;
    bool armed_ = false;
    u8 depth_ = 0;
    std::array<u16, MAX_CALL_DEPTH> path_{};
};

// Counts events for a sink that is not armed, and hands the count over at its end.
class EventCounter {
  public:
    explicit EventCounter(EventSink& sink) : sink_(sink) {}
    ~EventCounter() { sink_.add_count(count_); }
    EventCounter(const EventCounter&) = delete;
    EventCounter& operator=(const EventCounter&) = delete;

    template <class Kind, class... Args>
    void emit(Kind, Args...) {
        static_assert(sizeof...(Args) <= MAX_EVENT_ARGS);
        ++count_;
    }
    void charge(u64 steps) { sink_.charge(steps); }
    [[nodiscard]] bool spent() const { return sink_.spent(count_); }
    void enter(u16) {}
    void leave() {}

  private:
    EventSink& sink_;
    u64 count_ = 0;
};

template <class Sink>
class CallScope {
  public:
    template <class Function>
    CallScope(Sink& sink, Function function) : sink_(sink) {
        sink.enter(static_cast<u16>(function));
    }
    ~CallScope() { sink_.leave(); }
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;

  private:
    Sink& sink_;
};

} // namespace mm
