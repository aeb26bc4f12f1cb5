# SPDX-License-Identifier: MIT
"""The programs that a bench measures: started in a folder of their own, stopped and removed at the end."""
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from http.client import HTTPConnection

SOURCE = pathlib.Path(__file__).resolve().parents[2]

# Limits that would end a bench early. Everything else is as it comes.
FARM_PROPERTIES = {
    "http.host": "127.0.0.1",
    "auth.local.iterations": "10000",
    "limits.submissionsPerMinute": "1000000000",
    "limits.queue": "100000000",
    "limits.queuePerUser": "100000000",
    "limits.tokensPerUser": "10000",
    "limits.fileSize": "2GB",
    "limits.requestSize": "2GB",
    "queue.holdOfflineArchitectures": "true",
    "log.level": "WARNING",
}

NGINX = """daemon off;
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_rlimit_nofile {files};
events {{ worker_connections 10000; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    client_max_body_size 0;
    client_body_buffer_size 1m;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} reuseport;
        location = /health {{ default_type application/json; return 200 '{health}'; }}
        location /files/ {{ alias {folder}/files/; }}
        location = /upload {{
            client_body_in_file_only on;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass http://127.0.0.1:{port}/stored;
        }}
        location = /stored {{ return 200 "stored"; }}
    }}
}}
"""


class BenchFailed(Exception):
    pass


def eventually(what, condition, seconds=30):
    """What the condition answers once that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.02)
    raise BenchFailed(f"{what}: not within {seconds} seconds")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def closed_port_url():
    return f"http://127.0.0.1:{free_port()}"


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Program:
    """A child process whose output goes to a file."""

    def __init__(self, command, log):
        self.name, self.log = pathlib.Path(command[0]).name, log
        with open(log, "wb") as output:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT)

    def check(self):
        if self.process.poll() is not None:
            raise BenchFailed(f"{self.name} ended:\n" + self.log.read_text(errors="replace")[-2000:])
        return True

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Farm(Program):
    """The daemon with the properties of `FARM_PROPERTIES` and those given."""

    def __init__(self, rig, folder, servers, properties):
        self.folder, self.state = folder, folder / "state"
        every = dict(FARM_PROPERTIES, **{
            "state.directory": self.state, "database.path": self.state / "farm.db",
            "plugins.dir": rig.build / "plugins", "web.directory": SOURCE / "web"}, **properties)
        (folder / "apb.json").write_text(json.dumps({"servers": {"x86_64": servers}}))
        (folder / "farm.properties").write_text("".join(f"{key} = {value}\n" for key, value in every.items()))
        self.start(rig)

    def start(self, rig):
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        super().__init__([rig.build / "bin/apb-farm", "--port", "0", "--port-file", port_file, "--config",
                          self.folder / "apb.json", "--properties", self.folder / "farm.properties"],
                         self.folder / "farm.log")
        eventually("the farm's port", lambda: self.check() and port_file.exists() and port_file.read_text().strip())
        self.port = int(port_file.read_text())
        self.health = eventually("the farm's health", lambda: self.request("GET", "/health")[1]).decode()
        self._token = None

    def request(self, method, path, body=None, headers=None):
        """Status and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def log_in(self):
        """A new token, or None when that did not work."""
        body = json.dumps({"username": "admin", "password": "admin123"})
        status, text = self.request("POST", "/auth/login", body, {"Content-Type": "application/json"})
        return json.loads(text)["token"] if status == 200 else None

    @property
    def token(self):
        # The first start makes the account in the background.
        self._token = self._token or eventually("a log-in", self.log_in)
        return self._token

    def submit(self, tarball):
        """The id of the new build."""
        boundary = uuid.uuid4().hex
        head = (f'--{boundary}\r\nContent-Disposition: form-data; name="build_tarball"; filename="build.tar.gz"\r\n'
                "Content-Type: application/gzip\r\n\r\n")
        body = head.encode() + tarball + f"\r\n--{boundary}--\r\n".encode()
        status, text = self.request("POST", "/build", body, {
            "Authorization": "Bearer " + self.token, "Content-Type": "multipart/form-data; boundary=" + boundary})
        if status != 200:
            raise BenchFailed(f"a submission was answered with {status}: {text[:500]}")
        return json.loads(text)["build_id"]

    def details(self, build):
        return json.loads(self.request("GET", f"/build/{build}/status-api")[1])


class Nginx(Program):
    def __init__(self, folder, health):
        self.folder, self.port = folder, free_port()
        (folder / "files").mkdir()
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(NGINX.format(
            folder=folder, port=self.port, user=user, health=health,
            files=resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        super().__init__([nginx_program(), "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"],
                         folder / "output.log")
        eventually("nginx", lambda: self.check() and can_connect(self.port))


def nginx_program():
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def missing_programs():
    return [name for name, path in (("nginx", nginx_program()), ("wrk", shutil.which("wrk"))) if not path]


class Rig:
    """Use with `with`: all that was started ends with it."""

    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.files = hard

    def __enter__(self):
        # On the disk of the build, not in a /tmp that may be memory.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-state-", dir=self.build))
        self.programs = []
        return self

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_folder(self, name):
        return pathlib.Path(tempfile.mkdtemp(prefix=name + "-", dir=self.folder))

    def farm(self, servers=None, properties=None):
        """Without servers: one that never answers, so that builds stay queued."""
        return self.keep(Farm(self, self.new_folder("farm"), servers or [closed_port_url()], properties or {}))

    def nginx(self, health="{}"):
        return self.keep(Nginx(self.new_folder("nginx"), health))

    def keep(self, program):
        """Stopped at the end like the others."""
        self.programs.append(program)
        return program

    def start_tool(self, name, *arguments):
        return subprocess.Popen([self.build / "bench" / name, *map(str, arguments)], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def tool(self, name, *arguments):
        """The numbers that a program of bench/tools prints."""
        process = self.start_tool(name, *arguments)
        output, errors = process.communicate(timeout=600)
        if process.returncode != 0:
            raise BenchFailed(errors.strip() or f"{name} failed")
        return [float(word) for word in output.split()]
