// SPDX-License-Identifier: MIT
#include "proofs/http/kept.h"

#include "support/child_process.h"

#include <algorithm>

namespace apbfarm::proofs {

std::vector<KeptRequest> keptRequests()
{
    std::vector<KeptRequest> list;
    for (const auto& folder : std::filesystem::directory_iterator(test::sourceDirectory() / "tests/proofs/http/corpus"))
        for (const auto& file : std::filesystem::directory_iterator(folder)) {
            const auto answers = folder.path().filename().string();
            list.push_back({answers + "/" + file.path().filename().string(), answers, test::readFile(file)});
        }
    std::ranges::sort(list, {}, &KeptRequest::name);
    return list;
}

}
