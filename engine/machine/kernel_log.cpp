#include "machine/kernel_log.h"

#include <cstdio>

#include "machine/rooms.h"

namespace mm {

namespace {

struct LogWriter {
    const Machine& machine;
    const EventSink& sink;
    std::string& log;
    u64 until;

    void write(const Event& event) {
        if (sink.count() > until) return;
        const std::string text = kernel_log_text(machine, event);
        if (text.empty()) return;
        char time[32];
        std::snprintf(time, sizeof time, "[%5u.%06llu] ", machine.step, static_cast<unsigned long long>(sink.count()));
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at) + 1;
            log += time;
            log.append(text, at, end - at);
            at = end;
        }
        if (log.size() > 2 * KERNEL_LOG_BYTES) trim_kernel_log(log);
    }
};

} // namespace

std::string kernel_log_text(const Machine& machine, const Event& event) {
    const Room& room = room_row(event.kind);
    return room.kernel_log ? room.kernel_log(machine, event) : "";
}

OpOutcome apply_with_log(Machine& machine, const Op& op, EventSink& sink, std::string& log, u64 until) {
    LogWriter writer{machine, sink, log, until};
    sink.listen([](void* context, const Event& event) { static_cast<LogWriter*>(context)->write(event); }, &writer);
    return apply(machine, op, sink);
}

void trim_kernel_log(std::string& log) {
    if (log.size() <= KERNEL_LOG_BYTES) return;
    const std::size_t line = log.find('\n', log.size() - KERNEL_LOG_BYTES - 1);
    log.erase(0, line == std::string::npos ? log.size() : line + 1);
}

} // namespace mm
