#include "views/process/task_boxes.h"

#include <algorithm>

#include "views/process/process_task_words.h"

namespace shell {

namespace {

constexpr float SLACK = 2; // edges are put on pixels
constexpr float HEIGHT = 20, PADDING = 6, BETWEEN = 6, BETWEEN_LINES = 5, CPU_WIDTH = 46;

TextLook plain(Rgba colour) { return {colour, 12, Face::words}; }

float cpu_width(const Pen& pen, const TaskBox& box) {
    return box.cpu.empty() ? 0 : pen.width_of(box.cpu, plain(pen.p.ink)) + 2 * PADDING;
}

// What runs it stands at its end, turned.
void draw_box(Pen& pen, const Rect& at, const TaskBox& box) {
    const Rgba line = box.changed ? pen.p.accent : pen.p.muted;
    pen.fill(at, pen.p.panel, box.borrows ? 0.0f : 4.0f);
    if (!box.cpu.empty()) {
        const Rect end{at.x1 - cpu_width(pen, box), at.y0, at.x1, at.y1};
        pen.fill(end, pen.p.ink, box.borrows ? 0.0f : 4.0f);
        pen.text_centred(end, box.cpu, plain(pen.p.paper));
    }
    if (box.borrows)
        pen.dashed_outline(at, line, pen.hairline());
    else
        pen.frame(at, line, 4);
    const float room = at.width() - cpu_width(pen, box) - 2 * PADDING;
    const TextLook look = plain(box.changed ? pen.p.accent : pen.p.ink);
    pen.text(at.x0 + PADDING, at.y0 + 4, pen.fitted(box.text, room, look), look);
}

} // namespace

TaskBox box_of(const Teller& teller, const ListedTask& task) {
    std::string text = std::to_string(task.pid) + (task.comm.empty() ? "" : " " + task.comm);
    if (task.waits) text += teller.say(words::TASK_WAITS);
    return {std::move(text), task.cpu == mm::CPU_NONE ? "" : "CPU " + std::to_string(task.cpu), false, task.changed};
}

TaskBox box_of(const Teller& teller, const CpuRuns& runs) {
    return {runs.task + teller.say(words::TASK_BORROWS), "CPU " + std::to_string(runs.cpu), true, runs.changed};
}

float draw_task_boxes(Pen& pen, const Rect& row, std::string_view label, bool label_changed,
                      const std::vector<TaskBox>& boxes) {
    const TextLook look = plain(label_changed ? pen.p.accent : pen.p.ink);
    float x = row.x0, y = row.y0;
    const auto make_room = [&](float width) {
        if (x == row.x0 || x + width <= row.x1) return;
        x = row.x0;
        y += HEIGHT + BETWEEN_LINES;
    };
    pen.text(x, y + 4, pen.fitted(label, row.width(), look), look);
    x += pen.width_of(label, look) + 12;
    for (const TaskBox& box : boxes) {
        const float wanted = pen.width_of(box.text, plain(pen.p.ink)) + 2 * PADDING + cpu_width(pen, box) + SLACK;
        const float width = std::min(wanted, row.width());
        make_room(width);
        draw_box(pen, pen.snap(Rect{x, y, x + width, y + HEIGHT}), box);
        x += width + BETWEEN;
    }
    return y + HEIGHT;
}

float draw_cpu_line(Pen& pen, const Rect& row, const CpuRuns& runs) {
    const Rect head = pen.snap(Rect{row.x0, row.y0, row.x0 + CPU_WIDTH, row.y0 + HEIGHT});
    pen.fill(head, pen.p.ink, 4);
    pen.text_centred(head, "CPU " + std::to_string(runs.cpu), plain(pen.p.paper));
    const TextLook name = plain(runs.changed ? pen.p.accent : pen.p.ink), note{pen.p.muted, 12, Face::words};
    const float x = row.x0 + CPU_WIDTH + 8;
    pen.text(x, row.y0 + 4, pen.fitted(runs.task, row.x1 - x, name), name);
    const std::string said = runs_text(pen, runs);
    const float beside = x + pen.width_of(runs.task, name) + 12;
    if (beside + pen.width_of(said, note) <= row.x1) {
        pen.text(beside, row.y0 + 4, said, note);
        return row.y0 + HEIGHT;
    }
    return pen.paragraph(x, row.y0 + HEIGHT, row.x1 - x, said, note);
}

} // namespace shell
