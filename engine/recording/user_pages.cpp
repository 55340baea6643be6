#include "recording/user_pages.h"

#include "recording/text.h"

namespace mm {

bool read_page(std::string_view text, RecordedPage& page) {
    TextCursor at(text);
    if (!at.eat("  page ")) return false;
    const std::size_t colon = at.rest().find(": pagemap=");
    if (colon == std::string_view::npos) return false;
    const std::string_view head = at.rest().substr(0, colon);
    const std::size_t blank = head.rfind(' ');
    if (blank == std::string_view::npos) return false;
    page.name = head.substr(0, blank);
    TextCursor address(head.substr(blank + 1));
    if (!address.number(page.address, 16) || !address.at_end()) return false;
    if (!at.find(": pagemap=") || !at.number(page.pagemap, 16)) return false;
    if (!at.find(" count=") || !at.number(page.mapcount) || !at.eat(" flags=")) return false;
    page.flags = at.word();
    return true;
}

bool read_entry(std::string_view text, RecordedEntry& entry) {
    TextCursor at(text);
    if (!at.eat("  page ")) return false;
    const std::size_t colon = at.rest().find(": L");
    if (colon == std::string_view::npos) return false;
    const std::string_view head = at.rest().substr(0, colon);
    const std::size_t blank = head.rfind(' ');
    if (blank == std::string_view::npos) return false;
    entry.name = head.substr(0, blank);
    TextCursor address(head.substr(blank + 1));
    if (!address.number(entry.address, 16) || !address.at_end()) return false;
    if (!at.find(": L") || !at.number(entry.level) || !at.eat("=") || !at.number(entry.raw, 16)) return false;
    if (at.rest().ends_with(" none")) return true;
    entry.present = at.find(" present pfn=") && at.number(entry.pfn, 16);
    if (!entry.present || !at.eat(" excl=") || !at.number(entry.exclusive) || !at.eat(" file=")) return false;
    if (!at.number(entry.file) || !at.eat(" mapcount=") || !at.number(entry.mapcount) || !at.eat(" flags="))
        return false;
    entry.flags = std::string(at.word()) + ",";
    return true;
}

bool read_field(std::string_view text, std::map<std::string, u64>& fields) {
    TextCursor at(text);
    at.skip_blanks();
    const std::string name(at.word(":"));
    u64 value = 0;
    if (name.empty() || !at.eat(":")) return false;
    at.skip_blanks();
    if (!at.number(value)) return false;
    fields[name] = value;
    return at.at_end() || at.rest() == " kB";
}

} // namespace mm
