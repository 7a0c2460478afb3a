"""A small IMAP server on loopback: what a reader asks for, on mails that a test puts in, and the ways it can break."""

import base64
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass
class Box:
    """A folder: number -> (time of arrival, mail)."""

    validity: int = 7
    mails: dict[int, tuple[datetime, bytes]] = field(default_factory=dict)
    next: int = 1
    flags: str = ""

    def put(self, raw: bytes, at: datetime = datetime(2026, 3, 1, 8, tzinfo=UTC)) -> int:
        self.mails[self.next] = (at, raw)
        self.next += 1
        return self.next - 1


@dataclass
class ImapServer:
    """`cuts`: how many of the next FETCH commands are answered by half and a closed connection."""

    user: str = "support@acme.example"
    password: str = "canary-7f3a9c51"
    capabilities: str = "IMAP4rev1 AUTH=PLAIN"
    boxes: dict[str, Box] = field(default_factory=lambda: {"INBOX": Box()})
    cuts: int = 0
    asked: list[str] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None

    @property
    def inbox(self) -> Box:
        return self.boxes["INBOX"]


@contextmanager
def serving_imap() -> Iterator[ImapServer]:
    server = ImapServer()

    class Handler(_Session):
        imap = server

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def get_request(self) -> tuple[socket.socket, object]:
            opened, address = super().get_request()
            return (server.tls.wrap_socket(opened, server_side=True) if server.tls else opened), address

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that gave up is part of the tests."""

    with Server(("127.0.0.1", 0), Handler) as listening:
        server.port = listening.server_address[1]
        threading.Thread(target=lambda: listening.serve_forever(poll_interval=0.02), daemon=True).start()
        try:
            yield server
        finally:
            listening.shutdown()


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server on 127.0.0.1 shows, and the file of who vouches for it: itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1))
        .not_valid_after(datetime(2100, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


class _Session(socketserver.StreamRequestHandler):
    imap: ImapServer
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.box: Box | None = None
        self.say("* OK ready")
        while line := self.rfile.readline():
            tag, _, words = line.decode().strip().partition(" ")
            self.imap.asked.append(words)
            name = words.split()[0].lower()
            if not self.answer(tag, name, words):
                return

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def answer(self, tag: str, name: str, words: str) -> bool:
        if name == "logout":
            self.say("* BYE")
            self.say(f"{tag} OK")
            return False
        if name == "uid":
            return self.of_mails(tag, words)
        if name == "capability":
            self.say(f"* CAPABILITY {self.imap.capabilities}")
        elif name in ("authenticate", "login"):
            return self.log_in(tag, name, words)
        elif name == "examine":
            return self.examine(tag, words)
        elif name == "list":
            for shown, box in self.imap.boxes.items():
                self.say(f'* LIST ({box.flags}) "/" "{shown}"')
        else:
            self.say(f"{tag} BAD unknown command {name}")
            return True
        self.say(f"{tag} OK done")
        return True

    def log_in(self, tag: str, name: str, words: str) -> bool:
        if name == "authenticate":
            self.say("+ ")
            given = base64.b64decode(self.rfile.readline()).decode()
        else:
            given = "\0" + "\0".join(
                re.sub(r"\\(.)", r"\1", word) for word in re.findall(r'"((?:[^"\\]|\\.)*)"', words)
            )
        if given == f"\0{self.imap.user}\0{self.imap.password}":
            self.say(f"{tag} OK welcome")
        else:
            self.say(f"{tag} NO wrong: {given[1:]}".replace("\0", " "))
        return True

    def examine(self, tag: str, words: str) -> bool:
        self.box = self.imap.boxes.get(words.split(" ", 1)[1].strip('"'))
        if self.box is None:
            self.say(f"{tag} NO no such folder")
            return True
        self.say(f"* {len(self.box.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.box.validity}]")
        self.say(f"* OK [UIDNEXT {self.box.next}]")
        self.say(f"{tag} OK [READ-ONLY] done")
        return True

    def of_mails(self, tag: str, words: str) -> bool:
        assert self.box is not None
        if words.upper().startswith("UID SEARCH"):
            self.say("* SEARCH " + " ".join(map(str, self.searched(words))))
        else:
            for uid in [int(part) for part in words.split()[2].split(",")]:
                if not self.fetch(uid, words):
                    return False
        self.say(f"{tag} OK done")
        return True

    def searched(self, words: str) -> list[int]:
        assert self.box is not None
        found = re.fullmatch(r"UID SEARCH UID (\d+):(\d+)(?: SINCE (\d+)-(\w+)-(\d+))?", words)
        assert found is not None, words
        since = datetime(int(found[5]), MONTHS.index(found[4]) + 1, int(found[3]), tzinfo=UTC) if found[3] else None
        numbers = [uid for uid in self.box.mails if int(found[1]) <= uid <= int(found[2])]
        return [uid for uid in numbers if since is None or self.box.mails[uid][0] >= since]

    def fetch(self, uid: int, words: str) -> bool:
        assert self.box is not None
        if uid not in self.box.mails:
            return True
        at, raw = self.box.mails[uid]
        section, data = self.section(words, raw)
        time = f"{at.day:2d}-{MONTHS[at.month - 1]}-{at:%Y %H:%M:%S %z}"
        head = f'* {uid} FETCH (UID {uid} INTERNALDATE "{time}" {section} {{{len(data)}}}\r\n'
        if self.imap.cuts:
            self.imap.cuts -= 1
            self.wfile.write(head.encode() + data[: len(data) // 2])
            return False
        self.wfile.write(head.encode() + data + b")\r\n")
        return True

    def section(self, words: str, raw: bytes) -> tuple[str, bytes]:
        if partial := re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", words):
            return "BODY[]<0>", raw[: int(partial[1])]
        fields = re.search(r"BODY\.PEEK\[HEADER\.FIELDS \(([^)]*)\)\]", words)
        assert fields is not None, words
        wanted = {name.lower().encode() for name in fields[1].split()}
        top = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
        lines = re.split(rb"\r?\n(?![ \t])", top)
        kept = [line for line in lines if line.partition(b":")[0].strip().lower() in wanted]
        return f"BODY[HEADER.FIELDS ({fields[1]})]", b"\r\n".join(kept) + b"\r\n\r\n"
