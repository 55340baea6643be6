// What the calls of a program point at: places in regions ("a+0x1000") and paths.
#include <algorithm>

#include "base/hex.h"
#include "base/program_place.h"
#include "scenario/pfn_runs.h"
#include "scenario/reader.h"

namespace mm {

namespace {

// "0x1000" or "4096", all of the text.
std::optional<u64> offset_of(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) return number_from_hex(text);
    const bool any = !text.empty();
    const std::optional<u64> number = take_digits(text, 10);
    return any && text.empty() ? number : std::nullopt;
}

} // namespace

bool read_place_text(JsonReader& reader, const Field& at, std::string_view text, std::string_view& name, i64& offset) {
    const std::size_t sign = std::min(text.find_first_of("+-"), text.size());
    offset = 0;
    if (sign < text.size()) {
        const std::optional<u64> bytes = offset_of(text.substr(sign + 1));
        if (!bytes || *bytes > u64{MAX_PLACE_OFFSET})
            return reader.fail(at, told("found \"{0}\", expected bytes behind the sign, as in \"a+0x1000\", up to {1}",
                                        "这里是 \"{0}\"，符号后应当是字节数，如 \"a+0x1000\"，最大 {1}",
                                        {quotable(text), address_hex(u64{MAX_PLACE_OFFSET})}));
        offset = text[sign] == '-' ? -static_cast<i64>(*bytes) : static_cast<i64>(*bytes);
    }
    name = text.substr(0, sign);
    return true;
}

// An address, or "a", "a[3]", "a+0x1000", "a-1": what mmap and mremap returned, and so many bytes from there.
bool StepReader::place(const Field& at, const ValueOf& of) {
    const bool named = at.value->kind == JsonValue::Kind::string && !at.value->string.empty() &&
                       !(at.value->string.front() >= '0' && at.value->string.front() <= '9');
    if (!named) {
        if (!reader_.address(at, of.out)) return false;
        return !is_in_result(of.out) || reader_.fail(at, {"found an address that no CPU can use, of the form "
                                                          "0x8000000000000000 to 0xbfffffffffffffff",
                                                          "这是任何 CPU 都用不了的地址，在 0x8000000000000000 到 "
                                                          "0xbfffffffffffffff 之间"});
    }
    std::string text;
    if (!reader_.text(at, 64, text)) return false;
    std::string_view name;
    i64 offset = 0, slot = 0, stride = 0;
    if (!read_place_text(reader_, at, text, name, offset)) return false;
    if (!result_named(at, name, ResultKind::region, of.loop, 0, slot, stride)) return false;
    of.out = place_in_result(static_cast<u32>(slot), offset);
    of.stride = stride * PLACE_SLOT_STRIDE;
    return true;
}

bool StepReader::path(const Field& at, const ValueOf& of) {
    const auto may_stand = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-.:,@+/").find(c) != std::string_view::npos;
    };
    std::string text;
    if (!reader_.text(at, MAX_NAME_LENGTH, text)) return false;
    if (text.size() < 2 || text.front() != '/' || !std::all_of(text.begin(), text.end(), may_stand))
        return reader_.fail(at,
                            told("\"{0}\" is no path: / first, then letters, digits and _ - . : , @ + /",
                                 "\"{0}\" 不是路径：以 / 开头，后面是字母、数字和 _ - . : , @ + /", {quotable(text)}));
    of.out = intern(text);
    return true;
}

} // namespace mm
