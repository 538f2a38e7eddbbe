"""Checks an S3 endpoint with boto3, a client that was not written here: it exits with 0 when everything holds.

The endpoint is given by WINDLASS_S3_ENDPOINT, _REGION, _ACCESS_KEY_ID, _SECRET_ACCESS_KEY and _BUCKET, or as one line of
JSON on standard input, as `windlass local serve` prints it, when the only argument is "-".
"""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

NAMES = ("endpoint", "region", "access_key_id", "secret_access_key", "bucket")
MIB = 1024 * 1024
ODD_KEYS = [
    "a", "a/", "a/b", "a//b", "//", "/leading", "trailing/", "..", "../up", "a/../b", "./a", ".", "a b+c%20d", "%2F",
    "ä/ö", "a\u0308", "\u202edesrever", "日本語.txt", "emoji 🪣", "tab\there", "escape\x1b[31m", "quote\"'<>&", "a\\b",
    "?query=1#fragment", "~tilde", "*star", "x" * 1024,
]


def access():
    """Where the endpoint is and who we are."""
    if sys.argv[1:] == ["-"]:
        return json.loads(sys.stdin.readline())
    return {name: os.environ["WINDLASS_S3_" + name.upper()] for name in NAMES}


def client(given, **changed):
    """A client; `changed` replaces what was given."""
    given = {**given, **changed}
    return boto3.client(
        "s3",
        endpoint_url=given["endpoint"],
        region_name=given["region"],
        aws_access_key_id=given["access_key_id"],
        aws_secret_access_key=given["secret_access_key"],
        config=Config(
            s3={"addressing_style": "path"},
            signature_version="s3v4",
            retries={"max_attempts": 1},
            max_pool_connections=16,
        ),
    )


def refused(code, call, **arguments):
    """The call must fail with one of these codes."""
    codes = code if isinstance(code, tuple) else (code,)
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] in codes, error
        return
    raise AssertionError(f"{codes} was expected, and the call succeeded")


def fetch(url, method="GET", body=None, headers=None):
    """Status, headers and body of a plain request."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def put_and_get(s3, bucket):
    body = os.urandom(300_000)
    put = s3.put_object(
        Bucket=bucket, Key="check/file.bin", Body=body, ContentType="image/png", Metadata={"colour": "blue"}
    )
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"', put
    got = s3.get_object(Bucket=bucket, Key="check/file.bin")
    assert got["Body"].read() == body
    assert got["ContentType"] == "image/png" and got["Metadata"] == {"colour": "blue"}, got
    head = s3.head_object(Bucket=bucket, Key="check/file.bin")
    assert head["ContentLength"] == len(body) and head["ETag"] == put["ETag"], head
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="check/none")
    refused("404", s3.head_object, Bucket=bucket, Key="check/none")
    refused("NoSuchBucket", s3.get_object, Bucket="no-such-bucket-here", Key="x")
    refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="check/file.bin", Body=b"", IfNoneMatch="*")


def ranges(s3, bucket):
    body = bytes(range(256)) * 4096
    s3.put_object(Bucket=bucket, Key="check/range", Body=body)
    for header, first, end in [
        ("bytes=0-0", 0, 1), ("bytes=100-299", 100, 300), ("bytes=1048570-", 1048570, len(body)),
        ("bytes=-10", len(body) - 10, len(body)), ("bytes=1048000-9999999", 1048000, len(body)),
    ]:
        got = s3.get_object(Bucket=bucket, Key="check/range", Range=header)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206, got
        assert got["ContentRange"] == f"bytes {first}-{end - 1}/{len(body)}", got
        assert got["Body"].read() == body[first:end], header
    refused("InvalidRange", s3.get_object, Bucket=bucket, Key="check/range", Range=f"bytes={len(body)}-")


def multipart(s3, bucket):
    key, pieces = "check/multi part", [os.urandom(5 * MIB), os.urandom(5 * MIB), b"the end"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, ContentType="text/plain")["UploadId"]
    listed = s3.list_multipart_uploads(Bucket=bucket, Prefix="check/")["Uploads"]
    assert [(one["Key"], one["UploadId"]) for one in listed] == [(key, upload)], listed

    def send(number):
        part = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=pieces[number - 1])
        return {"PartNumber": number, "ETag": part["ETag"]}

    with ThreadPoolExecutor(3) as pool:
        parts = sorted(pool.map(send, [3, 1, 2]), key=lambda part: part["PartNumber"])
    listed = s3.list_parts(Bucket=bucket, Key=key, UploadId=upload)["Parts"]
    assert [(one["PartNumber"], one["Size"], one["ETag"]) for one in listed] == [
        (part["PartNumber"], len(piece), part["ETag"]) for part, piece in zip(parts, pieces)
    ], listed
    done = s3.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
    )
    digest = hashlib.md5(b"".join(hashlib.md5(piece).digest() for piece in pieces)).hexdigest()
    assert done["ETag"] == f'"{digest}-3"', done
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"".join(pieces)
    across = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={5 * MIB - 3}-{5 * MIB + 2}")["Body"].read()
    assert across == pieces[0][-3:] + pieces[1][:3]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket, Prefix="check/")

    ended = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    small = [
        {"PartNumber": n, "ETag": s3.upload_part(Bucket=bucket, Key=key, UploadId=ended, PartNumber=n, Body=b"x")["ETag"]}
        for n in (1, 2)
    ]
    refused(
        "EntityTooSmall", s3.complete_multipart_upload,
        Bucket=bucket, Key=key, UploadId=ended, MultipartUpload={"Parts": small},
    )
    s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=ended)
    refused("NoSuchUpload", s3.list_parts, Bucket=bucket, Key=key, UploadId=ended)


def listing(s3, bucket):
    keys = [f"many/{n % 100:02}/{n:05}" for n in range(10_000)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=b"x"), keys))
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="many/"))
    assert len(pages) == 10 and [one["Key"] for page in pages for one in page["Contents"]] == sorted(keys)
    pages = list(s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix="many/", Delimiter="/", PaginationConfig={"PageSize": 7}
    ))
    prefixes = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])]
    assert len(pages) == 15 and prefixes == [f"many/{n:02}/" for n in range(100)], prefixes
    pages = list(s3.get_paginator("list_objects").paginate(
        Bucket=bucket, Prefix="many/", Delimiter="/", PaginationConfig={"PageSize": 30}
    ))
    assert [one["Prefix"] for page in pages for one in page["CommonPrefixes"]] == prefixes
    inside = s3.list_objects_v2(Bucket=bucket, Prefix="many/42/", Delimiter="/")
    assert inside["KeyCount"] == 100 and "CommonPrefixes" not in inside, inside
    after = s3.list_objects_v2(Bucket=bucket, Prefix="many/", StartAfter="many/99/09899")
    assert [one["Key"] for one in after["Contents"]] == ["many/99/09999"], after
    for first in range(0, len(keys), 1000):
        chunk = [{"Key": key} for key in keys[first:first + 1000]]
        gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": chunk})
        assert len(gone["Deleted"]) == 1000 and "Errors" not in gone, gone.get("Errors")
    assert s3.list_objects_v2(Bucket=bucket, Prefix="many/")["KeyCount"] == 0


def presigned(s3, given, bucket):
    put = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "check/ü link", "ContentType": "text/plain"}, ExpiresIn=60
    )
    status, _, said = fetch(put, "PUT", b"by link", {"Content-Type": "text/plain"})
    assert status == 200, said
    get = s3.generate_presigned_url(
        "get_object",
        Params={"Bucket": bucket, "Key": "check/ü link", "ResponseContentDisposition": 'attachment; filename="a b"'},
        ExpiresIn=60,
    )
    status, headers, body = fetch(get)
    assert (status, body) == (200, b"by link") and headers["Content-Type"] == "text/plain", (status, body)
    assert headers["Content-Disposition"] == 'attachment; filename="a b"', headers
    assert fetch(get.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))[0] == 403
    assert fetch(get.replace("check/", "chuck/"))[0] == 403
    assert fetch(get, "DELETE")[0] == 403
    short = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "check/ü link"}, ExpiresIn=1)
    until = time.monotonic() + 30
    while (status := fetch(short)[0]) == 200 and time.monotonic() < until:
        time.sleep(0.2)
    assert status == 403, status
    forger = client(given, secret_access_key="wrong")
    forged = forger.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "check/ü link"})
    assert fetch(forged)[0] == 403
    assert fetch(f"{given['endpoint']}/{bucket}/check/file.bin")[0] == 403


def wrong_keys(given, bucket):
    wrong = client(given, secret_access_key="wrong")
    refused("SignatureDoesNotMatch", wrong.list_objects_v2, Bucket=bucket)
    refused("SignatureDoesNotMatch", wrong.put_object, Bucket=bucket, Key="check/forged", Body=b"x")
    refused("InvalidAccessKeyId", client(given, access_key_id="AKIANOBODY0000000000").list_objects_v2, Bucket=bucket)


def odd_keys(s3, bucket):
    for key in ODD_KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    for key in ODD_KEYS:
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode(), key
    listed = {one["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={
        "PageSize": 5
    }) for one in page["Contents"]}
    assert listed >= set(ODD_KEYS), set(ODD_KEYS) - listed
    s3.copy_object(Bucket=bucket, Key="check/copy ä", CopySource={"Bucket": bucket, "Key": "a b+c%20d"})
    assert s3.get_object(Bucket=bucket, Key="check/copy ä")["Body"].read() == b"a b+c%20d"
    for key in ODD_KEYS:
        s3.delete_object(Bucket=bucket, Key=key)
    left = {one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}
    assert not left & set(ODD_KEYS), left


def deleting(s3, bucket):
    s3.delete_object(Bucket=bucket, Key="check/file.bin")
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="check/file.bin")
    s3.delete_object(Bucket=bucket, Key="check/file.bin")
    for one in s3.list_objects_v2(Bucket=bucket, Prefix="check/")["Contents"]:
        s3.delete_object(Bucket=bucket, Key=one["Key"])
    assert s3.list_objects_v2(Bucket=bucket, Prefix="check/")["KeyCount"] == 0


def main():
    given = access()
    s3, bucket = client(given), given["bucket"]
    assert bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]
    checks = [
        (put_and_get, (s3, bucket)), (ranges, (s3, bucket)), (multipart, (s3, bucket)), (listing, (s3, bucket)),
        (presigned, (s3, given, bucket)), (wrong_keys, (given, bucket)), (odd_keys, (s3, bucket)),
        (deleting, (s3, bucket)),
    ]
    for check, arguments in checks:
        began = time.monotonic()
        check(*arguments)
        print(f"{check.__name__}: holds ({time.monotonic() - began:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
