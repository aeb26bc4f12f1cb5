// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"
#include "support/fake_http_listener.h"

#include "util/json_reader.h"

#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace apbfarm::test {

/// A receiver of webhooks in this process: remembers what it was sent, answers as it was told. Any thread.
class WebhookReceiver {
public:
    struct Answer {
        int status = 204;
        std::string headers = {};    ///< whole lines
        std::string body = {};
        bool silent = false;         ///< reads the request and never answers
    };

    WebhookReceiver() : listener_([this](FakeConnection& connection) { serve(connection); }) {}

    std::string url(const std::string& path = "/hook") const
    {
        return "http://127.0.0.1:" + std::to_string(listener_.port()) + path;
    }
    std::uint16_t port() const { return listener_.port(); }

    /// For the next requests, one after the other; afterwards 204 again.
    void answer(std::vector<Answer> answers)
    {
        std::lock_guard lock(mutex_);
        answers_.assign(answers.begin(), answers.end());
    }
    void leave() { listener_.close(); }
    void comeBack() { listener_.open(); }

    std::vector<FakeRequest> requests() const
    {
        std::lock_guard lock(mutex_);
        return requests_;
    }
    int count() const { return static_cast<int>(requests().size()); }
    /// Those that were answered with 2xx.
    std::vector<FakeRequest> taken() const
    {
        std::lock_guard lock(mutex_);
        return taken_;
    }

private:
    void serve(FakeConnection& connection)
    {
        FakeRequest request;
        if (!connection.readHead(request) || !connection.readBody(request))
            return;
        const auto answer = next(request);
        if (answer.silent)
            return connection.waitUntilGone();
        connection.send("HTTP/1.1 " + std::to_string(answer.status) + " Said\r\n" + answer.headers + "Content-Length: " +
                        std::to_string(answer.body.size()) + "\r\nConnection: close\r\n\r\n" + answer.body);
    }
    Answer next(const FakeRequest& request)
    {
        std::lock_guard lock(mutex_);
        Answer answer;
        if (!answers_.empty()) {
            answer = answers_.front();
            answers_.pop_front();
        }
        requests_.push_back(request);
        if (!answer.silent && answer.status / 100 == 2)
            taken_.push_back(request);
        return answer;
    }

    mutable std::mutex mutex_;
    std::deque<Answer> answers_;
    std::vector<FakeRequest> requests_, taken_;
    FakeHttpListener listener_;   // last: its threads use all else
};

} // namespace apbfarm::test
