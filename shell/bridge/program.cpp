// The ops of processes as a program in C. What a line that is done came to is known by running its op once more, on a machine
// beside the one that is shown.
#include "bridge/program.h"

#include <algorithm>
#include <optional>

#include "bridge/bridge.h"
#include "bridge/replies.h"
#include "machine/c_text.h"
#include "scenario/step_spans.h"

namespace shell {
namespace {

using mm::u32;

constexpr u32 MAX_LINES = 1000; // in one reply
constexpr std::size_t MAX_RESULTS_KEPT = 20'000;
constexpr mm::u64 REPLY_WORK = mm::u64{1} << 20; // units of the ops that one reply runs, about
constexpr u32 REPLY_SEEKS = 24; // machines that it goes to: each may cost the ops between two keyframes

// Runs single ops of a session, one behind the other.
class Runner {
  public:
    explicit Runner(const mm::Session& session) : session_(session) {}

    // nullopt: this reply has done enough.
    std::optional<std::string> result(u32 op, mm::Language language) {
        if (work_ > REPLY_WORK) return std::nullopt;
        if (!machine_ || machine_->step != op) {
            if (seeks_++ == REPLY_SEEKS) return std::nullopt;
            machine_ = session_.machine_at({op, 0});
        }
        std::vector<mm::Event> events;
        mm::EventSink sink;
        sink.store_in(&events);
        mm::apply(*machine_, session_.op(op), sink);
        work_ += sink.work();
        return mm::c_result(*machine_, session_.op(op), events, language);
    }

  private:
    const mm::Session& session_;
    std::optional<mm::Machine> machine_;
    mm::u64 work_ = 0;
    u32 seeks_ = 0;
};

} // namespace

std::string Bridge::program(u32 first, u32 count) {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::Session& session = *app.session;
    if (!program_) program_.reset(new ProgramTold{mm::ProgramListing(app.scenario, session.ops()), app.language, {}});
    if (program_->language != app.language || program_->results.size() > MAX_RESULTS_KEPT) program_->results.clear();
    program_->language = app.language;
    const u32 total = static_cast<u32>(app.scenario.steps.size());
    first = std::min(first, total);
    count = std::min({count, total - first, MAX_LINES});
    Json processes = Json::array();
    for (const mm::ProgramProcess& process : program_->listing.processes())
        processes.push_back({{"name", process.name}, {"depth", process.depth}});
    Runner runner(session);
    Json lines = Json::array();
    bool more = false;
    for (u32 i = first; i < first + count; ++i) {
        const mm::ScenarioStep& step = app.scenario.steps[i];
        const mm::ProgramLine line = program_->listing.line(session.machine(), i);
        Json row = {
            {"step", i + 1}, {"op", step.first_op}, {"ops", step.nr_ops}, {"text", mm::line_in_c(line, step.nr_ops)}};
        if (line.process != mm::ProgramLine::NO_ONE) row["process"] = line.process;
        if (line.call && step.first_op < moment().position.step) {
            auto known = program_->results.find(step.first_op);
            if (known == program_->results.end())
                if (std::optional<std::string> told = runner.result(step.first_op, app.language))
                    known = program_->results.emplace(step.first_op, std::move(*told)).first;
            if (known == program_->results.end())
                more = true;
            else if (!known->second.empty())
                row["result"] = known->second;
        }
        lines.push_back(std::move(row));
    }
    return to_text({{"first", first}, {"total", total}, {"processes", processes}, {"lines", lines}, {"more", more}});
}

} // namespace shell
