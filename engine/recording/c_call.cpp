#include "recording/c_call.h"

#include <algorithm>
#include <charconv>

#include "recording/text.h"

namespace mm {

namespace {

constexpr CName CONSTANTS[] = {
    {"PS", 4096},
    {"MS_ASYNC", 1},
    {"MS_INVALIDATE", 2},
    {"MS_SYNC", 4},
    {"MCL_CURRENT", 1},
    {"MCL_FUTURE", 2},
    {"MCL_ONFAULT", 4},
    {"MLOCK_ONFAULT", 1},
    {"FALLOC_FL_KEEP_SIZE", 1},
    {"FALLOC_FL_PUNCH_HOLE", 2},
};
constexpr std::size_t MAX_ARGS = 8;
constexpr u32 MAX_DEPTH = 16; // of brackets: recordings may say anything

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

class Expression {
  public:
    Expression(TextCursor& at, const std::vector<CName>& names) : at_(at), names_(names) {}

    // a | b, each a sum of products
    bool ors(u64& value) {
        if (!sum(value)) return false;
        while (sign("|")) {
            u64 other = 0;
            if (!sum(other)) return false;
            value |= other;
        }
        return true;
    }

  private:
    bool sign(std::string_view text) {
        at_.skip_blanks();
        return at_.eat(text);
    }
    bool sum(u64& value) {
        if (!product(value)) return false;
        for (;;) {
            const bool plus = sign("+");
            if (!plus && !sign("-")) return true;
            u64 other = 0;
            if (!product(other)) return false;
            value = plus ? value + other : value - other;
        }
    }
    bool product(u64& value) {
        if (!factor(value)) return false;
        while (sign("*")) {
            u64 other = 0;
            if (!factor(other)) return false;
            value *= other;
        }
        return true;
    }
    bool factor(u64& value) {
        while (sign("(void *)")) {}
        if (sign("\"")) {
            value = 0;
            return at_.find("\"");
        }
        if (sign("(")) {
            if (++depth_ > MAX_DEPTH || !ors(value)) return false;
            --depth_;
            return sign(")");
        }
        if (sign("0x")) return at_.number(value, 16);
        if (at_.peek() >= '0' && at_.peek() <= '9') return at_.number(value);
        return named(value);
    }
    bool named(u64& value) {
        std::size_t length = 0;
        while (length < at_.rest().size() && is_name(at_.rest()[length])) ++length;
        const std::string_view name = at_.rest().substr(0, length);
        if (length == 0 || !at_.eat(name)) return false;
        const auto is = [&](const CName& known) { return known.name == name; };
        if (const auto own = std::find_if(names_.begin(), names_.end(), is); own != names_.end()) {
            value = own->value;
            return true;
        }
        const auto known = std::find_if(std::begin(CONSTANTS), std::end(CONSTANTS), is);
        if (known == std::end(CONSTANTS)) return false;
        value = known->value;
        return true;
    }

    TextCursor& at_;
    const std::vector<CName>& names_;
    u32 depth_ = 0;
};

} // namespace

std::optional<CCall> read_c_call(std::string_view text, const std::vector<CName>& names) {
    CCall call;
    std::size_t length = 0;
    while (length < text.size() && is_name(text[length])) ++length;
    call.name = text.substr(0, length);
    TextCursor at(text.substr(length));
    if (length == 0 || !at.eat("(")) return std::nullopt;
    if (call.name == "syscall" && at.eat("SYS_")) {
        call.name = at.word(",");
        at.eat(",");
    }
    at.skip_blanks();
    while (!at.eat(")")) {
        u64 value = 0;
        if (call.args.size() == MAX_ARGS || !Expression(at, names).ors(value)) return std::nullopt;
        call.args.push_back(value);
        at.skip_blanks();
        at.eat(",");
    }
    call.rest = at.rest();
    return call;
}

} // namespace mm
