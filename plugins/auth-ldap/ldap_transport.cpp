// SPDX-License-Identifier: MIT
#include "ldap_transport.h"

#include "../shared/connect.h"

#include <Poco/URI.h>

#include <fcntl.h>
#include <openldap.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <sstream>
#include <vector>

namespace directory {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The library's own time limit would do for a plain connection. With TLS it makes the library ask GnuTLS again and
// again without end (tls_g.c of OpenLDAP 2.5), so the limit is put below TLS: the socket itself fails.

bool waitFor(Sockbuf_IO_Desc* io, short event)
{
    int socket = -1;
    ber_sockbuf_ctrl(io->sbiod_sb, LBER_SB_OPT_GET_FD, &socket);
    const auto deadline = *static_cast<const Deadline*>(io->sbiod_pvt);
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    pollfd one{socket, event, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::max(left, milliseconds(0)).count()));
    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0;
}

int setUp(Sockbuf_IO_Desc* io, void* deadline)
{
    io->sbiod_pvt = deadline;
    return 0;
}

int takeDown(Sockbuf_IO_Desc*)
{
    return 0;
}

int control(Sockbuf_IO_Desc* io, int option, void* argument)
{
    return LBER_SBIOD_CTRL_NEXT(io, option, argument);
}

ber_slen_t read(Sockbuf_IO_Desc* io, void* buffer, ber_len_t length)
{
    return waitFor(io, POLLIN) ? LBER_SBIOD_READ_NEXT(io, buffer, length) : -1;
}

ber_slen_t write(Sockbuf_IO_Desc* io, void* buffer, ber_len_t length)
{
    return waitFor(io, POLLOUT) ? LBER_SBIOD_WRITE_NEXT(io, buffer, length) : -1;
}

Sockbuf_IO limitedIo{setUp, takeDown, control, read, write, nullptr};

void set(LDAP* handle, int option, const void* value, const std::string& what)
{
    if (ldap_set_option(handle, option, value) != LDAP_OPT_SUCCESS)
        throw DirectoryError("The LDAP library does not take " + what);
}

/// Certificates are always checked, whatever the machine's ldap.conf says.
void setOptions(LDAP* handle, const Settings& settings)
{
    const timeval none{-1, 0};
    const int version = LDAP_VERSION3, client = 0;
    const int demand = LDAP_OPT_X_TLS_HARD, oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    set(handle, LDAP_OPT_PROTOCOL_VERSION, &version, "the version of the protocol");
    // Following a referral would send the password to whatever server it names.
    set(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF, "that referrals are not followed");
    set(handle, LDAP_OPT_NETWORK_TIMEOUT, &none, "that it has no time limit of its own");
    set(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand, "that certificates are checked");
    set(handle, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest, "the oldest version of TLS");
    set(handle, LDAP_OPT_X_TLS_CACERTDIR, "", "that there is no folder of authorities");
    set(handle, LDAP_OPT_X_TLS_CACERTFILE, settings.caFile.c_str(), "the file of authorities");
    if (settings.encrypted)
        set(handle, LDAP_OPT_X_TLS_NEWCTX, &client, "the authorities in auth.ldap.caFile = " + settings.caFile);
}

/// Each of the addresses of a host is tried.
Poco::Net::StreamSocket connectedSocket(const Poco::URI& url, Deadline deadline)
{
    const Poco::UInt16 port = url.getPort() ? url.getPort() : url.getScheme() == "ldaps" ? LDAPS_PORT : LDAP_PORT;
    try {
        return shared::connectTo(shared::addressesOf(url.getHost()), port, deadline);
    } catch (const Poco::Exception& error) {
        throw DirectoryError(error.displayText());
    }
}

/// `connectBy` ends the search for an address that takes connections, `deadline` all the rest.
Handle connectTo(const std::string& address, const Settings& settings, Deadline connectBy, const Deadline& deadline)
{
    const Poco::URI url(address);
    const auto socket = connectedSocket(url, connectBy);
    const int own = ::fcntl(socket.impl()->sockfd(), F_DUPFD_CLOEXEC, 0);   // the handle closes it
    LDAP* raw = nullptr;
    const int code = own < 0 ? LDAP_LOCAL_ERROR : ldap_init_fd(own, LDAP_PROTO_TCP, address.c_str(), &raw);
    if (code != LDAP_SUCCESS) {
        ::close(own);
        throw DirectoryError(ldap_err2string(code));
    }
    Handle handle(raw);
    setOptions(raw, settings);
    Sockbuf* buffer = nullptr;
    ldap_get_option(raw, LDAP_OPT_SOCKBUF, &buffer);
    ber_sockbuf_add_io(buffer, &limitedIo, LBER_SBIOD_LEVEL_PROVIDER, const_cast<Deadline*>(&deadline));
    if (url.getScheme() == "ldaps")
        if (const int tls = ldap_install_tls(raw); tls != LDAP_SUCCESS)
            throw DirectoryError(std::string("TLS: ") + ldap_err2string(tls));
    return handle;
}

/// When a `parts`-th of the time that is left is over.
Deadline shareOf(Deadline deadline, std::size_t parts)
{
    const auto now = steady_clock::now();
    return now + (deadline - now) / static_cast<steady_clock::rep>(parts);
}

} // namespace

Handle connect(const Settings& settings, const Deadline& deadline)
{
    std::istringstream words(settings.url);
    const std::vector<std::string> urls{std::istream_iterator<std::string>(words), {}};
    std::string trouble;
    auto untried = urls.size();
    for (const auto& url : urls)
        try {
            return connectTo(url, settings, shareOf(deadline, untried--), deadline);
        } catch (const DirectoryError& error) {
            trouble += (trouble.empty() ? "" : "; ") + url + ": " + error.what();
        } catch (const Poco::Exception& error) {
            trouble += (trouble.empty() ? "" : "; ") + url + ": " + error.displayText();
        }
    throw DirectoryError(trouble);
}

void checkSettings(const Settings& settings)
{
    LDAP* raw = nullptr;
    if (const int code = ldap_initialize(&raw, settings.url.c_str()); code != LDAP_SUCCESS)
        throw DirectoryError("auth.ldap.url = " + settings.url + ": " + ldap_err2string(code));
    setOptions(Handle(raw).get(), settings);
}

} // namespace directory
