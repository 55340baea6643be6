#include "io/recording_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "io/gunzip.h"
#include "io/recording_script.h"

namespace mm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t MAX_FOLDERS = 1000;
constexpr std::size_t MAX_FILES = 10'000;

// The names of the regular files of a folder, or of its folders, sorted. Unreadable folders have none.
std::vector<std::string> entries_of(const std::string& path, bool folders, std::size_t limit) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(path, error), end; !error && it != end && names.size() < limit;
         it.increment(error)) {
        std::error_code ignored;
        if (folders ? it->is_directory(ignored) : it->is_regular_file(ignored))
            names.push_back(it->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

// What makes a folder a recording: a file that a recording has.
bool looks_recorded(const std::vector<std::string>& files) {
    return std::any_of(files.begin(), files.end(), [](std::string_view name) {
        return name.starts_with("static-") || name.starts_with("mod-") || name.starts_with("wm-");
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
    return content ? std::move(*content) : std::string();
}

Result<std::vector<RecordingFolder>> open_recordings(const std::string& given) {
    std::string path = given;
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    std::error_code error;
    if (!fs::is_directory(path, error)) return Error{"", path + " is not a folder"};
    std::vector<RecordingFolder> folders;
    if (auto files = entries_of(path, false, MAX_FILES); looks_recorded(files)) {
        std::string name = fs::path(path).filename().string();
        if (name.empty() || name == ".") name = fs::weakly_canonical(path, error).filename().string();
        folders.push_back(open_folder(path, std::move(name), std::move(files)));
        return folders;
    }
    for (std::string& name : entries_of(path, true, MAX_FOLDERS)) {
        const std::string inner = path + "/" + name;
        auto files = entries_of(inner, false, MAX_FILES);
        if (looks_recorded(files)) folders.push_back(open_folder(inner, std::move(name), std::move(files)));
    }
    if (folders.empty())
        return Error{"", path + " holds no recordings: expected folders with files static-*, wm-* or mod-*"};
    return folders;
}

Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return Error{"", path + " cannot be opened"};
    const auto size = static_cast<i64>(file.tellg());
    if (size < 0 || static_cast<u64>(size) > max_bytes)
        return Error{"", path + " is larger than " + std::to_string(max_bytes >> 20) + " MiB"};
    std::string bytes(static_cast<std::size_t>(size), '\0');
    file.seekg(0);
    if (!file.read(bytes.data(), size)) return Error{"", path + " cannot be read"};
    if (!is_gzip(bytes)) return bytes;
    auto text = gunzip(bytes, max_bytes);
    if (!text) return Error{"", path + ": " + text.error().message};
    return text;
}

} // namespace mm
