"""Copies finished backups to an object store, or one of them back. Needs fsspec and the store's driver (s3fs).

upload SOURCE URI KEEP OWNER              every backup under SOURCE goes to URI and is read back; afterwards the newest
                                          KEEP dumps of each database stay there. A URI has one OWNER, the first
download URI NAME TARGET [DATABASE ...]   the backup NAME comes to TARGET; `latest` is the newest that holds them
"""

import datetime
import hashlib
import re
import sys
from collections import Counter
from pathlib import Path

import fsspec

NAME = re.compile(r"\d{8}T\d{6}Z")
OWNER = "OWNER"
CHECKSUMS = "SHA256SUMS"  # written last: a backup without it was interrupted
ABANDONED = datetime.timedelta(days=1)  # longer than any upload takes


def backups(fs, root):
    """Names of the backups under `root`, finished or not, oldest first."""
    fs.invalidate_cache()
    folders = fs.ls(root, detail=False) if fs.exists(root) else []
    return sorted(Path(folder).name for folder in folders if NAME.fullmatch(Path(folder).name))


def checksums(fs, root, name):
    """Return the checksums of a backup's dumps by their file names; None where the backup is not finished."""
    path = f"{root}/{name}/{CHECKSUMS}"
    if not fs.exists(path):
        return None
    lines = (line.split(maxsplit=1) for line in fs.cat_file(path).decode().splitlines())
    return {file: checksum for checksum, file in lines}


def sha256(file):
    return hashlib.file_digest(file, "sha256").hexdigest()


def take(fs, uri, root, owner):
    """Write the owner where there is none; two releases that share a place would delete each other's dumps."""
    path = f"{root}/{OWNER}"
    there = fs.cat_file(path).decode().strip() if fs.exists(path) else ""
    if there and there != owner:
        sys.exit(
            f"object_store: the backups at {uri} belong to the release {there}: give {owner} another place in"
            f" postgres.backup.s3.uri; where {there} is no more, delete {OWNER} there"
        )
    if not there:
        fs.makedirs(root, exist_ok=True)
        fs.pipe_file(path, f"{owner}\n".encode())


def upload(source, uri, keep, owner):
    fs, root = fsspec.core.url_to_fs(uri)
    here = [path for path in sorted(Path(source).iterdir()) if NAME.fullmatch(path.name)]
    if not here:
        sys.exit(f"object_store: there is no backup under {source}")
    take(fs, uri, root, owner)
    for backup in here:
        fs.makedirs(f"{root}/{backup.name}", exist_ok=True)
        for file in sorted(backup.iterdir(), key=lambda file: file.name == CHECKSUMS):
            target = f"{root}/{backup.name}/{file.name}"
            fs.put_file(str(file), target)
            with file.open("rb") as local, fs.open(target, "rb") as remote:
                if sha256(local) != sha256(remote):
                    sys.exit(f"object_store: {target} is not what was copied there")
        print(f"object_store: {backup.name} is at {uri}")
    prune(fs, root, keep)


def prune(fs, root, keep):
    """Keep the newest dumps of each database, and delete uploads that were interrupted long ago."""
    kept = Counter()
    for name in reversed(backups(fs, root)):
        folder, there = f"{root}/{name}", checksums(fs, root, name)
        if there is None:
            began = datetime.datetime.strptime(f"{name}+0000", "%Y%m%dT%H%M%SZ%z")
            if datetime.datetime.now(datetime.UTC) - began > ABANDONED:
                fs.rm(folder, recursive=True)
                print(f"object_store: deleted {name}, which was never finished")
            continue
        old = {file for file in there if kept[file] >= keep}
        kept.update(there.keys())
        if old == there.keys():
            fs.rm(folder, recursive=True)
        elif old:
            left = "".join(f"{checksum}  {file}\n" for file, checksum in there.items() if file not in old)
            fs.pipe_file(f"{folder}/{CHECKSUMS}", left.encode())
            fs.rm([f"{folder}/{file}" for file in old])
        for file in sorted(old):
            print(f"object_store: deleted {name}/{file}, {keep} newer ones are kept")


def download(uri, name, target, databases):
    fs, root = fsspec.core.url_to_fs(uri)
    there = {backup: found for backup in backups(fs, root) if (found := checksums(fs, root, backup)) is not None}
    whole = [backup for backup, files in there.items() if all(f"{database}.dump" in files for database in databases)]
    chosen = (whole or list(there) or [name])[-1] if name == "latest" else name
    if chosen not in there:
        sys.exit(f"object_store: {uri} holds no backup {name!r}; it holds: {' '.join(there) or 'none'}")
    Path(target, chosen).mkdir(parents=True)
    for file in (*there[chosen], CHECKSUMS):
        fs.get_file(f"{root}/{chosen}/{file}", str(Path(target, chosen, file)))
    print(f"object_store: {chosen} is at {target}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["upload", source, uri, keep, owner] if keep.isdigit() and int(keep) and owner:
            upload(source, uri, int(keep), owner)
        case ["download", uri, name, target, *databases]:
            download(uri, name, target, databases)
        case _:
            sys.exit(__doc__)
