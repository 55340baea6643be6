#include "recording/folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "recording/gunzip.h"
#include "recording/kernel_tests.h"
#include "recording/script.h"
#include "json/json.h"

namespace mm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t MAX_FOLDERS = 1000;
constexpr std::size_t MAX_FILES = 10'000;

// The names of the entries of a folder that `wanted` chooses, sorted. Unreadable folders have none.
template <class Wanted>
std::vector<std::string> entries_of(const std::string& path, std::size_t limit, Wanted wanted) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(path, error), end; !error && it != end && names.size() < limit; it.increment(error))
        if (wanted(*it)) names.push_back(it->path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

// Regular files, and whatever else has the name of a recorded file: that is an error when it is read, not an absent file.
std::vector<std::string> files_of(const std::string& path) {
    return entries_of(path, MAX_FILES, [](const fs::directory_entry& entry) {
        const std::string name = entry.path().filename().string();
        std::error_code ignored;
        return entry.is_regular_file(ignored) || name.ends_with(".txt") || name.ends_with(".txt.gz");
    });
}

std::vector<std::string> folders_of(const std::string& path) {
    return entries_of(path, MAX_FOLDERS, [](const fs::directory_entry& entry) {
        std::error_code ignored;
        return entry.is_directory(ignored);
    });
}

// What makes a folder a recording: a file that a recording has.
bool looks_recorded(const std::vector<std::string>& files) {
    return std::any_of(files.begin(), files.end(), [](std::string_view name) {
        return name.starts_with("static-") || name.starts_with("mod-") || name.starts_with("wm-");
    });
}

bool has_text(const std::vector<std::string>& files) {
    return std::any_of(files.begin(), files.end(), [](std::string_view name) {
        return name.ends_with(".txt") || name.ends_with(".txt.gz") || is_json(name);
    });
}

bool holds_kernel_tests(const std::string& path, const std::vector<std::string>& files) {
    return std::any_of(files.begin(), files.end(), [&](const std::string& name) {
        if (!is_json(name)) return false;
        const auto text = read_text_file(path + "/" + name, MAX_RECORDING_BYTES);
        return text && kernel_tests_of(*text).has_value();
    });
}

RecordingFolder open_folder(const std::string& path, std::string name, std::vector<std::string> entries) {
    RecordingFolder folder;
    folder.name = std::move(name);
    for (std::string& file : entries) {
        if (file.ends_with(".gz")) file.resize(file.size() - 3);
        if (!folder.has(file)) folder.files.push_back(file);
    }
    std::sort(folder.files.begin(), folder.files.end());
    folder.read = [path](const std::string& file) {
        const std::string plain = path + "/" + file;
        std::error_code error;
        return read_text_file(fs::exists(plain, error) ? plain : plain + ".gz", MAX_RECORDING_BYTES);
    };
    return folder;
}

} // namespace

bool RecordingFolder::has(std::string_view file) const {
    return std::find(files.begin(), files.end(), file) != files.end();
}

std::string RecordingFolder::text(std::string_view file) const {
    if (!has(file)) return {};
    auto content = read(std::string(file));
    if (!content) return {};
    if (content->starts_with(BYTE_ORDER_MARK)) content->erase(0, BYTE_ORDER_MARK.size());
    return std::move(*content);
}

RecordingFolder watched(const RecordingFolder& folder, ReadLog& log) {
    RecordingFolder out = folder;
    out.read = [read = folder.read, &log](const std::string& file) {
        auto content = read(file);
        log.read.insert(file);
        if (!content) log.failed[file] = content.error().text();
        return content;
    };
    return out;
}

Result<std::vector<RecordingFolder>> open_recordings(const std::string& given) {
    std::string path = given;
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    std::error_code error;
    if (!fs::is_directory(path, error)) return Error{"", path + " is not a folder"};
    std::vector<RecordingFolder> folders;
    if (auto files = files_of(path); looks_recorded(files) || holds_kernel_tests(path, files)) {
        const bool recorded = looks_recorded(files);
        std::string name = fs::path(path).filename().string();
        if (name.empty() || name == ".") name = fs::weakly_canonical(path, error).filename().string();
        folders.push_back(open_folder(path, std::move(name), std::move(files)));
        folders.back().recorded = recorded;
        return folders;
    }
    bool any_recorded = false;
    for (std::string& name : folders_of(path)) {
        const std::string inner = path + "/" + name;
        auto files = files_of(inner);
        const bool recorded = looks_recorded(files);
        any_recorded = any_recorded || recorded || holds_kernel_tests(inner, files);
        if (!recorded && !has_text(files)) continue;
        folders.push_back(open_folder(inner, std::move(name), std::move(files)));
        folders.back().recorded = recorded;
    }
    if (!any_recorded)
        return Error{"", path + " holds no recordings: expected folders with files static-*, wm-* or mod-*"};
    return folders;
}

Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes) {
    // Opening a FIFO would wait for somebody who writes.
    std::error_code error;
    if (const fs::file_status status = fs::status(path, error); fs::exists(status) && !fs::is_regular_file(status))
        return Error{"", path + " is not a regular file"};
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return Error{"", path + " cannot be opened"};
    const auto size = static_cast<i64>(file.tellg());
    if (size < 0 || static_cast<u64>(size) > max_bytes)
        return Error{"", path + " is larger than " + std::to_string(max_bytes >> 20) + " MiB"};
    std::string bytes(static_cast<std::size_t>(size), '\0');
    file.seekg(0);
    if (!file.read(bytes.data(), size)) return Error{"", path + " cannot be read"};
    if (!is_gzip(bytes) && !path.ends_with(".gz")) return bytes;
    auto text = gunzip(bytes, max_bytes);
    if (!text) return Error{"", path + ": " + text.error().message};
    return text;
}

} // namespace mm
