// SPDX-License-Identifier: MIT
#include "property.h"

#include "mail_address.h"
#include "util/text.h"

namespace apbfarm::fuzz {

void tryInput(std::string_view bytes)
{
    if (smtp::isMailAddress(bytes)) {
        require(bytes.size() <= 254 && std::count(bytes.begin(), bytes.end(), '@') == 1, "short, one @ (M2)");
        require(isMadeOf(bytes, joined({kLower, kUpper, kDigits, "@!#$%&'*+-/=?^_`{|}~."})), "plain characters (M2)");
        require(bytes.find_first_of("\"(),:;<>[\\] \r\n") == bytes.npos, "nothing that ends or joins addresses (M2)");
        require(smtp::isOneLine(bytes, 254), "an address is one line");
        require(smtp::isHostName(bytes.substr(bytes.find('@') + 1)), "its domain is a host name");
    }
    if (smtp::isHostName(bytes))
        require(isMadeOf(bytes, joined({kLower, kUpper, kDigits, "-.:_"})), "a host is plain (M2)");
    require(smtp::isOneLine(bytes, 1000) == (bytes.size() <= 1000 && util::isUtf8(bytes) && !hasControls(bytes)),
            "one line is what a second reader takes for one (M2)");
}

}
