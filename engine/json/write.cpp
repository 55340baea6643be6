#include "json/write.h"

namespace mm {

namespace {

std::string one_line(const OrderedJson& value) {
    if (!value.is_structured()) return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    std::string out = value.is_object() ? "{" : "[";
    bool first = true;
    for (const auto& item : value.items()) {
        if (!first) out += ", ";
        first = false;
        if (value.is_object()) out += one_line(item.key()) + ": ";
        out += one_line(item.value());
    }
    return out + (value.is_object() ? "}" : "]");
}

void write(const OrderedJson& value, std::size_t indent, std::size_t used, std::size_t width, std::string& out) {
    std::string line = one_line(value);
    if (!value.is_structured() || value.empty() || used + line.size() <= width) {
        out += line;
        return;
    }
    const std::string margin(indent + 2, ' ');
    out += value.is_object() ? "{" : "[";
    bool first = true;
    for (const auto& item : value.items()) {
        out += first ? "\n" : ",\n";
        first = false;
        const std::string name = value.is_object() ? one_line(item.key()) + ": " : "";
        out += margin + name;
        // One column stays free for the comma.
        write(item.value(), indent + 2, indent + 2 + name.size() + 1, width, out);
    }
    out += "\n" + std::string(indent, ' ') + (value.is_object() ? "}" : "]");
}

} // namespace

std::string json_text(const OrderedJson& value, std::size_t width) {
    std::string out;
    write(value, 0, 0, width, out);
    return out + "\n";
}

} // namespace mm
