#include "machine/moment.h"

namespace mm {

CopyAtEvent::CopyAtEvent(const Machine& running, u32 event, EventSink& sink) : running_(running) {
    if (event == 0) return;
    sink.call_at(
        event,
        [](void* context) {
            CopyAtEvent& copy = *static_cast<CopyAtEvent*>(context);
            copy.machine = std::make_unique<Machine>(copy.running_);
        },
        this);
}

Machine machine_at_event(const Machine& before, const Op& op, u32 event) {
    Machine running = before;
    if (event == 0) return running;
    EventSink sink;
    CopyAtEvent copy(running, event, sink);
    apply(running, op, sink);
    MM_ASSERT(copy.machine);
    return std::move(*copy.machine);
}

} // namespace mm
