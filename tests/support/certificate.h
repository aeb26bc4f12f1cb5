// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"
#include "support/temp_dir.h"

#include <stdexcept>
#include <string>

namespace apbfarm::test {

/// A key and a certificate that signs itself, for the given names.
struct Certificate {
    Certificate(const TempDir& dir, const std::string& names)
        : certificate(dir / "certificate.pem"), key(dir / "key.pem")
    {
        ChildProcess openssl({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                              "-nodes", "-days", "2", "-subj", "/CN=mail", "-addext", "subjectAltName=" + names,
                              "-keyout", key, "-out", certificate},
                             dir / "openssl.log");
        if (openssl.wait() != 0)
            throw std::runtime_error("openssl: " + openssl.output());
    }
    std::string certificate;
    std::string key;
};

} // namespace apbfarm::test
