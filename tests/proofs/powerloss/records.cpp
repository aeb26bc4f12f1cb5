// SPDX-License-Identifier: MIT
#include "proofs/powerloss/records.h"

#include "support/child_process.h"
#include "util/unique_fd.h"

#include <fcntl.h>

namespace apbfarm::proofs::power {

std::vector<Record> readRecording(const std::string& file)
{
    const auto text = test::readFile(file);
    std::vector<Record> records;
    for (std::size_t at = 0; at + sizeof(RecordHead) <= text.size();) {
        RecordHead head;
        std::memcpy(&head, text.data() + at, sizeof head);
        at += sizeof head;
        if (at + head.pathLength + head.byteLength > text.size())
            break;
        records.push_back({head.kind, head.file, head.offset, text.substr(at, head.pathLength),
                           text.substr(at + head.pathLength, head.byteLength)});
        at += head.pathLength + head.byteLength;
    }
    return records;
}

void tell(const std::string& recording, const std::string& what, const std::string& about)
{
    const util::UniqueFd file(::open(recording.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    RecordHead head{.kind = Kind::Told, .pathLength = static_cast<std::uint32_t>(what.size()),
                    .byteLength = static_cast<std::uint32_t>(about.size())};
    std::string text(reinterpret_cast<const char*>(&head), sizeof head);
    text += what + about;
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("cannot write " + recording);
}

}
