#include "views/process/fault_picture.h"

#include <algorithm>
#include <array>

#include "process/vma_rules.h"
#include "views/process/fault_words.h"

namespace shell {

namespace {

using n = mm::fault_node;

constexpr float INDENT = 22, ROW = 22, LIT_ROW = 39, BETWEEN = 4, TRUNK = 9, PADDING = 7;
constexpr float CHIP = 20, CHIP_BETWEEN = 6, TO_ENDS = 14, LEAST_QUESTION = 320, MOST_QUESTION = 520;
constexpr float WAY_BETWEEN = 8, WAY_INDENT = 10;
constexpr std::size_t QUESTIONS = static_cast<std::size_t>(n::bad_tables);

std::string function_text(const mm::FaultFunction& function) { return std::string(function.name); }

Rgba lit_paper(const Palette& p) { return mix(p.paper, p.accent, TOUCHED_TINT); }

struct EndChip {
    const mm::FaultEdge* edge = nullptr;
    std::string text;
    Rect box;
    bool lit = false;
};
struct QuestionRow {
    n node = n::entry;
    const FaultLine* line = nullptr; // lit
    Rect box;
    std::vector<EndChip> chips;
};

class TreeDrawer {
  public:
    TreeDrawer(FaultPicture& picture, float y) : picture_(picture), pen_(picture.pen), y_(y) {
        const float width = picture.x1 - picture.x0;
        split_ = picture.x0 + std::clamp(width * 0.42f, LEAST_QUESTION, MOST_QUESTION);
        for (std::size_t i = 0; i < QUESTIONS; ++i) place(rows_[i], static_cast<n>(i));
    }

    FaultDrawing draw() {
        for (const bool lit : {false, true})
            for (const mm::FaultEdge& edge : mm::fault_edges()) join(edge, lit);
        for (const QuestionRow& row : rows_) {
            draw_question(row);
            for (const EndChip& chip : row.chips) draw_chip(chip);
        }
        for (const FaultLine& line : picture_.lines) {
            const Rect& box = box_of(line.node);
            picture_.area.touched(box.y0, box.height());
        }
        out_.end = y_;
        return out_;
    }

  private:
    [[nodiscard]] TextLook chip_look(bool lit) const { return {pen_.p.muted, lit ? 12.0f : TEXT_SMALL, Face::words}; }
    [[nodiscard]] const Rect& box_of(n node) const {
        if (!mm::is_end(node)) return rows_[static_cast<std::size_t>(node)].box;
        for (const QuestionRow& row : rows_)
            for (const EndChip& chip : row.chips)
                if (chip.edge->to == node) return chip.box;
        return rows_[0].box;
    }

    // Answers that end the way stand beside the question, and those that lead to where another one leads, too.
    void place(QuestionRow& row, n node) {
        row.node = node;
        row.line = picture_.line_of(node);
        const float x = picture_.x0 + INDENT * static_cast<float>(mm::fault_node_of(node).depth);
        row.box = {x, y_, split_, y_ + (row.line ? LIT_ROW : ROW)};
        float at = split_ + TO_ENDS, chip_y = y_ + 1;
        for (const mm::FaultEdge& edge : mm::fault_edges()) {
            if (edge.from != node || (!mm::is_end(edge.to) && mm::edge_to(edge.to) == &edge)) continue;
            EndChip chip{.edge = &edge, .text = chip_text(edge), .box = {}, .lit = picture_.goes(node, edge.to)};
            const float most = picture_.x1 - split_ - TO_ENDS;
            chip.text = pen_.fitted(chip.text, most - 2 * PADDING, chip_look(chip.lit));
            const float width = pen_.width_of(chip.text, chip_look(chip.lit)) + 2 * PADDING;
            if (at + width > picture_.x1 && at > split_ + TO_ENDS) {
                at = split_ + TO_ENDS;
                chip_y += CHIP + BETWEEN;
            }
            chip.box = {at, chip_y, at + width, chip_y + CHIP};
            at += width + CHIP_BETWEEN;
            row.chips.push_back(std::move(chip));
        }
        y_ = std::max(row.box.y1, row.chips.empty() ? row.box.y1 : chip_y + CHIP) + BETWEEN;
    }
    [[nodiscard]] std::string chip_text(const mm::FaultEdge& edge) const {
        std::string text = pen_.say(edge.answer);
        if (!mm::is_end(edge.to)) return text + " → " + function_text(mm::fault_function(edge.to, picture_.rules));
        text += std::string(pen_.say(words::COLON)) + pen_.say(mm::fault_node_of(edge.to).text);
        if (const FaultLine* line = picture_.line_of(edge.to); line && !line->numbers.empty())
            text += " · " + line->numbers;
        return text;
    }

    // From below a question to the next one: straight down, or to its side.
    void join(const mm::FaultEdge& edge, bool lit) {
        const bool goes = picture_.goes(edge.from, edge.to);
        const bool of_tree = mm::edge_to(edge.to) == &edge;
        if (goes != lit || mm::is_end(edge.to) || (!of_tree && !lit)) return;
        const Rect &from = box_of(edge.from), &to = box_of(edge.to);
        const Rgba colour = lit ? pen_.p.accent : pen_.p.muted;
        const float thickness = lit ? 3 : pen_.hairline();
        const float x = pen_.snap(from.x0 + TRUNK);
        if (to.x0 <= from.x0) {
            pen_.line({x, from.y1}, {x, to.y0}, colour, thickness);
            return;
        }
        const float middle = pen_.snap(to.y0 + ROW / 2);
        pen_.line({x, from.y1}, {x, middle}, colour, thickness);
        pen_.line({x, middle}, {to.x0, middle}, colour, thickness);
    }

    void draw_question(const QuestionRow& row) {
        if (!picture_.area.sees(row.box)) return;
        const Palette& p = pen_.p;
        const Rect box = pen_.snap(row.box);
        pen_.fill(box, row.line ? lit_paper(p) : p.paper, 3);
        pen_.frame(box, row.line ? p.accent : p.faint, 3);
        const TextLook look{row.line ? p.ink : p.muted, row.line ? TEXT_NORMAL : 12.0f, Face::words};
        const TextLook label{row.line ? p.accent : p.muted, look.size, Face::words};
        const TextLook mono{p.muted, TEXT_SMALL, Face::mono};
        float x = box.x0 + PADDING;
        const float right = box.x1 - PADDING, text_y = box.y0 + (row.line ? 3 : 4);
        if (const mm::FaultEdge* edge = mm::edge_to(row.node); edge && mm::fault_node_of(row.node).depth > 0) {
            const std::string answer = std::string(pen_.say(edge->answer)) + (pen_.chinese ? "：" : ":");
            pen_.text(x, text_y, answer, label);
            x += pen_.width_of(answer, label) + 4;
        }
        const char* question = pen_.say(mm::fault_node_of(row.node).text);
        pen_.text(x, text_y, pen_.fitted(question, right - x, look), look);
        x += pen_.width_of(question, look) + 12;
        const mm::FaultFunction function = row.line ? row.line->function : mm::fault_function(row.node, picture_.rules);
        if (x + pen_.width_of(function_text(function), mono) <= right)
            pen_.text_right(right, text_y + 1, function_text(function), mono);
        if (row.line) draw_numbers(row, box);
        pick(row.box, row.node, row.line);
    }
    void draw_numbers(const QuestionRow& row, const Rect& box) {
        const TextLook look{pen_.p.ink, 12, Face::words};
        const float x = box.x0 + PADDING;
        pen_.text(x, box.y0 + 20, pen_.fitted(row.line->numbers, box.x1 - PADDING - x, look), look);
    }
    void draw_chip(const EndChip& chip) {
        if (!picture_.area.sees(chip.box)) return;
        const Palette& p = pen_.p;
        const Rect box = pen_.snap(chip.box);
        const Rgba fill = !chip.lit ? p.paper : ends_badly(chip.edge->to) ? p.bad : p.accent;
        pen_.fill(box, fill, 4);
        if (!chip.lit) pen_.frame(box, p.faint, 4);
        TextLook look = chip_look(chip.lit);
        if (chip.lit) look.colour = readable_on(fill);
        pen_.text_centred(box, chip.text, look);
        pick(chip.box, chip.edge->to, mm::is_end(chip.edge->to) ? picture_.line_of(chip.edge->to) : nullptr);
    }
    void pick(const Rect& box, n node, const FaultLine* line) {
        const bool selected = line && line->place.kind != Selection::Kind::none && line->place == picture_.selection;
        picture_.area.offer(box, selected);
        if (selected) pen_.outline(pen_.snap(box.grown(2)), pen_.p.ink, 2 * pen_.hairline());
        if (!box.contains(picture_.area.pointer())) return;
        pen_.outline(pen_.snap(box.grown(1)), pen_.p.muted, pen_.hairline());
        out_.over = true;
        out_.node = node;
        out_.under = line;
    }

    FaultPicture& picture_;
    Pen& pen_;
    float y_, split_ = 0;
    std::array<QuestionRow, QUESTIONS> rows_;
    FaultDrawing out_;
};

// ---- little room --------------------------------------------------------------------------------------------------------

// "no: SIGSEGV · tables are bad: SIGKILL": the answers that were not given.
std::string other_answers(const Pen& pen, const FaultPicture& picture, n node) {
    std::string text;
    for (const mm::FaultEdge& edge : mm::fault_edges()) {
        if (edge.from != node || picture.goes(node, edge.to)) continue;
        text += (text.empty() ? "" : " · ") + std::string(pen.say(edge.answer));
        if (mm::is_end(edge.to)) text += std::string(" → ") + pen.say(mm::fault_node_of(edge.to).text);
    }
    return text;
}

float draw_card(FaultPicture& picture, const FaultLine& line, float y) {
    Pen& pen = picture.pen;
    const bool end = mm::is_end(line.node);
    const Rgba fill = !end ? lit_paper(pen.p) : ends_badly(line.node) ? pen.p.bad : pen.p.accent;
    const Rgba ink = end ? readable_on(fill) : pen.p.ink;
    const float x = picture.x0 + PADDING + 3, width = picture.x1 - PADDING - x;
    pen.begin_front();
    float at = pen.paragraph(x, y + 4, width, line.question, {ink, TEXT_NORMAL, Face::words}) + 1;
    if (!line.answer.empty())
        at = pen.paragraph(x, at, width, "→ " + line.answer, {pen.p.accent, TEXT_NORMAL, Face::words}) + 1;
    if (!line.numbers.empty()) at = pen.paragraph(x, at, width, line.numbers, {ink, 12, Face::words}) + 1;
    const TextLook small{end ? ink : pen.p.muted, TEXT_SMALL, Face::words};
    if (!end) {
        const std::string others = other_answers(pen, picture, line.node);
        pen.text(x, at + 1, pen.fitted(std::string(pen.say(words::FAULT_ELSE)) + " " + others, width, small), small);
        at += 16;
    }
    const TextLook mono{small.colour, TEXT_SMALL, Face::mono};
    const std::string function = std::string(line.function.name) + "  " + std::string(line.function.file);
    pen.text(x, at + 1, pen.fitted(function, width, mono), mono);
    at += 19;
    pen.begin_behind();
    const Rect box = pen.snap(Rect{picture.x0, y, picture.x1, at});
    pen.fill(box, fill, 3);
    if (!end) pen.fill({box.x0, box.y0, box.x0 + 3, box.y1}, pen.p.accent);
    pen.end_behind();
    return at;
}

// All questions, quiet.
float draw_questions(FaultPicture& picture, float y) {
    Pen& pen = picture.pen;
    const TextLook look{pen.p.ink, 12, Face::words}, small{pen.p.muted, TEXT_SMALL, Face::words};
    for (std::size_t i = 0; i < QUESTIONS; ++i) {
        const mm::FaultNode& node = mm::fault_node_of(static_cast<n>(i));
        const float x = picture.x0 + WAY_INDENT * static_cast<float>(node.depth), width = picture.x1 - x;
        pen.fill({x, y + 2, x + 2, y + 32}, pen.p.faint);
        std::string text = pen.say(node.text);
        if (node.depth > 0) text = std::string(pen.say(mm::edge_to(node.id)->answer)) + pen.say(words::COLON) + text;
        pen.text(x + 8, y + 2, pen.fitted(text, width - 8, look), look);
        pen.text(x + 8, y + 18, pen.fitted(other_answers(pen, picture, node.id), width - 8, small), small);
        y += 38;
    }
    return y;
}

} // namespace

const FaultLine* FaultPicture::line_of(n node) const {
    for (const FaultLine& line : lines)
        if (line.node == node) return &line;
    return nullptr;
}

bool FaultPicture::goes(n from, n to) const {
    for (std::size_t i = 0; i + 1 < lines.size(); ++i)
        if (lines[i].node == from && lines[i + 1].node == to) return true;
    return false;
}

FaultDrawing draw_fault_tree(FaultPicture& picture, float y) { return TreeDrawer(picture, y).draw(); }

FaultDrawing draw_fault_way(FaultPicture& picture, float y) {
    FaultDrawing out;
    if (picture.lines.empty()) {
        out.end = draw_questions(picture, y);
        return out;
    }
    Pen& pen = picture.pen;
    for (const FaultLine& line : picture.lines) {
        const float end = draw_card(picture, line, y);
        const Rect box{picture.x0, y, picture.x1, end};
        picture.area.touched(y, end - y);
        const bool selected = line.place.kind != Selection::Kind::none && line.place == picture.selection;
        picture.area.offer(box, selected);
        if (selected) pen.outline(pen.snap(box.grown(2)), pen.p.ink, 2 * pen.hairline());
        if (box.contains(picture.area.pointer())) {
            out.over = true;
            out.node = line.node;
            out.under = &line;
        }
        const float x = picture.x0 + TRUNK;
        if (&line != &picture.lines.back()) pen.line({x, end}, {x, end + WAY_BETWEEN}, pen.p.accent, 3);
        y = end + WAY_BETWEEN;
    }
    out.end = y;
    return out;
}

} // namespace shell
