// SPDX-License-Identifier: MIT
#include "proofs/http/proxies.h"

#include "support/free_port.h"
#include "support/http_client.h"

#include <fstream>

namespace apbfarm::proofs {

namespace {

bool listens(std::uint16_t port)
{
    try {
        test::TcpConnection connection(port);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}

Proxy::Proxy(Kind kind, std::uint16_t farm)
    : kind_(kind), port_(test::freePort()), log_(folder_ / (kind == Kind::Nginx ? "requests" : "output"))
{
    const auto settings = (folder_ / "settings").string();
    std::ofstream(settings) << (kind == Kind::Nginx ? nginxSettings(farm) : haproxySettings(farm));
    std::vector<std::string> command{"/usr/sbin/haproxy", "-db", "-f", settings};
    if (kind == Kind::Nginx)
        command = {"/usr/sbin/nginx", "-e", "stderr", "-p", folder_.path().string(), "-c", settings};
    program_ = std::make_unique<test::ChildProcess>(command, folder_ / "output");
    if (!test::eventually([&] { return listens(port_) || !program_->isRunning(); }) || !program_->isRunning())
        throw std::runtime_error(std::string(name()) + " does not run (Debian: nginx-light, haproxy):\n" + program_->output());
    seen();
}

Seen Proxy::seen()
{
    Seen seen;
    for (const auto& line : log_.lines())
        readProxyLine(line, seen);
    return seen;
}

std::string Proxy::nginxSettings(std::uint16_t farm) const
{
    const auto folder = folder_.path().string();
    std::string paths;
    for (const auto* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        paths += std::string("  ") + kind + "_temp_path " + folder + "/" + kind + ";\n";
    return "daemon off;\nmaster_process off;\npid " + folder + "/pid;\nerror_log stderr crit;\n"
           "events { worker_connections 1024; }\nhttp {\n" + paths
           + "  log_format proof escape=json 'REQUEST\\t$remote_addr\\t$upstream_status\\t$request_method $request_uri HTTP/1.1';\n"
             "  access_log " + folder + "/requests proof;\n"
             "  upstream farm { server 127.0.0.1:" + std::to_string(farm) + "; keepalive 16; }\n"
             "  server {\n    listen 127.0.0.1:" + std::to_string(port_) + ";\n    large_client_header_buffers 8 16k;\n"
             "    merge_slashes off;\n"
             "    location / {\n      proxy_pass http://farm;\n      proxy_http_version 1.1;\n"
             "      proxy_set_header Connection \"\";\n      proxy_set_header X-Forwarded-For $remote_addr;\n"
             "      proxy_request_buffering off;\n      proxy_buffering off;\n      proxy_next_upstream off;\n"
             "      proxy_ignore_client_abort on;\n    }\n  }\n}\n";
}

std::string Proxy::haproxySettings(std::uint16_t farm) const
{
    // With two threads a line is dropped when both write.
    return "global\n  nbthread 1\n  log stdout len 16384 format raw local0\n"
           "defaults\n  mode http\n  log global\n  option forwardfor\n  retries 0\n  timeout client 10s\n"
           "  timeout server 10s\n  timeout connect 5s\n  timeout http-request 10s\n  http-reuse always\n"
           "  log-format \"REQUEST\\t%ci\\t%ST/%s\\t%r\"\n"
           "frontend front\n  bind 127.0.0.1:" + std::to_string(port_) + "\n  default_backend farm\n"
           "backend farm\n  server farm 127.0.0.1:" + std::to_string(farm) + "\n";
}

}
