#pragma once
// Reads XML as strictly as these tests need it: what a file says that is well-formed and has no doctype, comments or
// entities but the five that everybody knows.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/shown_text.h"

namespace shell::test {

struct XmlElement {
    std::string name;
    std::vector<std::pair<std::string, std::string>> attributes;
    std::string text; // its own, as it is shown

    [[nodiscard]] std::string attribute(std::string_view wanted) const {
        for (const auto& [name_of_it, value] : attributes)
            if (name_of_it == wanted) return value;
        return {};
    }
};

class XmlCheck {
  public:
    explicit XmlCheck(std::string_view text) : text_(text) { read(); }

    std::vector<XmlElement> elements; // as they begin
    std::string problem;              // empty: it is well-formed

    [[nodiscard]] std::set<std::string> names() const {
        std::set<std::string> out;
        for (const XmlElement& element : elements) out.insert(element.name);
        return out;
    }
    [[nodiscard]] std::size_t count(std::string_view name) const {
        return static_cast<std::size_t>(
            std::count_if(elements.begin(), elements.end(), [&](const XmlElement& e) { return e.name == name; }));
    }
    // All texts of elements of this name.
    [[nodiscard]] std::vector<std::string> texts(std::string_view name) const {
        std::vector<std::string> out;
        for (const XmlElement& element : elements)
            if (element.name == name) out.push_back(element.text);
        return out;
    }

  private:
    void read() {
        while (problem.empty() && at_ < text_.size()) text_[at_] == '<' ? read_tag() : read_text();
        if (problem.empty() && !open_.empty()) problem = "not closed: " + elements[open_.back()].name;
        if (problem.empty() && roots_ != 1) problem = "not one root";
    }
    void read_tag() {
        ++at_;
        const bool closes = take('/');
        const std::string name = read_name();
        if (name.empty()) return fail("no name of an element");
        if (closes) {
            if (open_.empty() || elements[open_.back()].name != name) return fail("closed, but not open: " + name);
            open_.pop_back();
            if (!take('>')) fail("</" + name + " without >");
            return;
        }
        if (open_.empty()) ++roots_;
        open_.push_back(elements.size());
        elements.push_back({name, {}, {}});
        while (take(' ')) read_attribute();
        if (take('/')) open_.pop_back();
        if (!take('>')) fail("<" + name + " without >");
    }
    void read_attribute() {
        const std::string name = read_name();
        if (name.empty() || !take('=') || !take('"')) return fail("no attribute");
        if (!elements.back().attribute(name).empty()) return fail("twice: " + name);
        std::string value;
        while (problem.empty() && at_ < text_.size() && text_[at_] != '"') value += read_character();
        if (!take('"')) return fail("no end of " + name);
        elements.back().attributes.emplace_back(name, value);
    }
    void read_text() {
        const std::string character = read_character();
        if (!open_.empty())
            elements[open_.back()].text += character;
        else if (character != "\n")
            fail("text beside the root");
    }
    std::string read_character() {
        if (text_[at_] == '<') return fail("< in a value"), "";
        if (text_[at_] == '&') {
            for (const auto& [entity, meant] : ENTITIES)
                if (text_.substr(at_).starts_with(entity)) return at_ += entity.size(), meant;
            return fail("& alone"), "";
        }
        const mm::character c = mm::character_at(text_, at_);
        const bool known =
            c.is_utf8 && (c.code >= 0x20 || c.code == '\n' || c.code == '\t') && c.code != 0xfffe && c.code != 0xffff;
        if (!known) return fail("a character that XML does not know"), "";
        at_ += c.bytes;
        return std::string(text_.substr(at_ - c.bytes, c.bytes));
    }
    std::string read_name() {
        const std::size_t from = at_;
        const auto is_part = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
        };
        while (at_ < text_.size() && is_part(text_[at_])) ++at_;
        return std::string(text_.substr(from, at_ - from));
    }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void fail(const std::string& what) {
        if (problem.empty()) problem = what + " at byte " + std::to_string(at_);
        at_ = text_.size();
    }

    static constexpr std::pair<std::string_view, const char*> ENTITIES[] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&#39;", "'"}};

    std::string_view text_;
    std::size_t at_ = 0, roots_ = 0;
    std::vector<std::size_t> open_;
};

} // namespace shell::test
