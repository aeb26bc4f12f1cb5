#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Takes requests over TLS on a free loopback port and answers 204; appends the path of each to a file.

https_receiver.py CERTIFICATE KEY PORT-FILE LOG
"""

import http.server
import os
import ssl
import sys

certificate, key, port_file, log = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with open(log, "a") as file:
            file.write(self.path + "\n")
        self.send_response(204)
        self.end_headers()


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".part", "w") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".part", port_file)
server.serve_forever()
