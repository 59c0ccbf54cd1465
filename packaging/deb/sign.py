"""Signs an update: `python packaging/deb/sign.py KEY.pem PACKAGE.deb` writes `PACKAGE.deb.signed`.

`--new` makes the key first. The private half is the operator's and stays off the terminals; `KEY.pem.pub` goes to
/etc/campus-terminal/update.pem.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

CONTEXT = b"campus-terminal update 1\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("key", type=Path)
    parser.add_argument("package", type=Path, nargs="?")
    parser.add_argument("--new", action="store_true", help="make the key")
    options = parser.parse_args()
    if options.new:
        make(options.key)
    if options.package:
        key = load_pem_private_key(options.key.read_bytes(), password=None)
        assert isinstance(key, Ed25519PrivateKey)
        Path(f"{options.package}.signed").write_bytes(signed(options.package, key))
    return 0


def make(path: Path) -> None:
    """Mode 0600, and never over one that is there. Raises FileExistsError."""
    key = Ed25519PrivateKey.generate()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
        sink.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    Path(f"{path}.pub").write_bytes(public)


def signed(package: Path, key: Ed25519PrivateKey) -> bytes:
    """The two lines of a `.signed` file."""
    data = package.read_bytes()
    version, architecture = (said("dpkg-deb", "-f", str(package), name) for name in ("Version", "Architecture"))
    manifest = {
        "file": package.name,
        "version": version,
        "architecture": architecture,
        "journal": int(said("dpkg-deb", "-f", str(package), "Campus-Journal")),
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    line = json.dumps(manifest, sort_keys=True).encode()
    return line + b"\n" + base64.b64encode(key.sign(CONTEXT + line)) + b"\n"


def said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
