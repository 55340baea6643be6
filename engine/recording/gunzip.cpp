#include "recording/gunzip.h"

#include <algorithm>
#include <array>
#include <limits>

#define ZLIB_CONST
#include <zlib.h>

namespace mm {

namespace {

constexpr int GZIP_ALONE = 16 + MAX_WBITS; // for inflateInit2(): a gzip header and no other
constexpr std::size_t CHUNK = 64 * 1024;

// A stream of zlib that is ended whatever happens.
class Inflater {
  public:
    explicit Inflater(std::string_view bytes) {
        stream_.next_in = reinterpret_cast<const Bytef*>(bytes.data());
        stream_.avail_in = static_cast<uInt>(bytes.size());
        up_ = inflateInit2(&stream_, GZIP_ALONE) == Z_OK;
    }
    ~Inflater() {
        if (up_) inflateEnd(&stream_);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    // Appends one member to `out`, at most `max_bytes` of it. What is wrong, or nullptr.
    const char* member(std::string& out, std::size_t max_bytes) {
        if (!up_) return "there is no memory to unpack it";
        std::array<char, CHUNK> chunk;
        for (std::size_t taken = 0;;) {
            stream_.next_out = reinterpret_cast<Bytef*>(chunk.data());
            stream_.avail_out = CHUNK;
            const int state = inflate(&stream_, Z_NO_FLUSH);
            const std::size_t bytes = CHUNK - stream_.avail_out;
            if (bytes > max_bytes - taken) return "it is longer than what may be unpacked";
            out.append(chunk.data(), bytes);
            taken += bytes;
            if (state == Z_STREAM_END) return nullptr;
            if (state == Z_BUF_ERROR || (state == Z_OK && stream_.avail_in == 0 && stream_.avail_out != 0))
                return "it is cut off";
            if (state != Z_OK) return stream_.msg ? stream_.msg : "it cannot be unpacked";
        }
    }

    [[nodiscard]] bool at_end() const { return stream_.avail_in == 0; }
    void next_member() { inflateReset(&stream_); }

  private:
    z_stream stream_{};
    bool up_ = false;
};

} // namespace

bool is_gzip(std::string_view bytes) {
    return bytes.size() >= 2 && bytes[0] == '\x1f' && static_cast<u8>(bytes[1]) == 0x8b;
}

Result<std::string> gunzip(std::string_view bytes, std::size_t max_bytes) {
    if (!is_gzip(bytes)) return Error{"", "this is not a gzip file"};
    if (bytes.size() > std::numeric_limits<uInt>::max()) return Error{"", "the gzip file is too large"};
    std::string out;
    Inflater inflater(bytes);
    for (;;) {
        if (const char* wrong = inflater.member(out, max_bytes - out.size()))
            return Error{"", std::string("the gzip file is damaged: ") + wrong};
        if (inflater.at_end()) return out;
        inflater.next_member();
    }
}

} // namespace mm
