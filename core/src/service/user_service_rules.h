// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>
#include <apbfarm/model.h>

#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::service {

/// What is wrong with the fields of an input, collected so that one answer tells everything.
class Complaints {
public:
    /// `sentence` is what people read; when it is empty, "The <field> <message>".
    void add(const std::string& field, const std::string& message, std::string sentence = {});
    /// Throws `InvalidInput` with all of them when there are any.
    void raise() const;

private:
    std::vector<FieldError> fields_;
    std::vector<std::string> sentences_;
};

/// 3 to 50 of letters, digits and underscore (U12).
void checkUsername(std::string_view username, Complaints& complaints);

/// U1: 8 to 100 characters, neither the user name nor one of the passwords that are tried first. `field` is its name
/// in the input.
void checkNewPassword(std::string_view password, std::string_view username, const std::string& field,
                      Complaints& complaints);

/// M2: local@domain.tld of plain ASCII, at most 254 bytes. An empty text is no address, which is fine unless one is
/// required.
void checkEmail(std::string_view email, bool required, Complaints& complaints);

/// "user" or "admin"; any other word is complained about.
Role checkedRole(std::string_view word, Complaints& complaints);

} // namespace apbfarm::service
