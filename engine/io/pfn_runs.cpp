#include "io/pfn_runs.h"

#include <algorithm>
#include <charconv>

#include "io/reader.h"

namespace mm {

namespace {

template <class Integer>
bool take_number(std::string_view& text, int base, Integer& number) {
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return true;
}

struct Run {
    pfn_t first = 0;
    i64 stride = 0;
    u32 count = 1;
};

std::optional<Run> read_run(std::string_view word) {
    Run run;
    if (!take_number(word, 16, run.first)) return std::nullopt;
    if (word.empty()) return run;
    const char sign = word.front();
    u32 stride = 0;
    word.remove_prefix(1);
    if ((sign != '+' && sign != '-') || !take_number(word, 16, stride) || stride == 0 || !word.starts_with('*'))
        return std::nullopt;
    word.remove_prefix(1);
    if (!take_number(word, 10, run.count) || !word.empty() || run.count == 0) return std::nullopt;
    run.stride = sign == '+' ? i64{stride} : -i64{stride};
    return run;
}

} // namespace

std::string_view take_word(std::string_view& text) {
    const std::size_t start = std::min(text.find_first_not_of(" \n"), text.size());
    const std::size_t end = std::min(text.find_first_of(" \n", start), text.size());
    const std::string_view word = text.substr(start, end - start);
    text.remove_prefix(end);
    return word;
}

std::optional<Told> read_pfn_runs(std::string_view text, std::size_t room, std::vector<pfn_t>& pfns) {
    while (true) {
        const std::string_view word = take_word(text);
        if (word.empty()) return std::nullopt;
        const std::optional<Run> run = read_run(word);
        if (!run)
            return told("found \"{0}\", expected page frames in hex (45349) or runs of them (46400+400*219)",
                        "这里是 \"{0}\"，应当是十六进制的页框号（45349）或一串页框（46400+400*219）", {quotable(word)});
        if (run->count > room)
            return told("\"{0}\" names more page frames than a machine may list",
                        "\"{0}\" 的页框多于一台机器可以列出的", {quotable(word)});
        const i64 last = i64{run->first} + run->stride * (i64{run->count} - 1);
        if (last < 0 || last >= i64{PFN_NONE})
            return told("\"{0}\" leaves the range of page frames", "\"{0}\" 超出了页框号的范围", {quotable(word)});
        room -= run->count;
        for (u32 i = 0; i < run->count; ++i) pfns.push_back(static_cast<pfn_t>(i64{run->first} + run->stride * i));
    }
}

std::vector<std::string> pfn_run_words(std::span<const pfn_t> pfns) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < pfns.size();) {
        std::string word = number_to_hex(pfns[i]);
        std::size_t end = i + 1;
        if (end < pfns.size()) {
            const i64 stride = i64{pfns[end]} - i64{pfns[i]};
            while (end < pfns.size() && i64{pfns[end]} - i64{pfns[end - 1]} == stride) ++end;
            if (end - i >= 3 && stride != 0)
                word += (stride > 0 ? "+" : "-") + number_to_hex(static_cast<u64>(stride > 0 ? stride : -stride)) +
                        "*" + std::to_string(end - i);
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
