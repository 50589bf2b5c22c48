"""A STOW-RS server that reads what comes and keeps nothing: what a client reaches when the server is no limit."""

import socket
import sys
from contextlib import suppress
from email.parser import BytesHeaderParser
from threading import Thread

from benchmarks.processes import HOST

JSON_ANSWER = b'{"00081190": {"vr": "UR", "Value": ["http://null/"]}}'
XML_ANSWER = b'<NativeDicomModel><DicomAttribute tag="00081190" vr="UR"/></NativeDicomModel>'
LARGEST_PIECE = 1 << 20


def main() -> None:
    """Serve on the port that is the only argument, for ever."""
    with socket.create_server((HOST, int(sys.argv[1])), backlog=64) as listener:
        while True:
            connected, _ = listener.accept()
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=_serve, args=(connected,), daemon=True).start()


def _serve(connected: socket.socket) -> None:
    room = memoryview(bytearray(LARGEST_PIECE))
    with suppress(ConnectionError), connected, connected.makefile("rb") as stream:
        while stream.readline():
            headers = BytesHeaderParser().parsebytes(b"".join(iter(stream.readline, b"\r\n")))
            left = int(headers.get("Content-Length", "0"))
            while left and (read := stream.readinto(room[:left])):
                left -= read
            xml = "xml" in headers.get("Accept", "")
            kind, body = ("xml", XML_ANSWER) if xml else ("json", JSON_ANSWER)
            connected.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/dicom+%b\r\nContent-Length: %d\r\n\r\n%b"
                % (kind.encode(), len(body), body)
            )


if __name__ == "__main__":
    main()
