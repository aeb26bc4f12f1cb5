#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A mail server for tests: takes mails on a free loopback port and writes each to a folder.

<folder>/1.eml is the mail as received, <folder>/1.json says from, to, tls and who was logged in. The port is written
to the file given with --port-file when the server listens.
"""

import argparse
import asyncio
import json
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Mailbox:
    def __init__(self, folder, refuse):
        self.folder = folder
        self.refuse = refuse
        self.count = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.refuse == "sender":
            return "550 5.7.1 CANARY-SERVER-TEXT no such sender"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse == "recipient":
            return "550 5.1.1 CANARY-SERVER-TEXT no such mailbox"
        if self.refuse == "later":
            return "451 4.7.1 CANARY-SERVER-TEXT greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.refuse == "message":
            return "554 5.6.0 CANARY-SERVER-TEXT not wanted"
        self.count += 1
        base = os.path.join(self.folder, str(self.count))
        with open(base + ".eml", "wb") as mail:
            mail.write(envelope.original_content)
        login = session.auth_data.login.decode() if session.auth_data else None
        facts = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None, "login": login}
        with open(base + ".part", "w") as file:
            json.dump(facts, file)
        os.rename(base + ".part", base + ".json")
        return "250 OK"


def authenticator(credentials):
    def check(server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and (data.login + b":" + data.password).decode() == credentials
        return AuthResult(success=right, handled=False, auth_data=data if right else None)
    return check


async def stay_silent(reader, writer):
    await reader.read()


async def trickle(reader, writer):
    try:
        while True:
            writer.write(b"2")
            await writer.drain()
            await asyncio.sleep(0.05)
    except ConnectionError:
        pass


def smtp_factory(options, context):
    settings = {"hostname": "mail.test", "enable_SMTPUTF8": True}
    if context and not options.implicit_tls:
        settings["tls_context"] = context
    if options.auth:
        settings.update(authenticator=authenticator(options.auth), auth_required=True,
                        auth_require_tls=bool(context) and not options.implicit_tls)
        if options.only_login:
            settings["auth_exclude_mechanism"] = ["PLAIN"]
    mailbox = Mailbox(options.folder, options.refuse)
    return lambda: SMTP(mailbox, **settings)


async def listen(options):
    loop = asyncio.get_running_loop()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    if options.behave == "silent":
        return await asyncio.start_server(stay_silent, "127.0.0.1", 0)
    if options.behave == "trickle":
        return await asyncio.start_server(trickle, "127.0.0.1", 0)
    return await loop.create_server(smtp_factory(options, context), "127.0.0.1", 0,
                                    ssl=context if options.implicit_tls else None)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--implicit-tls", action="store_true")
    parser.add_argument("--auth", help="name:password")
    parser.add_argument("--only-login", action="store_true", help="offer AUTH LOGIN but not AUTH PLAIN")
    parser.add_argument("--refuse", choices=["sender", "recipient", "later", "message"])
    parser.add_argument("--behave", choices=["well", "silent", "trickle"], default="well")
    options = parser.parse_args()

    server = await listen(options)
    port = server.sockets[0].getsockname()[1]
    with open(options.port_file + ".part", "w") as file:
        file.write(str(port))
    os.rename(options.port_file + ".part", options.port_file)
    await server.serve_forever()


asyncio.run(main())
