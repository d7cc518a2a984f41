"""Copies finished backups to an object store, or one of them back. Needs fsspec and the store's driver (s3fs).

upload SOURCE URI KEEP      every backup under SOURCE goes to URI; afterwards the newest KEEP stay there
download URI NAME TARGET    the backup NAME (or the `latest`) comes to TARGET
"""

import re
import sys
from pathlib import Path

import fsspec

NAME = re.compile(r"\d{8}T\d{6}Z")
CHECKSUMS = "SHA256SUMS"  # written last: a backup without it was interrupted


def complete(fs, root):
    """Names of the finished backups under `root`, oldest first."""
    fs.invalidate_cache()
    folders = fs.ls(root, detail=False) if fs.exists(root) else []
    names = sorted(Path(folder).name for folder in folders if NAME.fullmatch(Path(folder).name))
    return [name for name in names if fs.exists(f"{root}/{name}/{CHECKSUMS}")]


def upload(source, uri, keep):
    fs, root = fsspec.core.url_to_fs(uri)
    backups = [path for path in sorted(Path(source).iterdir()) if NAME.fullmatch(path.name)]
    if not backups:
        sys.exit(f"object_store: there is no backup under {source}")
    for backup in backups:
        fs.makedirs(f"{root}/{backup.name}", exist_ok=True)
        for file in sorted(backup.iterdir(), key=lambda file: file.name == CHECKSUMS):
            target = f"{root}/{backup.name}/{file.name}"
            fs.put_file(str(file), target)
            if fs.size(target) != file.stat().st_size:
                sys.exit(f"object_store: {target} has another size than the file it was copied from")
        print(f"object_store: {backup.name} is at {uri}")
    for name in complete(fs, root)[:-keep]:
        fs.rm(f"{root}/{name}", recursive=True)
        print(f"object_store: deleted {name}, {keep} are kept")


def download(uri, name, target):
    fs, root = fsspec.core.url_to_fs(uri)
    there = complete(fs, root)
    chosen = there[-1] if name == "latest" and there else name
    if chosen not in there:
        sys.exit(f"object_store: {uri} holds no backup {name!r}; it holds: {' '.join(there) or 'none'}")
    Path(target, chosen).mkdir(parents=True)
    for path in fs.ls(f"{root}/{chosen}", detail=False):
        fs.get_file(path, str(Path(target, chosen, Path(path).name)))
    print(f"object_store: {chosen} is at {target}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["upload", source, uri, keep] if keep.isdigit() and int(keep):
            upload(source, uri, int(keep))
        case ["download", uri, name, target]:
            download(uri, name, target)
        case _:
            sys.exit(__doc__)
