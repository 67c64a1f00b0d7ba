"""Members of an archive that are compressed by Zstandard, which Python's own zipfile reads from 3.14 on only.

pyarrow unpacks them, which reads Parquet too.
"""

import struct
import zipfile

from tempkit.errors import ExtraMissingError

__all__ = ["ZSTD", "read_zstd"]

ZSTD = 93
"""The number of this way of compressing in an archive."""
_LOCAL = struct.Struct("<4s22xHH")
"""The head of a member: its mark, and how long its name and what stands behind that are."""


def read_zstd(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """Return the first bytes of a member, `most` of them where there are more.

    Raises:
        ExtraMissingError: pyarrow is not installed.
        BadZipFile: The member is not where the archive says, or no Zstandard.
    """
    try:
        import pyarrow
    except ImportError as e:
        raise ExtraMissingError("Logs compressed by Zstandard", "parquet") from e
    opened = archive.fp
    if opened is None:
        raise zipfile.BadZipFile("the archive is closed")
    opened.seek(info.header_offset)
    head = opened.read(_LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("a member is not where the archive says")
    _, name, more = _LOCAL.unpack(head)
    opened.seek(name + more, 1)
    packed = opened.read(min(info.compress_size, most))
    try:
        with pyarrow.CompressedInputStream(pyarrow.BufferReader(packed), "zstd") as stream:
            return bytes(stream.read(most))
    except (pyarrow.ArrowException, OSError) as e:
        raise zipfile.BadZipFile(str(e)) from e
