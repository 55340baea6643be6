#pragma once
// A folder of one recorded machine: its files, read on demand. A file may stand there as NAME or as NAME.gz.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace mm {

struct RecordingFolder {
    std::string name;               // "6.1.0-56-arm64-m1024s1"
    std::vector<std::string> files; // without ".gz", sorted
    bool recorded = true; // it has files static-*, mod-* or wm-*; false: text of another kind, beside such folders
    std::function<Result<std::string>(const std::string& file)> read;

    [[nodiscard]] bool has(std::string_view file) const;
    // The text of a file without a byte order mark; empty when there is none or it cannot be read.
    [[nodiscard]] std::string text(std::string_view file) const;
};

// Which files were read, and why some could not be.
struct ReadLog {
    std::set<std::string> read;
    std::map<std::string, std::string> failed;
};

// The folder, whose reading `log` writes down as long as it lives.
[[nodiscard]] RecordingFolder watched(const RecordingFolder& folder, ReadLog& log);

// `path` is a folder of such folders, or one of them.
[[nodiscard]] Result<std::vector<RecordingFolder>> open_recordings(const std::string& path);

// A whole regular file, unpacked when it is a gzip file or is named like one. At most `max_bytes` of text.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes);

} // namespace mm
