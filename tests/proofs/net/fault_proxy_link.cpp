// SPDX-License-Identifier: MIT
#include "proofs/net/fault_proxy.h"

#include "util/text.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace apbfarm::proofs {

namespace {

std::uint64_t lengthIn(const std::string& head)
{
    const auto lower = util::toLower(head);
    const auto place = lower.find("\r\ncontent-length:");
    if (place == std::string::npos)
        return 0;
    const auto from = place + 17;
    return util::parseUnsigned(util::trim(lower.substr(from, lower.find("\r\n", from) - from))).value_or(0);
}

std::string answer(const char* status, const std::string& type, const std::string& body)
{
    return std::string("HTTP/1.1 ") + status + "\r\ncontent-type: " + type + "\r\ncontent-length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// What others than the server may say. None of these says that the build is unknown or refused: that would be the
/// server's own word.
std::string wrongAnswer(int choice)
{
    switch (choice) {
    case 0: return answer("200 OK", "text/html", "<html><body>Please log in to this network</body></html>");
    case 1: return answer("502 Bad Gateway", "text/html", "<html>Bad Gateway</html>");
    case 2: return answer("504 Gateway Timeout", "text/html", "<html>Gateway Timeout</html>");
    case 3: return answer("500 Internal Server Error", "application/json", R"({"detail":"disk full"})");
    case 4: return answer("200 OK", "application/json", "{}");
    case 5: return answer("200 OK", "application/json", "[1,2");
    case 6: return answer("404 Not Found", "application/json", R"({"detail":"Not Found"})");
    case 7: return "SSH-2.0-OpenSSH_9.2\r\n";
    default: return "HTTP/1.1 200 OK\r\ncontent-length: 999999999999999999999\r\n\r\n";
    }
}

/// Takes what there is. \return false at the end of the stream or after a reset
bool receive(int socket, std::string& bytes)
{
    std::array<char, 65536> piece;
    const auto got = ::recv(socket, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got > 0)
        bytes.assign(piece.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/// Sends and takes off what fits. \return false when nobody takes it any more
bool send(int socket, std::string& bytes, std::size_t most)
{
    if (bytes.empty())
        return true;
    const auto sent = ::send(socket, bytes.data(), std::min(most, bytes.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0)
        bytes.erase(0, static_cast<std::size_t>(sent));
    return sent > 0 || errno == EAGAIN || errno == EINTR;
}

}

void FaultProxy::serve(Link& link, short client, short server)
{
    if (link.gone)
        return;
    std::string bytes;
    if (client) {
        link.clientEnded = !receive(link.client.get(), bytes);
        if (!link.silent)
            takeRequest(link, bytes);
    }
    bytes.clear();
    if (server && !link.gone) {
        link.serverEnded = !receive(link.server.get(), bytes);
        if (!link.silent)
            takeAnswer(link, bytes);
    }
    if (!link.gone)
        deliver(link);
}

void FaultProxy::takeRequest(Link& link, std::string_view bytes)
{
    while (!bytes.empty() && !link.gone) {
        if (link.bodyLeft == 0) {
            const auto before = link.head.size();
            link.head.append(bytes);
            const auto end = link.head.find("\r\n\r\n", before < 3 ? 0 : before - 3);
            if (end == std::string::npos)
                return;
            bytes.remove_prefix(end + 4 - before);
            link.head.resize(end + 4);
            onHead(link);
            if (link.bodyLeft == 0 && !link.gone)
                onWhole(link);
            continue;
        }
        const auto piece = bytes.substr(0, link.bodyLeft);
        if (!link.unsent && spend(link, piece.size()))
            link.up.append(piece);
        link.bodyLeft -= piece.size();
        bytes.remove_prefix(piece.size());
        if (link.bodyLeft == 0)
            onWhole(link);
    }
}

void FaultProxy::onHead(Link& link)
{
    link.bodyLeft = lengthIn(link.head);
    const bool perRequest = fault_ == NetFault::ResetBeforeBody || fault_ == NetFault::ResetAfterBody ||
                            fault_ == NetFault::ReplyLost || fault_ == NetFault::WrongAnswer ||
                            fault_ == NetFault::CutAnswer;
    link.struck = perRequest && oneIn(4);
    faults_ += link.struck ? 1 : 0;
    link.unsent = link.struck && fault_ == NetFault::WrongAnswer && oneIn(2);
    if (!link.unsent && spend(link, link.head.size()))
        link.up.append(link.head);
    link.head.clear();
    if (link.struck && fault_ == NetFault::ResetBeforeBody)
        link.resetWhenSent = true;
}

void FaultProxy::onWhole(Link& link)
{
    if (!link.struck)
        return;
    switch (fault_) {
    case NetFault::ResetAfterBody: link.resetWhenSent = true; return;
    case NetFault::ReplyLost: link.mute = true; return;
    case NetFault::CutAnswer: link.answerLeft = static_cast<std::uint64_t>(random(1, 400)); return;
    case NetFault::WrongAnswer:
        link.mute = true;
        link.down = wrongAnswer(random(0, 8));
        link.closeWhenSent = true;
        return;
    default: return;
    }
}

void FaultProxy::takeAnswer(Link& link, std::string_view bytes)
{
    if (link.mute || link.resetWhenSent || !spend(link, bytes.size()))
        return;
    link.down.append(bytes.substr(0, link.answerLeft));
    if (link.answerLeft != UINT64_MAX && bytes.size() >= link.answerLeft) {
        link.answerLeft = 0;
        link.mute = link.closeWhenSent = true;
    } else if (link.answerLeft != UINT64_MAX) {
        link.answerLeft -= bytes.size();
    }
}

/// False: the connection is silent from here on.
bool FaultProxy::spend(Link& link, std::size_t bytes)
{
    if (link.life == UINT64_MAX)
        return true;
    link.silent = link.silent || bytes > link.life;
    link.life -= std::min<std::uint64_t>(bytes, link.life);
    return !link.silent;
}

void FaultProxy::deliver(Link& link)
{
    if (link.end < std::chrono::steady_clock::now())
        return reset(link);
    if (link.silent)
        link.up.clear();
    if (!holdsUp() && !send(link.server.get(), link.up, link.rate))
        link.up.clear();
    if (!holdsDown() && !link.silent && !send(link.client.get(), link.down, link.rate))
        link.clientEnded = true;
    settle(link);
}

/// What follows from the ends of both sides.
void FaultProxy::settle(Link& link)
{
    if (link.resetWhenSent && link.up.empty())
        return reset(link);
    if (link.closeWhenSent && link.down.empty() && link.up.empty()) {
        link.gone = true;
        return;
    }
    // What trickles would arrive long after its sender has given up, later than any network delivers.
    if (link.clientEnded && (link.up.empty() || fault_ == NetFault::Slow)) {
        link.gone = true;
        return;
    }
    // A lost answer is not followed by the news that there was one.
    if (link.serverEnded && link.down.empty() && !link.mute && !link.silent)
        link.gone = true;
}

/// Towards the client; the server sees a proper end of what it was sent.
void FaultProxy::reset(Link& link)
{
    const linger now{1, 0};
    ::setsockopt(link.client.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    link.client.reset();
    link.gone = true;
}

}
