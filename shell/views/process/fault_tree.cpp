#include "views/process/fault_tree.h"

#include <imgui.h>

#include <charconv>

#include "base/hex.h"
#include "json.h"
#include "views/parts/chip.h"
#include "views/parts/legend.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"
#include "views/process/fault_picture.h"
#include "views/process/fault_words.h"
#include "views/process/process_words.h"

namespace shell {

namespace {

constexpr float MARGIN = 12, BETWEEN = 10;

} // namespace

struct FaultTreeView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
};

std::string FaultTreeView::look() const { return chosen_ ? std::to_string(*chosen_ + 1) : ""; }

void FaultTreeView::look_at(std::string_view text) {
    chosen_.reset();
    new_look_ = true;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number > 0) chosen_ = number - 1;
}

// The last one up to the cursor, unless the person chose another.
StepFaults FaultTreeView::faults_of(const ViewInput& input) const {
    StepFaults faults{mm::fault_runs(input.moment.happened()), 0};
    if (faults.empty()) return faults;
    faults.shown = chosen_ && *chosen_ < faults.runs.size() ? *chosen_ : faults.runs.size() - 1;
    return faults;
}

void FaultTreeView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool new_moment = moment_.notice(input);
    if (new_moment && !new_look_) chosen_.reset();
    new_look_ = false;
    keys_.listen(input.canvas.focused);
    ScrollArea area("fault", keys_);
    Pen pen = pen_of(input);
    Frame frame{input, actions, area, pen, area.box().x0 + MARGIN, area.box().x1 - MARGIN};
    float y = area.box().y0 + 10;
    if (!input.moment.at.mmu.up || !input.moment.at.processes.up) {
        y = pen.paragraph(frame.x0, y, frame.x1 - frame.x0, pen.say(words::NO_PROCESSES_HERE),
                          {pen.p.muted, TEXT_NORMAL, Face::words});
        return area.end_content(y + 12);
    }
    if (new_moment) faults_ = faults_of(input);
    // Once more in the frame after: with its bar the picture may be higher.
    if (new_moment || room.x != room_.x || room.y != room_.y) frames_to_follow_ = 2;
    area.follow(frames_to_follow_ > 0);
    if (frames_to_follow_ > 0) --frames_to_follow_;
    room_ = room;
    y = draw_head(frame, y);
    const std::vector<FaultLine> lines = fault_lines(pen, input.moment, faults_);
    FaultPicture picture{pen,      area,    input.moment.at.processes.rules, lines, input.choices.selection,
                         frame.x0, frame.x1};
    const bool all = frame.x1 - frame.x0 >= FAULT_TREE_WIDTH && !area.is_low();
    const FaultDrawing drawn = all ? draw_fault_tree(picture, y) : draw_fault_way(picture, y);
    if (drawn.over) {
        const mm::FaultFunction function =
            drawn.under ? drawn.under->function : mm::fault_function(drawn.node, input.moment.at.processes.rules);
        const mm::FaultNode& node = mm::fault_node_of(drawn.node);
        ImGui::SetTooltip("%s%s%s\n%s  %s", pen.say(mm::is_end(drawn.node) ? node.whole : node.text),
                          drawn.under && !drawn.under->numbers.empty() ? "\n" : "",
                          drawn.under ? drawn.under->numbers.c_str() : "", std::string(function.name).c_str(),
                          std::string(function.file).c_str());
        if (area.pressed() && drawn.under && drawn.under->place.kind != Selection::Kind::none) {
            actions.select = true;
            actions.selection = drawn.under->place;
        }
    }
    y = draw_legend_of(frame, drawn.end + 4);
    area.end_content(y + 12, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame();
}

float FaultTreeView::draw_head(Frame& frame, float y) {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    if (faults_.empty())
        return pen.paragraph(frame.x0, y, width, pen.say(words::NO_FAULT), {pen.p.ink, 12, Face::words}) + BETWEEN;
    const std::size_t nr = faults_.runs.size(), before = faults_.shown;
    if (nr > 1) {
        ChipRow row(pen, frame.area, frame.x0, frame.x1, y);
        row.words(pen.say(words::FAULT_TITLE));
        if (row.chip("<", {}) && faults_.shown > 0) --faults_.shown;
        row.words(mm::filled(pen.say(words::FAULT_OF_MANY), grouped(static_cast<mm::i64>(before + 1)),
                             grouped(static_cast<mm::i64>(nr))));
        if (row.chip(">", {}) && before + 1 < nr) ++faults_.shown;
        y = row.end() + 8;
    }
    if (faults_.shown != before) {
        chosen_ = faults_.shown;
        frame.area.follow(true);
        frame.actions.animate = true;
    }
    return pen.paragraph(frame.x0, y, width, fault_text(pen, frame.input.moment, faults_.run()),
                         {pen.p.ink, TEXT_NORMAL, Face::words}) +
           BETWEEN;
}

float FaultTreeView::draw_legend_of(Frame& frame, float y) {
    Pen& pen = frame.pen;
    const Chip chip =
        draw_chip(pen, frame.area, {frame.x0, y}, pen.say(words::LEGEND), {.on = legend_open_, .face = Face::words});
    frame.area.offer(chip.box);
    if (chip.pressed) {
        legend_open_ = !legend_open_;
        frame.actions.animate = true;
    }
    y = chip.box.y1 + 6;
    if (!legend_open_) return y;
    const float width = frame.x1 - frame.x0;
    const Rgba tint = mix(pen.p.paper, pen.p.accent, TOUCHED_TINT);
    const std::vector<LegendItem> legend = {
        {{tint, pen.p.accent, Pattern::hollow}, pen.say(words::WAY_OF_FAULT), {}},
        {{pen.p.bad, pen.p.bad, Pattern::solid}, pen.say(words::ENDS_IN_SIGNAL), {}},
        {{pen.p.paper, pen.p.muted, Pattern::hollow}, pen.say(words::NOT_TAKEN), {}}};
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + 6;
}

// The way, node by node. A step without a fault: all questions and what each may be answered with.
Mirror FaultTreeView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    Mirror out{.caption = teller.say(words::FAULT_TITLE)};
    if (!machine.mmu.up || !machine.processes.up) {
        out.note = teller.say(words::NO_PROCESSES_HERE);
        return out;
    }
    out.columns = {teller.say(words::QUESTION), teller.say(words::ANSWER), teller.say(words::NUMBERS),
                   teller.say(words::FUNCTION)};
    const StepFaults faults = faults_of(input);
    const auto function_text = [](const mm::FaultFunction& function) {
        return std::string(function.name) + " (" + std::string(function.file) + ")";
    };
    if (faults.empty()) {
        out.note = teller.say(words::NO_FAULT);
        for (std::size_t i = 0; !mm::is_end(static_cast<mm::fault_node>(i)); ++i) {
            const auto node = static_cast<mm::fault_node>(i);
            std::string answers;
            for (const mm::FaultEdge& edge : mm::fault_edges())
                if (edge.from == node) answers += (answers.empty() ? "" : " · ") + std::string(teller.say(edge.answer));
            out.add({{std::to_string(i + 1) + ". " + teller.say(mm::fault_node_of(node).text), answers, "",
                      function_text(mm::fault_function(node, machine.processes.rules))}});
        }
        return out;
    }
    out.caption += ": " + fault_text(teller, input.moment, faults.run());
    std::size_t number = 0;
    for (const FaultLine& line : fault_lines(teller, input.moment, faults))
        out.add(
            {{std::to_string(++number) + ". " + line.question, line.answer, line.numbers, function_text(line.function)},
             line.place,
             RowChange::touched});
    return out;
}

std::string FaultTreeView::describe(const ViewInput& input) const {
    const StepFaults faults = faults_of(input);
    if (faults.empty()) return to_text(Json{{"faults", 0}});
    Json way = Json::array();
    for (const FaultLine& line : fault_lines(input.teller(), input.moment, faults))
        way.push_back({{"question", line.question},
                       {"answer", line.answer},
                       {"numbers", line.numbers},
                       {"function", line.function.name}});
    return to_text(Json{{"faults", faults.runs.size()},
                        {"shown", faults.shown + 1},
                        {"address", mm::address_hex(faults.run().address)},
                        {"text", fault_text(input.teller(), input.moment, faults.run())},
                        {"way", std::move(way)}});
}

} // namespace shell
