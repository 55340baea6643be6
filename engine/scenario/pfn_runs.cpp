#include "scenario/pfn_runs.h"

#include <algorithm>
#include <charconv>

#include "base/hex.h"
#include "base/shown_text.h"

namespace mm {

namespace {

struct Run {
    u64 first = 0;
    bool down = false;
    u64 stride = 0;
    u64 count = 1;
};

// nullopt: it is not written so. What is written may be too large for any machine.
std::optional<Run> read_run(std::string_view word) {
    Run run;
    const std::optional<u64> first = take_digits(word, 16);
    if (!first) return std::nullopt;
    run.first = *first;
    if (word.empty()) return run;
    const char sign = word.front();
    if (sign != '+' && sign != '-') return std::nullopt;
    word.remove_prefix(1);
    const std::optional<u64> stride = take_digits(word, 16);
    if (!stride || *stride == 0 || !word.starts_with('*')) return std::nullopt;
    word.remove_prefix(1);
    const std::optional<u64> count = take_digits(word, 10);
    if (!count || *count == 0 || !word.empty()) return std::nullopt;
    run.down = sign == '-';
    run.stride = *stride;
    run.count = *count;
    return run;
}

// `count` times `stride` fits: both are below 2^32.
bool leaves_range(const Run& run) {
    if (run.stride >= PFN_NONE) return true;
    const u64 distance = run.stride * (run.count - 1);
    return run.down ? distance > run.first : distance >= PFN_NONE - run.first;
}

} // namespace

std::string_view take_word(std::string_view& text) {
    const std::size_t start = std::min(text.find_first_not_of(" \n"), text.size());
    const std::size_t end = std::min(text.find_first_of(" \n", start), text.size());
    const std::string_view word = text.substr(start, end - start);
    text.remove_prefix(end);
    return word;
}

std::optional<u64> take_digits(std::string_view& text, int base) {
    u64 number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error == std::errc::invalid_argument) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return error == std::errc() ? number : ~u64{0};
}

Told frame_too_large(std::string_view word) {
    return told("\"{0}\" is too large: the last page frame that may be named is {1}",
                "\"{0}\" 太大：可以写的最后一个页框是 {1}", {quotable(word), hex(PFN_NONE - 1)});
}

std::optional<Told> read_pfn_runs(std::string_view text, std::size_t room, std::vector<pfn_t>& pfns) {
    while (true) {
        const std::string_view word = take_word(text);
        if (word.empty()) return std::nullopt;
        const std::optional<Run> run = read_run(word);
        if (!run)
            return told("found \"{0}\", expected page frames in hex (45349) or runs of them (46400+400*219)",
                        "这里是 \"{0}\"，应当是十六进制的页框号（45349）或一串页框（46400+400*219）", {quotable(word)});
        if (run->first >= PFN_NONE) return frame_too_large(word);
        if (run->count > room)
            return told("\"{0}\" names more page frames than a machine may list",
                        "\"{0}\" 的页框多于一台机器可以列出的", {quotable(word)});
        if (leaves_range(*run))
            return told("\"{0}\" leaves the range of page frames", "\"{0}\" 超出了页框号的范围", {quotable(word)});
        room -= run->count;
        for (u64 i = 0; i < run->count; ++i)
            pfns.push_back(static_cast<pfn_t>(run->down ? run->first - run->stride * i : run->first + run->stride * i));
    }
}

std::vector<std::string> pfn_run_words(std::span<const pfn_t> pfns) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < pfns.size();) {
        std::string word = hex(pfns[i]);
        std::size_t end = i + 1;
        if (end < pfns.size()) {
            const i64 stride = i64{pfns[end]} - i64{pfns[i]};
            while (end < pfns.size() && i64{pfns[end]} - i64{pfns[end - 1]} == stride) ++end;
            if (end - i >= 3 && stride != 0)
                word += (stride > 0 ? "+" : "-") + hex(static_cast<u64>(stride > 0 ? stride : -stride)) + "*" +
                        std::to_string(end - i);
            else
                end = i + 1;
        }
        words.push_back(std::move(word));
        i = end;
    }
    return words;
}

std::vector<std::string> wrap_words(const std::vector<std::string>& words, std::size_t width) {
    std::vector<std::string> lines;
    for (const std::string& word : words) {
        if (!lines.empty() && lines.back().size() + 1 + word.size() <= width)
            lines.back() += " " + word;
        else
            lines.push_back(word);
    }
    return lines;
}

} // namespace mm
