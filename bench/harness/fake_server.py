# SPDX-License-Identifier: MIT
"""A build server in this process that takes every build and writes the log or the package that a bench wants."""
import json
import re
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ARCHITECTURE = "x86_64"


class Log:
    """Lines "bench NUMBER PRODUCED FETCHED", a fixed number per second from when it is started."""

    def __init__(self, lines, per_second):
        self.total, self.per_second = lines, per_second
        self.started_at = None
        self.lines = []
        self.asked = 0              # requests for lines of it
        self.lock = threading.Lock()

    def start(self):
        self.started_at = time.monotonic_ns()

    def read(self):
        """All lines so far. A line has its text from the moment somebody first asks for it."""
        with self.lock:
            if self.started_at is None:
                return []
            now = time.monotonic_ns()
            step = 10**9 // self.per_second
            while len(self.lines) < self.total and self.started_at + len(self.lines) * step <= now:
                produced = self.started_at + len(self.lines) * step
                self.lines.append(f"bench {len(self.lines)} {produced} {now}")
            return list(self.lines)

    def is_whole(self):
        return len(self.lines) >= self.total

    def text(self):
        return "".join(line + "\n" for line in self.read()).encode()


class FakeServer:
    """Its builds are over when their log is. `package` is the file that each of them makes, if any."""

    def __init__(self, log, package=None):
        self.log, self.package = log, package
        self.builds = {}            # id to time of submission
        handler = type("Handler", (Handler,), {"server_state": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def info(self):
        return {"status": "running", "version": "bench", "supported_architecture": ARCHITECTURE,
                "queue_status": {"current_builds_count": 0, "queued_builds": 0, "max_concurrent_builds": 4,
                                 "buildroot_recreation_count": 0, "server_busy_with_buildroot": False}}

    def record(self, build):
        over = self.log.is_whole()
        record = {"build_id": build, "pkgname": "bench", "status": "completed" if over else "building",
                  "created_at": self.builds[build], "start_time": self.builds[build], "arch": [ARCHITECTURE],
                  "packages": [], "logs": []}
        if over:
            record.update(end_time=self.builds[build] + 1, duration=1.0, exit_code=0,
                          logs=[{"filename": "build.log", "size": len(self.log.text()),
                                 "download_url": f"/build/{build}/download/build.log"}])
        if over and self.package:
            record["packages"] = [{"filename": self.package.name, "size": self.package.stat().st_size,
                                   "download_url": f"/build/{build}/download/{self.package.name}"}]
        return record

    def output(self, start, limit):
        self.log.asked += 1
        lines = self.log.read()
        page = lines[start:start + limit]
        return {"output": page, "total_lines": len(lines), "start_index": start, "returned_lines": len(page)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state = None

    def log_message(self, *_):
        pass

    def answer(self, value, status=200):
        self.send(status, "application/json", json.dumps(value).encode())

    def send(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        state = self.server_state
        path, _, query = self.path.partition("?")
        words = path.strip("/").split("/")
        if path == "/":
            return self.answer(state.info())
        if path == "/builds/latest":
            return self.answer({"builds": [], "total": 0})
        if len(words) < 3 or words[0] != "build" or words[1] not in state.builds:
            return self.answer({"detail": "Build not found"}, 404)
        if words[2] == "status-api":
            return self.answer(state.record(words[1]))
        if words[2] == "output":
            numbers = dict(urllib.parse.parse_qsl(query))
            return self.answer(state.output(int(numbers.get("start_index", 0)), int(numbers.get("limit", 50))))
        if words[2:] == ["download", "build.log"]:
            return self.send(200, "text/plain", state.log.text())
        if words[2] == "download" and state.package and words[3:] == [state.package.name]:
            return self.send_package(state.package)
        self.answer({"detail": "File not found"}, 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        build = re.search(rb'name="build_id"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)', body)
        if self.path != "/build" or not build:
            return self.answer({"detail": "Not Found"}, 404)
        identifier = build.group(1).decode()
        self.server_state.builds[identifier] = time.time()
        self.answer({"build_id": identifier, "status": "queued", "message": "Build queued successfully"})

    def send_package(self, package):
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(package.stat().st_size))
        self.end_headers()
        with open(package, "rb") as file:
            while piece := file.read(1 << 20):
                self.wfile.write(piece)
