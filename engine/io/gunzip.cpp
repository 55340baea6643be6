#include "io/gunzip.h"

#include <array>

namespace mm {
namespace {

constexpr int MAX_CODE_BITS = 15;
constexpr std::size_t NR_LITERALS = 288;
constexpr std::size_t NR_DISTANCES = 30;

// A canonical Huffman code: how many codes each length has, and the symbols in the order of their codes.
struct HuffmanCode {
    std::array<u16, MAX_CODE_BITS + 1> count{};
    std::array<u16, NR_LITERALS> symbol{};

    // False when the lengths promise more codes than there are.
    bool build(const u8* lengths, std::size_t nr) {
        count.fill(0);
        for (std::size_t i = 0; i < nr; ++i) ++count[lengths[i]];
        count[0] = 0;
        int left = 1;
        std::array<u16, MAX_CODE_BITS + 2> offset{};
        for (std::size_t bits = 1; bits <= MAX_CODE_BITS; ++bits) {
            left = left * 2 - count[bits];
            if (left < 0) return false;
            offset[bits + 1] = static_cast<u16>(offset[bits] + count[bits]);
        }
        for (std::size_t i = 0; i < nr; ++i)
            if (lengths[i] != 0) symbol[offset[lengths[i]]++] = static_cast<u16>(i);
        return true;
    }
};

class Inflater {
  public:
    Inflater(std::string_view in, std::string& out, std::size_t max_bytes) : in_(in), out_(out), max_(max_bytes) {}

    // One deflate stream. Returns what is wrong, or nullptr.
    const char* run();
    [[nodiscard]] std::size_t used() const { return at_; }

  private:
    u32 bits(int count);
    int symbol(const HuffmanCode& code);
    const char* stored();
    const char* compressed(const HuffmanCode& literals, const HuffmanCode& distances);
    const char* dynamic();
    const char* fixed();
    bool room(std::size_t more) const { return out_.size() + more <= max_; }

    std::string_view in_;
    std::string& out_;
    std::size_t max_;
    std::size_t at_ = 0;
    u32 bit_buffer_ = 0;
    int bit_count_ = 0;
    bool ended_ = false; // bits were asked for past the end
};

u32 Inflater::bits(int count) {
    while (bit_count_ < count) {
        if (at_ >= in_.size()) {
            ended_ = true;
            return 0;
        }
        bit_buffer_ |= static_cast<u32>(static_cast<u8>(in_[at_++])) << bit_count_;
        bit_count_ += 8;
    }
    const u32 value = bit_buffer_ & ((1u << count) - 1);
    bit_buffer_ >>= count;
    bit_count_ -= count;
    return value;
}

int Inflater::symbol(const HuffmanCode& code) {
    int value = 0, first = 0, index = 0;
    for (std::size_t length = 1; length <= MAX_CODE_BITS; ++length) {
        value |= static_cast<int>(bits(1));
        if (ended_) return -1;
        const int count = code.count[length];
        if (value - count < first) return code.symbol[static_cast<std::size_t>(index + value - first)];
        index += count;
        first = (first + count) * 2;
        value *= 2;
    }
    return -1;
}

const char* Inflater::stored() {
    bit_buffer_ = 0;
    bit_count_ = 0;
    if (in_.size() - at_ < 4) return "it is cut off";
    const auto byte = [&](std::size_t i) { return static_cast<u32>(static_cast<u8>(in_[at_ + i])); };
    const u32 length = byte(0) | byte(1) << 8, check = byte(2) | byte(3) << 8;
    at_ += 4;
    if (length != (check ^ 0xffff)) return "a stored block has a wrong length";
    if (in_.size() - at_ < length) return "it is cut off";
    if (!room(length)) return "it is too large";
    out_.append(in_.substr(at_, length));
    at_ += length;
    return nullptr;
}

const char* Inflater::compressed(const HuffmanCode& literals, const HuffmanCode& distances) {
    static constexpr std::array<u16, 29> LENGTH_BASE = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                                        31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static constexpr std::array<u8, 29> LENGTH_BITS = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                       2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    for (;;) {
        const int literal = symbol(literals);
        if (literal < 0) return "it has an unknown code";
        if (literal == 256) return nullptr;
        if (literal < 256) {
            if (!room(1)) return "it is too large";
            out_.push_back(static_cast<char>(literal));
            continue;
        }
        const auto l = static_cast<std::size_t>(literal - 257);
        if (l >= LENGTH_BASE.size()) return "it has an unknown length";
        std::size_t length = LENGTH_BASE[l] + bits(LENGTH_BITS[l]);
        const int code = symbol(distances);
        if (code < 0 || code >= static_cast<int>(NR_DISTANCES)) return "it has an unknown distance";
        // Distances double every second code: 1, 2, 3, 4, 5, 7, 9, 13, ...
        const int extra = code < 2 ? 0 : code / 2 - 1;
        const u32 base = code < 2 ? static_cast<u32>(code) + 1 : ((2u + (static_cast<u32>(code) & 1)) << extra) + 1;
        const std::size_t distance = base + bits(extra);
        if (ended_) return "it is cut off";
        if (distance > out_.size()) return "it points before its start";
        if (!room(length)) return "it is too large";
        for (; length > 0; --length) out_.push_back(out_[out_.size() - distance]);
    }
}

const char* Inflater::fixed() {
    std::array<u8, NR_LITERALS> lengths{};
    for (std::size_t i = 0; i < NR_LITERALS; ++i) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    std::array<u8, NR_DISTANCES> five{};
    five.fill(5);
    HuffmanCode literals, distances;
    static_cast<void>(literals.build(lengths.data(), lengths.size()));
    static_cast<void>(distances.build(five.data(), five.size()));
    return compressed(literals, distances);
}

const char* Inflater::dynamic() {
    static constexpr std::array<u8, 19> ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    const std::size_t nr_literals = bits(5) + 257, nr_distances = bits(5) + 1, nr_codes = bits(4) + 4;
    if (ended_ || nr_literals > 286 || nr_distances > NR_DISTANCES) return "a block has a damaged head";
    std::array<u8, NR_LITERALS + NR_DISTANCES> lengths{};
    for (std::size_t i = 0; i < nr_codes; ++i) lengths[ORDER[i]] = static_cast<u8>(bits(3));
    HuffmanCode code;
    if (ended_ || !code.build(lengths.data(), ORDER.size())) return "a block has a damaged head";
    lengths.fill(0);
    for (std::size_t i = 0; i < nr_literals + nr_distances;) {
        const int s = symbol(code);
        if (s < 0) return "a block has a damaged head";
        if (s < 16) {
            lengths[i++] = static_cast<u8>(s);
            continue;
        }
        if (s == 16 && i == 0) return "a block has a damaged head";
        const u8 value = s == 16 ? lengths[i - 1] : u8{0};
        std::size_t repeat = s == 16 ? 3 + bits(2) : s == 17 ? 3 + bits(3) : 11 + bits(7);
        if (ended_ || i + repeat > nr_literals + nr_distances) return "a block has a damaged head";
        for (; repeat > 0; --repeat) lengths[i++] = value;
    }
    if (lengths[256] == 0) return "a block has no end";
    HuffmanCode literals, distances;
    if (!literals.build(lengths.data(), nr_literals) || !distances.build(lengths.data() + nr_literals, nr_distances))
        return "a block has a damaged code";
    return compressed(literals, distances);
}

const char* Inflater::run() {
    for (;;) {
        const u32 last = bits(1), type = bits(2);
        if (ended_) return "it is cut off";
        const char* wrong = type == 0   ? stored()
                            : type == 1 ? fixed()
                            : type == 2 ? dynamic()
                                        : "it has an unknown kind of block";
        if (wrong) return wrong;
        if (last) return nullptr;
    }
}

u32 crc32(std::string_view bytes) {
    static const std::array<u32, 256> table = [] {
        std::array<u32, 256> t{};
        for (u32 i = 0; i < 256; ++i) {
            u32 c = i;
            for (int k = 0; k < 8; ++k) c = (c & 1) ? 0xedb88320u ^ (c >> 1) : c >> 1;
            t[i] = c;
        }
        return t;
    }();
    u32 crc = 0xffffffffu;
    for (const char c : bytes) crc = table[(crc ^ static_cast<u8>(c)) & 0xff] ^ (crc >> 8);
    return ~crc;
}

// Length of the header of the member that begins at `in`; 0 when it is damaged.
std::size_t header_length(std::string_view in) {
    enum : u8 { HAS_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16 };
    if (in.size() < 18 || !is_gzip(in) || in[2] != 8) return 0;
    const u8 flags = static_cast<u8>(in[3]);
    std::size_t at = 10;
    if (flags & HAS_EXTRA) {
        if (in.size() < at + 2) return 0;
        at += 2u + static_cast<u8>(in[at]) + (static_cast<std::size_t>(static_cast<u8>(in[at + 1])) << 8);
    }
    for (const u8 text : {u8{HAS_NAME}, u8{HAS_COMMENT}}) {
        if (!(flags & text)) continue;
        if (at >= in.size()) return 0;
        const std::size_t end = in.find('\0', at);
        if (end == std::string_view::npos) return 0;
        at = end + 1;
    }
    if (flags & HAS_CRC) at += 2;
    return at < in.size() ? at : 0;
}

} // namespace

bool is_gzip(std::string_view bytes) {
    return bytes.size() >= 2 && bytes[0] == '\x1f' && static_cast<u8>(bytes[1]) == 0x8b;
}

Result<std::string> gunzip(std::string_view bytes, std::size_t max_bytes) {
    std::string out;
    do {
        const std::size_t head = header_length(bytes);
        if (head == 0) return Error{"", "this is not a gzip file"};
        bytes.remove_prefix(head);
        std::string member;
        Inflater inflater(bytes, member, max_bytes - out.size());
        if (const char* wrong = inflater.run()) return Error{"", std::string("the gzip file is damaged: ") + wrong};
        bytes.remove_prefix(inflater.used());
        if (bytes.size() < 8) return Error{"", "the gzip file is damaged: it is cut off"};
        const auto word = [&](std::size_t i) {
            u32 value = 0;
            for (std::size_t k = 0; k < 4; ++k) value |= static_cast<u32>(static_cast<u8>(bytes[i + k])) << (8 * k);
            return value;
        };
        if (word(0) != crc32(member) || word(4) != static_cast<u32>(member.size()))
            return Error{"", "the gzip file is damaged: its checksum does not match"};
        bytes.remove_prefix(8);
        out += member;
    } while (!bytes.empty());
    return out;
}

} // namespace mm
